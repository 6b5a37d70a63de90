/* test_bed.c: the small enclave of host/bed, the calibration of the cost profiles, and that every kind of
 * event is counted where it happens. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bed/bed.h"
#include "../bed/calibrate.h"
#include "../bed/misses.h"
#include "../sgxsim/sgxsim.h"
#include "../sgxsim/thread.h"
#include "test_state.h"

static struct bed b;
static uint64_t before[EV_COUNT];

static void setup(void)
{
	state_use();
	unsetenv("OCCLUM_SGX_COST");
	unsetenv("OCCLUM_SGX_CPU");
}

TestSuite(bed, .init = setup, .timeout = 120);

static void create(uint64_t heap)
{
	cr_assert_eq(bed_create(&b, heap, false), 0, "%s", b.err);
}

static uint64_t since(enum sgx_event event)
{
	uint64_t now[EV_COUNT];

	cost_counts(now);
	return now[event] - before[event];
}

Test(bed, copies_touches_traps_and_grows)
{
	char text[64] = "inside and out again", back[64] = "";

	create(1 << 20);
	cr_assert_eq(bed_call(&b, BED_IN, (uint64_t)text, sizeof(text), 0), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_OUT, (uint64_t)back, sizeof(back), 0), 0, "%s", b.err);
	cr_assert_str_eq(back, text);
	cr_assert_eq(bed_call(&b, BED_INOUT, (uint64_t)text, sizeof(text), 0), 0);
	cr_assert_str_eq(back, text);
	cr_assert_eq(bed_call(&b, BED_WRITE, b.heap, 256, 0), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_TOUCH, b.heap, 256, 0), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_RANDOM, b.heap, 256, 10000), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_TRAP, 100, 0, 0), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_TOUCH, b.heap + b.heap_bytes, 1, 0), -EFAULT, "behind the heap");
	bed_destroy(&b);
	create(0);
	cr_assert_eq(bed_grow(&b, 100), 0, "%s", b.err);
	cr_assert_eq(bed_call(&b, BED_WRITE, b.heap, 100, 0), 0, "%s", b.err);
	bed_destroy(&b);
	cr_assert_eq(bed_create(&b, 1UL << 40, false), -EINVAL);
}

Test(bed, profiles_meet_what_is_published_with_high_confidence)
{
	static const char *const names[] = {"skl", "cfl", "glk", "icx"};
	struct cost_profile p;
	struct calibration c;
	char err[COST_ERR_SIZE] = "";
	int required = 0, ret;

	for (int i = 0; i < 4; i++) {
		cr_assert_eq(cost_profile_load(names[i], &p, err), 0, "%s", err);
		for (int check = 0; check < CHECK_COUNT; check++) {
			ret = calibrate_check(&p, check, &c, err);
			if (ret == -ENOENT)
				continue;
			cr_assert_eq(ret, 0, "%s", err);
			required += c.required;
			cr_assert(c.met || !c.required, "%s, %s: %g, published %g", names[i], cost_check_name(check),
				  c.modelled, c.published);
		}
	}
	cr_assert_geq(required, 4);
}

Test(bed, every_event_is_counted)
{
	setenv("OCCLUM_SGX_EPC", "4M", 1);
	create(8 << 20);
	cr_assert_eq(since(EV_ECREATE), 1);
	cr_assert_geq(since(EV_EADD), 2048);
	cr_assert_eq(since(EV_KERNEL_PAGE), since(EV_EADD));
	cr_assert_eq(since(EV_EEXTEND) % 16, 0);
	cr_assert_gt(since(EV_EEXTEND), 0);
	cr_assert_eq(since(EV_EINIT), 1);
	cr_assert_gt(since(EV_EPA), 0, "twice as many pages as the EPC has");
	cost_counts(before);
	cr_assert_eq(bed_call(&b, BED_TRAP, 10, 0, 0), 0, "%s", b.err);
	cr_assert_eq(since(EV_AEX), 10 + since(EV_PAGE_FAULT));
	cr_assert_eq(since(EV_SIGNAL), 10);
	cr_assert_eq(since(EV_EENTER), 11);
	cr_assert_eq(since(EV_EEXIT), 11);
	cr_assert_geq(since(EV_ERESUME), 10);
	cost_counts(before);
	cr_assert_eq(bed_call(&b, BED_WRITE, b.heap, 2048, 0), 0, "%s", b.err);
	cr_assert_gt(since(EV_EPC_MISS), 1000);
	cr_assert_eq(since(EV_ELD), since(EV_EPC_MISS));
	cr_assert_gt(since(EV_EWB), 1000);
	cr_assert_gt(since(EV_EBLOCK), 1000);
	cr_assert_gt(since(EV_ETRACK), 10);
	cr_assert_gt(since(EV_PAGE_FAULT), 1000);
	cost_counts(before);
	cr_assert_eq(bed_grow(&b, 10), 0, "%s", b.err);
	cr_assert_eq(since(EV_EACCEPT), 10, "those that faulted do not count");
	cr_assert_geq(since(EV_EAUG), 10);
	bed_destroy(&b);
	cr_assert_gt(since(EV_EREMOVE), 500);
}

static void *idle(void *arg)
{
	struct sgx_thread *t;

	sgx_thread_init(&t);
	sgx_count_here(EV_EDECCSSA);
	*(uint64_t *)arg = t->counters.n[EV_EDECCSSA];
	sgx_thread_exit(t);
	return NULL;
}

/* A thread that enters has its own counts, others count together; the total has them all. */
Test(bed, counts_are_kept_by_thread)
{
	uint64_t own = 0, start;
	pthread_t thread;

	cost_counts(before);
	start = sgx_counters_other.n[EV_EDECCSSA];
	pthread_create(&thread, NULL, idle, &own);
	pthread_join(thread, NULL);
	cr_assert_eq(own, 1);
	cr_assert_eq(sgx_counters_other.n[EV_EDECCSSA], start);
	sgx_count_here(EV_EDECCSSA);
	cr_assert_eq(sgx_counters_other.n[EV_EDECCSSA], start + 1);
	cr_assert_eq(since(EV_EDECCSSA), 2);
}

/* The machine of the environment refuses what is wrong by its name. */
Test(bed, wrong_profiles_are_refused)
{
	setenv("OCCLUM_SGX_COST", "spin:zen", 1);
	cr_assert_eq(bed_create(&b, 0, false), -EINVAL);
	cr_assert_not_null(strstr(b.err, "zen"), "%s", b.err);
	setenv("OCCLUM_SGX_COST", "burn:icx", 1);
	cr_assert_eq(bed_create(&b, 0, false), -EINVAL);
	cr_assert_not_null(strstr(b.err, "burn:icx"), "%s", b.err);
	setenv("OCCLUM_SGX_COST", "account:/nonexistent/x.cost", 1);
	cr_assert_eq(bed_create(&b, 0, false), -EINVAL);
	cr_assert_not_null(strstr(b.err, "x.cost"), "%s", b.err);
}

/* Leaves that a processor does not have are #GP(0), as ENCLU and ENCLS with any unknown number (SDM). */
Test(bed, sgx1_processors_have_no_sgx2)
{
	setenv("OCCLUM_SGX_CPU", "cfl", 1);
	create(1 << 20);
	cr_assert_eq(bed_grow(&b, 1), -EFAULT);
	cr_assert_eq(b.run.exception_vector, VECTOR_GP, "%u", b.run.exception_vector);
	cr_assert_eq(b.run.exception_error_code, 0);
	cr_assert_eq(b.run.function, ENCLU_ERESUME);
	bed_destroy(&b);
}

Test(bed, slowdown_by_misses)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE];

	cr_assert_eq(cost_profile_load("icx", &p, err), 0, "%s", err);
	cr_assert_float_eq(misses_slowdown(&p, 0, 1), 1, 1e-9);
	/* 10^7 misses of 118 cycles at 3200 MHz are 0.369 s */
	cr_assert_float_eq(misses_slowdown(&p, 10000000, 1), 1.36875, 1e-6);
	cr_assert_float_eq(misses_slowdown_curve("icx", 1 << 20), 1, 1e-9, "in the cache");
	cr_assert_float_eq(misses_slowdown_curve("icx", 256UL << 20), 58.7 / 29.5, 1e-9);
	cr_assert_gt(misses_slowdown_curve("icx", 200UL << 20), 42.2 / 26.2);
	cr_assert_lt(misses_slowdown_curve("icx", 200UL << 20), 58.7 / 29.5);
	cr_assert_float_eq(misses_slowdown_curve("icx", 1UL << 40), 225.4 / 107.6, 1e-9);
	cr_assert_eq(misses_slowdown_curve("cfl", 1UL << 30), 0, "nothing published");
}
