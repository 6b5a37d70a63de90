/* pipe and pipe2: errors and flags. */
#include "../lst.h"

static void run(void)
{
	int p[2] = { -7, -7 };

	EXPECT_FAIL(syscall(SYS_pipe, BAD_PTR), EFAULT);
	EXPECT_FAIL(syscall(SYS_pipe2, BAD_PTR, 0), EFAULT);
	EXPECT_FAIL(pipe2(p, O_APPEND), EINVAL);
	EXPECT_EQ(p[0], -7);
	EXPECT_OK(pipe2(p, O_CLOEXEC | O_NONBLOCK));
	EXPECT_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(p[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(fcntl(p[1], F_GETFL), O_WRONLY | O_NONBLOCK);
	EXPECT_OK(pipe(p));
	EXPECT_EQ(fcntl(p[1], F_GETFD), 0);
	EXPECT_FAIL(lseek(p[0], 0, SEEK_SET), ESPIPE);
}
