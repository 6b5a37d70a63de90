/* test_sgxsim_fixture.c: the enclave of test_sgxsim_fixture.h. */
#include "test_sgxsim_fixture.h"

struct sgx_secs secs __attribute__((aligned(4096)));
uint8_t page[PAGE] __attribute__((aligned(4096)));
struct sgx_secinfo si;

void poke(uint64_t addr, const void *data, size_t size)
{
	epc_copy((void *)addr, data, size);
}

void peek(void *data, uint64_t addr, size_t size)
{
	epc_copy(data, (const void *)addr, size);
}

void is(struct sgx_outcome o, int code)
{
	cr_assert_eq(o.code, code, "code %d (%s), wanted %d", o.code, o.why, code);
}

void is_gp(struct sgx_outcome o)
{
	is(o, -VECTOR_GP);
}

void is_pf(struct sgx_outcome o, uint64_t addr)
{
	is(o, -VECTOR_PF);
	cr_assert_eq(o.addr, addr);
}

void secs_good(void)
{
	memset(&secs, 0, sizeof(secs));
	secs.size = SIZE;
	secs.base = BASE;
	secs.ssa_frame_size = 1;
	secs.miscselect = SGX_MISC_EXINFO;
	secs.attributes.flags = SGX_ATTR_MODE64;
	secs.attributes.xfrm = sim_xfrm();
}

struct sgx_outcome ecreate(struct sgx_enclave **e)
{
	struct sgx_secinfo info = {.flags = SECINFO_TYPE(SGX_PT_SECS)};
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)&secs, .secinfo = (uint64_t)&info};

	return sgx_ecreate(&pi, e);
}

struct sgx_enclave *created(void)
{
	struct sgx_enclave *e;

	secs_good();
	is(ecreate(&e), 0);
	cr_assert_eq(epc_reserve(e), 0);
	return e;
}

struct sgx_outcome eadd(struct sgx_enclave *e, uint64_t addr, const void *src, uint64_t flags)
{
	struct sgx_secinfo info = {.flags = flags};
	struct sgx_pageinfo pi = {addr, (uint64_t)src, (uint64_t)&info, (uint64_t)e};

	return sgx_eadd(&pi);
}

void added(struct sgx_enclave *e, uint64_t addr, const void *src, uint64_t flags)
{
	cr_assert_eq(epc_alloc(e, addr, PAGE), 0);
	is(eadd(e, addr, src, flags), 0);
	cr_assert_eq(epc_protect(e, addr, PAGE, flags & SECINFO_RWX), 0);
}

const struct sgx_tcs *tcs_page(void)
{
	static struct sgx_tcs tcs __attribute__((aligned(4096)));

	memset(&tcs, 0, sizeof(tcs));
	tcs.ossa = SSA - BASE;
	tcs.nssa = 2;
	tcs.oentry = CODE - BASE;
	tcs.ofsbase = DATA - BASE;
	tcs.ogsbase = DATA + PAGE - BASE;
	return &tcs;
}

void sign(struct sgx_enclave *e, struct sgx_sigstruct *sig, struct sigstruct_params *params)
{
	uint8_t mrenclave[SGX_HASH_SIZE], mrsigner[SGX_HASH_SIZE];
	char err[SIGN_ERR_SIZE] = "";
	EVP_PKEY *key;

	measure_value(&e->measure, mrenclave);
	cr_assert_eq(key_local(&key, err), 0, "%s", err);
	cr_assert_eq(sigstruct_sign(params, mrenclave, key, sig), 0);
	EVP_PKEY_free(key);
	sgx_mrsigner(sig, mrsigner);
	sim_set_lepubkeyhash(mrsigner);
}

void initialised(struct sgx_enclave *e)
{
	struct sigstruct_params params = {.attributes = e->secs.attributes,
					  .attributemask = {~0UL, ~0UL},
					  .isvprodid = 1,
					  .isvsvn = 2};
	struct sgx_sigstruct sig;

	sign(e, &sig, &params);
	is(sgx_einit(e, &sig), 0);
}

/* CODE, DATA, CONST, TCS and SSA, not initialised yet. */
struct sgx_enclave *filled(void)
{
	struct sgx_enclave *e = created();

	added(e, CODE, page, SECINFO_REG | SECINFO_R | SECINFO_X);
	added(e, DATA, page, SECINFO_REG | SECINFO_R | SECINFO_W);
	added(e, DATA + PAGE, page, SECINFO_REG | SECINFO_R | SECINFO_W);
	added(e, CONST, page, SECINFO_REG | SECINFO_R);
	added(e, TCS, tcs_page(), SECINFO_TCS);
	added(e, SSA, sgx_zero_page, SECINFO_REG | SECINFO_R | SECINFO_W);
	added(e, SSA + PAGE, sgx_zero_page, SECINFO_REG | SECINFO_R | SECINFO_W);
	return e;
}

struct sgx_enclave *ready(void)
{
	struct sgx_enclave *e = filled();

	initialised(e);
	return e;
}

struct sgx_outcome eaug(struct sgx_enclave *e, uint64_t addr)
{
	struct sgx_pageinfo pi = {.linaddr = addr, .secs = (uint64_t)e};

	return sgx_eaug(&pi);
}

struct sgx_outcome eaccept(struct sgx_enclave *e, uint64_t addr, uint64_t flags)
{
	struct sgx_secinfo info = {.flags = flags};

	poke(DATA, &info, sizeof(info));
	return sgx_eaccept(e, DATA, addr);
}

/* A page that went through EAUG and EACCEPT. */
void grown(struct sgx_enclave *e, uint64_t addr)
{
	cr_assert_eq(epc_alloc(e, addr, PAGE), 0);
	is(eaug(e, addr), 0);
	is(eaccept(e, addr, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING), 0);
}
