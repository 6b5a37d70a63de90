/* sgxsim.h: the leaf functions of the software SGX.
 *
 * A leaf returns an outcome: code 0 is success, code > 0 the SDM's error code (RAX, ZF=1), code < 0
 * a fault, -VECTOR_GP or -VECTOR_PF (addr is then the faulting address); why says in words what was
 * wrong. Nothing has changed unless the code is 0.
 *
 * An EPC page has no address of its own here: its content lies at its linear address in ELRANGE,
 * put there by epc_alloc (memory.h), which stands for the OS driver. A SECS is a struct
 * sgx_enclave. ENCLS leaves on one enclave must be serialised by the caller, as a driver does;
 * EACCEPT, EMODPE and EACCEPTCOPY may run at the same time as anything. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "arch.h"
#include "epcm.h"
#include "measure.h"

struct sgx_outcome {
	int code;
	uint64_t addr;
	const char *why;
};

#define SGX_OK		       ((struct sgx_outcome){0, 0, ""})
#define SGX_ERROR(code_, why_) ((struct sgx_outcome){(code_), 0, (why_)})
#define SGX_GP(why_)	       ((struct sgx_outcome){-VECTOR_GP, 0, (why_)})
#define SGX_PF(addr_, why_)    ((struct sgx_outcome){-VECTOR_PF, (addr_), (why_)})

struct sgx_thread;

/* The content of a TCS page and the CPU's state of it. Lives until its enclave is destroyed. */
struct sgx_tcs_state {
	_Atomic uint32_t busy; /* a thread executes on it */
	uint32_t cssa;	       /* written by that thread only; TCS.CSSA */
	uint64_t linaddr;
	struct sgx_tcs_state *next;
	struct sgx_tcs page;
};

struct sgx_enclave {
	struct sgx_secs secs;
	uint64_t eid;
	struct epcm epcm;
	uint64_t children; /* valid pages, the SECS not counted */
	struct sgx_measure measure;
	_Atomic(struct sgx_tcs_state *) tcs;
	pthread_mutex_t map_lock; /* host mappings of ELRANGE and their PTE bits in the EPCM */
	bool reserved;		  /* ELRANGE is reserved in the host's address space */
};

/* Limits and keys of the modelled processor. */
#define SIM_ATTRIBUTES                                                                             \
	(SGX_ATTR_DEBUG | SGX_ATTR_MODE64 | SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY)
#define SIM_MISCSELECT SGX_MISC_EXINFO
#define SIM_SIZE_BITS  40
#define SIM_XFRM_MAX   0xe7UL /* x87, SSE, AVX, AVX-512 */

uint64_t sim_xfrm(void); /* what an enclave may ask for on this machine */
uint64_t sim_xsave_size(uint64_t xfrm);
extern const uint8_t sim_cpusvn[16];
void sim_set_lepubkeyhash(const uint8_t hash[SGX_HASH_SIZE]); /* IA32_SGXLEPUBKEYHASH0-3 */
extern uint8_t sim_lepubkeyhash[SGX_HASH_SIZE];

/* As a source page: adds a zero page without touching its memory. */
extern const uint8_t sgx_zero_page[SGX_PAGE_SIZE];

/* ENCLS (build.c, edmm.c). pi->secs is the struct sgx_enclave, except for ECREATE, where it is 0.
 */
struct sgx_outcome sgx_ecreate(const struct sgx_pageinfo *pi, struct sgx_enclave **out);
struct sgx_outcome sgx_eadd(const struct sgx_pageinfo *pi);
struct sgx_outcome sgx_eextend(struct sgx_enclave *e, uint64_t addr);
struct sgx_outcome sgx_einit(struct sgx_enclave *e, const struct sgx_sigstruct *sig);
struct sgx_outcome sgx_eremove(struct sgx_enclave *e, uint64_t addr);
struct sgx_outcome sgx_eremove_secs(struct sgx_enclave *e); /* frees e */
struct sgx_outcome sgx_eaug(const struct sgx_pageinfo *pi);
struct sgx_outcome sgx_emodpr(struct sgx_enclave *e, uint64_t addr, const struct sgx_secinfo *si);
struct sgx_outcome sgx_emodt(struct sgx_enclave *e, uint64_t addr, const struct sgx_secinfo *si);

/* ENCLU, operands are addresses in the enclave (accept.c, keys.c). The first three touch no vector
 * register and no TLS. */
struct sgx_outcome sgx_eaccept(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr);
struct sgx_outcome sgx_emodpe(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr);
struct sgx_outcome sgx_eacceptcopy(struct sgx_enclave *e, uint64_t secinfo, uint64_t addr,
				   uint64_t source);
struct sgx_outcome sgx_ereport(struct sgx_enclave *e, uint64_t targetinfo, uint64_t reportdata,
			       uint64_t report);
struct sgx_outcome sgx_egetkey(struct sgx_enclave *e, uint64_t keyrequest, uint64_t key);

/* EENTER and ERESUME are in thread.h. */

struct sgx_tcs_state *sgx_tcs_new(struct sgx_enclave *e, uint64_t linaddr);

static inline struct sgx_tcs_state *sgx_tcs_find(struct sgx_enclave *e, uint64_t linaddr)
{
	struct sgx_tcs_state *t = atomic_load_explicit(&e->tcs, memory_order_acquire);

	while (t && t->linaddr != linaddr)
		t = t->next;
	return t;
}

static inline bool sgx_in_elrange(const struct sgx_enclave *e, uint64_t addr)
{
	return addr - e->secs.base < e->secs.size;
}

static inline bool sgx_is_zero(const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

/* RSA-3072 by q1 and q2, as EINIT does it; 0 or -EBADMSG. */
int sgx_signature_check(const struct sgx_sigstruct *sig);
void sgx_mrsigner(const struct sgx_sigstruct *sig, uint8_t mrsigner[SGX_HASH_SIZE]);
