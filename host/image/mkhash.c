/* mkhash.c: writes a hashed image; format in libos/abi/image.h.
 *
 * The inode table has its place first, then come file contents, each from a block of its own, then
 * everything small: directories, symlinks, attributes, site tables. Blocks are hashed as they are
 * written; the table is written last, when all places are known, and then the tree. Memory: 32
 * bytes per block, and what is small. */
#include "mkhash.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "libos/abi/image.h"
#include "sites.h"
#include "tree.h"

struct writer {
	int fd;
	uint8_t (*hashes)[IMAGE_HASH]; /* of data block i + 1 */
	uint64_t blocks, room;	       /* of hashes */
	uint64_t next;		       /* file block that content goes to next */
	struct image_inode *inodes;
	char *small; /* bytes that follow the contents */
	size_t small_len, small_room;
	time_t epoch; /* times are not later than this; 0: no limit */
	struct image_stats stats;
	char *err;
};

static int fail(struct writer *w, int err, const char *path, const char *what)
{
	snprintf(w->err, IMAGE_ERR_SIZE, "%.400s: %.100s", path, what);
	return err;
}

static int write_failed(struct writer *w)
{
	return fail(w, errno ? -errno : -EIO, "cannot write the image",
		    strerror(errno ? errno : EIO));
}

static int hashes_reserve(struct writer *w, uint64_t blocks)
{
	uint64_t room = w->room ? w->room : 1024;
	void *p;

	while (room < blocks)
		room *= 2;
	if (room == w->room)
		return 0;
	p = realloc(w->hashes, room * IMAGE_HASH);
	if (!p)
		return fail(w, -ENOMEM, "image", "out of memory");
	w->hashes = p;
	w->room = room;
	return 0;
}

/* count whole data blocks at file block `at`. */
static int blocks_put(struct writer *w, uint64_t at, const char *data, size_t count)
{
	int err = hashes_reserve(w, at - 1 + count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++)
		SHA256((const uint8_t *)data + i * IMAGE_BLOCK, IMAGE_BLOCK, w->hashes[at - 1 + i]);
	if (at - 1 + count > w->blocks)
		w->blocks = at - 1 + count;
	errno = 0;
	if (pwrite(w->fd, data, count * IMAGE_BLOCK, (off_t)(at * IMAGE_BLOCK)) !=
	    (ssize_t)(count * IMAGE_BLOCK))
		return write_failed(w);
	return 0;
}

/* Appends to what is small; its offset there. 8-aligned. (size_t)-1: out of memory. */
static size_t small_put(struct writer *w, const void *data, size_t len)
{
	size_t at = (w->small_len + 7) & ~(size_t)7;

	if (at + len > w->small_room) {
		size_t room = 2 * (at + len) + 65536;
		char *p = realloc(w->small, room);

		if (!p) {
			fail(w, -ENOMEM, "image", "out of memory");
			return (size_t)-1;
		}
		memset(p + w->small_room, 0, room - w->small_room);
		w->small = p;
		w->small_room = room;
	}
	if (data && len)
		memcpy(w->small + at, data, len);
	w->small_len = at + len;
	return at;
}

static int sites_put(struct writer *w, struct image_inode *d, const void *map, size_t size)
{
	struct site_table *t;
	long n = size >= SELFMAG && !memcmp(map, ELFMAG, SELFMAG) ? sites_find(map, size, &t)
								  : -ENOEXEC;
	size_t at;

	if (n == -ENOMEM)
		return fail(w, -ENOMEM, "image", "out of memory");
	if (n < 0)
		return 0;
	at = small_put(w, t, (size_t)n);
	for (uint64_t i = 0; i < t->count; i++)
		w->stats.patch_sites += !(t->sites[i].flags & SITE_TRAP);
	free(t);
	if (at == (size_t)-1)
		return -ENOMEM;
	d->sites = at;
	d->sites_size = (uint64_t)n;
	return 0;
}

static int content_put(struct writer *w, struct image_inode *d, const char *map, size_t size)
{
	size_t whole = size / IMAGE_BLOCK, rest = size % IMAGE_BLOCK;
	char last[IMAGE_BLOCK] = {0};
	int err = 0;

	d->data = w->next * IMAGE_BLOCK;
	for (size_t i = 0, k; i < whole && !err; i += k) {
		k = whole - i > 256 ? 256 : whole - i;
		err = blocks_put(w, w->next + i, map + i * IMAGE_BLOCK, k);
	}
	w->next += whole;
	if (rest && !err) {
		memcpy(last, map + whole * IMAGE_BLOCK, rest);
		err = blocks_put(w, w->next++, last, 1);
	}
	return err ? err : sites_put(w, d, map, size);
}

/* A private copy, so that a file that shrinks meanwhile is an error and not SIGBUS. */
static int file_read(struct writer *w, const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t done = 0;
	ssize_t n = 1;
	char more;
	int err = 0;

	if (fd < 0)
		return fail(w, -errno, path, strerror(errno));
	while (done < size && (n = read(fd, buf + done, size - done)) > 0)
		done += (size_t)n;
	if (n < 0)
		err = fail(w, -errno, path, strerror(errno));
	else if (done < size || read(fd, &more, 1) == 1)
		err = fail(w, -EAGAIN, path, "it changes while the image is made");
	close(fd);
	return err;
}

static int file_put(struct writer *w, const struct tree_node *n, struct image_inode *d)
{
	size_t size = (size_t)n->st.st_size;
	char *map;
	int err;

	w->stats.files++;
	w->stats.bytes += size;
	d->size = size;
	d->mtime_sec = n->st.st_mtim.tv_sec;
	if (w->epoch && d->mtime_sec > w->epoch)
		d->mtime_sec = w->epoch;
	if (!size)
		return 0;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return fail(w, -ENOMEM, n->path, "it is too large for the memory");
	err = file_read(w, n->path, map, size);
	if (!err)
		err = content_put(w, d, map, size);
	munmap(map, size);
	return err;
}

static int link_put(struct writer *w, const struct tree_node *n, struct image_inode *d)
{
	char target[4096];
	ssize_t len = readlink(n->path, target, sizeof(target));
	size_t at;

	if (len < 0 || len == sizeof(target))
		return fail(w, len < 0 ? -errno : -ENAMETOOLONG, n->path,
			    strerror(len < 0 ? errno : ENAMETOOLONG));
	at = small_put(w, target, (size_t)len);
	if (at == (size_t)-1)
		return -ENOMEM;
	w->stats.links++;
	d->data = at;
	d->size = (uint64_t)len;
	return 0;
}

static uint8_t dirent_type(mode_t mode)
{
	return (uint8_t)(mode >> 12 & 15);
}

static int dir_put(struct writer *w, const struct tree *t, const struct tree_node *n,
		   struct image_inode *d)
{
	size_t size = sizeof(struct image_dir) + n->count * sizeof(struct image_dirent),
	       names = size, at;
	struct image_dir *dir;

	for (size_t i = 0; i < n->count; i++)
		size += strlen(n->entries[i].name);
	if (size > UINT32_MAX)
		return fail(w, -EFBIG, n->path, "the directory has too many entries");
	at = small_put(w, NULL, size);
	if (at == (size_t)-1)
		return -ENOMEM;
	dir = (struct image_dir *)(w->small + at);
	dir->count = (uint32_t)n->count; /* NOLINT: small_put() made room */
	for (size_t i = 0; i < n->count; i++) {
		const struct tree_entry *e = &n->entries[i];
		size_t len = strlen(e->name);

		dir->entries[i] =
			(struct image_dirent){.ino = e->ino,
					      .name = (uint32_t)names,
					      .name_len = (uint8_t)len,
					      .type = dirent_type(t->nodes[e->ino - 1].st.st_mode)};
		memcpy((char *)dir + names, e->name, len);
		names += len;
	}
	w->stats.directories++;
	d->data = at;
	d->size = size;
	return 0;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One attribute at the end of buf; its size, or 0 if it does not fit or is gone. */
static size_t xattr_get(const char *path, const char *name, char *buf, size_t room)
{
	struct image_xattr x = {.name_len = (uint16_t)strlen(name)};
	ssize_t n;

	if (room < sizeof(x) + x.name_len)
		return 0;
	n = lgetxattr(path, name, buf + sizeof(x) + x.name_len, room - sizeof(x) - x.name_len);
	if (n < 0)
		return 0;
	x.value_len = (uint32_t)n;
	memcpy(buf, &x, sizeof(x));
	memcpy(buf + sizeof(x), name, x.name_len);
	return sizeof(x) + x.name_len + (size_t)n;
}

/* user.* only: the others say something about the host, not about the program. */
static int xattrs_put(struct writer *w, const struct tree_node *n, struct image_inode *d)
{
	char list[65536], *names[1024], *buf;
	ssize_t len = llistxattr(n->path, list, sizeof(list));
	size_t count = 0, size = 0, at;

	for (char *p = list; len > 0 && p < list + len && count < 1024; p += strlen(p) + 1)
		if (!strncmp(p, "user.", 5))
			names[count++] = p;
	if (!count)
		return 0;
	qsort(names, count, sizeof(*names), name_compare);
	buf = malloc(IMAGE_XATTRS_MAX);
	if (!buf)
		return fail(w, -ENOMEM, "image", "out of memory");
	for (size_t i = 0; i < count; i++)
		size += xattr_get(n->path, names[i], buf + size, IMAGE_XATTRS_MAX - size);
	at = small_put(w, buf, size);
	free(buf);
	if (at == (size_t)-1)
		return -ENOMEM;
	d->xattrs = at;
	d->xattrs_size = (uint32_t)size;
	return 0;
}

static int node_put(struct writer *w, const struct tree *t, size_t i)
{
	const struct tree_node *n = &t->nodes[i];
	struct image_inode *d = &w->inodes[i];
	int err;

	*d = (struct image_inode){.mode = n->st.st_mode, .nlink = n->links};
	err = xattrs_put(w, n, d);
	if (err)
		return err;
	if (S_ISREG(n->st.st_mode))
		return file_put(w, n, d);
	if (S_ISLNK(n->st.st_mode))
		return link_put(w, n, d);
	if (S_ISDIR(n->st.st_mode))
		return dir_put(w, t, n, d);
	w->stats.others++;
	return 0;
}

/* The small things get their place behind the contents, and the inodes learn where that is. */
static int small_finish(struct writer *w, const struct tree *t)
{
	uint64_t base = w->next * IMAGE_BLOCK;
	size_t blocks = (w->small_len + IMAGE_BLOCK - 1) / IMAGE_BLOCK;
	size_t pad = blocks * IMAGE_BLOCK - w->small_len;

	for (size_t i = 0; i < t->count; i++) {
		struct image_inode *d = &w->inodes[i];

		if (d->size && !S_ISREG(d->mode))
			d->data += base;
		if (d->xattrs_size)
			d->xattrs += base;
		if (d->sites_size)
			d->sites += base;
	}
	if (pad && small_put(w, NULL, pad & ~(size_t)7) == (size_t)-1)
		return -ENOMEM;
	w->next += blocks;
	return blocks ? blocks_put(w, w->next - blocks, w->small, blocks) : 0;
}

static uint64_t table_blocks(const struct tree *t)
{
	return (t->count * sizeof(struct image_inode) + IMAGE_BLOCK - 1) / IMAGE_BLOCK;
}

/* Writes the levels of the tree; top_hash becomes that of the last one's only block. */
static int hash_tree_put(struct writer *w, struct image_super *s)
{
	uint8_t(*below)[IMAGE_HASH] = w->hashes;
	uint64_t count = w->blocks, at = 1 + w->blocks;

	do {
		uint64_t nodes = (count + IMAGE_FANOUT - 1) / IMAGE_FANOUT;
		uint8_t block[IMAGE_BLOCK];

		for (uint64_t i = 0; i < nodes; i++) {
			uint64_t n = count - i * IMAGE_FANOUT < IMAGE_FANOUT
					     ? count - i * IMAGE_FANOUT
					     : IMAGE_FANOUT;

			memset(block, 0, sizeof(block));
			memcpy(block, below[i * IMAGE_FANOUT], n * IMAGE_HASH);
			errno = 0;
			if (pwrite(w->fd, block, sizeof(block), (off_t)((at + i) * IMAGE_BLOCK)) !=
			    sizeof(block))
				return write_failed(w);
			SHA256(block, sizeof(block),
			       below[i]); /* i <= i * FANOUT: what it replaces was read */
		}
		at += nodes;
		count = nodes;
		s->levels++;
	} while (count > 1);
	memcpy(s->top_hash, below[0], IMAGE_HASH);
	return 0;
}

static int image_finish(struct writer *w, const struct tree *t, uint8_t root_hash[32])
{
	union {
		struct image_super s;
		uint8_t bytes[IMAGE_BLOCK];
	} block = {.bytes = {0}};
	int err = small_finish(w, t);

	if (!err)
		err = blocks_put(w, 1, (const char *)w->inodes, table_blocks(t));
	if (err)
		return err;
	block.s = (struct image_super){.magic = IMAGE_MAGIC,
				       .version = IMAGE_VERSION,
				       .blocks = w->blocks,
				       .inodes = t->count,
				       .inode_table = IMAGE_BLOCK};
	err = hash_tree_put(w, &block.s);
	if (err)
		return err;
	SHA256(block.bytes, IMAGE_BLOCK, root_hash);
	errno = 0;
	return pwrite(w->fd, block.bytes, IMAGE_BLOCK, 0) == (ssize_t)IMAGE_BLOCK ? 0
										  : write_failed(w);
}

static int image_write(struct writer *w, const struct tree *t, uint8_t root_hash[32])
{
	int err = 0;

	w->next = 1 + table_blocks(t);
	w->inodes = calloc(table_blocks(t), IMAGE_BLOCK);
	if (!w->inodes)
		return fail(w, -ENOMEM, "image", "out of memory");
	for (size_t i = 0; i < t->count && !err; i++)
		err = node_put(w, t, i);
	return err ? err : image_finish(w, t, root_hash);
}

static time_t source_date_epoch(void)
{
	const char *s = getenv("SOURCE_DATE_EPOCH");

	return s ? (time_t)strtoll(s, NULL, 10) : 0;
}

int image_make(const char *dir, const char *out, uint8_t root_hash[32], struct image_stats *stats,
	       char err[IMAGE_ERR_SIZE])
{
	struct tree t = {.err = err};
	struct writer w = {.err = err, .epoch = source_date_epoch()};
	char tmp[4096];
	int ret = tree_scan(&t, dir);

	snprintf(tmp, sizeof(tmp), "%s.new", out);
	if (!ret) {
		w.fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		ret = w.fd < 0 ? fail(&w, -errno, tmp, strerror(errno))
			       : image_write(&w, &t, root_hash);
		if (w.fd >= 0 && close(w.fd) && !ret)
			ret = write_failed(&w);
		if (!ret && rename(tmp, out))
			ret = fail(&w, -errno, out, strerror(errno));
		if (ret)
			unlink(tmp);
	}
	if (stats)
		*stats = w.stats;
	tree_free(&t);
	free(w.hashes);
	free(w.inodes);
	free(w.small);
	return ret;
}
