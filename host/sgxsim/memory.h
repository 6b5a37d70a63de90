/* memory.h: what an OS driver does for an enclave: reserve ELRANGE, give EPC pages, keep page
 * tables.
 *
 * The host mapping of a page is its TLB entry: it never allows more than PTE and EPCM do together
 * once epc_sync has run (the TLB flush), and may allow less until the first use, when epc_refill
 * widens it. All take e->map_lock; addresses and lengths are page aligned and inside ELRANGE. */
#pragma once
#include "sgxsim.h"

/* ELRANGE must be free of host mappings, except that ASan keeps an inaccessible gap there. */
#ifdef __SANITIZE_ADDRESS__
#define EPC_MAP_CLAIM MAP_FIXED
#else
#define EPC_MAP_CLAIM MAP_FIXED_NOREPLACE
#endif

#define EPC_NULL_GUARD 0x10000UL /* [0, 64 KiB) is never mapped nor given */

int epc_reserve(struct sgx_enclave *e); /* 0, -EEXIST: something of the host lies there, -ENOMEM */
void epc_unreserve(struct sgx_enclave *e);
/* Gives zeroed memory to the pages, PTE and mapping R|W; -EEXIST if one has some already. */
int epc_alloc(struct sgx_enclave *e, uint64_t addr, uint64_t len);
/* Takes it back; -EBUSY if one is still valid in the EPCM. */
int epc_free(struct sgx_enclave *e, uint64_t addr, uint64_t len);
/* Takes back the memory of a page that EWB wrote out; the PTE bits stay. */
int epc_evict(struct sgx_enclave *e, uint64_t addr);
/* Sets the PTE bits and brings the mappings up to date; -EINVAL if a page has no memory. */
int epc_protect(struct sgx_enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
int epc_sync(struct sgx_enclave *e, uint64_t addr, uint64_t len);
/* After a fault: true if the access (R, W or X) is allowed and the mapping now says so too. */
bool epc_refill(struct sgx_enclave *e, uint64_t addr, unsigned int access);

/* Accesses that neither sanitizers nor the compiler look into: enclave memory is not C's. */
static inline void epc_copy(void *to, const void *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static inline uint64_t epc_load(uint64_t addr)
{
	uint64_t v;

	__asm__ volatile("movq (%1), %0" : "=r"(v) : "r"(addr) : "memory");
	return v;
}

static inline void epc_store(uint64_t addr, uint64_t v)
{
	__asm__ volatile("movq %1, (%0)" : : "r"(addr), "r"(v) : "memory");
}

static inline void epc_clear(void *to, size_t size)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(0) : "memory");
}
