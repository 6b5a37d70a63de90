/*
 * The monotonic clock never goes back: not within a thread, not from one thread (or CPU) to
 * another, not from one process to the next, not over sleeps.
 */
#include "../test.h"
#include <sched.h>
#include <stdatomic.h>

static _Atomic int64_t latest;
static atomic_int backwards;

/* Takes a time that must not be before one that any thread has published already. */
static void *race(void *arg)
{
	for (int i = 0; i < 60000; i++) {
		int64_t seen = atomic_load(&latest), now = now_ns();

		if (now < seen)
			atomic_fetch_add(&backwards, 1);
		while (now > seen && !atomic_compare_exchange_weak(&latest, &seen, now))
			;
		if (i % 1000 == 0)
			sched_yield();
	}
	return arg;
}

TEST(between_threads)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, race, NULL), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	EXPECT_EQ(atomic_load(&backwards), 0);
}

TEST(between_cpus)
{
	cpu_set_t all, one;
	int64_t last = now_ns();

	EXPECT_OK(sched_getaffinity(0, sizeof(all), &all));
	for (int round = 0; round < 50; round++)
		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
			int64_t now;

			if (!CPU_ISSET(cpu, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			EXPECT_OK(sched_setaffinity(0, sizeof(one), &one));
			now = now_ns();
			EXPECT_GE(now, last);
			last = now;
		}
	EXPECT_OK(sched_setaffinity(0, sizeof(all), &all));
}

ROLE(child_time)
{
	int64_t now = now_ns(), parent = strtoll(argv[0], NULL, 10);

	EXPECT_GE(now, parent);
	EXPECT_LT(now, parent + 15000000000);
	printf("%lld", (long long)now_ns());
	return 0;
}

TEST(between_processes)
{
	for (int i = 0; i < 10; i++) {
		posix_spawn_file_actions_t fa;
		char num[32], buf[32] = "";
		int fd[2];
		pid_t pid;

		EXPECT_OK(pipe2(fd, O_CLOEXEC));
		posix_spawn_file_actions_init(&fa);
		posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
		snprintf(num, sizeof(num), "%lld", (long long)now_ns());
		pid = spawn_self_with(&fa, NULL, "child_time", num);
		posix_spawn_file_actions_destroy(&fa);
		close(fd[1]);
		EXPECT_GT(read(fd[0], buf, sizeof(buf) - 1), 0);
		EXPECT_GE(now_ns(), strtoll(buf, NULL, 10));
		EXPECT_EXIT(pid, 0);
		close(fd[0]);
	}
}

TEST(over_sleeps)
{
	int64_t last = now_ns();

	for (int i = 0; i < 30; i++) {
		sleep_ms(2);
		EXPECT_GE(now_ns() - last, 2000000);
		last = now_ns();
	}
}

/*
 * The difference of neighbouring readings is small now and then: the clock does not tick in
 * milliseconds.
 */
TEST(fine_steps)
{
	int64_t smallest = INT64_MAX, last = now_ns();

	for (int i = 0; i < 100000; i++) {
		int64_t now = now_ns();

		if (now > last && now - last < smallest)
			smallest = now - last;
		last = now;
	}
	EXPECT_LT(smallest, 20000);
}
