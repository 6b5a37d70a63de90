/* front.h: an SGX driver and the vDSO's way into enclaves, as Linux offers them, behind one table.
 *
 * device.c loads and runs enclaves through it and knows no other way. front_linux.c is /dev/sgx_enclave;
 * front_sim.c answers the same calls with the same structures (<asm/sgx.h>), checks and error numbers on
 * the model of host/sgxsim. Functions return 0 or -errno and may leave a line of text in f->why.
 * Addresses are absolute, page aligned, lengths multiples of the page size, protections SECINFO_R/W/X
 * bits, which are PROT_* bits too.
 *
 * What only one of the two has is optional (NULL) and a matter of speed, never of meaning. */
#pragma once
#include <asm/sgx.h>
#include <stdbool.h>
#include <stdint.h>

#include "../sgxsim/arch.h"

#define FRONT_WHY_SIZE 200
#define FRONT_DEVICE   "/dev/sgx_enclave" /* of Linux */

struct sgx_front;

/* An open /dev/sgx_enclave; the front's own data behind it. */
struct sgx_file {
	const struct sgx_front *front;
	char why[FRONT_WHY_SIZE];
};

/* The registers that EEXIT leaves and EENTER takes. */
struct front_regs {
	uint64_t rdi, rsi, rdx, r8, r9;
};

/* Called when an interrupt hit the enclave and its thread stands at the AEP, before the ERESUME there:
 * in a signal handler on hardware. May enter the enclave again. True: do not resume, the call returns as
 * if by an EEXIT with *out. */
typedef bool (*front_interrupted_t)(void *arg, struct front_regs *out);

/* A host thread that enters; allocated by the front. */
struct front_thread {
	struct sgx_file *file;
	front_interrupted_t interrupted;
	void *arg;
};

struct sgx_front {
	const char *name;
	/* err takes a line of text, ENCLAVE_ERR_SIZE */
	int (*open)(struct sgx_file **out, char *err);
	void (*close)(struct sgx_file *f); /* the enclave goes with it */
	int (*provision)(void);		   /* opens /dev/sgx_provision: a descriptor or -errno */
	int (*ioctl)(struct sgx_file *f, unsigned long cmd, void *arg);
	/* Keeps everything else of the process out of ELRANGE. */
	int (*reserve)(struct sgx_file *f, uint64_t addr, uint64_t len);
	int (*mmap)(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot);
	int (*munmap)(struct sgx_file *f, uint64_t addr, uint64_t len); /* back to the reservation */
	int (*mprotect)(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot);
	/* mmap R|W, and EAUG of all pages at once; -EEXIST if there is one. Linux has no such call: there
	 * the first EACCEPT of each page faults and brings it. */
	int (*augment)(struct sgx_file *f, uint64_t addr, uint64_t len);
	/* What MRENCLAVE would be now; hardware does not tell, the loader has to hash as well. */
	int (*measurement)(struct sgx_file *f, uint8_t mrenclave[SGX_HASH_SIZE]);
	/* Makes the calling host thread able to enter; belongs to it. */
	int (*thread_init)(struct sgx_file *f, front_interrupted_t fn, void *arg, struct front_thread **out);
	void (*thread_exit)(struct front_thread *t);
	/* One of the thread's signals, see enclave_interrupt. From any thread, async-signal-safe. */
	int (*interrupt)(struct front_thread *t);
	/* __vdso_sgx_enter_enclave, but for -EFAULT: the model refused ERESUME, f->why says why. */
	vdso_sgx_enter_enclave_t enter;
};

extern const struct sgx_front front_sim;
extern const struct sgx_front front_linux;

/* Zero pages to add: source memory that every front knows and that costs nothing. Never written. */
#define FRONT_ZERO_SIZE (1UL << 20)
const void *front_zero(void);
/* The driver for an image; NULL: err says why not. */
struct elf_image;
const struct sgx_front *front_choose(const struct elf_image *image, char *err);
