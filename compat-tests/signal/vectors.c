/*
 * Vector and floating-point state over handlers: a handler may use every register, the interrupted
 * code finds its own again; the saved state is in the frame (with its magic words), can be read and
 * changed there; control words start fresh.
 */
#include "signals.h"
#include <cpuid.h>
#include <immintrin.h>
#include <sys/time.h>

#define XSTATE_MAGIC1	0x46505853
#define XSTATE_MAGIC2	0x46505845

static volatile long ticks;

/* Fills all registers with rubbish. */
__attribute__((target("avx")))
static void clobber_avx(void)
{
	__m256i junk = _mm256_set1_epi64x(0x5a5a5a5a5a5a5a5a);

	__asm__ volatile(
		"vmovdqa %0, %%ymm0\n\tvmovdqa %0, %%ymm1\n\tvmovdqa %0, %%ymm2\n\t"
		"vmovdqa %0, %%ymm3\n\t"
		"vmovdqa %0, %%ymm4\n\tvmovdqa %0, %%ymm5\n\tvmovdqa %0, %%ymm6\n\t"
		"vmovdqa %0, %%ymm7\n\t"
		"vmovdqa %0, %%ymm8\n\tvmovdqa %0, %%ymm9\n\tvmovdqa %0, %%ymm10\n\t"
		"vmovdqa %0, %%ymm11\n\t"
		"vmovdqa %0, %%ymm12\n\tvmovdqa %0, %%ymm13\n\tvmovdqa %0, %%ymm14\n\t"
		"vmovdqa %0, %%ymm15"
		: : "m"(junk) : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		  "xmm8", "xmm9", "xmm10",
		  "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static void clobber_sse(void)
{
	__asm__ volatile(
		"pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm1, %%xmm1\n\tpcmpeqd %%xmm7, %%xmm7\n\t"
		"pcmpeqd %%xmm15, %%xmm15\n\t"
		"fninit\n\tfldpi\n\tfldpi\n\tfldpi"
		: : : "xmm0", "xmm1", "xmm7", "xmm15", "st", "st(1)", "st(2)");
	__asm__ volatile("fninit");
}

static void clobber(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	ticks++;
	if (__builtin_cpu_supports("avx"))
		clobber_avx();
	clobber_sse();
}

__attribute__((target("avx"), noinline))
static long avx_count(long rounds, long *out)
{
	__m256i v = _mm256_set_epi64x(4, 3, 2, 1), w = _mm256_set_epi64x(40, 30, 20, 10);
	__m256d f = _mm256_setzero_pd(), one = _mm256_set1_pd(1.0);
	double sum[4];

	for (long i = 0; i < rounds; i++)
		__asm__ volatile("vaddpd %1, %0, %0" : "+x"(f) : "x"(one));
	__asm__ volatile("" : "+x"(v), "+x"(w));
	_mm256_storeu_si256((void *)out, v);
	_mm256_storeu_si256((void *)(out + 4), w);
	_mm256_storeu_pd(sum, f);
	return sum[0] == sum[3] && sum[1] == sum[2] ? (long)sum[0] : -1;
}

static void timer(int us)
{
	struct itimerval t = { { 0, us }, { 0, us } };

	EXPECT_OK(setitimer(ITIMER_REAL, &t, NULL));
}

TEST(avx_under_a_timer)
{
	long out[8];

	if (!__builtin_cpu_supports("avx"))
		SKIP("no AVX");
	set_handler(SIGALRM, clobber, SA_RESTART);
	ticks = 0;
	timer(1000);
	while (ticks < 100) {
		EXPECT_EQ(avx_count(200000, out), 200000);
		for (int i = 0; i < 4; i++) {
			EXPECT_EQ(out[i], i + 1);
			EXPECT_EQ(out[4 + i], 10 * (i + 1));
		}
	}
	timer(0);
}

TEST(x87_under_a_timer)
{
	set_handler(SIGALRM, clobber, SA_RESTART);
	ticks = 0;
	timer(1000);
	while (ticks < 50) {
		long double x = 0, one = 1;

		for (int i = 0; i < 100000; i++)
			__asm__ volatile("fadd %%st(1), %%st" : "+t"(x) : "u"(one));
		EXPECT(x == 100000);
	}
	timer(0);
}

static int xsave_size;

static void read_frame(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	struct _libc_fpstate *fp = u->uc_mcontext.fpregs;
	uint32_t *sw = (uint32_t *)((char *)fp + 464);

	(void)sig, (void)si;
	log_signal(sig, si, uc);
	u->uc_mcontext.gregs[REG_RIP] += 2;
	xsave_size = 0;
	if (sw[0] == XSTATE_MAGIC1 && *(uint32_t *)((char *)fp + sw[1] - 4) == XSTATE_MAGIC2)
		xsave_size = (int)sw[4];
	memcpy(fp->_xmm[3].element, fp->_xmm[2].element, 16);
	fp->_xmm[5].element[0] += 1;
}

/* xmm2 and xmm5 are known at the fault; the handler copies one and counts the other up. */
TEST(frame_can_be_changed)
{
	uint32_t two[4] = { 1, 2, 3, 4 }, three[4] = { 0 }, five[4] = { 50, 51, 52, 53 };

	logged.count = 0;
	set_handler(SIGILL, read_frame, 0);
	__asm__ volatile(
		"movups %2, %%xmm2\n\tmovups %1, %%xmm5\n\txorps %%xmm3, %%xmm3\n\t"
		"ud2\n\t"
		"movups %%xmm3, %0\n\tmovups %%xmm5, %1"
		: "=m"(three), "+m"(five) : "m"(two) : "xmm2", "xmm3", "xmm5", "memory");
	signal(SIGILL, SIG_DFL);
	EXPECT_EQ(logged.count, 1);
	EXPECT_MEM(two, three, 16);
	EXPECT(five[0] == 51 && five[1] == 51 && five[3] == 53);
}

TEST(frame_describes_itself)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		SKIP("no XSAVE");
	set_handler(SIGILL, read_frame, 0);
	__asm__ volatile("ud2" : : : "xmm3", "xmm5", "memory");
	signal(SIGILL, SIG_DFL);
	EXPECT_GE(xsave_size, 512 + 64);
	EXPECT_EQ((uintptr_t)xsave_size % 4, 0);
}

static unsigned int csr_inside;
static unsigned short cw_inside;

static void read_control(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	csr_inside = _mm_getcsr();
	__asm__ volatile("fnstcw %0" : "=m"(cw_inside));
	_mm_setcsr(0x1f80);
	__asm__ volatile("fninit");
}

TEST(control_words)
{
	unsigned int csr = 0x5f80;	/* round up */
	unsigned short cw = 0xb7f, now;

	set_handler(SIGUSR1, read_control, 0);
	_mm_setcsr(csr);
	__asm__ volatile("fldcw %0" : : "m"(cw));
	raise(SIGUSR1);
	__asm__ volatile("fnstcw %0" : "=m"(now));
	EXPECT_EQ(_mm_getcsr() & 0xffc0, csr);
	EXPECT_EQ(now, cw);
	_mm_setcsr(0x1f80);
	__asm__ volatile("fninit");
	/*
	 * The kernel gives handlers the program's own control words or fresh ones, never anything
	 * else.
	 */
	EXPECT((csr_inside & 0xffc0) == 0x1f80 || (csr_inside & 0xffc0) == csr);
	EXPECT(cw_inside == 0x37f || cw_inside == cw);
	signal(SIGUSR1, SIG_DFL);
}

static void *clobbered_thread(void *arg)
{
	long out[8];

	for (int i = 0; i < 50; i++) {
		if (i % 2)
			pthread_kill(pthread_self(), SIGUSR1);
		EXPECT_EQ(avx_count(20000, out), 20000);
		EXPECT(out[0] == 1 && out[3] == 4 && out[7] == 40);
	}
	return arg;
}

TEST(in_several_threads)
{
	pthread_t t[4];

	if (!__builtin_cpu_supports("avx"))
		SKIP("no AVX");
	set_handler(SIGUSR1, clobber, SA_RESTART);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, clobbered_thread, NULL), 0);
	for (int i = 0; i < 200; i++) {
		pthread_kill(t[i % 4], SIGUSR1);
		sched_yield();
	}
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	signal(SIGUSR1, SIG_DFL);
}

static float written;

static void write_xmm7(int sig, siginfo_t *si, void *uc)
{
	struct _libc_fpstate *fp = ((ucontext_t *)uc)->uc_mcontext.fpregs;

	(void)sig, (void)si;
	clobber_sse();
	memcpy(fp->_xmm[7].element, &written, sizeof(written));
}

/* A function that was called may have done anything to vector registers, but what the handler says holds. */
TEST(frame_of_a_call_can_be_changed)
{
	float found;

	set_handler(SIGUSR1, write_xmm7, 0);
	for (int i = 1; i <= 3; i++) {
		written = (float)i;
		EXPECT_OK(kill(getpid(), SIGUSR1));
		__asm__ volatile("movss %%xmm7, %0" : "=m"(found));
		EXPECT(found == (float)i);
	}
	signal(SIGUSR1, SIG_DFL);
}

static void round_up(int sig, siginfo_t *si, void *uc)
{
	struct _libc_fpstate *fp = ((ucontext_t *)uc)->uc_mcontext.fpregs;

	(void)sig, (void)si;
	fp->mxcsr = 0x5f80;
	fp->cwd = 0xb7f;
}

TEST(control_words_of_a_call_can_be_changed)
{
	unsigned short cw;
	unsigned int csr;

	set_handler(SIGUSR1, round_up, 0);
	EXPECT_OK(kill(getpid(), SIGUSR1));
	csr = _mm_getcsr();
	__asm__ volatile("fnstcw %0" : "=m"(cw));
	_mm_setcsr(0x1f80);
	__asm__ volatile("fninit");
	EXPECT_EQ(csr & 0xffc0, 0x5f80);
	EXPECT_EQ(cw, 0xb7f);
	signal(SIGUSR1, SIG_DFL);
}
