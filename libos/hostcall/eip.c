/* eip.c: starting another enclave, and the byte stream to it. See eip.h. */
#include "hostcall/eip.h"
#include "abi/boot.h"
#include "abi/hostctl.h"
#include "hostcall/async.h"
#include "hostcall/hostcall.h"
#include "hostcall/internal.h"
#include "linux/errno.h"

/* A local socket that says it can take more has at least three quarters of its buffer (208 KiB) left: room for what goes into
 * a slot, so a write at once does not block. */
#define POLL_IN 1u
#define POLL_OUT 4u

_Static_assert(BOOT_EIP_FDS_MAX * sizeof(int) <= ASYNC_DATA_SIZE, "the list fits a slot's buffer");

int host_eip_spawn(const int *fds, unsigned int n)
{
	struct ocall_eip_spawn a = { .count = n };
	struct async_call c = { .nr = OCALL_EIP_SPAWN, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_eip_spawn, fds), .data = (void *)fds,
				.out_len = n * sizeof(*fds), .unbreakable = true, .ret_max = INT32_MAX };

	return (int)async_run(&c);
}

void host_eip_mark(enum eip_mark mark)
{
	struct ocall_eip_mark a = { .mark = mark };

	(void)ocall_run(OCALL_EIP_MARK, &a, sizeof(a), 0);
}

static long write_some(int fd, const void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = n };
	size_t max;
	struct async_call c = { .nr = OCALL_WRITE, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_rw, buf), .data = (void *)buf, .out_len = n,
				.unbreakable = true };

	if (!(host_poll_now(fd, POLL_OUT) & (int)POLL_OUT))
		return async_run(&c);
	a.buf = ocall_data(&max);
	copy_to_host(a.buf, buf, n);
	return ocall_run(OCALL_WRITE, &a, sizeof(a), (int64_t)n);
}

int host_stream_write(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n) {
		long put = write_some(fd, p, MIN(n, (size_t)ASYNC_DATA_SIZE));

		if (put == -EINTR)
			continue;
		if (put <= 0)
			return put ? (int)put : -EIO;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

static long read_now(int fd, void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = n };
	size_t max;
	long got;

	a.buf = ocall_data(&max);
	got = ocall_run(OCALL_READ, &a, sizeof(a), (int64_t)n);
	if (got > 0)
		copy_from_host(buf, ocall_data(&max), (size_t)got);
	return got;
}

ssize_t host_stream_read(int fd, void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = MIN(n, (size_t)ASYNC_DATA_SIZE) };
	struct async_call c = { .nr = OCALL_READ, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_rw, buf), .data = buf, .in_max = a.len,
				.unbreakable = true };
	long got;

	do
		got = host_poll_now(fd, POLL_IN) > 0 ? read_now(fd, buf, c.in_max) : async_run(&c);
	while (got == -EINTR);
	return got;
}
