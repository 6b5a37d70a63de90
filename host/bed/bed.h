/* bed.h: a small enclave on the model's driver, for measuring. Functions return 0 or -errno with a line of
 * text in b->err. Belongs to the thread that created it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../enclave/enclave.h"
#include "../enclave/front.h"
#include "blob.h"

struct bed_times {
	uint64_t create_ns, init_ns, destroy_ns;
	uint64_t base_ns; /* adding the pages that every bed has */
	uint64_t add_ns;  /* adding the heap */
};

struct bed {
	struct sgx_file *file;
	struct front_thread *thread;
	uint64_t base, size; /* ELRANGE */
	uint64_t heap;	     /* its first address */
	uint64_t heap_bytes;
	struct sgx_enclave_run run;
	struct front_regs out; /* of the last EEXIT */
	struct bed_times times;
	char err[ENCLAVE_ERR_SIZE];
};

#define BED_SIZE_MAX (4UL << 30)

/* heap_bytes of R|W pages are added, and measured if asked; at most BED_SIZE_MAX less 2 MiB. The rest of
 * ELRANGE is room to grow: as much again, 16 MiB at least. Ready to enter. */
int bed_create(struct bed *b, uint64_t heap_bytes, bool measured);
void bed_destroy(struct bed *b);
/* One command of blob.h; the result in b->out.rsi. */
int bed_call(struct bed *b, uint64_t command, uint64_t rsi, uint64_t rdx, uint64_t r8);
/* bed_call for pages behind the heap, mapped R|W but not there: EACCEPT brings each by its page fault. */
int bed_grow(struct bed *b, uint64_t pages);
