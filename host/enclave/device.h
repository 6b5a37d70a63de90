/* device.h: what the two halves of the loader share: device.c (building, page operations) and
 * device_enter.c (running). */
#pragma once
#include "backend.h"
#include "front.h"

struct sgx_measure;

struct device {
	const struct sgx_front *front;
	struct sgx_file *file;
	uint64_t base, size;
	struct sgx_measure *measure; /* NULL: the front tells */
};

static inline struct device *device_of(const struct enclave *e)
{
	return e->priv;
}

int device_thread_init(struct enclave *e, uint64_t tcs, struct enclave_thread **out);
void device_thread_exit(struct enclave_thread *t);
int device_enter(struct enclave_thread *t, struct enclave_regs *io, enclave_handler *fn, void *arg);
int device_interrupt(struct enclave_thread *t);
