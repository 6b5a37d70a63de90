/* getrusage and times: errors, and a child's time that arrives by waiting. */
#include "../lst.h"
#include <sys/resource.h>
#include <sys/times.h>

static void run(void)
{
	struct rusage ru;
	struct tms t;
	pid_t pid;

	EXPECT_FAIL(getrusage(99, &ru), EINVAL);
	EXPECT_FAIL(syscall(SYS_getrusage, RUSAGE_SELF, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_times, BAD_PTR), EFAULT);
	EXPECT_OK(getrusage(RUSAGE_THREAD, &ru));
	EXPECT_OK(getrusage(RUSAGE_CHILDREN, &ru));
	EXPECT_EQ(ru.ru_utime.tv_sec * 1000000L + ru.ru_utime.tv_usec, 0);
	pid = FORK();
	if (!pid) {
		struct timespec cpu;

		do
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
		while (!cpu.tv_sec && cpu.tv_nsec < 60000000);
		_exit(0);
	}
	MUST(waitid(P_PID, pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT));
	MUST(getrusage(RUSAGE_CHILDREN, &ru));
	EXPECT_EQ(ru.ru_utime.tv_sec * 1000000L + ru.ru_utime.tv_usec, 0);
	EXPECT_EXIT(pid, 0);
	MUST(getrusage(RUSAGE_CHILDREN, &ru));
	EXPECT_GT(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec, 5000);
	EXPECT_OK(times(&t));
	EXPECT_GT(t.tms_cutime + t.tms_cstime, 0);
}
