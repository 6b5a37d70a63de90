/* socket: families, types and protocols that do not exist. */
#include "../lst.h"
#include <sys/socket.h>

static void run(void)
{
	int fd;

	EXPECT_FAIL(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_FAIL(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_FAIL(socket(AF_UNIX, 99, 0), EINVAL);
	EXPECT_FAIL(socket(AF_UNIX, -1, 0), EINVAL);
	EXPECT_FAIL(socket(AF_UNIX, SOCK_STREAM, 99), EPROTONOSUPPORT);
	fd = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	EXPECT_FAIL(read(fd, &fd, 1), EINVAL);
	EXPECT_FAIL(lseek(fd, 0, SEEK_SET), ESPIPE);
	EXPECT_FAIL(ftruncate(fd, 0), EINVAL);
	EXPECT_FAIL(fsync(fd), EINVAL);
}
