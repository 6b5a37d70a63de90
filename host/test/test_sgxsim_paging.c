/* test_sgxsim_paging.c: tracking, pages that leave the EPC and come back, debug leaves. Part of the
 * suite in test_sgxsim.c. */
#include <errno.h>

#include "../enclave/driver.h"
#include "test_sgxsim_fixture.h"

static struct sgx_va va;
static uint8_t sealed[PAGE] __attribute__((aligned(4096)));
static struct sgx_pcmd pcmd;
static const struct sgx_va_slot slot = {&va, 16};

static struct sgx_epc child(struct sgx_enclave *e, uint64_t addr)
{
	return (struct sgx_epc){.e = e, .addr = addr};
}

static struct sgx_outcome ewb(struct sgx_epc page_out)
{
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)sealed, .secinfo = (uint64_t)&pcmd};

	return sgx_ewb(&pi, page_out, slot);
}

static struct sgx_outcome eldu(struct sgx_enclave *e, uint64_t addr)
{
	struct sgx_pageinfo pi = {addr, (uint64_t)sealed, (uint64_t)&pcmd, (uint64_t)e};

	return sgx_eldu(&pi, child(e, addr), slot);
}

/* A page goes out in good order. */
static void out(struct sgx_enclave *e, uint64_t addr)
{
	is(sgx_eblock(child(e, addr)), 0);
	is(sgx_etrack(e), 0);
	is(ewb(child(e, addr)), 0);
}

static void thread_inside(struct sgx_enclave *e, uint32_t busy)
{
	struct sgx_tcs_state *tcs = sgx_tcs_find(e, TCS);

	atomic_store(&tcs->epoch, atomic_load(&e->epoch));
	atomic_store(&tcs->busy, busy);
}

Test(sgxsim, eblock_checks)
{
	struct sgx_enclave *e = ready();

	is_gp(sgx_eblock(child(e, DATA + 1)));
	is_pf(sgx_eblock(child(e, FREE)), FREE);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(sgx_eblock(child(e, FREE)), SGX_PG_INVLD);
	is(sgx_eblock(child(e, SGX_ADDR_SECS)), SGX_PG_IS_SECS);
	is(sgx_eblock((struct sgx_epc){.va = &va}), SGX_PG_INVLD);
	is(sgx_epa(&va), 0);
	is_pf(sgx_epa(&va), 0);
	is(sgx_eblock((struct sgx_epc){.va = &va}), SGX_NOTBLOCKABLE);
	is(sgx_eblock(child(e, CONST)), 0);
	is(sgx_eblock(child(e, CONST)), SGX_BLKSTATE);
	cr_assert_eq(epcm_effective(epcm_load(&e->epcm, CONST)), 0, "no new translations");
}

Test(sgxsim, tracking_waits_for_the_threads_of_the_epoch)
{
	struct sgx_enclave *e = ready();

	sgx_stale_tlb = true;
	is(sgx_epa(&va), 0);
	thread_inside(e, 1);
	is(sgx_eblock(child(e, CONST)), 0);
	is(ewb(child(e, CONST)), SGX_NOT_TRACKED);
	is(sgx_etrack(e), 0);
	is(ewb(child(e, CONST)), SGX_NOT_TRACKED);
	is(sgx_etrack(e), SGX_PREV_TRK_INCMPL);
	thread_inside(e, 0);
	thread_inside(e, 1); /* left and came back: a thread of the new epoch */
	is(ewb(child(e, CONST)), 0);
	is(sgx_etrack(e), 0);

	si = (struct sgx_secinfo){.flags = SECINFO_TRIM};
	is(sgx_emodt(e, DATA + PAGE, &si), 0);
	is(eaccept(e, DATA + PAGE, SECINFO_TRIM | SECINFO_MODIFIED), SGX_NOT_TRACKED);
	thread_inside(e, 0);
	is(eaccept(e, DATA + PAGE, SECINFO_TRIM | SECINFO_MODIFIED), SGX_NOT_TRACKED);
	is(sgx_etrack(e), 0);
	is(eaccept(e, DATA + PAGE, SECINFO_TRIM | SECINFO_MODIFIED), 0);
}

Test(sgxsim, stale_tlb_mode_hides_pending_pages)
{
	struct sgx_enclave *e = ready();

	sgx_stale_tlb = true;
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(eaug(e, FREE), 0);
	cr_assert_not(epc_refill(e, FREE, EPCM_R));
	is(eaccept(e, FREE, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING), 0);
	cr_assert(epc_refill(e, FREE, EPCM_R));
}

Test(sgxsim, ewb_checks)
{
	struct sgx_enclave *e = ready();
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)sealed, .secinfo = (uint64_t)&pcmd};
	struct sgx_va_slot bad = slot;

	is_pf(ewb(child(e, CONST)), 0);
	is(sgx_epa(&va), 0);
	bad.offset = 4, is_gp(sgx_ewb(&pi, child(e, CONST), bad));
	bad.offset = PAGE, is_gp(sgx_ewb(&pi, child(e, CONST), bad));
	is_gp(ewb(child(e, CONST + 8)));
	is_gp(ewb((struct sgx_epc){.va = &va}));
	pi.srcpge += 8, is_gp(sgx_ewb(&pi, child(e, CONST), slot)), pi.srcpge -= 8;
	pi.secinfo += 8, is_gp(sgx_ewb(&pi, child(e, CONST), slot)), pi.secinfo -= 8;
	pi.secs = 1, is_gp(sgx_ewb(&pi, child(e, CONST), slot)), pi.secs = 0;
	pi.linaddr = 1, is_gp(sgx_ewb(&pi, child(e, CONST), slot)), pi.linaddr = 0;
	is_pf(ewb(child(e, FREE)), FREE);
	is_pf(ewb(child(e, BASE + SIZE)), BASE + SIZE);
	is(ewb(child(e, CONST)), SGX_PAGE_NOT_BLOCKED);
	is(sgx_eblock(child(e, CONST)), 0);
	is(ewb(child(e, CONST)), SGX_NOT_TRACKED);
	is(sgx_etrack(e), 0);
	is(ewb(child(e, SGX_ADDR_SECS)), SGX_CHILD_PRESENT);
	is(sgx_ewb(&pi, child(e, CONST), slot), 0);
	cr_assert_eq(pi.linaddr, CONST);
	cr_assert_eq(pcmd.secinfo.flags, SECINFO_REG | SECINFO_R);
	cr_assert_eq(pcmd.enclaveid, e->eid);
	cr_assert_not(epcm_load(&e->epcm, CONST) & EPCM_VALID);
}

Test(sgxsim, slot_in_use_is_a_warning)
{
	struct sgx_enclave *e = ready();

	is(sgx_epa(&va), 0);
	out(e, CONST);
	is(sgx_eblock(child(e, CODE)), 0);
	is(sgx_etrack(e), 0);
	is(ewb(child(e, CODE)), SGX_VA_SLOT_OCCUPIED);
	cr_assert_not(epcm_load(&e->epcm, CODE) & EPCM_VALID, "it went out all the same");
}

Test(sgxsim, pages_come_back_as_they_were)
{
	struct sgx_enclave *e;
	uint64_t word = 0x1122334455667788, children;
	uint8_t got[PAGE];

	for (int i = 0; i < (int)PAGE; i++)
		page[i] = i * 3;
	e = ready();
	is(sgx_epa(&va), 0);
	poke(DATA + 8, &word, sizeof(word));
	children = e->children;
	out(e, DATA);
	cr_assert_eq(e->children, children - 1);
	cr_assert(memcmp(sealed, page, 8), "what lies outside is sealed");
	cr_assert_eq(epc_evict(e, DATA), 0);
	cr_assert_eq(epc_alloc(e, DATA, PAGE), -EEXIST, "its place is taken");
	epcm_set_bits(epcm_entry(&e->epcm, DATA), EPCM_USED, 0);
	cr_assert_eq(epc_alloc(e, DATA, PAGE), 0);
	is(eldu(e, DATA), 0);
	peek(got, DATA, PAGE);
	cr_assert_eq(memcmp(got, page, 8), 0);
	cr_assert_eq(memcmp(got + 8, &word, 8), 0);
	cr_assert_eq(epcm_load(&e->epcm, DATA) & EPCM_CPU_MASK,
		     EPCM_VALID | EPCM_R | EPCM_W | EPCM_TYPE(SGX_PT_REG));
	cr_assert_eq(e->children, children);

	/* A change of type stays tracked over the journey. */
	si = (struct sgx_secinfo){.flags = SECINFO_TRIM};
	is(sgx_emodt(e, CODE, &si), 0);
	out(e, CODE);
	is(eldu(e, CODE), 0);
	is(eaccept(e, CODE, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	is(sgx_eblock(child(e, DATA)), 0), is(sgx_etrack(e), 0), is(ewb(child(e, DATA)), 0);
	is(eldu(e, DATA), 0);

	/* Nothing comes back twice, and an older copy never. */
	is(sgx_eremove(e, DATA), 0);
	is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL);
}

Test(sgxsim, replay_and_tampering_are_refused)
{
	struct sgx_enclave *e = ready();
	uint8_t older[PAGE];
	struct sgx_pcmd older_pcmd;

	is(sgx_epa(&va), 0);
	out(e, DATA);
	memcpy(older, sealed, PAGE);
	older_pcmd = pcmd;
	is(eldu(e, DATA), 0);
	out(e, DATA);
	memcpy(sealed, older, PAGE);
	is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL);
	pcmd = older_pcmd;
	is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL);
	is_gp(eldu(e, DATA + 8));
	is_pf(eldu(NULL, DATA), 0);
	pcmd.reserved[3] = 1, is_gp(eldu(e, DATA)), pcmd.reserved[3] = 0;
	pcmd.secinfo.reserved[3] = 1, is_gp(eldu(e, DATA));
}

Test(sgxsim, every_sealed_bit_counts)
{
	struct sgx_enclave *e = ready(), *other = created();
	struct sgx_pageinfo pi = {.linaddr = DATA,
				  .srcpge = (uint64_t)sealed,
				  .secinfo = (uint64_t)&pcmd,
				  .secs = (uint64_t)e};

	(void)other;
	is(sgx_epa(&va), 0);
	out(e, DATA);
	sealed[4095] ^= 1, is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL), sealed[4095] ^= 1;
	pcmd.mac[0] ^= 1, is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL), pcmd.mac[0] ^= 1;
	pcmd.secinfo.flags |= SECINFO_X, is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL);
	pcmd.secinfo.flags &= ~SECINFO_X;
	va.slots[2]++, is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL), va.slots[2]--;
	e->eid++, is(eldu(e, DATA), SGX_MAC_COMPARE_FAIL), e->eid--;
	is_pf(eldu(e, CODE), CODE);
	is(sgx_eldb(&pi, child(e, DATA), slot), 0);
	cr_assert(epcm_load(&e->epcm, DATA) & EPCM_BLOCKED);
	is(ewb(child(e, DATA)), 0); /* and without new tracking out again */
}

Test(sgxsim, tcs_secs_and_version_arrays_go_out_too)
{
	struct sgx_enclave *e = ready();
	static struct sgx_va upper;
	static uint8_t sealed_va[PAGE] __attribute__((aligned(4096)));
	struct sgx_pcmd pcmd_va = {0};
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)sealed_va, .secinfo = (uint64_t)&pcmd_va};
	const struct sgx_va_slot upper_slot = {&upper, 0};
	struct sgx_secs before;

	is(sgx_epa(&va), 0);
	is(sgx_epa(&upper), 0);
	sgx_tcs_find(e, TCS)->cssa = 1;
	out(e, TCS);
	sgx_tcs_find(e, TCS)->cssa = 0;
	is(sgx_ewb(&pi, (struct sgx_epc){.va = &va}, upper_slot), 0);
	is_pf(eldu(e, TCS), 0);
	cr_assert_eq(pcmd_va.enclaveid, 0);
	memset(&va, 0, sizeof(va));
	is(sgx_eldu(&pi, (struct sgx_epc){.va = &va}, upper_slot), 0);
	is(eldu(e, TCS), 0);
	cr_assert_eq(sgx_tcs_find(e, TCS)->cssa, 1);

	for (uint64_t a = CODE; a < SSA + 2 * PAGE; a += PAGE)
		is(sgx_eremove(e, a), 0);
	before = e->secs;
	is(ewb(child(e, SGX_ADDR_SECS)), 0);
	is_pf(sgx_etrack(e), 0);
	memset(&e->secs, 0, sizeof(e->secs));
	is(sgx_eldu(&(struct sgx_pageinfo){.srcpge = (uint64_t)sealed, .secinfo = (uint64_t)&pcmd},
		    child(e, SGX_ADDR_SECS), slot), 0);
	cr_assert_arr_eq((uint8_t *)&e->secs, (uint8_t *)&before, sizeof(before));
}

/* The driver over the leaves: an enclave of four times the EPC keeps its content. */
Test(sgxsim, limited_epc_keeps_every_page)
{
	const struct driver_options options = {.epc_pages = DRIVER_EPC_MIN};
	const uint64_t pages = 4 * DRIVER_EPC_MIN;
	struct sgx_enclave *e = created();
	uint64_t word;

	cr_assert_eq(driver_attach(e, &options), 0);
	for (uint64_t i = 0; i < pages; i++) {
		memcpy(page, &i, sizeof(i));
		cr_assert_eq(driver_alloc(e, FREE + i * PAGE, PAGE), 0);
		is(eadd(e, FREE + i * PAGE, page, SECINFO_REG | SECINFO_R | SECINFO_W), 0);
	}
	cr_assert_leq(e->children, DRIVER_EPC_MIN);
	for (uint64_t i = 0, n = 0; i < 2 * pages; i++, n = (n + 389) % pages) {
		cr_assert_eq(driver_need(e, FREE + n * PAGE), 0);
		peek(&word, FREE + n * PAGE, sizeof(word));
		cr_assert_eq(word, n);
	}
	cr_assert_eq(driver_need(e, FREE + pages * PAGE), -ENOENT);
	cr_assert_not(driver_fault(e, FREE + pages * PAGE));
	for (uint64_t i = 0; i < pages; i++) {
		cr_assert_eq(driver_need(e, FREE + i * PAGE), 0);
		is(sgx_eremove(e, FREE + i * PAGE), 0);
		cr_assert_eq(driver_free(e, FREE + i * PAGE, PAGE), 0);
	}
	driver_detach(e);
	is(sgx_eremove_secs(e), 0);
}

Test(sgxsim, debug_leaves)
{
	struct sgx_enclave *e;
	uint64_t word = 7, got;

	e = ready();
	is_gp(sgx_edbgrd(e, DATA, &got));
	e->secs.attributes.flags |= SGX_ATTR_DEBUG;
	is_gp(sgx_edbgrd(e, DATA + 4, &got));
	is_pf(sgx_edbgrd(e, FREE, &got), FREE);
	is(sgx_edbgwr(e, CONST + 16, word), 0);
	is(sgx_edbgrd(e, CONST + 16, &got), 0);
	cr_assert_eq(got, word);
	is(sgx_edbgrd(e, TCS + 16, &got), 0);
	cr_assert_eq(got, SSA - BASE, "TCS.OSSA");
	is_gp(sgx_edbgwr(e, TCS + 16, word));
	is_gp(sgx_edbgwr(e, TCS + 8, 4));
	is(sgx_edbgwr(e, TCS + 8, TCS_DBGOPTIN), 0);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(eaug(e, FREE), 0);
	is(sgx_edbgrd(e, FREE, &got), SGX_PAGE_NOT_DEBUGGABLE);
}
