/* test_sgxsim.c: building, keys and entry: each leaf's success and its errors in the order of the
 * SDM. Execution is in test_enclave.c, EDMM in test_sgxsim_edmm.c. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include "../sgxsim/state.h"
#include "../sgxsim/thread.h"
#include "test_sgxsim_fixture.h"
#include "test_state.h"

TestSuite(sgxsim, .init = state_use, .timeout = 60);

Test(sgxsim, ecreate_checks)
{
	struct sgx_secinfo info = {.flags = SECINFO_TYPE(SGX_PT_SECS)};
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)&secs, .secinfo = (uint64_t)&info};
	struct sgx_enclave *e;

	secs_good();
	pi.srcpge += 8, is_gp(sgx_ecreate(&pi, &e)), pi.srcpge -= 8;
	pi.secinfo += 8, is_gp(sgx_ecreate(&pi, &e)), pi.secinfo -= 8;
	pi.linaddr = PAGE, is_gp(sgx_ecreate(&pi, &e)), pi.linaddr = 0;
	pi.secs = 1, is_gp(sgx_ecreate(&pi, &e)), pi.secs = 0;
	info.flags = SECINFO_REG, is_gp(sgx_ecreate(&pi, &e)), info.flags = 0;
	secs.attributes.xfrm = 1, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.attributes.xfrm |= 1UL << 62, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.miscselect = 2, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.ssa_frame_size = 0, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.attributes.flags = 0, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.attributes.flags |= SGX_ATTR_INIT, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.size = PAGE, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.size = SIZE + PAGE, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.size = 1UL << 41, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.base = BASE + PAGE, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	secs.reserved4[3000] = 1, is_gp(sgx_ecreate(&pi, &e)), secs_good();
	is(sgx_ecreate(&pi, &e), 0);
	is(sgx_eremove_secs(e), 0);
}

Test(sgxsim, eadd_checks)
{
	struct sgx_enclave *e = created();
	struct sgx_tcs bad __attribute__((aligned(4096))) = *tcs_page();
	struct sgx_secinfo info = {.flags = SECINFO_REG | SECINFO_R};
	struct sgx_pageinfo pi = {FREE, (uint64_t)page, (uint64_t)&info, (uint64_t)e};

	is_gp(eadd(e, FREE + 1, page, SECINFO_REG | SECINFO_R));
	is_gp(eadd(e, FREE, page + 64, SECINFO_REG | SECINFO_R));
	pi.secs = 0, is_pf(sgx_eadd(&pi), 0), pi.secs = (uint64_t)e;
	info.reserved[3] = 1, is_gp(sgx_eadd(&pi)), info.reserved[3] = 0;
	is_gp(eadd(e, FREE, page, SECINFO_TYPE(SGX_PT_VA)));
	is_gp(eadd(e, FREE, page, SECINFO_TRIM));
	is_gp(eadd(e, FREE, page, SECINFO_REG | SECINFO_W));
	is_gp(eadd(e, BASE + SIZE, page, SECINFO_REG | SECINFO_R));
	is_gp(eadd(e, BASE - PAGE, page, SECINFO_REG | SECINFO_R));
	is_pf(eadd(e, FREE, page, SECINFO_REG | SECINFO_R), FREE);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	bad.reserved[4000] = 1;
	is_gp(eadd(e, FREE, &bad, SECINFO_TCS));
	is(eadd(e, FREE, page, SECINFO_REG | SECINFO_R), 0);
	is_pf(eadd(e, FREE, page, SECINFO_REG | SECINFO_R), FREE);
	initialised(e);
	cr_assert_eq(epc_alloc(e, CODE, PAGE), 0);
	is_gp(eadd(e, CODE, page, SECINFO_REG | SECINFO_R));
}

Test(sgxsim, eadd_copies_and_cleans)
{
	struct sgx_enclave *e = created();
	struct sgx_tcs tcs __attribute__((aligned(4096))) = *tcs_page();
	uint8_t got[PAGE];

	memset(page, 0x5a, PAGE);
	added(e, FREE, page, SECINFO_REG | SECINFO_R);
	peek(got, FREE, PAGE);
	cr_assert_arr_eq(got, page, PAGE);
	tcs.state = 1, tcs.flags = 1, tcs.cssa = 1, tcs.aep = 1;
	cr_assert_eq(epc_alloc(e, TCS, PAGE), 0);
	is(eadd(e, TCS, &tcs, SECINFO_TCS), 0);
	tcs.state = 0, tcs.flags = 0, tcs.cssa = 0, tcs.aep = 0;
	cr_assert_arr_eq(&sgx_tcs_find(e, TCS)->page, &tcs, PAGE);
}

Test(sgxsim, eextend_checks)
{
	struct sgx_enclave *e = created();

	is_gp(sgx_eextend(e, FREE + 64));
	is_pf(sgx_eextend(e, BASE + SIZE), BASE + SIZE);
	is_pf(sgx_eextend(e, FREE), FREE);
	added(e, FREE, page, SECINFO_REG | SECINFO_R);
	is(sgx_eextend(e, FREE), 0);
	is(sgx_eextend(e, FREE + PAGE - 256), 0);
	initialised(e);
	is_gp(sgx_eextend(e, FREE));
}

/* The measurement again, from the description alone: bytes in a buffer and one SHA-256. */
static size_t record(uint8_t *at, const char *tag, uint64_t second, uint64_t third)
{
	memset(at, 0, 64);
	memcpy(at, tag, strlen(tag));
	memcpy(at + 8, &second, 8);
	memcpy(at + 16, &third, 8);
	return 64;
}

Test(sgxsim, mrenclave_equals_independent_hash)
{
	struct sgx_enclave *e = created();
	static uint8_t log[64 * 3 + 2 * 16 * (64 + 256)];
	uint8_t expected[SGX_HASH_SIZE], got[SGX_HASH_SIZE];
	const struct sgx_tcs *tcs = tcs_page();
	size_t n = 64;

	for (size_t i = 0; i < PAGE; i++)
		page[i] = i * 7;
	memcpy(log, "ECREATE", 8);
	memcpy(log + 8, &(uint32_t){1}, 4);
	memcpy(log + 12, &(uint64_t){SIZE}, 8);
	n += record(log + n, "EADD", FREE - BASE, 0x205);
	for (size_t i = 0; i < PAGE; i += 256) {
		n += record(log + n, "EEXTEND", FREE - BASE + i, 0);
		memcpy(log + n, page + i, 256);
		n += 256;
	}
	n += record(log + n, "EADD", TCS - BASE, 0x100);
	for (size_t i = 0; i < PAGE; i += 256) {
		n += record(log + n, "EEXTEND", TCS - BASE + i, 0);
		memcpy(log + n, (const uint8_t *)tcs + i, 256);
		n += 256;
	}
	cr_assert_eq(n, sizeof(log));
	SHA256(log, n, expected);

	added(e, FREE, page, SECINFO_REG | SECINFO_R | SECINFO_X);
	for (uint64_t a = FREE; a < FREE + PAGE; a += 256)
		is(sgx_eextend(e, a), 0);
	added(e, TCS, tcs, SECINFO_TCS | SECINFO_RWX);
	for (uint64_t a = TCS; a < TCS + PAGE; a += 256)
		is(sgx_eextend(e, a), 0);
	measure_value(&e->measure, got);
	cr_assert_arr_eq(got, expected, SGX_HASH_SIZE);
	initialised(e);
	cr_assert_arr_eq(e->secs.mrenclave, expected, SGX_HASH_SIZE);
}

Test(sgxsim, einit_checks_in_order)
{
	struct sgx_enclave *e = filled();
	struct sigstruct_params params = {.attributes = e->secs.attributes,
					  .attributemask = {~0UL, ~0UL},
					  .miscselect = SGX_MISC_EXINFO,
					  .miscmask = ~0u,
					  .isvprodid = 11,
					  .isvsvn = 12};
	struct sigstruct_params other = params;
	uint8_t zero[SGX_HASH_SIZE] = {0};
	struct sgx_sigstruct good, bad;

	sign(e, &good, &params);
	/* Everything wrong at once is reported as the first thing that is wrong. */
	bad = good, bad.header[0]++, bad.enclavehash[0]++,
	is(sgx_einit(e, &bad), SGX_INVALID_SIG_STRUCT);
	bad = good, bad.header2[0]++, is(sgx_einit(e, &bad), SGX_INVALID_SIG_STRUCT);
	bad = good, bad.vendor = 1, is(sgx_einit(e, &bad), SGX_INVALID_SIG_STRUCT);
	bad = good, bad.exponent = 5, is(sgx_einit(e, &bad), SGX_INVALID_SIG_STRUCT);
	bad = good, bad.reserved1[80] = 1, is(sgx_einit(e, &bad), SGX_INVALID_SIG_STRUCT);
	bad = good, bad.enclavehash[0]++, is(sgx_einit(e, &bad), SGX_INVALID_SIGNATURE);
	bad = good, bad.q1[0]++, is(sgx_einit(e, &bad), SGX_INVALID_SIGNATURE);
	bad = good, bad.q2[0]++, is(sgx_einit(e, &bad), SGX_INVALID_SIGNATURE);
	bad = good, memset(bad.signature, 0xff, sizeof(bad.signature));
	is(sgx_einit(e, &bad), SGX_INVALID_SIGNATURE);

	is(sgx_eextend(e, CODE), 0); /* now the enclave is another one */
	is(sgx_einit(e, &good), SGX_INVALID_MEASUREMENT);
	other.attributes.flags |= SGX_ATTR_DEBUG;
	sign(e, &bad, &other), is(sgx_einit(e, &bad), SGX_INVALID_ATTRIBUTE);
	other = params, other.attributes.xfrm ^= 4;
	sign(e, &bad, &other), is(sgx_einit(e, &bad), SGX_INVALID_ATTRIBUTE);
	other = params, other.miscselect = 0;
	sign(e, &bad, &other), is(sgx_einit(e, &bad), SGX_INVALID_ATTRIBUTE);
	sign(e, &good, &params);
	sim_set_lepubkeyhash(zero);
	is(sgx_einit(e, &good), SGX_INVALID_EINITTOKEN);
	cr_assert_not(e->secs.attributes.flags & SGX_ATTR_INIT);

	other = params; /* bits outside the masks do not count */
	other.attributemask = (struct sgx_attributes){~SGX_ATTR_DEBUG, ~4UL};
	other.attributes.flags |= SGX_ATTR_DEBUG;
	other.attributes.xfrm ^= 4;
	sign(e, &good, &other);
	is(sgx_einit(e, &good), 0);
	cr_assert_eq(e->secs.isvprodid, 11);
	cr_assert_eq(e->secs.isvsvn, 12);
	cr_assert_arr_eq(e->secs.mrenclave, good.enclavehash, SGX_HASH_SIZE);
	is_gp(sgx_einit(e, &good));
}

Test(sgxsim, einit_launch_key_attribute)
{
	struct sgx_enclave *e;
	struct sgx_sigstruct sig;
	struct sigstruct_params params = {0};
	uint8_t zero[SGX_HASH_SIZE] = {0};

	secs_good();
	secs.attributes.flags |= SGX_ATTR_EINITTOKENKEY;
	is(ecreate(&e), 0);
	sign(e, &sig, &params);
	sim_set_lepubkeyhash(zero);
	is(sgx_einit(e, &sig), SGX_INVALID_ATTRIBUTE);
}

Test(sgxsim, eremove_checks)
{
	struct sgx_enclave *e = ready();

	is_gp(sgx_eremove(e, FREE + 1));
	is_pf(sgx_eremove(e, FREE), FREE);
	is(sgx_eremove_secs(e), SGX_CHILD_PRESENT);
	cr_assert_eq(epc_alloc(e, FREE, PAGE), 0);
	is(sgx_eremove(e, FREE), 0);
	atomic_store(&sgx_tcs_find(e, TCS)->busy, 1);
	is(sgx_eremove(e, CODE), SGX_ENCLAVE_ACT);
	/* An accepted TRIM page may go while threads run. */
	si.flags = SECINFO_TRIM;
	is(sgx_emodt(e, CONST, &si), 0);
	is(sgx_eremove(e, CONST), SGX_ENCLAVE_ACT);
	is(sgx_etrack(e), 0);
	is(eaccept(e, CONST, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	is(sgx_eremove(e, CONST), 0);
	atomic_store(&sgx_tcs_find(e, TCS)->busy, 0);
	for (uint64_t a = CODE; a < SSA + 2 * PAGE; a += PAGE)
		is(sgx_eremove(e, a), 0);
	is(sgx_eremove_secs(e), 0);
}

/* EREPORT from the enclave to itself, operands in its second data page. */
#define TARGET	    DATA
#define REPORT_DATA (DATA + 512)
#define REPORT	    (DATA + 1024)
#define REQUEST	    (DATA + 2048)
#define KEY	    (DATA + 3072)

static struct sgx_report reported(struct sgx_enclave *e)
{
	struct sgx_targetinfo ti = {.attributes = e->secs.attributes,
				    .miscselect = e->secs.miscselect};
	struct sgx_report r;

	memcpy(ti.measurement, e->secs.mrenclave, SGX_HASH_SIZE);
	poke(TARGET, &ti, sizeof(ti));
	poke(REPORT_DATA, "report data", 12);
	is(sgx_ereport(e, TARGET, REPORT_DATA, REPORT), 0);
	peek(&r, REPORT, sizeof(r));
	return r;
}

static struct sgx_outcome egetkey(struct sgx_enclave *e, const struct sgx_keyrequest *kr,
				  uint8_t key[16])
{
	struct sgx_outcome o;

	poke(REQUEST, kr, sizeof(*kr));
	o = sgx_egetkey(e, REQUEST, KEY);
	peek(key, KEY, 16);
	return o;
}

static void cmac(const uint8_t key[16], const void *data, size_t size, uint8_t mac[16])
{
	OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, "aes-128-cbc", 11),
			       OSSL_PARAM_END};
	EVP_MAC *alg = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(alg);
	size_t n;

	cr_assert_eq(EVP_MAC_init(ctx, key, 16, params), 1);
	EVP_MAC_update(ctx, data, size);
	EVP_MAC_final(ctx, mac, &n, 16);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(alg);
}

Test(sgxsim, report_is_verified_with_the_report_key)
{
	struct sgx_enclave *e = ready();
	struct sgx_report r = reported(e);
	struct sgx_keyrequest kr = {.keyname = SGX_KEY_REPORT};
	uint8_t key[16], mac[16];

	memcpy(kr.keyid, r.keyid, sizeof(kr.keyid));
	is(egetkey(e, &kr, key), 0);
	cmac(key, &r, 384, mac);
	cr_assert_arr_eq(mac, r.mac, 16);
	cr_assert_arr_eq(r.mrenclave, e->secs.mrenclave, SGX_HASH_SIZE);
	cr_assert_arr_eq(r.mrsigner, e->secs.mrsigner, SGX_HASH_SIZE);
	cr_assert_eq(r.attributes.flags, SGX_ATTR_MODE64 | SGX_ATTR_INIT);
	cr_assert_eq(r.isvprodid, 1);
	cr_assert_eq(r.isvsvn, 2);
	cr_assert_str_eq((const char *)r.reportdata, "report data");
	r.reportdata[0] ^= 1;
	cmac(key, &r, 384, mac);
	cr_assert(memcmp(mac, r.mac, 16));
}

Test(sgxsim, ereport_checks)
{
	struct sgx_enclave *e = ready();
	struct sgx_targetinfo ti = {.reserved3[100] = 1};

	reported(e);
	is_gp(sgx_ereport(e, TARGET + 256, REPORT_DATA, REPORT));
	is_gp(sgx_ereport(e, TARGET, REPORT_DATA + 64, REPORT));
	is_gp(sgx_ereport(e, TARGET, REPORT_DATA, REPORT + 256));
	is_gp(sgx_ereport(e, BASE + SIZE, REPORT_DATA, REPORT));
	is_pf(sgx_ereport(e, FREE, REPORT_DATA, REPORT), FREE);
	is_pf(sgx_ereport(e, TARGET, TCS, REPORT), TCS);
	is_pf(sgx_ereport(e, TARGET, REPORT_DATA, CONST), CONST);
	poke(TARGET, &ti, sizeof(ti));
	is_gp(sgx_ereport(e, TARGET, REPORT_DATA, REPORT));
}

Test(sgxsim, egetkey_checks)
{
	struct sgx_enclave *e = ready();
	struct sgx_keyrequest kr = {.keyname = SGX_KEY_SEAL};
	uint8_t key[16];

	poke(REQUEST, &kr, sizeof(kr));
	is_gp(sgx_egetkey(e, REQUEST + 8, KEY));
	is_gp(sgx_egetkey(e, BASE + SIZE, KEY));
	is_pf(sgx_egetkey(e, FREE, KEY), FREE);
	is_gp(sgx_egetkey(e, REQUEST, KEY + 8));
	is_pf(sgx_egetkey(e, REQUEST, CONST), CONST);
	kr.reserved2[400] = 1, is_gp(egetkey(e, &kr, key)), kr.reserved2[400] = 0;
	kr.keypolicy = SGX_KEYPOLICY_CONFIGID, is_gp(egetkey(e, &kr, key)), kr.keypolicy = 0;
	kr.keyname = 5, is(egetkey(e, &kr, key), SGX_INVALID_KEYNAME);
	kr.keyname = SGX_KEY_PROVISION, is(egetkey(e, &kr, key), SGX_INVALID_ATTRIBUTE);
	kr.keyname = SGX_KEY_PROVISION_SEAL, is(egetkey(e, &kr, key), SGX_INVALID_ATTRIBUTE);
	kr.keyname = SGX_KEY_EINITTOKEN, is(egetkey(e, &kr, key), SGX_INVALID_ATTRIBUTE);
	kr.keyname = SGX_KEY_SEAL;
	kr.cpusvn[0] = 2, is(egetkey(e, &kr, key), SGX_INVALID_CPUSVN), kr.cpusvn[0] = 0;
	kr.isvsvn = 3, is(egetkey(e, &kr, key), SGX_INVALID_ISVSVN), kr.isvsvn = 2;
	is(egetkey(e, &kr, key), 0);
}

Test(sgxsim, seal_keys_depend_on_what_they_should)
{
	struct sgx_enclave *e = ready();
	struct sgx_keyrequest kr = {.keyname = SGX_KEY_SEAL, .keypolicy = SGX_KEYPOLICY_MRSIGNER};
	struct sgx_keyrequest other;
	uint8_t key[16], again[16], path_key[16];

	is(egetkey(e, &kr, key), 0);
	is(egetkey(e, &kr, again), 0);
	cr_assert_arr_eq(key, again, 16);
	other = kr, other.keyid[31] = 1, is(egetkey(e, &other, again), 0);
	cr_assert(memcmp(key, again, 16));
	other = kr, other.isvsvn = 1, is(egetkey(e, &other, again), 0);
	cr_assert(memcmp(key, again, 16));
	other = kr, other.keypolicy = SGX_KEYPOLICY_MRENCLAVE, is(egetkey(e, &other, again), 0);
	cr_assert(memcmp(key, again, 16));
	other = kr, other.attributemask.xfrm = 3, is(egetkey(e, &other, again), 0);
	cr_assert(memcmp(key, again, 16));

	/* MRENCLAVE does not count under the MRSIGNER policy; DEBUG always does. */
	e->secs.mrenclave[0] ^= 1;
	is(egetkey(e, &kr, again), 0);
	cr_assert_arr_eq(key, again, 16);
	e->secs.attributes.flags |= SGX_ATTR_DEBUG;
	is(egetkey(e, &kr, again), 0);
	cr_assert(memcmp(key, again, 16));
	cr_assert_eq(state_fuse_key(path_key), 0);
	cr_assert_eq(state_fuse_key(again), 0);
	cr_assert_arr_eq(path_key, again, 16);
}

Test(sgxsim, eenter_and_eresume_checks)
{
	struct sgx_enclave *e = filled();
	const struct sgx_io io = {0};
	struct sgx_tcs_state *tcs;
	struct sgx_thread *t;
	int left;

	cr_assert_eq(sgx_thread_init(&t), 0);
	is_gp(sgx_eenter(t, e, TCS + 8, &io, &left));
	is_pf(sgx_eenter(t, e, BASE + SIZE, &io, &left), BASE + SIZE);
	is_pf(sgx_eenter(t, e, FREE, &io, &left), FREE);
	is_pf(sgx_eenter(t, e, DATA, &io, &left), DATA);
	is_gp(sgx_eenter(t, e, TCS, &io, &left));
	initialised(e);
	tcs = sgx_tcs_find(e, TCS);
	tcs->page.ossa += 8, is_gp(sgx_eenter(t, e, TCS, &io, &left)), tcs->page.ossa -= 8;
	tcs->page.ogsbase += 8, is_gp(sgx_eenter(t, e, TCS, &io, &left)), tcs->page.ogsbase -= 8;
	tcs->cssa = 2, is_gp(sgx_eenter(t, e, TCS, &io, &left)), tcs->cssa = 0;
	tcs->page.ossa = FREE - BASE, is_pf(sgx_eenter(t, e, TCS, &io, &left), FREE);
	tcs->page.ossa = CONST - BASE, is_pf(sgx_eenter(t, e, TCS, &io, &left), CONST);
	tcs->page.ossa = SSA - BASE;
	atomic_store(&tcs->busy, 1), is_gp(sgx_eenter(t, e, TCS, &io, &left));
	atomic_store(&tcs->busy, 0);
	is_gp(sgx_eresume(t, e, TCS, &left));
	tcs->cssa = 1;
	poke(SSA + PAGE - sizeof(struct sgx_gpr) + offsetof(struct sgx_gpr, fsbase),
	     &(uint64_t){1UL << 60}, 8);
	is_gp(sgx_eresume(t, e, TCS, &left));
	cr_assert_eq(tcs->cssa, 1, "nothing has changed");
	cr_assert_eq(atomic_load(&tcs->busy), 0);
	sgx_thread_exit(t);
}
