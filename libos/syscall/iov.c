/* iov.c: lists of buffers, consumed from the front. */
#include "base/heap.h"
#include "base/string.h"
#include "abi/layout.h"
#include "linux/errno.h"
#include "syscall/usercopy.h"

#define TASK_SIZE (1UL << 47) /* what Linux takes for a user address */

#define TASK_SIZE (1UL << 47) /* what programs are told; lengths may reach behind ELRANGE */

/* Field by field: the inline segments need no zeroing on every read and write. */
static void iov_init(struct iov_iter *it, bool kernel, size_t segs, size_t count)
{
	it->kernel = kernel;
	it->vec = it->inline_vec;
	it->segs = segs;
	it->offset = 0;
	it->count = count;
	it->allocated = NULL;
}

int iov_iter_user(struct iov_iter *it, uaddr_t buf, size_t len)
{
	uaddr_t end;

	if (__builtin_add_overflow(buf, len, &end) || (len && end > TASK_SIZE))
		return -EFAULT;
	len = MIN(len, 0x7ffff000UL); /* MAX_RW_COUNT, read(2) */
	if (len && buf >= ELRANGE_END)
		return -EFAULT;
	iov_init(it, false, 1, len);
	it->inline_vec[0] = (struct iovec){ buf, len };
	return 0;
}

void iov_iter_kernel(struct iov_iter *it, void *buf, size_t len)
{
	iov_init(it, true, 1, len);
	it->inline_vec[0] = (struct iovec){ (uaddr_t)buf, len };
}

static int iov_sum(struct iov_iter *it)
{
	it->count = 0;
	for (size_t i = 0; i < it->segs; i++) {
		uaddr_t end;

		if ((ssize_t)it->vec[i].len < 0)
			return -EINVAL;
		if (__builtin_add_overflow(it->vec[i].base, it->vec[i].len, &end) ||
		    (it->vec[i].len && end > ELRANGE_END))
			return -EFAULT;
		if (it->vec[i].len > 0x7ffff000UL - it->count)
			it->vec[i].len = 0x7ffff000UL - it->count;
		it->count += it->vec[i].len;
	}
	return 0;
}

int iov_iter_user_vec(struct iov_iter *it, uaddr_t uvec, size_t count)
{
	int err;

	if (count > IOV_MAX)
		return -EINVAL;
	iov_init(it, false, count, 0);
	if (count > IOV_INLINE) {
		it->allocated = kmalloc(count * sizeof(struct iovec));
		if (!it->allocated)
			return -ENOMEM;
		it->vec = it->allocated;
	}
	err = copy_from_user(it->vec, uvec, count * sizeof(struct iovec));
	if (!err)
		err = iov_sum(it);
	if (err)
		iov_iter_free(it);
	return err;
}

void iov_iter_free(struct iov_iter *it)
{
	kfree(it->allocated);
	it->allocated = NULL;
}

/* The current piece, at most n bytes: its address; *len its length. 0 when nothing is left. */
static uaddr_t iov_piece(struct iov_iter *it, size_t n, size_t *len)
{
	while (it->segs && it->offset == it->vec->len) {
		it->vec++;
		it->segs--;
		it->offset = 0;
	}
	if (!it->segs) {
		*len = 0;
		return 0;
	}
	*len = MIN(MIN(n, it->vec->len - it->offset), it->count);
	return it->vec->base + it->offset;
}

static void iov_consume(struct iov_iter *it, size_t n)
{
	it->offset += n;
	it->count -= n;
}

enum iov_dir { IOV_TO, IOV_FROM, IOV_ZERO };

static int piece_copy(struct iov_iter *it, enum iov_dir dir, uaddr_t addr, char *buf, size_t len)
{
	if (!it->kernel) {
		if (dir == IOV_TO)
			return copy_to_user(addr, buf, len);
		return dir == IOV_FROM ? copy_from_user(buf, addr, len) : clear_user(addr, len);
	}
	if (dir == IOV_TO)
		memcpy((void *)addr, buf, len);
	else if (dir == IOV_FROM)
		memcpy(buf, (const void *)addr, len);
	else
		memset((void *)addr, 0, len);
	return 0;
}

/* Up to a page boundary at a time, so that a fault in the middle leaves what came before it. */
static ssize_t iov_copy(struct iov_iter *it, enum iov_dir dir, char *buf, size_t n)
{
	size_t done = 0;

	n = MIN(n, it->count);
	while (done < n) {
		size_t len;
		uaddr_t addr = iov_piece(it, n - done, &len);
		int err;

		if (!len)
			break;
		err = piece_copy(it, dir, addr, buf ? buf + done : NULL, len);
		if (err && len > PAGE_SIZE - (addr & (PAGE_SIZE - 1))) {
			len = PAGE_SIZE - (addr & (PAGE_SIZE - 1));
			err = piece_copy(it, dir, addr, buf ? buf + done : NULL, len);
		}
		if (err)
			return done ? (ssize_t)done : err;
		iov_consume(it, len);
		done += len;
	}
	return (ssize_t)done;
}

ssize_t copy_to_iter(const void *src, size_t n, struct iov_iter *it)
{
	return iov_copy(it, IOV_TO, (char *)src, n);
}

ssize_t copy_from_iter(void *dst, size_t n, struct iov_iter *it)
{
	return iov_copy(it, IOV_FROM, dst, n);
}

ssize_t zero_iter(size_t n, struct iov_iter *it)
{
	return iov_copy(it, IOV_ZERO, NULL, n);
}

void iov_iter_truncate(struct iov_iter *it, size_t max)
{
	it->count = MIN(it->count, max);
}
