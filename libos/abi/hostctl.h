/* hostctl.h: words in untrusted memory that both sides poll. The LibOS treats what it reads as hints. */
#pragma once
#include <stdint.h>

struct host_control {
	/* Set by the LibOS while somebody waits for this vCPU; the host's tick thread then interrupts it. */
	volatile uint32_t tick_wanted[64];
	volatile uint32_t tick_asleep; /* 1: the tick thread sleeps; OCALL_TICK wakes it */
	volatile uint32_t reserved[7];
	/* Blocking calls: the host's worker threads execute slots; see struct async_slot. */
	volatile uint32_t submit_seq;  /* LibOS counts submissions; workers sleep on it */
	volatile uint32_t done_seq;    /* host counts completions and unparks vCPU 0..n */
	volatile uint32_t reserved2[2];
};

#define ASYNC_SLOTS 256
#define ASYNC_ARGS_SIZE 192
#define ASYNC_DATA_SIZE 0x10000 /* data buffer per slot */
enum async_state { ASYNC_FREE, ASYNC_SUBMITTED, ASYNC_RUNNING, ASYNC_DONE };
/* In the shared area behind the vCPU slices: ASYNC_SLOTS of these, then ASYNC_SLOTS data buffers. */
struct async_slot {
	volatile uint32_t state;
	volatile uint32_t nr; /* OCALL_* */
	uint8_t args[ASYNC_ARGS_SIZE];
};
#define SHARED_VCPU_SLICE 0x40000UL /* per vCPU: first page for the argument struct, the rest for data */
/* Behind those: buffers for data of sockets. Each belongs to one transfer from the first copy to the last. */
#define NET_BUFFERS 64
#define NET_BUFFER_SIZE 0x10000UL
#define SHARED_NET_OFFSET(vcpus)                                                                                     \
	((vcpus)*SHARED_VCPU_SLICE + ((sizeof(struct async_slot) * ASYNC_SLOTS + 4095) & ~4095UL) +                  \
	 ASYNC_SLOTS * (uint64_t)ASYNC_DATA_SIZE)
#define SHARED_SIZE(vcpus) (SHARED_NET_OFFSET(vcpus) + NET_BUFFERS * (uint64_t)NET_BUFFER_SIZE)
