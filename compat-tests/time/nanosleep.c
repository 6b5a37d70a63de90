/*
 * nanosleep, usleep, sleep: never too short, zero is fine, wrong values are refused, an
 * interruption tells what remains.
 */
#include "../test.h"

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

TEST(never_too_short)
{
	static const int ms[] = { 1, 5, 17, 50 };

	for (size_t i = 0; i < ARRAY_SIZE(ms); i++) {
		struct timespec t = { 0, ms[i] * 1000000L };
		int64_t start = now_ns();

		EXPECT_OK(nanosleep(&t, NULL));
		EXPECT_GE(now_ns() - start, ms[i] * 1000000L);
	}
}

TEST(tiny_and_zero)
{
	struct timespec t = { 0, 0 }, one = { 0, 1 };

	for (int i = 0; i < 100; i++) {
		EXPECT_OK(nanosleep(&t, NULL));
		EXPECT_OK(nanosleep(&one, &t));
	}
	EXPECT_OK(usleep(0));
	EXPECT_EQ(sleep(0), 0);
}

TEST(wrong_values)
{
	struct timespec big = { 0, 1000000000 }, neg = { 0, -1 }, negsec = { -1, 0 };

	EXPECT_ERRNO(nanosleep(&big, NULL), EINVAL);
	EXPECT_ERRNO(nanosleep(&neg, NULL), EINVAL);
	EXPECT_ERRNO(nanosleep(&negsec, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_nanosleep, (void *)8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_nanosleep, NULL, NULL), EFAULT);
}

static pthread_t self;

static void *poke(void *arg)
{
	sleep_ms((int)(long)arg);
	pthread_kill(self, SIGUSR1);
	return NULL;
}

static volatile bool stop_poking;

/* Again and again: the first may come before the sleep has begun. */
static void *poke_often(void *arg)
{
	while (!stop_poking) {
		sleep_ms(20);
		pthread_kill(self, SIGUSR1);
	}
	return arg;
}

TEST(remaining_time)
{
	struct timespec t = { 9, 500000000 }, left = { 0, 0 };
	int64_t start = now_ns();
	pthread_t th;

	caught = 0;
	signal(SIGUSR1, on_signal);
	self = pthread_self();
	stop_poking = false;
	EXPECT_EQ(pthread_create(&th, NULL, poke_often, NULL), 0);
	EXPECT_ERRNO(nanosleep(&t, &left), EINTR);
	EXPECT_GE(caught, 1);
	EXPECT_LT(left.tv_sec * 1000000000LL + left.tv_nsec, 9500000000);
	EXPECT_GE(left.tv_sec * 1000000000LL + left.tv_nsec, 9500000000 - (now_ns() - start));
	/* The pointers may be one. */
	EXPECT_ERRNO(nanosleep(&t, &t), EINTR);
	EXPECT_LT(t.tv_sec * 1000000000LL + t.tv_nsec, 9500000000);
	EXPECT_GE(sleep(30), 28);
	stop_poking = true;
	pthread_join(th, NULL);
	signal(SIGUSR1, SIG_DFL);
}

TEST(sum_of_pieces)
{
	struct timespec t = { 0, 120000000 };
	int64_t start = now_ns();
	pthread_t th[3];

	signal(SIGUSR1, on_signal);
	self = pthread_self();
	for (long i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&th[i], NULL, poke, (void *)(20 * (i + 1))), 0);
	while (nanosleep(&t, &t) == -1)
		EXPECT_EQ(errno, EINTR);
	EXPECT_GE(now_ns() - start, 120000000);
	for (int i = 0; i < 3; i++)
		pthread_join(th[i], NULL);
	signal(SIGUSR1, SIG_DFL);
}

static void *sleep_thread(void *arg)
{
	int64_t start = now_ns();
	int ms = (int)(long)arg;

	sleep_ms(ms);
	EXPECT_GE(now_ns() - start, ms * 1000000L);
	return NULL;
}

/* Different lengths at once: together they take as long as the longest, not the sum. */
TEST(many_at_once)
{
	int64_t start = now_ns();
	pthread_t t[50];

	for (long i = 0; i < 50; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, sleep_thread, (void *)(10 + i * 2)), 0);
	for (int i = 0; i < 50; i++)
		pthread_join(t[i], NULL);
	EXPECT_GE(now_ns() - start, 108000000);
	EXPECT_LT(now_ns() - start, 2000000000);
}
