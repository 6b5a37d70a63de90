/* ocall.h: serving the LibOS's calls. One struct ocall_host per instance; the dispatcher finds the handler
 * of a call number and gives it the argument struct in the shared area. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "libos/abi/hostctl.h"
#include "libos/abi/ocall.h"
#include "enclave/enclave.h"

struct host_vcpu {
	struct enclave_thread *thread; /* NULL until its host thread has started */
	uint32_t token;                /* 1: an unpark is waiting; futex */
	uint32_t parked;
};

struct ocall_host {
	struct enclave *enclave;
	uint32_t vcpu_count;
	struct host_vcpu vcpus[64];
	char *shared;
	uint64_t shared_size;
	struct host_control *control;
	/* The operator's side: requests in, exits out (instance/request.c). */
	struct request_queue *requests;
};

/* Runs one call; the result is in the struct's ret. nr out of range: ret is not touched, false. */
bool ocall_dispatch(struct ocall_host *h, uint64_t nr, uint64_t args);

/* vcpu.c */
void ocall_park(struct ocall_host *h, struct ocall_park *a);
void ocall_unpark(struct ocall_host *h, struct ocall_unpark *a);
void ocall_tick(struct ocall_host *h, struct ocall_tick *a);
void ocall_kick(struct ocall_host *h, struct ocall_kick *a);
/* Wakes a parked vCPU, or interrupts one, so that the LibOS looks at completions. */
void vcpu_notify(struct ocall_host *h);
int tick_start(struct ocall_host *h);

/* mem.c */
void ocall_mem(struct ocall_host *h, enum ocall_nr nr, struct ocall_mem *a);
void ocall_mem_list(struct ocall_host *h, enum ocall_nr nr, struct ocall_mem_list *a);

/* async.c */
int async_start(struct ocall_host *h);
void ocall_submit(struct ocall_host *h, struct ocall_submit *a);
void ocall_cancel(struct ocall_host *h, struct ocall_cancel *a);

/* misc.c */
void ocall_log(struct ocall_log *a);
void ocall_clock(struct ocall_clock *a);
void ocall_sites(struct ocall_sites *a);
void ocall_text(struct ocall_text *a);
