/* record.c: see record.h. */
#include "hostcall/record.h"
#include "hostcall/internal.h"
#include "linux/errno.h"

int host_record_pair(int fds[2])
{
	struct ocall_pair a = { .fds = { -1, -1 } };
	int err = (int)ocall_run(OCALL_PAIR, &a, sizeof(a), 0);

	if (err)
		return err;
	if (a.fds[0] < 0 || a.fds[1] < 0 || a.fds[0] == a.fds[1])
		return -EIO;
	fds[0] = a.fds[0];
	fds[1] = a.fds[1];
	return 0;
}

int host_shutdown(int fd, int how)
{
	struct ocall_shutdown a = { .fd = fd, .how = how };

	return (int)ocall_run(OCALL_SHUTDOWN, &a, sizeof(a), 0);
}

long host_record_buffer(int fd, size_t bytes)
{
	struct ocall_send_buffer a = { .fd = fd, .bytes = (uint32_t)bytes };

	return ocall_run(OCALL_SEND_BUFFER, &a, sizeof(a), INT32_MAX);
}

ssize_t host_record_send(int fd, const void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = n };
	size_t max;
	long put;

	a.buf = ocall_data(&max);
	if (n > max)
		return -EMSGSIZE;
	copy_to_host(a.buf, buf, n);
	put = ocall_run(OCALL_WRITE, &a, sizeof(a), (int64_t)n);
	return put < 0 ? put : put == (long)n ? 0 : -EIO;
}

ssize_t host_records_receive(int fd, void *buf, size_t room, size_t want, size_t largest, size_t overhead)
{
	struct ocall_records a = { .fd = fd, .want = (uint32_t)want, .largest = (uint32_t)largest,
				   .overhead = (uint32_t)overhead };
	size_t max;
	long got;

	a.buf = ocall_data(&max);
	a.room = (uint32_t)MIN(room, max);
	got = ocall_run(OCALL_RECORDS, &a, sizeof(a), a.room);
	if (got > 0)
		copy_from_host(buf, ocall_data(&max), (size_t)got);
	return got;
}
