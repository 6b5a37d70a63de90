/* instance.h: one enclave with its vCPU threads, from the loaded image to the running LibOS. One per process. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "enclave/enclave.h"
#include "request.h"

struct instance_params {
	const char *libos_path;
	const void *config;           /* blob */
	size_t config_size;
	uint32_t vcpus;               /* 0: the processors this process may use */
	uint32_t log_level;
	uint64_t heap_init;           /* bytes, 0: default */
	uint64_t user_init;           /* memory of programs that is there from the start, bytes */
	uint64_t user_memory_max;
	const struct sgx_sigstruct *sigstruct; /* NULL: throw-away signature */
	int debug;
	const char *perf_root;        /* not NULL: write a map for perf(1); "" or the directory of the programs' files */
	const char *numa;             /* NULL: as the kernel likes; or words for numa.h */
	const struct child_start *child; /* NULL: nobody's child (child.h) */
};

struct instance;

/* Loads, initialises and starts; programs can be requested at once. -errno and a line in err. */
int instance_start(const struct instance_params *p, struct instance **out, char err[ENCLAVE_ERR_SIZE]);
struct request_queue *instance_requests(struct instance *in);
/* Blocks until the enclave died (a LibOS panic); its exit code. */
int instance_wait_dead(struct instance *in);
/* Called, once, from a vCPU thread when the enclave stops by itself. */
void instance_on_death(struct instance *in, void (*fn)(void *arg, int code), void *arg);
/* Seconds of TSC calibration start here; call early in main. */
void instance_clock_start(void);
/* "off".."trace" or a number, from OCCLUM_LOG_LEVEL; -1 if it is none of these. */
int log_level_parse(const char *s);
