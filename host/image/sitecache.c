/* sitecache.c: site tables of host files, kept in $XDG_CACHE_HOME/occlum/sites (or ~/.cache/...) under a name made of
 * the file's identity: device, inode, size, change time. A cache that cannot be read or written is no error. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sites.h"

#define SITES_REVISION 7 /* of the finder: a new one ignores old caches */

static bool make_parents(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		if (mkdir(path, 0700) && errno != EEXIST)
			return false;
		*p = '/';
	}
	return true;
}

static bool cache_path(char *out, size_t size, const struct stat *st)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (base && *base)
		n = snprintf(out, size, "%s", base);
	else if (home && *home)
		n = snprintf(out, size, "%s/.cache", home);
	else
		return false;
	n += snprintf(out + n, (size_t)n < size ? size - (size_t)n : 0, "/occlum/sites/%d-%lx-%lx-%lx-%lx.%09lx",
		      SITES_REVISION, (long)st->st_dev, (long)st->st_ino, (long)st->st_size, (long)st->st_ctim.tv_sec,
		      (long)st->st_ctim.tv_nsec);
	return n > 0 && (size_t)n < size;
}

/* Bytes of the cached table, or -1. */
static long cache_read(const char *path, void *buf, size_t size)
{
	struct site_table head;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	long need = -1;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && pread(fd, &head, sizeof(head), 0) == sizeof(head) && head.magic == SITES_MAGIC &&
	    head.count < (1u << 24) && st.st_size == (off_t)(sizeof(head) + head.count * sizeof(struct site))) {
		need = (long)st.st_size;
		if ((size_t)need <= size && pread(fd, buf, (size_t)need, 0) != need)
			need = -1;
	}
	close(fd);
	return need;
}

static void cache_write(char *path, const struct site_table *t, size_t size)
{
	char tmp[PATH_MAX + 32];
	int fd;

	if (!make_parents(path))
		return;
	snprintf(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, t, size) != (ssize_t)size || rename(tmp, path))
		unlink(tmp);
	close(fd);
}

static long find_in_file(int fd, const struct stat *st, struct site_table **t)
{
	void *map = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	long n;

	if (map == MAP_FAILED)
		return -errno;
	n = sites_find(map, (size_t)st->st_size, t);
	munmap(map, (size_t)st->st_size);
	return n;
}

long sites_for_path(const char *path, void *buf, size_t size)
{
	char cached[PATH_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct site_table *t = NULL;
	struct stat st;
	bool cacheable;
	long n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return -ENOEXEC;
	}
	cacheable = cache_path(cached, sizeof(cached), &st);
	n = cacheable ? cache_read(cached, buf, size) : -1;
	if (n < 0) {
		n = find_in_file(fd, &st, &t);
		if (n > 0 && cacheable)
			cache_write(cached, t, (size_t)n);
		if (n > 0 && t && (size_t)n <= size)
			memcpy(buf, t, (size_t)n);
		free(t);
	}
	close(fd);
	return n;
}
