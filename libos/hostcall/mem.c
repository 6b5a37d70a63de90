/* mem.c: enclave pages come and go (SGX2). The host does its half, then each page is accepted from
 * inside: EACCEPT fails unless the page is exactly what was asked for, so a host that skips its half is found out
 * here. A refusal of EACCEPT after the host claimed success means the host lied: the enclave stops.
 *
 * New pages come in one of two ways, as the host says. A host that can augments all of them before it answers. Linux's driver
 * cannot: it notes that pages may come, and each comes when EACCEPT faults for want of it. */
#include "base/log.h"
#include "abi/layout.h"
#include "entry/enclu.h"
#include "hostcall/hostcall.h"
#include "hostcall/internal.h"
#include "linux/errno.h"

static bool fixed; /* SGX1 */

void host_mem_fixed(void)
{
	fixed = true;
}

bool host_mem_is_fixed(void)
{
	return fixed;
}

/* The memory of programs never asks: all of it was there. */
static int refuse_augment(uint64_t len)
{
	static bool said;

	if (!said)
		log_error("the LibOS needs %lu KiB more, but all memory was added before the enclave started (vm.sgx is 1): "
			  "make resource_limits.kernel_space_heap_size larger in Occlum.json", len >> 10);
	said = true;
	return -ENOMEM;
}

static int mem_call(enum ocall_nr nr, uint64_t addr, uint64_t len, int prot)
{
	struct ocall_mem a = { .addr = addr, .len = len, .prot = (uint32_t)prot };

	assert(!(addr & (PAGE_SIZE - 1)) && !(len & (PAGE_SIZE - 1)) && addr < ELRANGE_END);
	return (int)ocall_run(nr, &a, sizeof(a), 0);
}

/* 0; or, if it may be missing, ENCLU_FAULTED. */
static int accept_one(uint64_t page, uint64_t flags, bool may_miss)
{
	int err = enclu_eaccept(page, flags);

	if (err && (err != ENCLU_FAULTED || !may_miss))
		panic("EACCEPT of page %lx (flags %lx) failed with %d: the host did not do what it said", page, flags, err);
	return err;
}

static void accept_all(uint64_t addr, uint64_t len, uint64_t flags)
{
	for (uint64_t p = addr; p < addr + len; p += PAGE_SIZE)
		(void)accept_one(p, flags, false);
}

/* A write-only page does not exist for EPCM: W implies R. */
static uint64_t epcm_rights(int prot)
{
	return (uint64_t)prot | (prot & 2 ? 1 : 0);
}

/* The host brings each page when it is accepted, until it has no more: what was accepted goes back then. */
static int accept_on_demand(uint64_t addr, uint64_t len)
{
	const uint64_t flags = SECINFO_R | SECINFO_W | SECINFO_REG | SECINFO_PENDING;
	uint64_t p = addr;

	while (p < addr + len && !accept_one(p, flags, true))
		p += PAGE_SIZE;
	if (p == addr + len)
		return 0;
	struct mem_range r = { .addr = addr, .len = p - addr };
	if (r.len && host_mem_remove(&r, 1))
		panic("pages at %lx can neither be used nor given back", addr);
	return -ENOMEM;
}

int host_mem_augment(uint64_t addr, uint64_t len)
{
	struct ocall_mem a = { .addr = addr, .len = len };

	if (fixed)
		return refuse_augment(len);
	assert(!((addr | len) & (PAGE_SIZE - 1)) && addr < ELRANGE_END);
	long ret = ocall_run(OCALL_MEM_AUGMENT, &a, sizeof(a), OCALL_MEM_ON_DEMAND);
	if (ret == OCALL_MEM_ON_DEMAND)
		return accept_on_demand(addr, len);
	if (!ret)
		accept_all(addr, len, SECINFO_R | SECINFO_W | SECINFO_REG | SECINFO_PENDING);
	return (int)ret;
}

int host_mem_protect(uint64_t addr, uint64_t len, int prot)
{
	return mem_call(OCALL_MEM_PROTECT, addr, len, prot);
}

int host_mem_extend(uint64_t addr, uint64_t len, int prot)
{
	assert(!fixed);
	for (uint64_t p = addr; p < addr + len; p += PAGE_SIZE) {
		if (enclu_emodpe(p, epcm_rights(prot) | SECINFO_REG))
			panic("EMODPE of page %lx faults: the host took it away", p);
	}
	return mem_call(OCALL_MEM_PROTECT, addr, len, prot);
}

static int list_call(enum ocall_nr nr, const struct mem_range *r, unsigned n, int prot)
{
	struct ocall_mem_list a = { .count = n, .prot = (uint32_t)prot };

	assert(n && n <= OCALL_MEM_RANGES && (!fixed || nr == OCALL_MEM_HIDE));
	for (unsigned i = 0; i < n; i++) {
		assert(!((r[i].addr | r[i].len) & (PAGE_SIZE - 1)) && r[i].addr < ELRANGE_END);
		a.range[i] = r[i];
	}
	return (int)ocall_run(nr, &a, sizeof(a), 0);
}

static void accept_list(const struct mem_range *r, unsigned n, uint64_t flags)
{
	for (unsigned i = 0; i < n; i++)
		accept_all(r[i].addr, r[i].len, flags);
}

int host_mem_hide(const struct mem_range *r, unsigned n)
{
	return list_call(OCALL_MEM_HIDE, r, n, 0);
}

int host_mem_restrict(const struct mem_range *r, unsigned n, int prot)
{
	int err = list_call(OCALL_MEM_RESTRICT, r, n, prot);

	if (!err)
		accept_list(r, n, epcm_rights(prot) | SECINFO_REG | SECINFO_PR);
	return err;
}

int host_mem_remove(const struct mem_range *r, unsigned n)
{
	int err = list_call(OCALL_MEM_TRIM, r, n, 0);

	if (err)
		return err;
	accept_list(r, n, SECINFO_TRIM | SECINFO_MODIFIED);
	return list_call(OCALL_MEM_REMOVE, r, n, 0);
}
