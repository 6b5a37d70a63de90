/* timerfd_create and timerfd_settime: arguments they refuse. */
#include "../lst.h"
#include <sys/timerfd.h>

static void run(void)
{
	struct itimerspec its = { { 0, 0 }, { 0, 1000000000 } }, ok = { { 0, 0 }, { 100, 0 } }, old;
	int fd, file = new_file("f", "", 0);

	EXPECT_FAIL(timerfd_create(99, 0), EINVAL);
	EXPECT_FAIL(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	EXPECT_FAIL(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	fd = EXPECT_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	EXPECT_FAIL(timerfd_settime(fd, 0, &its, NULL), EINVAL);
	EXPECT_FAIL(timerfd_settime(fd, 8, &ok, NULL), EINVAL);
	EXPECT_FAIL(timerfd_settime(file, 0, &ok, NULL), EINVAL);
	EXPECT_FAIL(timerfd_settime(BAD_FD, 0, &ok, NULL), EBADF);
	EXPECT_FAIL(timerfd_settime(fd, 0, BAD_PTR, NULL), EFAULT);
	EXPECT_OK(timerfd_settime(fd, 0, &ok, NULL));
	EXPECT_OK(timerfd_settime(fd, 0, &ok, &old));
	EXPECT(old.it_value.tv_sec == 99 || old.it_value.tv_sec == 100);
	EXPECT_FAIL(timerfd_gettime(file, &old), EINVAL);
	EXPECT_FAIL(timerfd_gettime(BAD_FD, &old), EBADF);
	EXPECT_FAIL(timerfd_gettime(fd, BAD_PTR), EFAULT);
}
