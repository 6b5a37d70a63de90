/* unit.h: tests of LibOS code on the host. A test file includes LibOS headers and this one, no libc headers
 * (their names clash); runner.c hands each UNIT_TEST to Criterion as a test of its own process. */
#pragma once
#include "base/types.h"
#include "test/runner.h"

#define UNIT_TEST(suite_, name_)                                                                   \
	static void unit_##suite_##_##name_(void);                                                 \
	static const struct unit_test unit_entry_##suite_##_##name_ = { #suite_, #name_,          \
									 unit_##suite_##_##name_ }; \
	static const struct unit_test *const unit_ptr_##suite_##_##name_                           \
		__attribute__((used, section("unit_tests"))) = &unit_entry_##suite_##_##name_;     \
	static void unit_##suite_##_##name_(void)

void unit_fail(const char *file, int line, const char *fmt, ...) noreturn_fn printf_like(3, 4);
#define CHECK(c) do { if (!(c)) unit_fail(__FILE__, __LINE__, "%s is false", #c); } while (0)
#define CHECK_EQ(a, b)                                                                             \
	do {                                                                                       \
		long long a_ = (long long)(a), b_ = (long long)(b);                                \
		if (a_ != b_)                                                                      \
			unit_fail(__FILE__, __LINE__, "%s is %lld, expected %s = %lld", #a, a_, #b, b_); \
	} while (0)
#define CHECK_STR(a, b)                                                                            \
	do {                                                                                       \
		const char *a_ = (a), *b_ = (b);                                                   \
		if (__builtin_strcmp(a_, b_))                                                      \
			unit_fail(__FILE__, __LINE__, "%s is \"%s\", expected \"%s\"", #a, a_, b_);  \
	} while (0)

/* From host_env.c: the environment a test may shape. */
struct process;
struct thread;
struct vcpu;
void unit_env_reset(void);                 /* fresh current thread and process (uid 0, no space, no files) */
void unit_gs_set(struct vcpu *v);          /* the vCPU that code under test finds itself on */
extern nsec_t unit_now;                    /* what clock_mono() answers; sleeping advances it to the deadline */
extern struct thread unit_thread;
extern struct process unit_process;
extern long unit_alloc_fail_after;         /* >= 0: that many allocations succeed, then kmalloc fails */
