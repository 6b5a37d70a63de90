/*
 * getrusage and times: CPU time of this process, of its threads and of children that were waited
 * for; faults and memory are counted; sleeping costs nothing.
 */
#include "child.h"
#include <sys/mman.h>
#include <sys/times.h>

static int64_t ru_ms(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000LL +
	       (ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1000;
}

static int64_t used_ms(int who)
{
	struct rusage ru;

	EXPECT_OK(getrusage(who, &ru));
	return ru_ms(&ru);
}

static void burn(int ms)
{
	struct timespec t;
	int64_t end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	end = t.tv_sec * 1000LL + t.tv_nsec / 1000000 + ms;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	while (t.tv_sec * 1000LL + t.tv_nsec / 1000000 < end);
}

ROLE(burn)
{
	burn(atoi(argv[0]));
	return 0;
}

TEST(self)
{
	int64_t before = used_ms(RUSAGE_SELF);

	burn(80);
	EXPECT_GE(used_ms(RUSAGE_SELF) - before, 70);
}

TEST(sleeping_is_free)
{
	int64_t before = used_ms(RUSAGE_SELF);

	sleep_ms(100);
	EXPECT_LT(used_ms(RUSAGE_SELF) - before, 60);
}

TEST(children_after_wait)
{
	int64_t before = used_ms(RUSAGE_CHILDREN);
	siginfo_t si;
	pid_t pid = spawn_self("burn", "80");

	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	EXPECT_LT(used_ms(RUSAGE_CHILDREN) - before, 10);
	EXPECT_EXIT(pid, 0);
	EXPECT_GE(used_ms(RUSAGE_CHILDREN) - before, 70);
}

ROLE(parent_of_burner)
{
	EXPECT_EXIT(spawn_self("burn", "80"), 0);
	return 0;
}

TEST(grandchildren_count)
{
	int64_t before = used_ms(RUSAGE_CHILDREN);

	EXPECT_EXIT(spawn_self("parent_of_burner"), 0);
	EXPECT_GE(used_ms(RUSAGE_CHILDREN) - before, 70);
}

static void *burn_thread(void *ms)
{
	*(int *)ms = -used_ms(RUSAGE_THREAD);
	burn(60);
	*(int *)ms += used_ms(RUSAGE_THREAD);
	return NULL;
}

TEST(threads)
{
	int64_t process = used_ms(RUSAGE_SELF), mine = used_ms(RUSAGE_THREAD);
	pthread_t t;
	int ms;

	EXPECT_EQ(pthread_create(&t, NULL, burn_thread, &ms), 0);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_GE(ms, 50);
	EXPECT_GE(used_ms(RUSAGE_SELF) - process, 50);
	EXPECT_LT(used_ms(RUSAGE_THREAD) - mine, 40);
}

TEST(process_times)
{
	struct tms a, b;
	clock_t ta = times(&a), tb;

	burn(100);
	EXPECT_EXIT(spawn_self("burn", "100"), 0);
	tb = times(&b);
	EXPECT_GE(tb - ta, 15);
	EXPECT_GE(b.tms_utime + b.tms_stime - a.tms_utime - a.tms_stime, 8);
	EXPECT_GE(b.tms_cutime + b.tms_cstime - a.tms_cutime - a.tms_cstime, 8);
}

TEST(memory_and_faults)
{
	struct rusage a, b;
	size_t len = 32UL << 20;
	char *p = EXPECT_OK((char *)mmap(NULL, len, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_OK(getrusage(RUSAGE_SELF, &a));
	memset(p, 1, len);
	EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	EXPECT_GT(b.ru_minflt, a.ru_minflt);
	EXPECT_GE(b.ru_maxrss, (long)(len >> 10));
	EXPECT_OK(munmap(p, len));
	EXPECT_OK(getrusage(RUSAGE_SELF, &b));
	EXPECT_GE(b.ru_maxrss, (long)(len >> 10));
}

TEST(errors)
{
	struct rusage ru;

	EXPECT_ERRNO(getrusage(55, &ru), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getrusage, RUSAGE_SELF, (void *)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_times, (void *)8), EFAULT);
}
