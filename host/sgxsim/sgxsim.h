/* sgxsim.h: the leaf functions of the software SGX.
 *
 * A leaf returns an outcome: code 0 is success, code > 0 the SDM's error code (RAX, ZF=1), code < 0
 * a fault, -VECTOR_GP or -VECTOR_PF (addr is then the faulting address); why says in words what was
 * wrong. Nothing has changed unless the code is 0 (or EWB's VA_SLOT_OCCUPIED, a warning).
 *
 * An EPC page has no address of its own here: its content lies at its linear address in ELRANGE,
 * put there by epc_alloc (memory.h), which stands for the OS driver. A SECS is a struct
 * sgx_enclave, a version array page a struct sgx_va. ENCLS leaves on one enclave must be serialised by the caller, as a driver does;
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

#define SGX_HELD (-1000) /* not of the CPU's: the driver works on the pages, try again later */

struct sgx_thread;

/* Who uses a TCS. A thread claims it before it knows the epoch it enters in, and is inside from when it does. */
enum {
	TCS_FREE,
	TCS_INSIDE,
	TCS_ENTERING,
};

/* The content of a TCS page and the CPU's state of it. Lives until its enclave is destroyed. */
struct sgx_tcs_state {
	_Atomic uint32_t busy; /* TCS_*; switch.S stores the 0 */
	uint32_t cssa;	       /* written by that thread only; TCS.CSSA */
	_Atomic uint32_t epoch; /* of the enclave's tracking, when that thread entered */
	uint64_t linaddr;
	struct sgx_tcs_state *next;
	struct sgx_thread *_Atomic thread; /* the last to execute on it */
	struct sgx_tcs page;
};

struct sgx_enclave {
	struct sgx_secs secs;
	uint64_t eid;
	struct epcm epcm;
	uint64_t children; /* valid pages, the SECS not counted */
	struct sgx_measure measure;
	_Atomic(struct sgx_tcs_state *) tcs;
	uint8_t isvfamilyid[16]; /* KSS: what EINIT found in the SIGSTRUCT */
	uint8_t isvextprodid[16];
	_Atomic uint32_t epoch; /* ETRACK counts it on; track.h */
	_Atomic uint32_t quiet; /* all threads of the epochs below have left */
	bool evicted;		/* EWB took the SECS itself */
	_Atomic uint32_t held;	/* odd: the driver lets nobody in, EENTER and ERESUME give SGX_HELD */
	struct driver *driver;	/* its data (host/enclave) */
	pthread_mutex_t map_lock; /* host mappings of ELRANGE and their PTE bits in the EPCM */
	bool reserved;		  /* ELRANGE is reserved in the host's address space */
};

/* The modelled processor: what CPUID leaf 12H tells (cpu.c). */
#define SIM_CPU_SGX1	  0x001u /* CPUID.12H.0:EAX */
#define SIM_CPU_SGX2	  0x002u
#define SIM_CPU_AEXNOTIFY 0x800u

struct sim_cpu {
	const char *name;
	uint32_t leaves;     /* 12H.0:EAX */
	uint32_t miscselect; /* 12H.0:EBX */
	uint32_t size_bits;  /* 12H.0:EDX[15:8]: SECS.SIZE at most 2 to the power of this */
	uint64_t attributes; /* 12H.1: what SECS.ATTRIBUTES may have */
	uint64_t xfrm;
};

extern struct sim_cpu sim_cpu;
/* "sim" (everything the model can, the default), "sgx1", "skl", "cfl", "glk", "icx"; -EINVAL: none of these.
 * Before the first ECREATE. Does not limit the EPC: that is the driver's choice. */
int sim_cpu_select(const char *name);
/* What this machine's own CPUID says, for enclaves on hardware; -ENODEV: no SGX. */
int sim_cpu_host(void);

/* Limits and keys of the modelled processor. */
#define SIM_XFRM_MAX   0xe7UL /* x87, SSE, AVX, AVX-512 */

uint64_t sim_xfrm(void); /* what an enclave may ask for on this machine */
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

/* Paging (track.c, paging.c). An EPC page as operand: a page of the enclave; with addr
 * SGX_ADDR_SECS its SECS; or, with va, a version array page. */
#define SGX_ADDR_SECS (~0UL)

struct sgx_va {
	uint64_t slots[SGX_VA_SLOTS];
	bool valid;
};

struct sgx_epc {
	struct sgx_enclave *e;
	uint64_t addr;
	struct sgx_va *va;
};

struct sgx_va_slot {
	struct sgx_va *va;
	uint64_t offset; /* in the page */
};

struct sgx_outcome sgx_epa(struct sgx_va *va);
struct sgx_outcome sgx_eremove_va(struct sgx_va *va);
struct sgx_outcome sgx_eblock(struct sgx_epc page);
struct sgx_outcome sgx_etrack(struct sgx_enclave *e);
/* pi->srcpge takes the sealed page, pi->secinfo the PCMD; pi->linaddr is filled in. */
struct sgx_outcome sgx_ewb(struct sgx_pageinfo *pi, struct sgx_epc page, struct sgx_va_slot slot);
struct sgx_outcome sgx_eldu(const struct sgx_pageinfo *pi, struct sgx_epc page,
			    struct sgx_va_slot slot);
struct sgx_outcome sgx_eldb(const struct sgx_pageinfo *pi, struct sgx_epc page,
			    struct sgx_va_slot slot);

/* Eight bytes of a debug enclave (debug.c). */
struct sgx_outcome sgx_edbgrd(struct sgx_enclave *e, uint64_t addr, uint64_t *value);
struct sgx_outcome sgx_edbgwr(struct sgx_enclave *e, uint64_t addr, uint64_t value);

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
	uint64_t word, any = 0;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		__builtin_memcpy(&word, p, sizeof(word));
		any |= word;
	}
	for (; size; p++, size--)
		any |= *p;
	return !any;
}

/* RSA-3072 by q1 and q2, as EINIT does it; 0 or -EBADMSG. */
int sgx_signature_check(const struct sgx_sigstruct *sig);
void sgx_mrsigner(const struct sgx_sigstruct *sig, uint8_t mrsigner[SGX_HASH_SIZE]);
