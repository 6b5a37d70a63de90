/*
 * Floating-point and vector registers belong to their thread: x87, SSE and (where the CPU has them)
 * AVX and AVX-512 values survive system calls, sleeps, yields and preemption; MXCSR and the x87
 * control word too.
 */
#include "threads.h"
#include <immintrin.h>

#define RC_NEAREST	0
#define RC_DOWN	0x400
#define RC_UP	0x800
#define RC_ZERO	0xc00

static atomic_int stop;

/* The rounding mode of both units, as libm would set it. */
static void set_rounding(unsigned short mode)
{
	unsigned short cw;

	__asm__ volatile("fnstcw %0" : "=m"(cw));
	cw = (cw & ~0xc00) | mode;
	__asm__ volatile("fldcw %0" : : "m"(cw));
	_mm_setcsr((_mm_getcsr() & ~0x6000u) | (unsigned int)mode << 3);
}

/* -1 when the units disagree. */
static int get_rounding(void)
{
	unsigned short cw;

	__asm__ volatile("fnstcw %0" : "=m"(cw));
	return (cw & 0xc00) == (_mm_getcsr() >> 3 & 0xc00) ? cw & 0xc00 : -1;
}

/* Loads xmm0-15 with a pattern, makes a system call, and stores them again. */
static long sse_over_syscall(long nr, long a, long b, const void *in, void *out)
{
	long r;

	__asm__ volatile(
		"movups 0(%[in]), %%xmm0\n\tmovups 16(%[in]), %%xmm1\n\t"
		"movups 32(%[in]), %%xmm2\n\t"
		"movups 48(%[in]), %%xmm3\n\tmovups 64(%[in]), %%xmm4\n\t"
		"movups 80(%[in]), %%xmm5\n\t"
		"movups 96(%[in]), %%xmm6\n\tmovups 112(%[in]), %%xmm7\n\t"
		"movups 128(%[in]), %%xmm8\n\t"
		"movups 144(%[in]), %%xmm9\n\tmovups 160(%[in]), %%xmm10\n\t"
		"movups 176(%[in]), %%xmm11\n\t"
		"movups 192(%[in]), %%xmm12\n\tmovups 208(%[in]), %%xmm13\n\t"
		"movups 224(%[in]), %%xmm14\n\t"
		"movups 240(%[in]), %%xmm15\n\t"
		"syscall\n\t"
		"movups %%xmm0, 0(%[out])\n\tmovups %%xmm1, 16(%[out])\n\t"
		"movups %%xmm2, 32(%[out])\n\t"
		"movups %%xmm3, 48(%[out])\n\tmovups %%xmm4, 64(%[out])\n\t"
		"movups %%xmm5, 80(%[out])\n\t"
		"movups %%xmm6, 96(%[out])\n\tmovups %%xmm7, 112(%[out])\n\t"
		"movups %%xmm8, 128(%[out])\n\t"
		"movups %%xmm9, 144(%[out])\n\tmovups %%xmm10, 160(%[out])\n\t"
		"movups %%xmm11, 176(%[out])\n\t"
		"movups %%xmm12, 192(%[out])\n\tmovups %%xmm13, 208(%[out])\n\t"
		"movups %%xmm14, 224(%[out])\n\t"
		"movups %%xmm15, 240(%[out])\n\t"
		: "=a"(r)
		: "a"(nr), "D"(a), "S"(b), [in] "r"(in), [out] "r"(out)
		: "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
		  "xmm7", "xmm8", "xmm9",
		  "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	return r;
}

static void *sse_calls(void *arg)
{
	struct timespec t = { 0, 200000 };
	unsigned char in[256], out[256];

	for (int i = 0; i < 300; i++) {
		for (int j = 0; j < 256; j++)
			in[j] = (unsigned char)(j * 7 + i + (long)arg * 31);
		switch (i % 4) {
		case 0:
			sse_over_syscall(SYS_getpid, 0, 0, in, out);
			break;
		case 1:
			sse_over_syscall(SYS_sched_yield, 0, 0, in, out);
			break;
		case 2:
			if (i % 12 == 2)
				EXPECT_EQ(sse_over_syscall(SYS_nanosleep, (long)&t, 0, in, out), 0);
			else
				EXPECT_EQ(sse_over_syscall(SYS_close, -1, 0, in, out), -EBADF);
			break;
		default:
			EXPECT_EQ(sse_over_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, in,
						   out),
				  0);
			t = (struct timespec){ 0, 200000 };
		}
		EXPECT_MEM(in, out, 256);
	}
	return NULL;
}

TEST(sse_over_system_calls)
{
	threads_run(6, sse_calls);
}

__attribute__((target("avx")))
static void *avx_spin(void *arg)
{
	__m256d v = _mm256_set_pd((double)(long)arg, 2, 3, 4), one = _mm256_set1_pd(1);
	double out[4];
	long n = 0;

	while (!atomic_load(&stop) || n < 1000) {
		__asm__ volatile("vaddpd %1, %0, %0" : "+x"(v) : "x"(one));
		if (++n % 100000 == 0)
			sched_yield();
	}
	_mm256_storeu_pd(out, v);
	EXPECT(out[3] == (double)(long)arg + n && out[0] == 4.0 + n && out[1] == 3.0 + n &&
	       out[2] == 2.0 + n);
	return NULL;
}

__attribute__((target("avx512f")))
static void *avx512_spin(void *arg)
{
	__m512i v = _mm512_set1_epi64((long)arg << 32), one = _mm512_set1_epi64(1);
	long out[8], n = 0;

	while (!atomic_load(&stop) || n < 1000) {
		__asm__ volatile("vpaddq %1, %0, %0" : "+v"(v) : "v"(one));
		if (++n % 100000 == 0)
			sched_yield();
	}
	_mm512_storeu_si512(out, v);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(out[i], ((long)arg << 32) + n);
	return NULL;
}

/* More threads than processors, none of which gives way often: they are preempted in the middle. */
static void spin_all(void *(*fn)(void *))
{
	pthread_t t[6];

	atomic_store(&stop, 0);
	for (long i = 0; i < 6; i++)
		t[i] = thread_start(fn, (void *)i);
	sleep_ms(150);
	atomic_store(&stop, 1);
	for (int i = 0; i < 6; i++)
		thread_join(t[i]);
}

TEST(avx_under_preemption)
{
	if (!__builtin_cpu_supports("avx"))
		SKIP("no AVX");
	spin_all(avx_spin);
}

TEST(avx512_under_preemption)
{
	if (!__builtin_cpu_supports("avx512f"))
		SKIP("no AVX-512");
	spin_all(avx512_spin);
}

static void *x87_spin(void *arg)
{
	long double x = (long)arg, step = 0.25L;
	long n = 0;

	while (!atomic_load(&stop) || n < 1000) {
		__asm__ volatile("fadd %%st(1), %%st" : "+t"(x) : "u"(step));
		if (++n % 50000 == 0)
			sched_yield();
	}
	EXPECT(x == (long double)(long)arg + 0.25L * n);
	return NULL;
}

TEST(x87_under_preemption)
{
	spin_all(x87_spin);
}

static void *own_rounding(void *arg)
{
	static const int mode[] = { RC_NEAREST, RC_DOWN, RC_UP, RC_ZERO };
	int my = mode[(long)arg % 4];

	EXPECT_EQ(get_rounding(), RC_NEAREST);	/* its maker's */
	set_rounding(my);
	for (int i = 0; i < 300; i++) {
		i % 5 ? sched_yield() : usleep(50);
		EXPECT_EQ(get_rounding(), my);
	}
	return NULL;
}

TEST(control_words)
{
	threads_run(8, own_rounding);
	EXPECT_EQ(get_rounding(), RC_NEAREST);
}

static void *inherited_rounding(void *arg)
{
	EXPECT_EQ(get_rounding(), RC_UP);
	return arg;
}

TEST(control_words_are_inherited_by_threads)
{
	set_rounding(RC_UP);
	thread_join(thread_start(inherited_rounding, NULL));
	set_rounding(RC_NEAREST);
}

ROLE(fresh)
{
	unsigned short cw;

	__asm__ volatile("fnstcw %0" : "=m"(cw));
	EXPECT_EQ(cw, 0x37f);
	EXPECT_EQ(_mm_getcsr(), 0x1f80);
	return 0;
}

TEST(exec_resets_them)
{
	pid_t pid;

	set_rounding(RC_UP);
	pid = spawn_self("fresh");
	set_rounding(RC_NEAREST);
	EXPECT_EXIT(pid, 0);
}

static void *mix_math(void *arg)
{
	double sum = 0;

	for (int i = 1; i < 20000; i++) {
		sum += 1.0 / ((double)i * i);
		if (i % 1000 == 0)
			usleep(1);
	}
	*(double *)arg = sum;
	return NULL;
}

TEST(same_sums_everywhere)
{
	double sum[8];
	pthread_t t[8];

	for (int i = 0; i < 8; i++)
		t[i] = thread_start(mix_math, &sum[i]);
	for (int i = 0; i < 8; i++)
		thread_join(t[i]);
	for (int i = 1; i < 8; i++)
		EXPECT_MEM(&sum[0], &sum[i], sizeof(double));
	EXPECT(sum[0] > 1.6448 && sum[0] < 1.645);
}
