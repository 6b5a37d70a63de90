/* build.c: ECREATE, EADD, EEXTEND, EREMOVE. Checks come in the order of the SDM's pseudo-code;
 * where that names the EPC page operand, ours is the page at the linear address. */
#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "cost.h"
#include "memory.h"
#include "sgxsim.h"

#define XSAVE_LEGACY_SIZE 576
#define TCS_FLAGS_DEFINED (TCS_DBGOPTIN | TCS_AEXNOTIFY)

const uint8_t sim_cpusvn[16] = {1};
const uint8_t sgx_zero_page[SGX_PAGE_SIZE] __attribute__((aligned(4096)));

uint64_t sim_xfrm(void)
{
	uint32_t lo, hi;

	__asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (((uint64_t)hi << 32) | lo) & SIM_XFRM_MAX & sim_cpu.xfrm;
}

static uint64_t sim_xsave_size(uint64_t xfrm)
{
	uint32_t size, offset, c, d;
	uint64_t end = XSAVE_LEGACY_SIZE;

	for (unsigned int i = 2; i < 63; i++) {
		if (!(xfrm >> i & 1))
			continue;
		__cpuid_count(0xd, i, size, offset, c, d);
		if (offset + size > end)
			end = offset + size;
	}
	return end;
}

static const char *secs_problem(const struct sgx_secs *s)
{
	uint64_t misc = s->miscselect & SGX_MISC_EXINFO ? sizeof(struct sgx_exinfo) : 0;

	if ((s->attributes.xfrm & 3) != 3 || s->attributes.xfrm & ~sim_xfrm())
		return "SECS.XFRM not possible on this machine";
	if (s->miscselect & ~sim_cpu.miscselect)
		return "SECS.MISCSELECT has unknown bits";
	if (!s->ssa_frame_size || s->ssa_frame_size > 16 ||
	    s->ssa_frame_size * SGX_PAGE_SIZE <
		    sim_xsave_size(s->attributes.xfrm) + sizeof(struct sgx_gpr) + misc)
		return "SECS.SSAFRAMESIZE too small for XFRM";
	if (s->attributes.flags & ~sim_cpu.attributes || !(s->attributes.flags & SGX_ATTR_MODE64))
		return "SECS.ATTRIBUTES not possible";
	if (s->size < 2 * SGX_PAGE_SIZE || s->size & (s->size - 1) ||
	    s->size > 1UL << sim_cpu.size_bits)
		return "SECS.SIZE not a power of two in range";
	if (s->base & (s->size - 1) || s->base >> 47)
		return "SECS.BASEADDR not aligned to SIZE or not canonical";
	if (!sgx_is_zero(s->reserved1, sizeof(s->reserved1)) ||
	    !sgx_is_zero(s->reserved2, sizeof(s->reserved2)) ||
	    !sgx_is_zero(s->reserved3, sizeof(s->reserved3)) ||
	    !sgx_is_zero(s->reserved4, sizeof(s->reserved4)))
		return "SECS reserved field not zero";
	if (!(s->attributes.flags & SGX_ATTR_KSS) &&
	    (!sgx_is_zero(s->configid, sizeof(s->configid)) || s->configsvn))
		return "SECS.CONFIGID or CONFIGSVN without KSS";
	return NULL;
}

static struct sgx_enclave *enclave_new(const struct sgx_secs *secs)
{
	static _Atomic uint64_t next_eid = 1;
	struct sgx_enclave *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->secs = *secs;
	if (epcm_init(&e->epcm, secs->base, secs->size))
		goto out_free;
	if (measure_create(&e->measure, secs->ssa_frame_size, secs->size))
		goto out_epcm;
	memset(e->secs.mrenclave, 0, SGX_HASH_SIZE);
	memset(e->secs.mrsigner, 0, SGX_HASH_SIZE);
	e->secs.isvprodid = 0;
	e->secs.isvsvn = 0;
	e->eid = atomic_fetch_add(&next_eid, 1);
	e->epoch = e->quiet = 1;
	pthread_mutex_init(&e->map_lock, NULL);
	return e;
out_epcm:
	epcm_free(&e->epcm);
out_free:
	free(e);
	return NULL;
}

static bool secinfo_reserved_ok(const struct sgx_secinfo *si)
{
	return !(si->flags & ~(SECINFO_RWX | SECINFO_TYPE_MASK)) &&
	       sgx_is_zero(si->reserved, sizeof(si->reserved));
}

struct sgx_outcome sgx_ecreate(const struct sgx_pageinfo *pi, struct sgx_enclave **out)
{
	const struct sgx_secinfo *si = (const void *)pi->secinfo;
	const char *problem;

	sgx_count_here(EV_ECREATE);
	if (pi->srcpge & (SGX_PAGE_SIZE - 1) || pi->secinfo & 63)
		return SGX_GP("PAGEINFO.SRCPGE or SECINFO not aligned");
	if (pi->linaddr || pi->secs)
		return SGX_GP("PAGEINFO.LINADDR or SECS not zero");
	if (!secinfo_reserved_ok(si) || si->flags & SECINFO_TYPE_MASK)
		return SGX_GP("SECINFO not of type SECS");
	problem = secs_problem((const void *)pi->srcpge);
	if (problem)
		return SGX_GP(problem);
	*out = enclave_new((const void *)pi->srcpge);
	if (!*out)
		return SGX_PF(0, "no memory for the SECS");
	return SGX_OK;
}

/* A TCS that was removed leaves its state here, to be used again at the same place. */
struct sgx_tcs_state *sgx_tcs_new(struct sgx_enclave *e, uint64_t linaddr)
{
	struct sgx_tcs_state *t = sgx_tcs_find(e, linaddr);

	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		t->linaddr = linaddr;
		t->next = atomic_load(&e->tcs);
		atomic_store(&e->tcs, t);
	}
	atomic_store(&t->busy, TCS_FREE);
	t->cssa = 0;
	return t;
}

static struct sgx_outcome tcs_add(struct sgx_enclave *e, uint64_t linaddr,
				  const struct sgx_tcs *src)
{
	struct sgx_tcs_state *t;

	if (!sgx_is_zero(src->reserved, sizeof(src->reserved)) || src->flags & ~TCS_FLAGS_DEFINED)
		return SGX_GP("TCS reserved field not zero");
	t = sgx_tcs_new(e, linaddr);
	if (!t)
		return SGX_PF(linaddr, "no memory for the TCS");
	t->page = *src;
	t->page.state = 0;
	t->page.flags &= ~TCS_DBGOPTIN;
	t->page.cssa = 0;
	t->page.aep = 0;
	return SGX_OK;
}

/* The checks of EADD on what the operands say, before the EPC page comes in. */
static const char *eadd_problem(const struct sgx_secinfo *si)
{
	unsigned int type = (si->flags & SECINFO_TYPE_MASK) >> SECINFO_TYPE_SHIFT;

	if (!secinfo_reserved_ok(si) || (type != SGX_PT_REG && type != SGX_PT_TCS))
		return "SECINFO reserved field not zero, or type not REG or TCS";
	if (type == SGX_PT_REG && (si->flags & (SECINFO_R | SECINFO_W)) == SECINFO_W)
		return "SECINFO asks for W without R";
	return NULL;
}

struct sgx_outcome sgx_eadd(const struct sgx_pageinfo *pi)
{
	struct sgx_enclave *e = (void *)pi->secs;
	struct sgx_secinfo si;
	epcm_entry_t *entry;
	uint16_t old;
	bool tcs;
	const char *problem;
	struct sgx_outcome o;

	sgx_count_here(EV_EADD);
	if ((pi->linaddr | pi->srcpge) & (SGX_PAGE_SIZE - 1) || pi->secinfo & 63)
		return SGX_GP("PAGEINFO field not aligned");
	if (!e)
		return SGX_PF(0, "SECS does not resolve in the EPC");
	si = *(const struct sgx_secinfo *)pi->secinfo;
	problem = eadd_problem(&si);
	if (problem)
		return SGX_GP(problem);
	if (!sgx_in_elrange(e, pi->linaddr))
		return SGX_GP("LINADDR outside ELRANGE");
	entry = epcm_entry(&e->epcm, pi->linaddr);
	old = entry ? atomic_load(entry) : 0;
	if (!(old & EPCM_RESIDENT))
		return SGX_PF(pi->linaddr, "page does not resolve in the EPC");
	if (old & EPCM_VALID)
		return SGX_PF(pi->linaddr, "EPC page already valid");
	if (e->secs.attributes.flags & SGX_ATTR_INIT)
		return SGX_GP("enclave already initialised");

	tcs = (si.flags & SECINFO_TYPE_MASK) == SECINFO_TCS;
	if (tcs) {
		si.flags &= ~SECINFO_RWX;
		o = tcs_add(e, pi->linaddr, (const void *)pi->srcpge);
		if (o.code)
			return o;
	} else if (pi->srcpge != (uint64_t)sgx_zero_page || old & EPCM_USED) {
		epc_copy((void *)pi->linaddr, (const void *)pi->srcpge, SGX_PAGE_SIZE);
	}
	measure_add(&e->measure, pi->linaddr - e->secs.base, &si);
	epcm_set_bits(entry, EPCM_CPU_MASK | EPCM_USED,
		      EPCM_VALID | EPCM_USED | (si.flags & SECINFO_RWX) |
			      EPCM_TYPE(tcs ? SGX_PT_TCS : SGX_PT_REG));
	e->children++;
	return SGX_OK;
}

struct sgx_outcome sgx_eextend(struct sgx_enclave *e, uint64_t addr)
{
	uint8_t chunk[SGX_EXTEND_SIZE];
	uint64_t offset = addr & (SGX_PAGE_SIZE - 1);
	uint16_t v;

	sgx_count_here(EV_EEXTEND);
	if (addr & (SGX_EXTEND_SIZE - 1))
		return SGX_GP("address not a multiple of 256");
	if (!sgx_in_elrange(e, addr))
		return SGX_PF(addr, "address does not resolve in the EPC");
	v = epcm_load(&e->epcm, addr);
	if (!(v & EPCM_VALID))
		return SGX_PF(addr, "EPC page not valid");
	if (epcm_type(v) != SGX_PT_REG && epcm_type(v) != SGX_PT_TCS)
		return SGX_PF(addr, "EPC page neither REG nor TCS");
	if (e->secs.attributes.flags & SGX_ATTR_INIT)
		return SGX_GP("enclave already initialised");
	if (epcm_type(v) == SGX_PT_TCS)
		memcpy(chunk, (uint8_t *)&sgx_tcs_find(e, addr - offset)->page + offset,
		       sizeof(chunk));
	else
		epc_copy(chunk, (void *)addr, sizeof(chunk));
	measure_extend(&e->measure, addr - e->secs.base, chunk);
	return SGX_OK;
}

static bool enclave_active(struct sgx_enclave *e)
{
	for (struct sgx_tcs_state *t = atomic_load(&e->tcs); t; t = t->next)
		if (atomic_load(&t->busy))
			return true;
	return false;
}

struct sgx_outcome sgx_eremove(struct sgx_enclave *e, uint64_t addr)
{
	struct sgx_outcome o = page_operand(e, addr);
	epcm_entry_t *entry;
	uint16_t v;

	sgx_count_here(EV_EREMOVE);
	if (o.code)
		return o;
	entry = epcm_entry(&e->epcm, addr);
	v = atomic_load(entry);
	if (!(v & EPCM_VALID))
		return SGX_OK;
	if ((epcm_type(v) != SGX_PT_TRIM || v & EPCM_MODIFIED) && enclave_active(e))
		return SGX_ERROR(SGX_ENCLAVE_ACT, "a thread executes in the enclave");
	epcm_set_bits(entry, EPCM_CPU_MASK, 0);
	e->children--;
	return SGX_OK;
}

struct sgx_outcome sgx_eremove_secs(struct sgx_enclave *e)
{
	struct sgx_tcs_state *t, *next;

	if (e->children)
		return SGX_ERROR(SGX_CHILD_PRESENT, "the SECS has pages");
	epc_unreserve(e);
	for (t = atomic_load(&e->tcs); t; t = next) {
		next = t->next;
		free(t);
	}
	measure_free(&e->measure);
	epcm_free(&e->epcm);
	pthread_mutex_destroy(&e->map_lock);
	free(e);
	return SGX_OK;
}
