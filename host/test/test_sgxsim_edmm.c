/* test_sgxsim_edmm.c: the leaves that change a running enclave, and the mappings behind its pages.
 * Part of the suite in test_sgxsim.c. */
#include <errno.h>

#include "test_sgxsim_fixture.h"

Test(sgxsim, eaug_checks)
{
	struct sgx_enclave *e = filled();
	struct sgx_pageinfo pi = {.linaddr = FREE, .secs = (uint64_t)e};
	uint64_t word = 77;

	pi.linaddr++, is_gp(sgx_eaug(&pi)), pi.linaddr--;
	pi.srcpge = (uint64_t)page, is_gp(sgx_eaug(&pi)), pi.srcpge = 0;
	pi.secinfo = (uint64_t)&si, is_gp(sgx_eaug(&pi)), pi.secinfo = 0;
	pi.secs = 0, is_pf(sgx_eaug(&pi), 0), pi.secs = (uint64_t)e;
	pi.linaddr = BASE + SIZE, is_gp(sgx_eaug(&pi)), pi.linaddr = FREE;
	is_pf(sgx_eaug(&pi), FREE);
	is_pf(eaug(e, CODE), CODE);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is_gp(sgx_eaug(&pi));
	initialised(e);
	is(sgx_eaug(&pi), 0);
	is_pf(sgx_eaug(&pi), FREE);
	cr_assert_eq(epcm_load(&e->epcm, FREE) & EPCM_CPU_MASK,
		     EPCM_VALID | EPCM_PENDING | EPCM_R | EPCM_W | EPCM_TYPE(SGX_PT_REG));
	/* What was there before is gone when the page comes again. */
	poke(FREE, &word, sizeof(word));
	is(sgx_eremove(e, FREE), 0);
	is(sgx_eaug(&pi), 0);
	peek(&word, FREE, sizeof(word));
	cr_assert_eq(word, 0);
}

Test(sgxsim, emodpr_checks)
{
	struct sgx_enclave *e = ready();
	const struct sgx_secinfo *odd = (const void *)((char *)&si + 8);

	si = (struct sgx_secinfo){.flags = SECINFO_REG | SECINFO_R};
	is_gp(sgx_emodpr(e, DATA, odd));
	is_gp(sgx_emodpr(e, DATA + 1, &si));
	is_pf(sgx_emodpr(e, FREE, &si), FREE);
	si.reserved[0] = 1, is_gp(sgx_emodpr(e, DATA, &si)), si.reserved[0] = 0;
	si.flags = SECINFO_REG | SECINFO_W, is_gp(sgx_emodpr(e, DATA, &si));
	si.flags = SECINFO_REG | SECINFO_R;
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is_pf(sgx_emodpr(e, FREE, &si), FREE);
	is(eaug(e, FREE), 0);
	is(sgx_emodpr(e, FREE, &si), SGX_PAGE_NOT_MODIFIABLE);
	is_pf(sgx_emodpr(e, TCS, &si), TCS);
	is(sgx_emodpr(e, DATA + PAGE, &si), 0);
	cr_assert_eq(epcm_load(&e->epcm, DATA + PAGE) & EPCM_CPU_MASK,
		     EPCM_VALID | EPCM_PR | EPCM_R | EPCM_TYPE(SGX_PT_REG));
	/* It can only take away; EACCEPT then confirms. */
	si.flags = SECINFO_REG | SECINFO_RWX;
	is(sgx_emodpr(e, DATA + PAGE, &si), 0);
	is(eaccept(e, DATA + PAGE, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PR),
	   SGX_PAGE_ATTRIBUTES_MISMATCH);
	is(eaccept(e, DATA + PAGE, SECINFO_REG | SECINFO_R | SECINFO_PR), SGX_NOT_TRACKED);
	is(sgx_etrack(e), 0);
	is(eaccept(e, DATA + PAGE, SECINFO_REG | SECINFO_R | SECINFO_PR), 0);
	cr_assert_not(epcm_load(&e->epcm, DATA + PAGE) & EPCM_PR);
}

Test(sgxsim, emodt_checks)
{
	struct sgx_enclave *e = ready();

	si = (struct sgx_secinfo){.flags = SECINFO_TRIM};
	is_gp(sgx_emodt(e, DATA + 1, &si));
	is_pf(sgx_emodt(e, FREE, &si), FREE);
	si.flags = SECINFO_REG, is_gp(sgx_emodt(e, DATA + PAGE, &si));
	si.flags = SECINFO_TCS, is_pf(sgx_emodt(e, TCS, &si), TCS);
	si.flags = SECINFO_TRIM;
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is_pf(sgx_emodt(e, FREE, &si), FREE);
	is(eaug(e, FREE), 0);
	is(sgx_emodt(e, FREE, &si), SGX_PAGE_NOT_MODIFIABLE);
	is(sgx_emodt(e, TCS, &si), 0);
	is(sgx_emodt(e, DATA + PAGE, &si), 0);
	cr_assert_eq(epcm_load(&e->epcm, DATA + PAGE) & EPCM_CPU_MASK,
		     EPCM_VALID | EPCM_MODIFIED | EPCM_TYPE(SGX_PT_TRIM));
	is_pf(sgx_emodt(e, DATA + PAGE, &si), DATA + PAGE);
}

Test(sgxsim, eaccept_checks)
{
	struct sgx_enclave *e = ready();
	const uint64_t pending = SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING;
	struct sgx_secinfo info = {.flags = pending};

	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(eaug(e, FREE), 0);
	poke(DATA, &info, sizeof(info));
	is_gp(sgx_eaccept(e, DATA + 8, FREE));
	is_gp(sgx_eaccept(e, BASE + SIZE, FREE));
	is_pf(sgx_eaccept(e, BASE + 0x40000, FREE), BASE + 0x40000);
	is_pf(sgx_eaccept(e, FREE, FREE), FREE);
	is_pf(sgx_eaccept(e, TCS, FREE), TCS);
	info.reserved[6] = 1;
	poke(DATA, &info, sizeof(info));
	is_gp(sgx_eaccept(e, DATA, FREE));
	is_gp(eaccept(e, FREE + 8, pending));
	is_gp(eaccept(e, BASE + SIZE, pending));
	is_pf(eaccept(e, FREE + PAGE, pending), FREE + PAGE);
	is_gp(eaccept(e, FREE, pending | SECINFO_MODIFIED));
	is_gp(eaccept(e, FREE, SECINFO_TRIM));
	is_gp(eaccept(e, FREE, SECINFO_TRIM | SECINFO_MODIFIED | SECINFO_PENDING));
	is_gp(eaccept(e, FREE, SECINFO_TYPE(SGX_PT_VA)));
	is(eaccept(e, FREE, pending | SECINFO_X), SGX_PAGE_ATTRIBUTES_MISMATCH);
	is(eaccept(e, FREE, pending & ~SECINFO_PENDING), SGX_PAGE_ATTRIBUTES_MISMATCH);
	is(eaccept(e, FREE, SECINFO_TRIM | SECINFO_MODIFIED), SGX_PAGE_ATTRIBUTES_MISMATCH);
	is(eaccept(e, FREE, pending), 0);
	cr_assert_not(epcm_load(&e->epcm, FREE) & EPCM_PENDING);
	is(eaccept(e, FREE, pending), SGX_PAGE_ATTRIBUTES_MISMATCH);
	is(sgx_eremove(e, FREE), 0);
	is_pf(eaccept(e, FREE, pending), FREE);
}

Test(sgxsim, eaccept_of_a_tcs)
{
	const uint64_t flags = SECINFO_TCS | SECINFO_MODIFIED;
	struct sgx_enclave *e = ready();
	struct sgx_tcs tcs = *tcs_page();
	const struct sgx_tcs good = tcs;

	for (int bad = 0; bad < 5; bad++) {
		uint64_t addr = FREE + bad * PAGE;

		tcs = good;
		tcs.reserved[9] = bad == 0;
		tcs.flags = bad == 1 ? TCS_DBGOPTIN : TCS_AEXNOTIFY;
		tcs.cssa = bad == 2 ? tcs.nssa : 0;
		tcs.aep = bad == 3;
		grown(e, addr);
		poke(addr, &tcs, sizeof(tcs));
		si = (struct sgx_secinfo){.flags = SECINFO_TCS};
		is(sgx_emodt(e, addr, &si), 0);
		is(sgx_etrack(e), 0);
		if (bad < 4)
			is_gp(eaccept(e, addr, flags));
		else
			is(eaccept(e, addr, flags), 0);
	}
}

Test(sgxsim, emodpe_checks)
{
	struct sgx_enclave *e = ready();
	struct sgx_secinfo info = {.flags = SECINFO_REG | SECINFO_R | SECINFO_X};

	poke(DATA, &info, sizeof(info));
	is_gp(sgx_emodpe(e, DATA + 1, CONST));
	is_gp(sgx_emodpe(e, DATA, CONST + 1));
	is_gp(sgx_emodpe(e, DATA, BASE + SIZE));
	is_pf(sgx_emodpe(e, DATA, FREE), FREE);
	is_pf(sgx_emodpe(e, DATA, TCS), TCS);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(eaug(e, FREE), 0);
	is_pf(sgx_emodpe(e, DATA, FREE), FREE);
	is(sgx_emodpe(e, DATA, CONST), 0);
	cr_assert_eq(epcm_load(&e->epcm, CONST) & EPCM_RWX, EPCM_R | EPCM_X);
	si.flags = SECINFO_REG; /* take all away, then ask for W alone */
	is(sgx_emodpr(e, CONST, &si), 0);
	info.flags = SECINFO_REG | SECINFO_W;
	poke(DATA, &info, sizeof(info));
	is_gp(sgx_emodpe(e, DATA, CONST));
}

Test(sgxsim, eacceptcopy_checks)
{
	struct sgx_enclave *e = ready();
	struct sgx_secinfo info = {.flags = SECINFO_REG | SECINFO_R | SECINFO_X};
	uint64_t word = 0x1234, got;

	poke(DATA, &info, sizeof(info));
	poke(DATA + PAGE, &word, sizeof(word));
	cr_assert_eq(epc_alloc(e, FREE, 2 * PAGE), 0);
	is(eaug(e, FREE), 0);
	is(eaug(e, FREE + PAGE), 0);
	is_gp(sgx_eacceptcopy(e, DATA, FREE + 1, DATA + PAGE));
	is_gp(sgx_eacceptcopy(e, DATA, FREE, DATA + 1));
	is_gp(sgx_eacceptcopy(e, DATA, FREE, BASE + SIZE));
	is_pf(sgx_eacceptcopy(e, DATA, FREE, FREE + PAGE), FREE + PAGE);
	is_pf(sgx_eacceptcopy(e, DATA, FREE, TCS), TCS);
	is(sgx_eacceptcopy(e, DATA, CONST, DATA + PAGE), SGX_PAGE_ATTRIBUTES_MISMATCH);
	info.flags = SECINFO_TRIM;
	poke(DATA, &info, sizeof(info));
	is_gp(sgx_eacceptcopy(e, DATA, FREE, DATA + PAGE));
	info.flags = SECINFO_REG | SECINFO_R | SECINFO_X;
	poke(DATA, &info, sizeof(info));
	is(sgx_eacceptcopy(e, DATA, FREE, DATA + PAGE), 0);
	peek(&got, FREE, sizeof(got));
	cr_assert_eq(got, word);
	cr_assert_eq(epcm_load(&e->epcm, FREE) & EPCM_CPU_MASK,
		     EPCM_VALID | EPCM_RWX | EPCM_TYPE(SGX_PT_REG));
}

Test(sgxsim, mappings_follow_runs_and_limits)
{
	struct sgx_enclave *e = ready();
	uint64_t pages = 4096;

	cr_assert_eq(epc_alloc(e, FREE, pages * PAGE), -EINVAL, "beyond ELRANGE");
	cr_assert_eq(epc_alloc(e, FREE, 1024 * PAGE), 0);
	cr_assert_eq(epc_alloc(e, FREE + 5 * PAGE, PAGE), -EEXIST);
	cr_assert_eq(epc_protect(e, FREE - PAGE, PAGE, EPCM_R), -EINVAL, "no memory there");
	for (uint64_t a = FREE; a < FREE + 1024 * PAGE; a += PAGE)
		is(eaug(e, a), 0);
	cr_assert_eq(epc_free(e, FREE, PAGE), -EBUSY);
	cr_assert(epc_refill(e, FREE, EPCM_W));
	cr_assert_not(epc_refill(e, FREE, EPCM_X));
	cr_assert_not(epc_refill(e, CONST, EPCM_W));
}
