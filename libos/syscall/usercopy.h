/* usercopy.h: the one door between LibOS and process memory.
 *
 * Every copy checks that the range belongs to the current process and is mapped with the right
 * permission, and brings missing pages in; so it may sleep (file-backed pages). -EFAULT otherwise.
 * Copy once, validate the copy, use only the copy. */
#pragma once
#include "base/types.h"

int copy_from_user(void *dst, uaddr_t src, size_t n) must_check;
int copy_to_user(uaddr_t dst, const void *src, size_t n) must_check;
int clear_user(uaddr_t dst, size_t n) must_check;
/* Copies a terminated string; its length without NUL, -EFAULT, or -ENAMETOOLONG if it needs >= size. */
ssize_t strncpy_from_user(char *dst, uaddr_t src, size_t size) must_check;
/* A kernel copy of a path (at most PATH_MAX incl. NUL): *out to be kfree'd. -ENOENT if empty unless allow_empty. */
int path_from_user(uaddr_t src, bool allow_empty, char **out) must_check;

/* A range that is present and may be accessed directly (write: be written too) until something sleeps; NULL: -EFAULT. May
 * sleep itself, before. Other threads of the process may write there at any time: what is checked is a copy. */
void *user_map(uaddr_t addr, size_t n, bool write) must_check;

#define get_user(x, uaddr) copy_from_user(&(x), (uaddr), sizeof(x))
#define put_user(x, uaddr) ({ __typeof__(x) _v = (x); copy_to_user((uaddr), &_v, sizeof(_v)); })

/* Atomic 32-bit operations on user memory, for futexes and robust lists. */
int user_load32(uaddr_t addr, uint32_t *val) must_check;
int user_cmpxchg32(uaddr_t addr, uint32_t old, uint32_t new_val, uint32_t *seen) must_check;

/* A user buffer list or a LibOS buffer, consumed from the front. */
struct iovec {
	uaddr_t base;
	size_t len;
};
#define IOV_INLINE 8
#define IOV_MAX 1024
struct iov_iter {
	bool kernel;              /* base is a LibOS address, not a user one */
	struct iovec *vec;        /* array of segs entries; may be inline_vec or kmalloc'ed */
	size_t segs;
	size_t offset;            /* into vec[0] */
	size_t count;             /* bytes left */
	struct iovec *allocated;
	struct iovec inline_vec[IOV_INLINE];
};
int iov_iter_user(struct iov_iter *it, uaddr_t buf, size_t len) must_check; /* -EFAULT if out of user range */
void iov_iter_kernel(struct iov_iter *it, void *buf, size_t len);
/* From struct iovec[] in user memory: -EINVAL (count > IOV_MAX, sum overflows), -EFAULT, -ENOMEM. */
int iov_iter_user_vec(struct iov_iter *it, uaddr_t uvec, size_t count) must_check;
void iov_iter_free(struct iov_iter *it);
/* Bytes moved: n, or fewer (>0) when a fault came in between, or -EFAULT if nothing moved. */
ssize_t copy_to_iter(const void *src, size_t n, struct iov_iter *it);
ssize_t copy_from_iter(void *dst, size_t n, struct iov_iter *it);
ssize_t zero_iter(size_t n, struct iov_iter *it);
void iov_iter_truncate(struct iov_iter *it, size_t max);
