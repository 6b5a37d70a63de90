/*
 * Signals at any instruction: a fast timer interrupts computing, copying, system calls and
 * allocation, and nothing of what was interrupted changes: registers, flags, the red zone, results
 * of calls.
 */
#include "signals.h"
#include <sys/time.h>

static volatile long ticks;

static void tick(int sig, siginfo_t *si, void *uc)
{
	volatile char pad[700];

	(void)sig, (void)si, (void)uc;
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] = (char)0xee;
	ticks++;
}

static void start(void)
{
	struct itimerval t = { { 0, 500 }, { 0, 500 } };

	ticks = 0;
	set_handler(SIGALRM, tick, SA_RESTART);
	EXPECT_OK(setitimer(ITIMER_REAL, &t, NULL));
}

static void stop(void)
{
	struct itimerval t = { { 0, 0 }, { 0, 0 } };

	setitimer(ITIMER_REAL, &t, NULL);
}

static uint32_t crc(const unsigned char *p, size_t len)
{
	uint32_t c = ~0u;

	for (size_t i = 0; i < len; i++) {
		c ^= p[i];
		for (int k = 0; k < 8; k++)
			c = c >> 1 ^ (0xedb88320 & -(c & 1));
	}
	return ~c;
}

TEST(computing)
{
	static unsigned char data[50000];
	uint32_t want;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + 3;
	want = crc(data, sizeof(data));
	start();
	while (ticks < 100)
		EXPECT_EQ(crc(data, sizeof(data)), want);
	stop();
}

/* A leaf that lives in its red zone and carries a flag over the loop. */
__attribute__((noinline, naked))
static long red_zone_loop(long n __attribute__((unused)))
{
	__asm__ volatile(
		"mov %rdi, %rcx\n\t"
		"movq $0x1234, -8(%rsp)\n\tmovq $0x5678, -120(%rsp)\n\tmovq $0, -64(%rsp)\n\t"
		"stc\n"
		"1:\tinc %rax\n\t"			/* inc and dec keep the carry flag */
		"jnc 2f\n\t"
		"mov -64(%rsp), %rdx\n\tlea 1(%rdx), %rdx\n\tmov %rdx, -64(%rsp)\n\t"
		"dec %rcx\n\t"
		"jnz 1b\n\t"
		"cmpq $0x1234, -8(%rsp)\n\tjne 2f\n\t"
		"cmpq $0x5678, -120(%rsp)\n\tjne 2f\n\t"
		"mov -64(%rsp), %rax\n\t"
		"ret\n"
		"2:\tmov $-1, %rax\n\tret");
}

TEST(red_zone_and_flags)
{
	start();
	while (ticks < 100)
		EXPECT_EQ(red_zone_loop(200000), 200000);
	stop();
}

TEST(string_instructions)
{
	static char from[1 << 20], to[1 << 20];

	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = i >> 3;
	start();
	while (ticks < 60) {
		void *d = to, *s = from;
		size_t n = sizeof(from);

		__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
		EXPECT_EQ(n, 0);
		EXPECT_MEM(from, to, sizeof(from));
		memset(to, 0, sizeof(to));
	}
	stop();
}

TEST(system_calls)
{
	int fd[2];
	pid_t pid = getpid();

	EXPECT_OK(pipe(fd));
	start();
	for (long i = 0; ticks < 150; i++) {
		long v = i, w = -1;

		EXPECT_EQ(syscall(SYS_getpid), pid);
		EXPECT_EQ(write(fd[1], &v, sizeof(v)), sizeof(v));
		EXPECT_EQ(read(fd[0], &w, sizeof(w)), sizeof(w));
		EXPECT_EQ(v, w);
		EXPECT_EQ(syscall(SYS_close, -1), -1);
		EXPECT_EQ(errno, EBADF);
	}
	stop();
	close(fd[0]);
	close(fd[1]);
}

TEST(allocation_and_printing)
{
	start();
	while (ticks < 80) {
		char *p[50], text[64];

		for (int i = 0; i < 50; i++) {
			p[i] = malloc(i * 97 + 1);
			snprintf(text, sizeof(text), "%d %.3f", i, i / 8.0);
			p[i][i * 97] = text[0];
		}
		for (int i = 0; i < 50; i++)
			free(p[i]);
		EXPECT_STR(text, "49 6.125");
	}
	stop();
}


static void *compute_forever(void *arg)
{
	sigset_t set = one_signal(SIGALRM);
	double x = 1;

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	while (!*(volatile int *)arg)
		x = x * 1.0000001;
	EXPECT(x >= 1);
	return NULL;
}

TEST(beside_another_thread)
{
	volatile int done = 0;
	pthread_t t;

	EXPECT_EQ(pthread_create(&t, NULL, compute_forever, (void *)&done), 0);
	start();
	while (ticks < 50)
		sleep_ms(1);
	stop();
	done = 1;
	EXPECT_EQ(pthread_join(t, NULL), 0);
}
