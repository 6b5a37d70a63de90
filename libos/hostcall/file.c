/* file.c: host files and terminals. Paths and data travel through the vCPU's slice of the shared area. */
#include "hostcall/hostcall.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/internal.h"
#include "linux/errno.h"

#define FD_LIMIT INT32_MAX
#define PATH_LIMIT 4096

/* Puts path at the start of the data area; *used its bytes rounded up to 8. */
static int put_path(const char *path, haddr_t *where, uint32_t *len, size_t *used)
{
	size_t n = strlen(path), max;

	if (n >= PATH_LIMIT)
		return -ENAMETOOLONG;
	*where = ocall_data(&max);
	copy_to_host(*where, path, n + 1);
	*len = (uint32_t)n;
	*used = ALIGN_UP(n + 1, 8);
	return 0;
}

int host_open(const char *path, unsigned flags, unsigned mode)
{
	struct ocall_open a = { .flags = flags, .mode = mode };
	haddr_t where;
	uint32_t len;
	size_t used;
	int err = put_path(path, &where, &len, &used);

	if (err)
		return err;
	a.path = where;
	a.path_len = len;
	return (int)ocall_run(OCALL_OPEN, &a, sizeof(a), FD_LIMIT);
}

static int fd_call(enum ocall_nr nr, int fd)
{
	struct ocall_fd a = { .fd = fd };

	return (int)ocall_run(nr, &a, sizeof(a), 0);
}

void host_close(int fd)
{
	(void)fd_call(OCALL_CLOSE, fd);
}

int host_fsync(int fd)
{
	return fd_call(OCALL_FSYNC, fd);
}

ssize_t host_pread(int fd, void *buf, size_t n, uint64_t off)
{
	size_t done = 0, max;

	while (done < n) {
		struct ocall_rw a = { .fd = fd, .off = off + done };
		long got;

		a.buf = ocall_data(&max);
		a.len = MIN(n - done, max);
		got = ocall_run(OCALL_PREAD, &a, sizeof(a), (int64_t)MIN(n - done, max));
		if (got < 0)
			return done ? (ssize_t)done : got;
		if (!got)
			break;
		copy_from_host((char *)buf + done, ocall_data(&max), (size_t)got);
		done += (size_t)got;
	}
	return (ssize_t)done;
}

ssize_t host_pwrite(int fd, const void *buf, size_t n, uint64_t off)
{
	size_t done = 0, max;

	while (done < n) {
		struct ocall_rw a = { .fd = fd, .off = off + done };
		size_t step;
		long put;

		a.buf = ocall_data(&max);
		step = MIN(n - done, max);
		a.len = step;
		copy_to_host(a.buf, (const char *)buf + done, step);
		put = ocall_run(OCALL_PWRITE, &a, sizeof(a), (int64_t)step);
		if (put <= 0)
			return done ? (ssize_t)done : put;
		done += (size_t)put;
	}
	return (ssize_t)done;
}

ssize_t host_append(int fd, const void *buf, size_t n, uint64_t *end)
{
	struct ocall_rw a = { .fd = fd };
	size_t max;
	long put;

	a.buf = ocall_data(&max);
	a.len = MIN(n, MIN(max, HOST_APPEND_MAX));
	copy_to_host(a.buf, buf, a.len);
	n = a.len;
	put = ocall_run(OCALL_APPEND, &a, sizeof(a), (int64_t)n);
	if (put > 0 && (a.off < (uint64_t)put || a.off > INT64_MAX))
		return -EIO;
	*end = a.off;
	return put;
}

static int stat_result(struct ocall_stat *a, struct host_stat *st)
{
	int err = (int)ocall_run(OCALL_STAT, a, sizeof(*a), 0);

	if (err)
		return err;
	*st = a->st;
	if (st->atime_nsec >= NSEC_PER_SEC || st->mtime_nsec >= NSEC_PER_SEC || st->ctime_nsec >= NSEC_PER_SEC ||
	    (int64_t)st->size < 0)
		return -EIO;
	return 0;
}

int host_fstat(int fd, struct host_stat *st)
{
	struct ocall_stat a = { .fd = fd };

	return stat_result(&a, st);
}

int host_lstat(const char *path, struct host_stat *st)
{
	struct ocall_stat a = { .fd = -1 };
	haddr_t where;
	uint32_t len;
	size_t used;
	int err = put_path(path, &where, &len, &used);

	if (err)
		return err;
	a.path = where;
	a.path_len = len;
	return stat_result(&a, st);
}

ssize_t host_readlink(const char *path, char *buf, size_t size)
{
	struct ocall_readlink a = { 0 };
	haddr_t where;
	uint32_t len;
	size_t used;
	long n = put_path(path, &where, &len, &used);

	if (n)
		return n;
	a.path = where;
	a.path_len = len;
	a.buf = where + used;
	a.size = (uint32_t)MIN(size, (size_t)PATH_LIMIT);
	n = ocall_run(OCALL_READLINK, &a, sizeof(a), (int64_t)MIN(size, (size_t)PATH_LIMIT));
	if (n > 0)
		copy_from_host(buf, where + used, (size_t)n);
	return n;
}

/* Every record lies inside the n bytes, has a name without '/' or NUL that fits, and moves forward. */
static bool dirents_ok(const char *buf, size_t n)
{
	for (size_t at = 0; at < n;) {
		const struct host_dirent *d = (const struct host_dirent *)(buf + at);

		if (n - at < sizeof(*d) || d->reclen < sizeof(*d) || d->reclen > n - at)
			return false;
		if (!d->name_len || d->name_len > d->reclen - sizeof(*d))
			return false;
		if (memchr(d->name, '/', d->name_len) || memchr(d->name, 0, d->name_len))
			return false;
		at += d->reclen;
	}
	return true;
}

ssize_t host_getdents(int fd, void *buf, size_t n, uint64_t *cookie)
{
	struct ocall_rw a = { .fd = fd, .off = *cookie };
	size_t max;
	long got;

	a.buf = ocall_data(&max);
	a.len = MIN(n, max);
	got = ocall_run(OCALL_GETDENTS, &a, sizeof(a), (int64_t)MIN(n, max));
	if (got <= 0)
		return got;
	copy_from_host(buf, ocall_data(&max), (size_t)got);
	if (!dirents_ok(buf, (size_t)got)) {
		log_error("host returned a malformed directory listing");
		return -EIO;
	}
	*cookie = a.off;
	return got;
}

int host_path_op(enum host_path_op op, const char *path, const char *path2, unsigned mode)
{
	struct ocall_path_op a = { .op = op, .mode = mode };
	haddr_t where;
	uint32_t len;
	size_t used, n2 = path2 ? strlen(path2) : 0;
	int err = put_path(path, &where, &len, &used);

	if (err)
		return err;
	if (n2 >= PATH_LIMIT)
		return -ENAMETOOLONG;
	a.path = where;
	a.path_len = len;
	if (path2) {
		a.path2 = where + used;
		a.path2_len = (uint32_t)n2;
		copy_to_host(where + used, path2, n2 + 1);
	}
	return (int)ocall_run(OCALL_PATH_OP, &a, sizeof(a), 0);
}

int host_setattr(const char *path, struct ocall_setattr *a)
{
	haddr_t where;
	uint32_t len;
	size_t used;
	int err = put_path(path, &where, &len, &used);

	if (err)
		return err;
	a->path = where;
	a->path_len = len;
	return (int)ocall_run(OCALL_SETATTR, a, sizeof(*a), 0);
}

int host_statfs(const char *path, struct ocall_statfs *out)
{
	haddr_t where;
	uint32_t len;
	size_t used;
	int err = put_path(path, &where, &len, &used);

	if (err)
		return err;
	out->path = where;
	out->path_len = len;
	return (int)ocall_run(OCALL_STATFS, out, sizeof(*out), 0);
}

int host_poll_now(int fd, unsigned events)
{
	struct ocall_poll a = { .fd = fd, .events = events };

	return (int)ocall_run(OCALL_POLL, &a, sizeof(a), 0xffff);
}

long host_tty(int fd, unsigned cmd, void *buf, size_t len)
{
	struct ocall_tty a = { .fd = fd, .cmd = cmd, .len = (uint32_t)len };
	size_t max;
	long ret;

	assert(len <= 256);
	a.buf = ocall_data(&max);
	copy_to_host(a.buf, buf, len);
	ret = ocall_run(OCALL_TTY, &a, sizeof(a), INT32_MAX);
	if (ret >= 0)
		copy_from_host(buf, ocall_data(&max), len);
	return ret;
}

void host_text(const char *path, uint64_t addr, uint64_t len, uint64_t offset)
{
	struct ocall_text a = { .addr = addr, .len = len, .offset = offset };
	haddr_t where;
	uint32_t n;
	size_t used;

	if (put_path(path, &where, &n, &used))
		return;
	a.path = where;
	a.path_len = n;
	(void)ocall_run(OCALL_TEXT, &a, sizeof(a), 0);
}

/* A table larger than the slice's data area is fetched into the first bytes only: refused. */
struct site_table *host_sites(const char *path)
{
	struct ocall_sites a = { 0 };
	struct site_table *t;
	haddr_t where;
	uint32_t len;
	size_t used, max;
	long n;

	if (put_path(path, &where, &len, &used))
		return NULL;
	ocall_data(&max);
	a.path = where;
	a.path_len = len;
	a.buf = where + used;
	a.size = max - used;
	n = ocall_run(OCALL_SITES, &a, sizeof(a), (int64_t)(max - used));
	if (n < (long)sizeof(*t))
		return NULL;
	t = kmalloc((size_t)n);
	if (!t)
		return NULL;
	copy_from_host(t, where + used, (size_t)n);
	if (t->magic != SITES_MAGIC || t->count > ((size_t)n - sizeof(*t)) / sizeof(struct site)) {
		kfree(t);
		return NULL;
	}
	return t;
}
