/* file.c: the host's files for the LibOS. See file.h.
 *
 * Everything is opened close-on-exec, without becoming a controlling terminal and without blocking on
 * a FIFO that took a file's place. Paths are copied out of the shared area first: they come with a
 * length, and the system calls want a terminator. What is created gets exactly the mode asked for: the
 * LibOS has applied its program's umask, ours must not come on top. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ocall/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "libos/abi/hostfile.h"

#define RETRY(expr) ({ long _r; do _r = (long)(expr); while (_r < 0 && errno == EINTR); _r; })

static int64_t result(long r)
{
	return r < 0 ? -errno : r;
}

static int path_copy(char dst[PATH_MAX], uint64_t path, uint32_t len)
{
	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(dst, (const void *)path, len);
	dst[len] = 0;
	return strlen(dst) == len ? 0 : -EINVAL;
}

void ocall_open(struct ocall_open *a)
{
	char path[PATH_MAX];
	int flags = (int)a->flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int err = path_copy(path, a->path, a->path_len);

	a->ret = err ? err : result(RETRY(open(path, flags, a->mode)));
	if (a->ret >= 0 && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		fchmod((int)a->ret, a->mode & 07777);
}

/* A record of the largest size fits four times: writers need not stop for each other. */
static void send_buffer_set(int fd, int size)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

void ocall_send_buffer(struct ocall_send_buffer *a)
{
	int size = 0;
	socklen_t len = sizeof(size);

	if (a->bytes > 1u << 24) {
		a->ret = -EINVAL;
		return;
	}
	send_buffer_set(a->fd, (int)a->bytes);
	a->ret = result(getsockopt(a->fd, SOL_SOCKET, SO_SNDBUF, &size, &len));
	if (!a->ret)
		a->ret = size;
}

void ocall_pair(struct ocall_pair *a)
{
	int fds[2];

	a->ret = result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
	if (a->ret)
		return;
	a->fds[0] = fds[0];
	a->fds[1] = fds[1];
	send_buffer_set(fds[1], 4 * 0x14000);
}

void ocall_shutdown(struct ocall_shutdown *a)
{
	a->ret = result(shutdown(a->fd, a->how));
}

void ocall_records(struct ocall_records *a)
{
	uint32_t used = 0, content = 0;
	long n;

	do {
		n = RETRY(recv(a->fd, (char *)a->buf + used, a->room - used, MSG_DONTWAIT));
		if (n > 0)
			used += (uint32_t)n;
		if (n > a->overhead)
			content += (uint32_t)n - a->overhead;
	} while (n > 0 && content < a->want && a->largest <= a->room - used);
	a->ret = used ? used : result(n);
}

void ocall_close(struct ocall_fd *a)
{
	a->ret = result(close(a->fd));
}

static long read_at(int fd, void *buf, size_t len, uint64_t off)
{
	struct iovec v = { buf, len };

	if (off >= HOST_OFF_NOWAIT)
		return preadv2(fd, &v, 1, -1, RWF_NOWAIT);
	return off >= HOST_OFF_STREAM ? read(fd, buf, len) : pread(fd, buf, len, (off_t)off);
}

static long write_at(int fd, const void *buf, size_t len, uint64_t off)
{
	struct iovec v = { (void *)buf, len };

	if (off >= HOST_OFF_NOWAIT)
		return pwritev2(fd, &v, 1, -1, RWF_NOWAIT);
	return off >= HOST_OFF_STREAM ? write(fd, buf, len) : pwrite(fd, buf, len, (off_t)off);
}

void ocall_pread(struct ocall_rw *a)
{
	a->ret = result(RETRY(read_at(a->fd, (void *)a->buf, a->len, a->off)));
}

void ocall_pwrite(struct ocall_rw *a)
{
	a->ret = result(RETRY(write_at(a->fd, (const void *)a->buf, a->len, a->off)));
}

void ocall_read(struct ocall_rw *a)
{
	a->ret = result(read(a->fd, (void *)a->buf, a->len));
}

void ocall_write(struct ocall_rw *a)
{
	a->ret = result(write(a->fd, (const void *)a->buf, a->len));
}

/* Where the kernel has no RWF_APPEND (before Linux 4.16, some sandboxes) the descriptor gets the flag meanwhile. */
static long append_by_flag(int fd, const void *buf, size_t len)
{
	int flags = fcntl(fd, F_GETFL), saved;
	long n;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_APPEND))
		return -1;
	n = write(fd, buf, len);
	saved = errno;
	fcntl(fd, F_SETFL, flags);
	errno = saved;
	return n;
}

/* Offset -1: the descriptor's own, which tells afterwards where the bytes went. */
void ocall_append(struct ocall_rw *a)
{
	struct iovec v = { (void *)a->buf, a->len };
	long n = RETRY(pwritev2(a->fd, &v, 1, -1, RWF_APPEND));

	if (n < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
		n = RETRY(append_by_flag(a->fd, (const void *)a->buf, a->len));
	a->ret = result(n);
	if (n >= 0)
		a->off = (uint64_t)lseek(a->fd, 0, SEEK_CUR);
}

static void stat_convert(struct host_stat *out, const struct stat *st)
{
	*out = (struct host_stat){
		.dev = st->st_dev, .ino = st->st_ino, .mode = st->st_mode, .nlink = (uint32_t)st->st_nlink,
		.uid = st->st_uid, .gid = st->st_gid, .rdev = st->st_rdev, .size = (uint64_t)st->st_size,
		.blocks = (uint64_t)st->st_blocks, .blksize = (uint64_t)st->st_blksize,
		.atime_sec = st->st_atim.tv_sec, .atime_nsec = (uint32_t)st->st_atim.tv_nsec,
		.mtime_sec = st->st_mtim.tv_sec, .mtime_nsec = (uint32_t)st->st_mtim.tv_nsec,
		.ctime_sec = st->st_ctim.tv_sec, .ctime_nsec = (uint32_t)st->st_ctim.tv_nsec,
	};
}

void ocall_stat(struct ocall_stat *a)
{
	char path[PATH_MAX];
	struct stat st;
	int err = 0;

	if (!a->path) {
		a->ret = result(fstat(a->fd, &st));
	} else {
		err = path_copy(path, a->path, a->path_len);
		a->ret = err ? err : result(lstat(path, &st));
	}
	if (a->ret == 0)
		stat_convert(&a->st, &st);
}

void ocall_readlink(struct ocall_readlink *a)
{
	char path[PATH_MAX];
	int err = path_copy(path, a->path, a->path_len);

	a->ret = err ? err : result(readlink(path, (char *)a->buf, a->size));
}

/* The kernel's record is at most 8 bytes shorter than ours, and at least 24 long. */
struct kernel_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

/* Bytes in out; *next: where the next listing goes on. */
static long dirents_convert(char *out, size_t size, const char *in, long len, uint64_t *next)
{
	size_t used = 0;

	for (long pos = 0; pos < len;) {
		const struct kernel_dirent *k = (const void *)(in + pos);
		size_t name_len = strlen(k->name);
		size_t reclen = (sizeof(struct host_dirent) + name_len + 1 + 7) & ~7UL;
		struct host_dirent *d = (void *)(out + used);

		if (used + reclen > size || name_len > 255)
			break;
		*d = (struct host_dirent){ .ino = k->ino, .off = (uint64_t)k->off, .reclen = (uint16_t)reclen,
					   .type = k->type, .name_len = (uint8_t)name_len };
		memcpy(d->name, k->name, name_len + 1);
		*next = d->off;
		used += reclen;
		pos += k->reclen;
	}
	return (long)used;
}

void ocall_getdents(struct ocall_rw *a)
{
	char buf[32768] __attribute__((aligned(8)));
	size_t size = a->len, ask = size / 4 * 3;
	uint64_t next = a->off;
	long n;

	if (ask > sizeof(buf))
		ask = sizeof(buf);
	if (lseek(a->fd, (off_t)a->off, SEEK_SET) < 0) {
		a->ret = -errno;
		return;
	}
	n = syscall(SYS_getdents64, a->fd, buf, ask);
	if (n > 0)
		n = dirents_convert((char *)a->buf, size, buf, n, &next);
	a->off = next;
	a->ret = result(n);
}

static long made(const char *path, long r, uint32_t mode)
{
	return r < 0 ? r : chmod(path, mode & 07777);
}

void ocall_path_op(struct ocall_path_op *a)
{
	char path[PATH_MAX], path2[PATH_MAX] = "";
	int err = path_copy(path, a->path, a->path_len);

	if (!err && a->path2)
		err = path_copy(path2, a->path2, a->path2_len);
	if (err) {
		a->ret = err;
		return;
	}
	switch (a->op) {
	case HOST_MKDIR:
		a->ret = result(made(path, mkdir(path, a->mode), a->mode));
		break;
	case HOST_RMDIR:
		a->ret = result(rmdir(path));
		break;
	case HOST_UNLINK:
		a->ret = result(unlink(path));
		break;
	case HOST_RENAME: /* mode: RENAME_* flags */
		a->ret = result(renameat2(AT_FDCWD, path, AT_FDCWD, path2, a->mode));
		break;
	case HOST_SYMLINK: /* path2 -> path, as symlink(2) */
		a->ret = result(symlink(path, path2));
		break;
	case HOST_LINK:
		a->ret = result(link(path, path2));
		break;
	case HOST_MKFIFO:
		a->ret = result(made(path, mkfifo(path, a->mode), a->mode));
		break;
	case HOST_MKSOCK: /* only the name: nobody listens on the host */
		a->ret = result(made(path, mknod(path, S_IFSOCK | (a->mode & 07777), 0), a->mode));
		break;
	default:
		a->ret = -EINVAL;
	}
}

/* A zero-based struct timespec that utimensat leaves alone unless the bit is set. */
static struct timespec time_arg(uint32_t valid, uint32_t bit, int64_t sec, uint32_t nsec)
{
	struct timespec omit = { .tv_nsec = UTIME_OMIT };

	return valid & bit ? (struct timespec){ sec, (long)nsec } : omit;
}

static long setattr_apply(const char *path, const struct ocall_setattr *a)
{
	uint32_t v = a->valid;

	if (v & HOST_ATTR_SIZE && truncate(path, (off_t)a->size) < 0)
		return -1;
	if (v & (HOST_ATTR_UID | HOST_ATTR_GID) &&
	    lchown(path, v & HOST_ATTR_UID ? a->uid : (uid_t)-1, v & HOST_ATTR_GID ? a->gid : (gid_t)-1) < 0)
		return -1;
	if (v & HOST_ATTR_MODE && chmod(path, a->mode & 07777) < 0)
		return -1;
	if (v & (HOST_ATTR_ATIME | HOST_ATTR_MTIME)) {
		struct timespec ts[2] = { time_arg(v, HOST_ATTR_ATIME, a->atime_sec, a->atime_nsec),
					  time_arg(v, HOST_ATTR_MTIME, a->mtime_sec, a->mtime_nsec) };
		return utimensat(AT_FDCWD, path, ts, AT_SYMLINK_NOFOLLOW);
	}
	return 0;
}

void ocall_setattr(struct ocall_setattr *a)
{
	char path[PATH_MAX];
	int err = path_copy(path, a->path, a->path_len);

	a->ret = err ? err : result(setattr_apply(path, a));
}

void ocall_fsync(struct ocall_fd *a)
{
	a->ret = result(RETRY(fsync(a->fd)));
}

void ocall_statfs(struct ocall_statfs *a)
{
	char path[PATH_MAX];
	struct statfs st;
	int err = path_copy(path, a->path, a->path_len);

	a->ret = err ? err : result(RETRY(statfs(path, &st)));
	if (a->ret)
		return;
	a->type = (uint64_t)st.f_type;
	a->bsize = (uint64_t)st.f_bsize;
	a->blocks = st.f_blocks;
	a->bfree = st.f_bfree;
	a->bavail = st.f_bavail;
	a->files = st.f_files;
	a->ffree = st.f_ffree;
}

/* timeout_ns < 0 waits for ever. ret: revents; 0 timed out. -EINTR: who waits was cancelled; a look is repeated, as a tick
 * says nothing about the file. */
void ocall_poll(struct ocall_poll *a)
{
	struct pollfd p = { .fd = a->fd, .events = (short)a->events };
	struct timespec ts = { a->timeout_ns / 1000000000, a->timeout_ns % 1000000000 };
	int n;

	do
		n = ppoll(&p, 1, a->timeout_ns < 0 ? NULL : &ts, NULL);
	while (n < 0 && errno == EINTR && !a->timeout_ns);
	a->revents = n > 0 ? (uint32_t)(unsigned short)p.revents : 0;
	a->ret = n < 0 ? -errno : (int64_t)a->revents;
}
