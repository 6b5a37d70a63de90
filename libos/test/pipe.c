/* pipe.c: the pipe ring against a model, its promises about small writes, ends, packets, tee. */
#include "ipc/pipe.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "test/ipc_env.h"

static uint8_t buf[200000];

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 131 + (i >> 8) * 17 + (i >> 16) * 7);
}

static void fill(uint64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = byte_at(from + i);
}

static void check_bytes(uint64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(buf[i], byte_at(from + i));
}

/* Random writes, reads and sizes; the model is two counters and the size. */
UNIT_TEST(pipe, model)
{
	uint64_t written = 0, got = 0;
	size_t size = PIPE_DEFAULT_SIZE;
	int fd[2];

	ipc_env_init();
	make_pipe(fd, O_NONBLOCK);
	for (int i = 0; i < 20000; i++) {
		size_t n = rng_u64() % (rng_u64() % 4 ? 6000 : 100000) + 1, used = written - got, room = size - used;
		long ret;

		switch (rng_u64() % 16) {
		case 0:
			n = 4096ul << rng_u64() % 8;
			ret = pipe_fcntl(ipc_file(fd[1]), F_SETPIPE_SZ, n);
			CHECK_EQ(ret, n < used ? -EBUSY : (long)n);
			size = ret > 0 ? n : size;
			break;
		case 1 ... 8:
			fill(written, n);
			ret = fd_write(fd[1], buf, n);
			if (n <= PIPE_BUF)
				CHECK_EQ(ret, n <= room ? (long)n : -EAGAIN);
			else
				CHECK_EQ(ret, room ? (long)MIN(n, room) : -EAGAIN);
			written += ret > 0 ? (uint64_t)ret : 0;
			break;
		default:
			ret = fd_read(fd[0], buf, n);
			CHECK_EQ(ret, used ? (long)MIN(n, used) : -EAGAIN);
			if (ret > 0)
				check_bytes(got, (size_t)ret);
			got += ret > 0 ? (uint64_t)ret : 0;
		}
		CHECK_EQ(!!(fd_poll(fd[0]) & EPOLLIN), written != got);
		CHECK_EQ(!!(fd_poll(fd[1]) & EPOLLOUT), size - (written - got) >= PIPE_BUF);
	}
	ipc_env_exit();
}

static int pair[2];
static void drain(void) { CHECK_EQ(fd_read(pair[0], buf, 5000), 5000); }

UNIT_TEST(pipe, blocked_writer_goes_on)
{
	ipc_env_init();
	make_pipe(pair, 0);
	fill(0, 65536);
	CHECK_EQ(fd_write(pair[1], buf, 65536), 65536);
	ipc_on_sleep = drain;
	CHECK_EQ(fd_write(pair[1], buf, 4096), 4096);
	CHECK(!ipc_on_sleep);
	ipc_env_exit();
}

static void close_writer(void) { fd_close(pair[1]); }
static void close_reader(void) { fd_close(pair[0]); }

UNIT_TEST(pipe, ends)
{
	ipc_env_init();
	make_pipe(pair, 0);
	ipc_on_sleep = close_writer;
	CHECK_EQ(fd_read(pair[0], buf, 10), 0);
	CHECK_EQ(fd_poll(pair[0]), EPOLLHUP);
	fd_close(pair[0]);
	make_pipe(pair, 0);
	CHECK_EQ(fd_write(pair[1], buf, 65536), 65536);
	ipc_on_sleep = close_reader;
	CHECK_EQ(fd_write(pair[1], buf, 10), -EPIPE);
	CHECK_EQ(current->sig_pending, sigmask_of(SIGPIPE));
	CHECK(fd_poll(pair[1]) & EPOLLERR);
	ipc_env_exit();
}

UNIT_TEST(pipe, interrupted)
{
	ipc_env_init();
	make_pipe(pair, 0);
	current->sig_pending = sigmask_of(SIGUSR1);
	CHECK_EQ(fd_read(pair[0], buf, 1), -ERESTARTSYS);
	CHECK_EQ(fd_write(pair[1], buf, 70000), 65536); /* what went in counts */
	ipc_env_exit();
}

UNIT_TEST(pipe, packets)
{
	int fd[2];

	ipc_env_init();
	make_pipe(fd, O_DIRECT | O_NONBLOCK);
	CHECK_EQ(fd_write(fd[1], "one", 3), 3);
	CHECK_EQ(fd_write(fd[1], "three", 5), 5);
	CHECK_EQ(fd_read(fd[0], buf, 100), 3);
	CHECK_EQ(fd_read(fd[0], buf, 2), 2);
	CHECK_EQ(fd_read(fd[0], buf, 100), -EAGAIN); /* the rest of the packet is lost */
	CHECK_EQ(pipe_fcntl(ipc_file(fd[0]), F_SETPIPE_SZ, 4096), 4096);
	CHECK_EQ(fd_write(fd[1], buf, 4096), 4092);
	CHECK_EQ(fd_write(fd[1], buf, 1), -EAGAIN);
	ipc_env_exit();
}

UNIT_TEST(pipe, tee)
{
	int a[2], b[2];

	ipc_env_init();
	make_pipe(a, O_NONBLOCK);
	make_pipe(b, O_NONBLOCK);
	fill(0, 50000);
	CHECK_EQ(fd_write(a[1], buf, 50000), 50000);
	CHECK_EQ(pipe_tee(ipc_file(a[0]), ipc_file(b[1]), 30000, 0), 30000);
	CHECK_EQ(pipe_tee(ipc_file(a[0]), ipc_file(b[1]), 1ul << 30, 0), 35536);
	CHECK_EQ(pipe_tee(ipc_file(a[0]), ipc_file(b[1]), 1, 0), -EAGAIN);
	CHECK_EQ(fd_read(b[0], buf, 30000), 30000);
	check_bytes(0, 30000);
	CHECK_EQ(fd_read(a[0], buf, 100000), 50000);
	check_bytes(0, 50000);
	ipc_env_exit();
}

UNIT_TEST(pipe, no_memory)
{
	int fd[2] = { -1, -1 };

	ipc_env_init();
	for (int i = 0; i < 5; i++) {
		long ret;

		unit_alloc_fail_after = i;
		ret = CALL(pipe2, (uint64_t)(uintptr_t)fd, O_NONBLOCK);
		CHECK(ret == 0 || ret == -ENOMEM);
		if (!ret)
			CHECK_EQ(fd_write(fd[1], "x", 1), -ENOMEM);
		unit_alloc_fail_after = -1;
	}
	CHECK_EQ(CALL(pipe2, 8, 0), -EFAULT);
	CHECK_EQ(CALL(pipe2, (uint64_t)(uintptr_t)fd, 1), -EINVAL);
	ipc_env_exit();
}
