/* vcpu.c: running threads and changing pages of a built enclave: what enclave.h offers, checked and
 * handed to the backend. e->lock orders page operations of all threads. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../libos/abi/layout.h"
#include "../sgxsim/thread.h"
#include "backend.h"

int enclave_thread_init(struct enclave *e, uint32_t vcpu, struct enclave_thread **out,
			char err[ENCLAVE_ERR_SIZE])
{
	int ret;

	if (vcpu >= e->vcpus) {
		snprintf(err, ENCLAVE_ERR_SIZE, "no vCPU %u, the enclave has %u", vcpu, e->vcpus);
		return -EINVAL;
	}
	pthread_mutex_lock(&e->lock);
	ret = e->ops->thread_init(e, LIBOS_VCPU_START + vcpu * LIBOS_VCPU_STRIDE + VCPU_TCS, out);
	if (ret)
		snprintf(err, ENCLAVE_ERR_SIZE, "%s", e->err[0] ? e->err : strerror(-ret));
	pthread_mutex_unlock(&e->lock);
	return ret;
}

void enclave_thread_exit(struct enclave_thread *t)
{
	t->enclave->ops->thread_exit(t);
}

int enclave_enter(struct enclave_thread *t, struct enclave_regs *io)
{
	return t->enclave->ops->enter(t, io, NULL, NULL);
}

int enclave_serve(struct enclave_thread *t, struct enclave_regs *io, enclave_handler *fn, void *arg)
{
	return t->enclave->ops->enter(t, io, fn, arg);
}

const char *enclave_thread_error(const struct enclave_thread *t)
{
	return t->err;
}

int enclave_interrupt(struct enclave_thread *t)
{
	return t->enclave->ops->interrupt(t);
}

int enclave_interrupt_signal(void)
{
	return sgx_interrupt_signal();
}

static int range_check(const struct enclave *e, uint64_t addr, uint64_t len)
{
	const struct enclave_range *whole = &e->elrange;

	if (!len || (addr | len) & (PAGE_SIZE - 1) || addr < USER_LOW_START ||
	    addr - whole->addr >= whole->len || len > whole->addr + whole->len - addr)
		return -EINVAL;
	return 0;
}

int enclave_map(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	int ret = range_check(e, addr, len);

	if (ret || prot & ~SECINFO_RWX)
		return -EINVAL;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->map(e, addr, len, prot);
	pthread_mutex_unlock(&e->lock);
	return ret;
}

int enclave_augment(struct enclave *e, uint64_t addr, uint64_t len)
{
	int ret = range_check(e, addr, len);

	if (ret)
		return ret;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->augment(e, addr, len);
	pthread_mutex_unlock(&e->lock);
	return ret;
}

static int list_check(const struct enclave *e, const struct enclave_range *r, unsigned int n)
{
	int ret = 0;

	for (unsigned int i = 0; i < n && !ret; i++)
		ret = range_check(e, r[i].addr, r[i].len);
	return ret;
}

int enclave_restrict_list(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot)
{
	int ret = list_check(e, r, n);

	if (ret || prot & ~SECINFO_RWX)
		return -EINVAL;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->restrict_pages(e, r, n, prot);
	pthread_mutex_unlock(&e->lock);
	return ret;
}

int enclave_restrict(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	return enclave_restrict_list(e, &(struct enclave_range){addr, len}, 1, prot);
}

int enclave_modify_type_list(struct enclave *e, const struct enclave_range *r, unsigned int n,
			     enum sgx_page_type type)
{
	int ret = list_check(e, r, n);

	if (ret || (type != SGX_PT_TCS && type != SGX_PT_TRIM))
		return -EINVAL;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->modify_type(e, r, n, type);
	pthread_mutex_unlock(&e->lock);
	return ret;
}

int enclave_modify_type(struct enclave *e, uint64_t addr, uint64_t len, enum sgx_page_type type)
{
	return enclave_modify_type_list(e, &(struct enclave_range){addr, len}, 1, type);
}

int enclave_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	int ret = range_check(e, addr, len);

	if (ret || prot & ~SECINFO_RWX)
		return -EINVAL;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->protect(e, addr, len, prot);
	pthread_mutex_unlock(&e->lock);
	return ret;
}

int enclave_remove(struct enclave *e, uint64_t addr, uint64_t len)
{
	int ret = range_check(e, addr, len);

	if (ret)
		return ret;
	pthread_mutex_lock(&e->lock);
	ret = e->ops->remove_pages(e, addr, len);
	pthread_mutex_unlock(&e->lock);
	return ret;
}
