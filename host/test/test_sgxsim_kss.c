/* test_sgxsim_kss.c: key separation and sharing, and processors of less ability. Part of the suite in
 * test_sgxsim.c. */
#include <errno.h>

#include "test_sgxsim_fixture.h"

#define TARGET	    DATA
#define REPORT_DATA (DATA + 512)
#define REPORT	    (DATA + 1024)
#define REQUEST	    (DATA + 2048)
#define KEY	    (DATA + 3072)

static struct sgx_enclave *kss_enclave(uint64_t attributes, uint8_t config, uint8_t family, uint8_t product)
{
	struct sigstruct_params params = {.attributemask = {~0UL, ~0UL}, .isvprodid = 1, .isvsvn = 2};
	struct sgx_enclave *e;
	struct sgx_sigstruct sig;

	secs_good();
	secs.attributes.flags |= attributes;
	secs.configid[63] = config;
	secs.configsvn = 5;
	is(ecreate(&e), 0);
	cr_assert_eq(epc_reserve(e), 0);
	added(e, DATA, sgx_zero_page, SECINFO_REG | SECINFO_R | SECINFO_W);
	params.attributes = e->secs.attributes;
	sign(e, &sig, &params);
	memset(sig.isvfamilyid, family, 16);
	memset(sig.isvextprodid, product, 16);
	/* The signature covers these fields, and the test's signer does not know them. */
	memcpy(e->isvfamilyid, sig.isvfamilyid, 16);
	memcpy(e->isvextprodid, sig.isvextprodid, 16);
	e->secs.isvsvn = 2;
	e->secs.isvprodid = 1;
	e->secs.attributes.flags |= SGX_ATTR_INIT;
	return e;
}

static void seal_key(struct sgx_enclave *e, uint16_t policy, uint8_t key[16])
{
	struct sgx_keyrequest kr = {.keyname = SGX_KEY_SEAL, .keypolicy = policy, .configsvn = 5};

	poke(REQUEST, &kr, sizeof(kr));
	is(sgx_egetkey(e, REQUEST, KEY), 0);
	peek(key, KEY, 16);
}

Test(sgxsim, config_needs_kss)
{
	struct sgx_enclave *e;

	secs_good();
	secs.configid[0] = 1;
	is_gp(ecreate(&e));
	secs_good();
	secs.configsvn = 1;
	is_gp(ecreate(&e));
	secs.attributes.flags |= SGX_ATTR_KSS;
	is(ecreate(&e), 0);
}

Test(sgxsim, kss_policies_separate_keys)
{
	static const struct {
		uint16_t policy;
		int field; /* what must make a difference */
	} rows[] = {{SGX_KEYPOLICY_CONFIGID, 0}, {SGX_KEYPOLICY_ISVFAMILYID, 1}, {SGX_KEYPOLICY_ISVEXTPRODID, 2}};
	struct sgx_enclave *e = kss_enclave(SGX_ATTR_KSS, 1, 2, 3);
	uint8_t one[16], two[16];

	for (int row = 0; row < 3; row++) {
		seal_key(e, rows[row].policy | SGX_KEYPOLICY_MRSIGNER, one);
		for (int field = 0; field < 3; field++) {
			uint8_t *byte = field == 0 ? e->secs.configid : field == 1 ? e->isvfamilyid : e->isvextprodid;

			byte[0] ^= 0x80;
			seal_key(e, rows[row].policy | SGX_KEYPOLICY_MRSIGNER, two);
			byte[0] ^= 0x80;
			cr_assert_eq(!!memcmp(one, two, 16), field == rows[row].field);
		}
	}
	seal_key(e, SGX_KEYPOLICY_NOISVPRODID, one);
	e->secs.isvprodid ^= 1;
	seal_key(e, SGX_KEYPOLICY_NOISVPRODID, two);
	cr_assert_arr_eq(one, two, 16);
}

Test(sgxsim, kss_fields_in_reports_and_requests)
{
	struct sgx_enclave *e = kss_enclave(SGX_ATTR_KSS, 1, 2, 3);
	struct sgx_targetinfo ti = {.configid[63] = 9, .configsvn = 4};
	struct sgx_keyrequest kr = {.keyname = SGX_KEY_SEAL, .configsvn = 6};
	struct sgx_report r;

	poke(TARGET, &ti, sizeof(ti));
	is(sgx_ereport(e, TARGET, REPORT_DATA, REPORT), 0);
	peek(&r, REPORT, sizeof(r));
	cr_assert_eq(r.configid[63], 1);
	cr_assert_eq(r.configsvn, 5);
	cr_assert_eq(r.isvfamilyid[0], 2);
	cr_assert_eq(r.isvextprodid[15], 3);
	poke(REQUEST, &kr, sizeof(kr));
	is(sgx_egetkey(e, REQUEST, KEY), SGX_INVALID_ISVSVN);
}

Test(sgxsim, processors_differ)
{
	struct sgx_enclave *e;

	cr_assert_eq(sim_cpu_select("i8086"), -EINVAL);
	cr_assert_eq(sim_cpu_select("cfl"), 0);
	secs_good();
	is_gp(ecreate(&e)); /* no EXINFO */
	secs.miscselect = 0;
	secs.attributes.flags |= SGX_ATTR_KSS, is_gp(ecreate(&e));
	secs.attributes.flags = SGX_ATTR_MODE64;
	secs.size = 1UL << 37, secs.base = 0, is_gp(ecreate(&e));
	secs.size = SIZE, secs.base = BASE;
	is(ecreate(&e), 0);
	cr_assert_eq(epc_reserve(e), 0);
	added(e, DATA, page, SECINFO_REG | SECINFO_R | SECINFO_W);
	initialised(e);
	is_gp(eaug(e, FREE));
	si = (struct sgx_secinfo){.flags = SECINFO_TRIM};
	is_gp(sgx_emodt(e, DATA, &si));
	si.flags = SECINFO_REG | SECINFO_R;
	is_gp(sgx_emodpr(e, DATA, &si));
	is_gp(eaccept(e, DATA, SECINFO_REG | SECINFO_R | SECINFO_PENDING));
	cr_assert_eq(sim_cpu_select("icx"), 0);
	is(sgx_emodpr(e, DATA, &si), 0);
}
