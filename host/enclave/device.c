/* device.c: the backend on an SGX driver (front.h), real or modelled: what the loader wants in ioctls and
 * mappings.
 *
 * Pages are added first and mapped then, with the rights they were built with, as the driver demands.
 * Memory that comes later is only mapped; its pages come when the enclave accepts them, or at once where
 * the driver can do that. ioctls that stop half way are continued. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sgxsim/measure.h"
#include "measure_pages.h"

#define RW (SECINFO_R | SECINFO_W)

/* ret, with what was tried and why not in the error text. */
static int failed(struct enclave *e, int ret, const char *what, uint64_t addr)
{
	struct sgx_file *f = device_of(e)->file;

	if (ret)
		snprintf(e->err, sizeof(e->err), "%s at 0x%lx: %s", what, addr,
			 f && f->why[0] ? f->why : strerror(-ret));
	return ret;
}

static bool again(int ret)
{
	return ret == -EINTR || ret == -EAGAIN;
}

static int call(struct enclave *e, unsigned long cmd, void *arg)
{
	struct device *d = device_of(e);

	return d->front->ioctl(d->file, cmd, arg);
}

static int measure_begin(struct device *d, const struct sgx_secs *secs)
{
	if (d->front->measurement)
		return 0;
	d->measure = calloc(1, sizeof(*d->measure));
	return d->measure ? measure_create(d->measure, secs->ssa_frame_size, secs->size) : -ENOMEM;
}

static void device_destroy(struct enclave *e)
{
	struct device *d = device_of(e);

	if (!d)
		return;
	if (d->file)
		d->front->close(d->file);
	if (d->measure)
		measure_free(d->measure);
	free(d->measure);
	free(d);
	e->priv = NULL;
}

static int provision_allow(struct enclave *e)
{
	int fd = device_of(e)->front->provision();
	struct sgx_enclave_provision a = {.fd = (uint64_t)fd};
	int ret = fd < 0 ? fd : call(e, SGX_IOC_ENCLAVE_PROVISION, &a);

	if (fd >= 0)
		close(fd);
	return failed(e, ret, "provisioning key", 0);
}

static int device_create(struct enclave *e, const struct sgx_secs *secs)
{
	struct sgx_enclave_create a = {.src = (uint64_t)secs};
	struct device *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return -ENOMEM;
	*d = (struct device){.front = e->front, .base = secs->base, .size = secs->size};
	e->priv = d;
	ret = d->front->open(&d->file, e->err);
	if (ret)
		return ret;
	ret = failed(e, call(e, SGX_IOC_ENCLAVE_CREATE, &a), "ECREATE", secs->base);
	if (!ret)
		ret = failed(e, d->front->reserve(d->file, d->base, d->size), "ELRANGE", d->base);
	if (!ret && secs->attributes.flags & SGX_ATTR_PROVISIONKEY)
		ret = provision_allow(e);
	return ret ? ret : measure_begin(d, secs);
}

/* a->count says how far it came; the kernel stops for signals. */
static int add_all(struct enclave *e, struct sgx_enclave_add_pages *a)
{
	int ret = 0;

	while (a->length && (!ret || again(ret))) {
		a->count = 0;
		ret = call(e, SGX_IOC_ENCLAVE_ADD_PAGES, a);
		a->src += a->count;
		a->offset += a->count;
		a->length -= a->count;
	}
	return a->length ? ret : 0;
}

static int device_add_pages(struct enclave *e, uint64_t addr, const void *src, uint64_t len, uint64_t flags,
			    unsigned int how)
{
	unsigned int prot = how & ADD_HIDDEN ? 0 : flags & SECINFO_RWX;
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = flags};
	bool tcs = (flags & SECINFO_TYPE_MASK) == SECINFO_TCS;
	struct device *d = device_of(e);
	uint64_t n;
	int ret = front_zero() ? 0 : -ENOMEM;

	for (uint64_t done = 0; done < len && !ret; done += n) {
		n = src || len - done < FRONT_ZERO_SIZE ? len - done : FRONT_ZERO_SIZE;
		struct sgx_enclave_add_pages a = {
			.src = src ? (uint64_t)src : (uint64_t)front_zero(),
			.offset = addr + done - d->base,
			.length = n,
			.secinfo = (uint64_t)&si,
			.flags = how & ADD_MEASURED ? SGX_PAGE_MEASURE : 0,
		};
		ret = failed(e, add_all(e, &a), "adding pages", addr + done);
	}
	if (ret)
		return ret;
	if (d->measure)
		measure_pages(d->measure, addr - d->base, src, len, flags, how & ADD_MEASURED);
	return failed(e, d->front->mmap(d->file, addr, len, tcs ? RW : prot), "mmap", addr);
}

static int device_measurement(struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE])
{
	struct device *d = device_of(e);

	if (!d->measure)
		return d->front->measurement(d->file, mrenclave);
	measure_value(d->measure, mrenclave);
	return 0;
}

static int device_init(struct enclave *e, const struct sgx_sigstruct *sig)
{
	struct sgx_enclave_init a = {.sigstruct = (uint64_t)sig};

	return failed(e, call(e, SGX_IOC_ENCLAVE_INIT, &a), "EINIT", device_of(e)->base);
}

static int device_map(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	struct device *d = device_of(e);

	return failed(e, d->front->mmap(d->file, addr, len, prot), "mmap", addr);
}

static int device_augment(struct enclave *e, uint64_t addr, uint64_t len)
{
	struct device *d = device_of(e);
	int ret = d->front->augment ? d->front->augment(d->file, addr, len) : -EOPNOTSUPP;

	if (ret != -EOPNOTSUPP)
		return failed(e, ret, "EAUG", addr);
	ret = device_map(e, addr, len, RW);
	return ret ? ret : 1;
}

static int range_restrict(struct enclave *e, const struct enclave_range *r, unsigned int prot)
{
	struct sgx_enclave_restrict_permissions a = {
		.offset = r->addr - device_of(e)->base, .length = r->len, .permissions = prot};
	int ret = 0;

	while (a.length && (!ret || again(ret))) {
		a.count = a.result = 0;
		ret = call(e, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &a);
		a.offset += a.count;
		a.length -= a.count;
	}
	return a.length ? failed(e, ret, "restricting pages", r->addr + r->len - a.length) : 0;
}

static int range_modify_type(struct enclave *e, const struct enclave_range *r, enum sgx_page_type type)
{
	struct sgx_enclave_modify_types a = {
		.offset = r->addr - device_of(e)->base, .length = r->len, .page_type = type};
	int ret = 0;

	while (a.length && (!ret || again(ret))) {
		a.count = a.result = 0;
		ret = call(e, SGX_IOC_ENCLAVE_MODIFY_TYPES, &a);
		a.offset += a.count;
		a.length -= a.count;
	}
	return a.length ? failed(e, ret, "changing the type of pages", r->addr + r->len - a.length) : 0;
}

static int device_restrict(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot)
{
	int ret = 0;

	for (unsigned int i = 0; i < n && !ret; i++)
		ret = range_restrict(e, &r[i], prot);
	return ret;
}

static int device_modify_type(struct enclave *e, const struct enclave_range *r, unsigned int n,
			      enum sgx_page_type type)
{
	int ret = 0;

	for (unsigned int i = 0; i < n && !ret; i++)
		ret = range_modify_type(e, &r[i], type);
	return ret;
}

static int device_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	struct device *d = device_of(e);

	return failed(e, d->front->mprotect(d->file, addr, len, prot), "mprotect", addr);
}

/* The mapping goes too, or the next access would bring a page again. */
static int device_remove_pages(struct enclave *e, uint64_t addr, uint64_t len)
{
	struct sgx_enclave_remove_pages a = {.offset = addr - device_of(e)->base, .length = len};
	struct device *d = device_of(e);
	int ret = 0;

	while (a.length && (!ret || again(ret))) {
		a.count = 0;
		ret = call(e, SGX_IOC_ENCLAVE_REMOVE_PAGES, &a);
		a.offset += a.count;
		a.length -= a.count;
	}
	if (a.length)
		return failed(e, ret, "removing pages", addr + len - a.length);
	return failed(e, d->front->munmap(d->file, addr, len), "munmap", addr);
}

const struct enclave_backend enclave_backend_device = {
	.name = "device",
	.create = device_create,
	.add_pages = device_add_pages,
	.measurement = device_measurement,
	.init = device_init,
	.thread_init = device_thread_init,
	.thread_exit = device_thread_exit,
	.enter = device_enter,
	.interrupt = device_interrupt,
	.map = device_map,
	.augment = device_augment,
	.restrict_pages = device_restrict,
	.modify_type = device_modify_type,
	.protect = device_protect,
	.remove_pages = device_remove_pages,
	.destroy = device_destroy,
};
