/* enclave.h: build an enclave from the LibOS image and run vCPUs in it.
 *
 * Building goes through one fixed sequence (image, boot data, vCPUs, heap, EINIT), whatever the
 * backend, so that enclave_measure gives the MRENCLAVE that enclave_load gets. Functions return 0
 * or -errno; those with an err buffer put one line of plain text there on failure. A thread object
 * belongs to the host thread that initialised it; only enclave_interrupt may be called from
 * elsewhere. Page operations may be called from any thread and are serialised inside. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../sgxsim/arch.h"

#define ENCLAVE_ERR_SIZE 256

struct enclave;
struct enclave_thread;

struct enclave_params {
	uint32_t vcpus;		  /* 1..VCPU_MAX */
	uint64_t heap_init_bytes; /* added before EINIT, not measured; rounded up to pages */
	uint64_t user_init_bytes; /* for programs, likewise */
	uint64_t user_memory_max; /* goes to boot_info */
	const void *config;	  /* blob placed behind boot_info, measured */
	size_t config_size;
	bool debug;
	uint16_t isvprodid,
		isvsvn; /* only for the throw-away signature when no SIGSTRUCT is given */
};

/* The registers that cross the border: an ECALL_* with its arguments in, an EXIT_* out (ecall.h).
 */
struct enclave_regs {
	uint64_t rdi, rsi, rdx, r8, r9;
};

/* Protections are SECINFO_R/W/X bits, addresses and lengths multiples of the page size. */

/* The file name of the LibOS image for this machine: libos.elf runs on the model, libos-hw.elf on
 * /dev/sgx_enclave. By OCCLUM_SGX_BACKEND=sim, hw, trap (the hardware's image on the model, for tests) or auto
 * (the default). 1: it was asked for; 0: it is what /dev/sgx_enclave suggests, and libos.elf will do where it is
 * missing; -EINVAL: err says why. */
int enclave_image_name(const char **name, char err[ENCLAVE_ERR_SIZE]);

/* sig == NULL: signed with the machine's throw-away key; for `occlum try` and tests. */
int enclave_load(const char *libos_path, const struct enclave_params *params,
		 const struct sgx_sigstruct *sig, struct enclave **out, char err[ENCLAVE_ERR_SIZE]);
int enclave_measure(const char *libos_path, const struct enclave_params *params,
		    uint8_t mrenclave[SGX_HASH_SIZE], char err[ENCLAVE_ERR_SIZE]);
void enclave_identity(const struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE],
		      uint8_t mrsigner[SGX_HASH_SIZE]);
/* What building it took, for statistics. measured: pages that were extended too. */
struct enclave_times {
	uint64_t create_ns, add_ns, init_ns;
	uint64_t pages, measured;
};
uint32_t enclave_vcpus(const struct enclave *e);
const struct enclave_times *enclave_times(const struct enclave *e);
/* The SIGSTRUCT it was initialised with: another enclave of the same parameters can use it again. */
const struct sgx_sigstruct *enclave_sigstruct(const struct enclave *e);
/* Attributes an enclave of these parameters has on this machine: what to put into a SIGSTRUCT. */
struct sgx_attributes enclave_attributes(const struct enclave_params *params);
uint32_t enclave_miscselect(void);
void enclave_destroy(struct enclave *e);
/* Writes the counters to the file that OCCLUM_SGX_STATS names, if it names one. Before the process ends. */
void enclave_stats_write(void);
/* The counters now: a JSON object and a newline. */
void enclave_stats_print(FILE *to);

/* Prepares the calling host thread for the vCPU: alternate stack, user dispatch. No other syscall
 * filter of this kind may be active in the thread. */
int enclave_thread_init(struct enclave *e, uint32_t vcpu, struct enclave_thread **out,
			char err[ENCLAVE_ERR_SIZE]);
void enclave_thread_exit(struct enclave_thread *t);

/* Enters with *io and returns with *io filled when the enclave leaves with anything but
 * EXIT_RESUME. Asynchronous exits are handled inside. -EFAULT: the enclave cannot be entered any
 * more; the text of enclave_thread_error says why. */
int enclave_enter(struct enclave_thread *t, struct enclave_regs *io);
/* The same, but EXIT_OCALL calls fn, after which the enclave is entered again with what fn leaves in *io, until fn
 * returns false. The shortest way from the enclave to the host's code and back. */
typedef bool enclave_handler(void *arg, struct enclave_regs *io);
int enclave_serve(struct enclave_thread *t, struct enclave_regs *io, enclave_handler *fn, void *arg);
const char *enclave_thread_error(const struct enclave_thread *t);

/* Makes the vCPU take ECALL_INTERRUPT, on top of CSSA 0 only: while an exception is being handled
 * it waits for EXIT_RESUME. If the vCPU is in host code nothing happens: the LibOS looks at its
 * queues whenever an ocall returns. A system call in progress gets EINTR. Async-signal-safe. */
int enclave_interrupt(struct enclave_thread *t);
/* For timers that should do the same: the signal, to be sent to that thread. */
int enclave_interrupt_signal(void);

/* A mapping without pages: each comes by EAUG when it is touched, best by EACCEPT. */
int enclave_map(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
/* The same, R|W, with all pages at once where the driver can do that. 0: the pages are there, pending. 1: each will
 * come when EACCEPT faults on it. */
int enclave_augment(struct enclave *e, uint64_t addr, uint64_t len);
int enclave_restrict(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
int enclave_modify_type(struct enclave *e, uint64_t addr, uint64_t len, enum sgx_page_type type);
/* The same for several ranges, in one call from the enclave. */
struct enclave_range {
	uint64_t addr, len;
};
int enclave_restrict_list(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot);
int enclave_modify_type_list(struct enclave *e, const struct enclave_range *r, unsigned int n,
			     enum sgx_page_type type);
/* Page tables only: what is effective is this and the EPCM permission. */
int enclave_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
/* Pages must be TRIM and accepted. */
int enclave_remove(struct enclave *e, uint64_t addr, uint64_t len);
