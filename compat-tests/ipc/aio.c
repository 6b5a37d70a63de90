/*
 * Kernel asynchronous I/O: operations and their results, waiting for them, eventfds that are told,
 * and every refusal of the calls.
 */
#include "ipc.h"
#include <linux/aio_abi.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

static aio_context_t setup(unsigned n)
{
	aio_context_t c = 0;

	EXPECT_OK(syscall(SYS_io_setup, n, &c));
	EXPECT_NE(c, 0);
	return c;
}

static long submit(aio_context_t c, long n, struct iocb **list)
{
	return syscall(SYS_io_submit, c, n, list);
}

static long get(aio_context_t c, long min, long n, struct io_event *e, int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	return syscall(SYS_io_getevents, c, min, n, e, ms < 0 ? NULL : &ts);
}

static struct iocb request(int op, int fd, void *buf, size_t n, long long pos)
{
	return (struct iocb){ .aio_lio_opcode = op, .aio_fildes = fd, .aio_buf = (uintptr_t)buf, .aio_nbytes = n,
			      .aio_offset = pos, .aio_data = 42 };
}

TEST(read_and_write)
{
	int fd = tmp_file("f", "0123456789", 10);
	aio_context_t c = setup(8);
	char a[4] = "", b[4] = "";
	struct iovec v[2] = { { a, 2 }, { b, 2 } };
	struct iocb w = request(IOCB_CMD_PWRITE, fd, "AB", 2, 3), r = request(IOCB_CMD_PREADV, fd, v, 2, 2);
	struct iocb s = request(IOCB_CMD_FSYNC, fd, NULL, 0, 0);
	struct iocb *list[] = { &w, &r, &s };
	struct io_event e[4];
	int seen = 0;

	EXPECT_EQ(submit(c, 1, &list[0]), 1);
	EXPECT_EQ(get(c, 1, 4, e, -1), 1);
	EXPECT_EQ(e[0].data, 42);
	EXPECT_EQ(e[0].obj, (uintptr_t)&w);
	EXPECT_EQ(e[0].res, 2);
	EXPECT_EQ(submit(c, 2, &list[1]), 2);
	while (seen < 2)
		seen += EXPECT_OK(get(c, 1, 2, e + seen, -1));
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(e[i].res, e[i].obj == (uintptr_t)&r ? 4 : 0);
	EXPECT_MEM(a, "2A", 2);
	EXPECT_MEM(b, "B5", 2);
	EXPECT_EQ(get(c, 0, 4, e, 0), 0);
	EXPECT_OK(syscall(SYS_io_destroy, c));
	EXPECT_ERRNO(syscall(SYS_io_destroy, c), EINVAL);
	close(fd);
}

TEST(refusals)
{
	int fd = tmp_file("f", "0123456789", 10), ro = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	aio_context_t c = 0, used = 1;
	char buf[4];
	struct iocb r = request(IOCB_CMD_PREAD, 9999, buf, 4, 0), *list[] = { &r, bad_ptr() };
	struct io_event e;

	EXPECT_ERRNO(syscall(SYS_io_setup, 0, &c), EINVAL);
	EXPECT_ERRNO(syscall(SYS_io_setup, 1, &used), EINVAL);
	EXPECT_ERRNO(syscall(SYS_io_setup, 1, bad_ptr()), EFAULT);
	c = setup(4);
	EXPECT_ERRNO(submit(0, 1, list), EINVAL);
	EXPECT_ERRNO(submit(c, -1, list), EINVAL);
	EXPECT_EQ(submit(c, 0, list), 0);
	EXPECT_ERRNO(submit(c, 1, list), EBADF);
	EXPECT_ERRNO(submit(c, 1, &list[1]), EFAULT);
	EXPECT_ERRNO(submit(c, 1, bad_ptr()), EFAULT);
	r.aio_fildes = fd;
	r.aio_lio_opcode = 99;
	EXPECT_ERRNO(submit(c, 1, list), EINVAL);
	r.aio_lio_opcode = IOCB_CMD_PWRITE;
	r.aio_fildes = ro;
	EXPECT_ERRNO(submit(c, 1, list), EBADF);
	r.aio_fildes = fd;
	EXPECT_EQ(submit(c, 2, list), 1);	/* the second is bad: the first counts */
	EXPECT_EQ(get(c, 1, 1, &e, -1), 1);
	EXPECT_ERRNO(get(c, -1, 1, &e, 0), EINVAL);
	EXPECT_ERRNO(get(c, 2, 1, &e, 0), EINVAL);
	EXPECT_ERRNO(get(0, 0, 1, &e, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_io_cancel, c, bad_ptr(), &e), EFAULT);
	EXPECT_ERRNO(syscall(SYS_io_cancel, c, &r, &e), EINVAL);
	EXPECT_OK(syscall(SYS_io_destroy, c));
	close(fd);
	close(ro);
}

TEST(told_by_eventfd)
{
	int fd = tmp_file("f", "0123456789", 10), ev = EXPECT_OK(eventfd(0, 0));
	aio_context_t c = setup(4);
	char buf[4];
	struct iocb r = request(IOCB_CMD_PREAD, fd, buf, 4, 8), *list[] = { &r };
	struct io_event e;
	uint64_t n;

	r.aio_flags = IOCB_FLAG_RESFD;
	r.aio_resfd = ev;
	EXPECT_EQ(submit(c, 1, list), 1);
	EXPECT_EQ(read(ev, &n, 8), 8);
	EXPECT_EQ(n, 1);
	EXPECT_EQ(get(c, 1, 1, &e, -1), 1);
	EXPECT_EQ(e.res, 2);
	r.aio_resfd = fd;
	EXPECT_ERRNO(submit(c, 1, list), EINVAL);
	EXPECT_OK(syscall(SYS_io_destroy, c));
	close(fd);
	close(ev);
}

TEST(waits_with_a_limit)
{
	aio_context_t c = setup(4);
	struct io_event e;
	int64_t before = now_ns();

	EXPECT_EQ(get(c, 1, 1, &e, 20), 0);
	EXPECT_GE(now_ns() - before, 15000000);
	EXPECT_OK(syscall(SYS_io_destroy, c));
}
