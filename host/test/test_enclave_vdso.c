/* test_enclave_vdso.c: __vdso_sgx_enter_enclave of the model's front, called as Linux's selftests call the real
 * one: two TCSs, no loop around. Where the kernel has the function, its checks of arguments are compared. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "../enclave/device.h"
#include "../sgxsim/epcm.h"
#include "test_enclave_fixture.h"

#define TCS(vcpu)  (LIBOS_VCPU_START + (vcpu)*LIBOS_VCPU_STRIDE)
#define SECINFO_AT LIBOS_HEAP_START
#define PAGE_A	   (LIBOS_HEAP_START + 8 * PAGE_SIZE)
#define NEW	   USER_HIGH_START
#define RW	   (SECINFO_R | SECINFO_W)

static struct enclave *e;
static struct sgx_enclave_run run;
static long out[5];
static int handler_calls, handler_says;

static void setup(void)
{
	setenv("OCCLUM_SGX_TLB", "stale", 1);
	enclave_setup();
	e = loaded();
	entered(e, 0);
	run = (struct sgx_enclave_run){.tcs = TCS(0)};
}

TestSuite(vdso, .init = setup, .timeout = 60);

static int handler(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *r)
{
	const long regs[5] = {rdi, rsi, rdx, r8, r9};

	cr_assert_eq(r, &run);
	cr_assert_neq(rsp, 0);
	memcpy(out, regs, sizeof(out));
	handler_calls++;
	return handler_says;
}

static int enter(unsigned int function, uint64_t rdi, uint64_t rsi, uint64_t rdx, uint64_t r8, uint64_t r9)
{
	return e->front->enter(rdi, rsi, rdx, function, r8, r9, &run);
}

static void expect_eexit(void)
{
	cr_assert_eq(run.function, ENCLU_EEXIT, "function %u, vector %u, error 0x%x at 0x%llx", run.function,
		     run.exception_vector, run.exception_error_code, (unsigned long long)run.exception_addr);
}

static void expect_fault(unsigned int function, unsigned int error, uint64_t addr)
{
	cr_assert_eq(run.function, function, "function %u", run.function);
	cr_assert_eq(run.exception_vector, VECTOR_PF);
	cr_assert_eq(run.exception_error_code, error, "error 0x%x", run.exception_error_code);
	cr_assert_eq(run.exception_addr, addr, "address 0x%llx", (unsigned long long)run.exception_addr);
}

/* A leaf by the second TCS. */
static void leaf(uint64_t nr, uint64_t addr, uint64_t flags)
{
	const uint64_t tcs = run.tcs, old = run.user_handler;

	poke(SECINFO_AT, flags);
	run.tcs = TCS(1);
	run.user_handler = (uint64_t)handler;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ENCLU, nr, SECINFO_AT, addr, 0), 0);
	expect_eexit();
	if (nr == ENCLU_EACCEPT)
		cr_assert_eq(out[1], 0, "error code %ld", out[1]);
	run.tcs = tcs;
	run.user_handler = old;
}

Test(vdso, unclobbered_vdso)
{
	run.user_handler = (uint64_t)handler;
	run.user_data = 77;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, PAGE_A, 0, 0, 0), 0);
	expect_eexit();
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 0x1122334455667788, 1, 0, 0), 0);
	expect_eexit();
	cr_assert_eq(out[1], 0x1122334455667789);
	cr_assert_eq(run.user_data, 77);
	cr_assert_eq(handler_calls, 2);
}

/* Straight from C, with what C keeps in registers; the kernel's test clobbers them in the enclave. */
Test(vdso, clobbered_vdso)
{
	register long keep asm("r12") = 0x12345678;
	double x = 1.0 / 3;

	asm volatile("" : "+r"(keep), "+x"(x));
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_STRESS, 0, 0, 0, 0), 0);
	asm volatile("" : "+r"(keep), "+x"(x));
	expect_eexit();
	cr_assert_eq(keep, 0x12345678);
	cr_assert_eq(x, 1.0 / 3);
	cr_assert_eq(run.user_handler, 0);
}

Test(vdso, clobbered_vdso_and_user_function)
{
	run.user_handler = (uint64_t)handler;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_STRESS, 0, 0, 0, 0), 0);
	expect_eexit();
	cr_assert_eq(handler_calls, 1);
	cr_assert_eq(out[0], BLOB_DONE);
	cr_assert_eq(out[1], 0);
	handler_says = -71;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), -71, "what the handler returns");
}

static int again(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *r)
{
	handler(rdi, rsi, rdx, rsp, r8, r9, r);
	return handler_calls < 3 ? ENCLU_EENTER : handler_calls == 3 ? 9 : 0;
}

Test(vdso, handler_goes_on)
{
	run.user_handler = (uint64_t)again;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), -EINVAL, "9 is no leaf to enter with");
	cr_assert_eq(handler_calls, 3);
}

Test(vdso, tcs_entry)
{
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), 0);
	expect_eexit();
	run.tcs = TCS(1);
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), 0);
	expect_eexit();
	run.tcs = PAGE_A;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), 0);
	expect_fault(ENCLU_EENTER, 0x4, PAGE_A);
	run.tcs = 1UL << 50;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ADD, 1, 1, 0, 0), 0, "no enclave there");
	cr_assert_eq(run.function, ENCLU_EENTER);
}

Test(vdso, epcm_permissions)
{
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, PAGE_A, 0, 0, 0), 0);
	expect_eexit();
	cr_assert_eq(enclave_restrict(e, PAGE_A, PAGE_SIZE, SECINFO_R), 0);
	leaf(ENCLU_EACCEPT, PAGE_A, SECINFO_REG | SECINFO_R | SECINFO_PR);
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, PAGE_A, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x8007, PAGE_A);
	leaf(ENCLU_EMODPE, PAGE_A, SECINFO_REG | RW);
	cr_assert_eq(enter(ENCLU_ERESUME, 0, 0, 0, 0, 0), 0);
	expect_eexit();
}

/* The first touch makes the driver bring the page; the second finds it pending. */
Test(vdso, augment)
{
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, NEW, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x6, NEW);
	cr_assert_eq(enclave_map(e, NEW, 2 * PAGE_SIZE, RW), 0);
	cr_assert_eq(enter(ENCLU_ERESUME, 0, 0, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x8007, NEW);
	leaf(ENCLU_EACCEPT, NEW, SECINFO_REG | RW | SECINFO_PENDING);
	cr_assert_eq(enter(ENCLU_ERESUME, 0, 0, 0, 0, 0), 0);
	expect_eexit();
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_READ, NEW, 0, 0, 0), 0);
	expect_eexit();
}

/* EACCEPT of a page that is not there is all it takes: the fault is the driver's affair. */
Test(vdso, augment_via_eaccept)
{
	const uint64_t pages = 2 * 512;

	cr_assert_eq(enclave_map(e, NEW, pages * PAGE_SIZE, SECINFO_RWX), 0);
	poke(SECINFO_AT, SECINFO_REG | RW | SECINFO_PENDING);
	run.user_handler = (uint64_t)handler;
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_ACCEPT, SECINFO_AT, NEW, pages, 0), 0);
	expect_eexit();
	cr_assert_eq(out[1], 0, "EACCEPT: %ld", out[1]);
	cr_assert_eq(handler_calls, 1, "no fault is told of");
	for (uint64_t i = 0; i < pages; i += 100) {
		cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, NEW + i * PAGE_SIZE, 0, 0, 0), 0);
		expect_eexit();
		cr_assert_eq(enter(ENCLU_EENTER, BLOB_READ, NEW + i * PAGE_SIZE, 0, 0, 0), 0);
		expect_eexit();
	}
}

/* Without stale-TLB mode pending pages are hidden as well, once pages come by themselves. */
Test(vdso, touched_pages_stay_pending_in_any_mode)
{
	sgx_stale_tlb = false;
	cr_assert_eq(enclave_map(e, NEW, PAGE_SIZE, RW), 0);
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_READ, NEW, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x8005, NEW);
}

Test(vdso, mappings_bound_what_comes)
{
	cr_assert_eq(enclave_map(e, NEW, 4 * PAGE_SIZE, RW), 0);
	cr_assert_eq(enclave_protect(e, NEW + PAGE_SIZE, PAGE_SIZE, SECINFO_R), 0);
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_WRITE, NEW + PAGE_SIZE, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x6, NEW + PAGE_SIZE);
	cr_assert_eq(enclave_protect(e, NEW + PAGE_SIZE, PAGE_SIZE, RW), 0);
	cr_assert_eq(enter(ENCLU_ERESUME, 0, 0, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x8007, NEW + PAGE_SIZE);
	run.tcs = TCS(1);
	cr_assert_eq(enter(ENCLU_EENTER, BLOB_READ, NEW + 4 * PAGE_SIZE, 0, 0, 0), 0);
	expect_fault(ENCLU_ERESUME, 0x4, NEW + 4 * PAGE_SIZE);
}

static void arguments_refused(vdso_sgx_enter_enclave_t f)
{
	struct sgx_enclave_run bad = {.tcs = TCS(0)};

	cr_assert_eq(f(0, 0, 0, 1, 0, 0, &bad), -EINVAL);
	cr_assert_eq(f(0, 0, 0, ENCLU_EEXIT, 0, 0, &bad), -EINVAL);
	bad.reserved[0] = 1;
	cr_assert_eq(f(0, 0, 0, ENCLU_EENTER, 0, 0, &bad), -EINVAL);
	bad.reserved[0] = 0, bad.reserved[sizeof(bad.reserved) - 1] = 1;
	cr_assert_eq(f(0, 0, 0, ENCLU_ERESUME, 0, 0, &bad), -EINVAL);
}

Test(vdso, wrong_arguments_as_in_the_kernel)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
	void *f = vdso ? dlsym(vdso, "__vdso_sgx_enter_enclave") : NULL;

	arguments_refused(e->front->enter);
	if (f)
		arguments_refused((vdso_sgx_enter_enclave_t)f);
	else
		cr_log_info("this kernel's vDSO has no __vdso_sgx_enter_enclave: not compared");
}
