/* backend.h: what an enclave backend provides. device.c runs enclaves on an SGX driver, the machine's or
 * the model's (front.h); measure.c only computes MRENCLAVE.
 *
 * All functions return 0 or -errno and may leave one line of text in e->err (t->err for enter).
 * enclave.c checks ranges (page aligned, inside ELRANGE) and holds e->lock around page operations.
 */
#pragma once
#include <pthread.h>

#include "enclave.h"

struct sgx_front;

#define ADD_MEASURED 1u /* EEXTEND too */
#define ADD_HIDDEN   2u /* without access in the page tables; else they are mapped with the rights they have */

struct enclave_backend {
	const char *name;
	int (*create)(struct enclave *e, const struct sgx_secs *secs);
	/* Adds [addr, addr + len) with SECINFO.FLAGS flags; src == NULL: zero pages, which must not
	 * cost memory until touched. how: ADD_*. */
	int (*add_pages)(struct enclave *e, uint64_t addr, const void *src, uint64_t len,
			 uint64_t flags, unsigned int how);
	/* The measurement of what was added so far; ends the adding. */
	int (*measurement)(struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE]);
	int (*init)(struct enclave *e, const struct sgx_sigstruct *sig);
	int (*thread_init)(struct enclave *e, uint64_t tcs, struct enclave_thread **out);
	void (*thread_exit)(struct enclave_thread *t);
	int (*enter)(struct enclave_thread *t, struct enclave_regs *io, enclave_handler *fn, void *arg); /* fn may be NULL */
	int (*interrupt)(struct enclave_thread *t);
	int (*map)(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
	int (*augment)(struct enclave *e, uint64_t addr, uint64_t len);
	/* Of n ranges. Linux has an ioctl per range, and brings threads out after each page. */
	int (*restrict_pages)(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot);
	int (*modify_type)(struct enclave *e, const struct enclave_range *r, unsigned int n, enum sgx_page_type type);
	int (*protect)(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
	int (*remove_pages)(struct enclave *e, uint64_t addr, uint64_t len);
	void (*destroy)(struct enclave *e);
};

struct enclave {
	const struct enclave_backend *ops;
	const struct sgx_front *front; /* which driver, for enclave_backend_device */
	pthread_mutex_t lock; /* page operations */
	void *priv;	      /* the backend's */
	uint32_t vcpus;
	struct enclave_range elrange;
	uint8_t mrenclave[SGX_HASH_SIZE];
	uint8_t mrsigner[SGX_HASH_SIZE];
	struct sgx_sigstruct sigstruct; /* of EINIT */
	struct enclave_times times;
	char err[ENCLAVE_ERR_SIZE];
};

/* Allocated by the backend, usually as the head of something larger. */
struct enclave_thread {
	struct enclave *enclave;
	uint64_t tcs;
	char err[ENCLAVE_ERR_SIZE];
};

extern const struct enclave_backend enclave_backend_device;
extern const struct enclave_backend enclave_backend_measure;
