/* gettimeofday and time: bad addresses, and that both agree. */
#include "../lst.h"
#include <sys/time.h>

static void run(void)
{
	struct timeval tv;
	time_t a = time(NULL), b;

	EXPECT_OK(syscall(SYS_gettimeofday, &tv, NULL));
	EXPECT_LE(labs(tv.tv_sec - a), 1);
	EXPECT(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
	EXPECT_FAIL(syscall(SYS_gettimeofday, BAD_PTR, NULL), EFAULT);
	EXPECT_FAIL(syscall(SYS_gettimeofday, NULL, BAD_PTR), EFAULT);
	EXPECT_OK(syscall(SYS_gettimeofday, NULL, NULL));
	EXPECT_FAIL(syscall(SYS_time, BAD_PTR), EFAULT);
	EXPECT_LE(labs(syscall(SYS_time, &b) - a), 1);
	EXPECT_LE(labs(b - a), 1);
}
