/* mem.c: the host's half of dynamic enclave memory, by the backend. */
#include <errno.h>

#include "ocall.h"

void ocall_mem_list(struct ocall_host *h, enum ocall_nr nr, struct ocall_mem_list *a)
{
	struct enclave_range r[OCALL_MEM_RANGES];
	unsigned int n = a->count;

	a->ret = n && n <= OCALL_MEM_RANGES ? 0 : -EINVAL;
	for (unsigned int i = 0; i < n && !a->ret; i++) {
		r[i] = (struct enclave_range){ a->range[i].addr, a->range[i].len };
		if (nr == OCALL_MEM_REMOVE)
			a->ret = enclave_remove(h->enclave, r[i].addr, r[i].len);
		else if (nr == OCALL_MEM_HIDE)
			a->ret = enclave_protect(h->enclave, r[i].addr, r[i].len, 0);
	}
	if (!a->ret && nr == OCALL_MEM_RESTRICT)
		a->ret = enclave_restrict_list(h->enclave, r, n, a->prot); /* the page tables may allow more */
	else if (!a->ret && nr == OCALL_MEM_TRIM)
		a->ret = enclave_modify_type_list(h->enclave, r, n, SGX_PT_TRIM);
}

void ocall_mem(struct ocall_host *h, enum ocall_nr nr, struct ocall_mem *a)
{
	uint64_t addr = a->addr, len = a->len;

	switch (nr) {
	case OCALL_MEM_AUGMENT:
		a->ret = enclave_augment(h->enclave, addr, len);
		break;
	case OCALL_MEM_PROTECT:
		a->ret = enclave_protect(h->enclave, addr, len, a->prot);
		break;
	default:
		a->ret = -ENOSYS;
	}
}
