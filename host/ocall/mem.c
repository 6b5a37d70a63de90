/* mem.c: the host's half of dynamic enclave memory, by the backend. */
#include <errno.h>

#include "libos/abi/layout.h"
#include "ocall.h"

void ocall_mem(struct ocall_host *h, enum ocall_nr nr, struct ocall_mem *a)
{
	uint64_t addr = a->addr, len = a->len;

	if (addr >= ELRANGE_SIZE || len > ELRANGE_SIZE - addr || (addr | len) & (PAGE_SIZE - 1)) {
		a->ret = -EINVAL;
		return;
	}
	switch (nr) {
	case OCALL_MEM_AUGMENT:
		a->ret = enclave_augment(h->enclave, addr, len);
		break;
	case OCALL_MEM_PROTECT:
		a->ret = enclave_protect(h->enclave, addr, len, a->prot);
		break;
	case OCALL_MEM_RESTRICT:
		a->ret = enclave_restrict(h->enclave, addr, len, a->prot); /* the page tables may allow more */
		break;
	case OCALL_MEM_TRIM:
		a->ret = enclave_modify_type(h->enclave, addr, len, SGX_PT_TRIM);
		break;
	case OCALL_MEM_REMOVE:
		a->ret = enclave_remove(h->enclave, addr, len);
		break;
	default:
		a->ret = -ENOSYS;
	}
}
