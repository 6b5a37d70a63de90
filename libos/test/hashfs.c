/* hashfs.c (test): images made by the real builder, read back, then bent: every block flipped, exchanged and
 * cut off. What counts is that a read gives the right bytes or -EIO, and that a malformed image with right
 * hashes is refused. */
#include "fs/hashfs/hashfs.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/sha256.h"
#include "fs/file.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "test/unit.h"

int system(const char *command);
int open(const char *path, int flags, ...);
int close(int fd);
ssize_t read(int fd, void *buf, size_t n);
int getpid(void);
int image_make(const char *dir, const char *out, uint8_t root_hash[32], void *stats, char *err);

#define BIG_SIZE (129 * 4096 + 17) /* two blocks of the tree's first level */

static uint8_t *image, root_hash[32];
static size_t image_size;
static int fds_open;
const struct file_ops fifo_ops = { .name = "fifo" }, filemap_file_ops = { .name = "file" };
void filemap_free(struct inode *inode) { CHECK(!inode->map); }
void filemap_truncate(struct inode *inode, uint64_t size) { (void)inode, (void)size; }


int host_open(const char *path, unsigned flags, unsigned mode)
{
	(void)flags, (void)mode;
	if (strcmp(path, "img"))
		return -ENOENT;
	fds_open++;
	return 7;
}

void host_close(int fd)
{
	CHECK_EQ(fd, 7);
	fds_open--;
}

ssize_t host_pread(int fd, void *buf, size_t n, uint64_t off)
{
	CHECK_EQ(fd, 7);
	if (off >= image_size)
		return 0;
	n = MIN(n, image_size - off);
	memcpy(buf, image + off, n);
	return (ssize_t)n;
}

static void image_load(const char *path)
{
	int fd = open(path, 0);
	ssize_t n;

	CHECK(fd >= 0);
	image = page_alloc(4096);
	while ((n = read(fd, image + image_size, 65536)) > 0)
		image_size += (size_t)n;
	close(fd);
	CHECK(image_size && image_size % IMAGE_BLOCK == 0);
}

static void setup(const char *script)
{
	char dir[64], command[2048], err[512];

	unit_env_reset();
	snprintf(dir, sizeof(dir), "/tmp/occlum-hashfs-%d", getpid());
	snprintf(command, sizeof(command), "rm -rf %s && mkdir -p %s/t && cd %s/t && { %s; }", dir, dir, dir, script);
	CHECK_EQ(system(command), 0);
	snprintf(command, sizeof(command), "%s/t", dir);
	strlcat(dir, "/img", sizeof(dir));
	if (image_make(command, dir, root_hash, NULL, err))
		unit_fail(__FILE__, __LINE__, "%s", err);
	image_load(dir);
	snprintf(command, sizeof(command), "rm -rf /tmp/occlum-hashfs-%d", getpid());
	CHECK_EQ(system(command), 0);
}

/* big holds its own block numbers, each block different. */
#define TREE                                                                                                     \
	"mkdir a a/b empty many && printf hello > a/small && : > a/nothing && ln a/small a/b/hard &&"             \
	"ln -s ../a/small a/b/soft && mkfifo fifo && cp /bin/sh sh && chmod 4751 sh &&"                            \
	"for i in $(seq 99); do : > many/file$i; done &&"                                                         \
	"seq -w 1 120000 | head -c 528401 > big && touch -d @1000000000 big"

static struct inode *find(struct super_block *sb, const char *path)
{
	struct inode *i = inode_get(sb->root->inode), *next;
	char name[256];

	while (*path) {
		const char *end = strchr(path, '/');
		size_t n = end ? (size_t)(end - path) : strlen(path);
		int err;

		memcpy(name, path, n);
		name[n] = 0;
		err = i->ops->lookup ? i->ops->lookup(i, name, &next) : -ENOTDIR;
		inode_put(i);
		if (err)
			return NULL;
		i = next;
		path += n + (end != NULL);
	}
	return i;
}

/* The byte that `seq -w 1 120000` has at pos. */
static char big_byte(uint64_t pos)
{
	char line[16];

	snprintf(line, sizeof(line), "%06lu\n", pos / 7 + 1);
	return line[pos % 7];
}

/* Reads all of big: -EIO, or 0 with the right bytes. Anything else fails the test. */
static int big_check(struct super_block *sb)
{
	struct inode *i = find(sb, "big");
	char *page = page_alloc(1);
	int err = i ? 0 : -EIO;

	for (uint64_t at = 0; !err && at < BIG_SIZE; at += 4096) {
		err = i->ops->readpage(i, at / 4096, page);
		for (uint64_t k = 0; !err && k < 4096; k++)
			CHECK_EQ(page[k], at + k < BIG_SIZE ? big_byte(at + k) : 0);
		if (err)
			CHECK(page[0] == 0 && page[4095] == 0);
	}
	page_free(page, 1);
	if (i)
		inode_put(i);
	return err;
}

struct listing {
	struct dir_context ctx;
	unsigned count, bad;
};

static bool collect(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, unsigned type)
{
	struct listing *l = container_of(ctx, struct listing, ctx);

	l->count++;
	l->bad += !len || !ino || !type || strlen(name) != len;
	return true;
}

static int list(struct inode *dir, struct listing *l)
{
	struct file f = { .inode = dir };

	*l = (struct listing){ .ctx.emit = collect };
	return dir->fops->iterate(&f, &l->ctx);
}

/* Everything there is, read to the end. */
static int walk(struct super_block *sb)
{
	static const char *const paths[] = { "a/small", "a/nothing", "a/b/hard",   "a/b/soft",
					     "fifo",	"sh",	     "many/file20" };
	struct listing l;
	int err = big_check(sb);
	struct inode *i;
	char buf[64];

	for (size_t k = 0; !err && k < ARRAY_SIZE(paths); k++) {
		char *page = page_alloc(1);

		i = find(sb, paths[k]);
		err = i ? 0 : -EIO;
		if (i && S_ISREG(i->mode) && i->size)
			for (uint64_t at = 0; !err && at < i->size; at += 4096)
				err = i->ops->readpage(i, at / 4096, page);
		if (i && S_ISLNK(i->mode)) {
			ssize_t n = i->ops->readlink(i, buf, sizeof(buf));

			if (n > 0)
				CHECK(n == 10 && !memcmp(buf, "../a/small", 10));
			err = n < 0 ? (int)n : 0;
		}
		if (i && i->ops->sites) {
			struct site_table *t = i->ops->sites(i);

			err = !err && !t && strcmp(paths[k], "sh") == 0 ? -EIO : err;
			kfree(t);
		}
		page_free(page, 1);
		if (i)
			inode_put(i);
	}
	for (int k = 1; !err && k < 100; k++) {
		snprintf(buf, sizeof(buf), "many/file%d", k);
		i = find(sb, buf);
		err = i ? 0 : -EIO;
		if (i)
			inode_put(i);
	}
	i = err ? NULL : find(sb, "many");
	if (i) {
		err = list(i, &l);
		CHECK(err || (l.count == 99 && !l.bad));
		inode_put(i);
	}
	return err;
}

/* Mounts, walks, unmounts. */
static int try_image(void)
{
	struct super_block *sb;
	int err = hashfs_create("img", root_hash, &sb);

	if (err) {
		CHECK_EQ(fds_open, 0);
		return err;
	}
	err = walk(sb);
	super_put(sb);
	CHECK_EQ(fds_open, 0);
	return err;
}

UNIT_TEST(hashfs, reads_what_the_builder_wrote)
{
	struct super_block *sb;
	struct inode *i, *hard;
	char buf[8];

	setup(TREE);
	CHECK_EQ(try_image(), 0);
	CHECK_EQ(hashfs_create("img", root_hash, &sb), 0);
	i = find(sb, "a/small");
	hard = find(sb, "a/b/hard");
	CHECK(i && i == hard && i->nlink == 2 && i->size == 5 && i->uid == 0);
	inode_put(hard);
	inode_put(i);
	i = find(sb, "sh");
	CHECK_EQ(i->mode, S_IFREG | 04751);
	inode_put(i);
	i = find(sb, "big");
	CHECK_EQ(i->mtime.sec, 1000000000);
	CHECK_STR(hash_path(i, buf, sizeof(buf)), "/big");
	inode_put(i);
	CHECK(!find(sb, "a/none") && !find(sb, "a/sma") && !find(sb, "a/smallx") && !find(sb, "zzz"));
	i = find(sb, "empty");
	CHECK_EQ(i->nlink, 2);
	inode_put(i);
	super_put(sb);
}

UNIT_TEST(hashfs, path_is_cut_off_at_the_front)
{
	struct super_block *sb;
	struct inode *i;
	char buf[10];

	setup("mkdir -p long-name/below && : > long-name/below/file");
	CHECK_EQ(hashfs_create("img", root_hash, &sb), 0);
	i = find(sb, "long-name/below/file");
	CHECK_STR(hash_path(i, buf, sizeof(buf)), "elow/file");
	inode_put(i);
	super_put(sb);
}

UNIT_TEST(hashfs, same_tree_same_image)
{
	uint8_t first[32];

	setup("mkdir z b a; : > b/x; touch -d @5 b/x");
	memcpy(first, root_hash, 32);
	page_free(image, 4096);
	image_size = 0;
	setup("mkdir a b z; : > b/x; touch -d @5 b/x");
	CHECK(!memcmp(first, root_hash, 32));
}

UNIT_TEST(hashfs, a_flipped_bit_in_any_block_is_found)
{
	setup(TREE);
	for (size_t b = 0; b < image_size / IMAGE_BLOCK; b++) {
		size_t at = b * IMAGE_BLOCK + (b * 37) % IMAGE_BLOCK;

		image[at] ^= (uint8_t)(1u << b % 8);
		if (try_image() != -EIO)
			unit_fail(__FILE__, __LINE__, "a bit in block %zu of %zu went unnoticed", b,
				  image_size / IMAGE_BLOCK);
		image[at] ^= (uint8_t)(1u << b % 8);
	}
	CHECK_EQ(try_image(), 0);
}

UNIT_TEST(hashfs, exchanged_blocks_are_found)
{
	static uint8_t tmp[IMAGE_BLOCK];
	size_t n;

	setup(TREE);
	n = image_size / IMAGE_BLOCK;
	for (size_t b = 0; b + 1 < n; b += b < 10 || b + 12 > n ? 1 : 9) {
		uint8_t *p = image + b * IMAGE_BLOCK;

		if (!memcmp(p, p + IMAGE_BLOCK, IMAGE_BLOCK))
			continue;
		memcpy(tmp, p, IMAGE_BLOCK);
		memcpy(p, p + IMAGE_BLOCK, IMAGE_BLOCK);
		memcpy(p + IMAGE_BLOCK, tmp, IMAGE_BLOCK);
		CHECK_EQ(try_image(), -EIO);
		memcpy(p + IMAGE_BLOCK, p, IMAGE_BLOCK);
		memcpy(p, tmp, IMAGE_BLOCK);
	}
}

UNIT_TEST(hashfs, a_truncated_image_is_found)
{
	size_t full;

	setup(TREE);
	full = image_size;
	for (image_size = 0; image_size < full; image_size += 5 * IMAGE_BLOCK / 2)
		CHECK_EQ(try_image(), -EIO);
	image_size = full;
	CHECK_EQ(try_image(), 0);
}

UNIT_TEST(hashfs, another_images_hash_is_refused)
{
	struct super_block *sb;

	setup(TREE);
	root_hash[31] ^= 1;
	CHECK_EQ(hashfs_create("img", root_hash, &sb), -EIO);
	CHECK_EQ(hashfs_create("other", root_hash, &sb), -ENOENT);
}

/* Recomputes all hashes: a malformed image whose maker signed it. */
static void rehash(void)
{
	struct image_super *s = (void *)image;
	uint64_t start = 1, count = s->blocks;

	for (unsigned level = 0; level < s->levels; level++) {
		for (uint64_t i = 0; i < count; i++)
			sha256(image + (start + i) * IMAGE_BLOCK, IMAGE_BLOCK,
			       image + (start + count) * IMAGE_BLOCK + i * IMAGE_HASH);
		start += count;
		count = (count + IMAGE_FANOUT - 1) / IMAGE_FANOUT;
	}
	sha256(image + start * IMAGE_BLOCK, IMAGE_BLOCK, s->top_hash);
	sha256(image, IMAGE_BLOCK, root_hash);
}

static uint64_t seed = 7;
static uint64_t next_random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed >> 33;
}

UNIT_TEST(hashfs, malformed_but_rightly_hashed_images_do_no_harm)
{
	static uint8_t saved[64 * IMAGE_BLOCK];
	struct image_super *s;
	unsigned refused = 0;

	setup("mkdir a a/b many && printf hello > a/small && ln -s ../a/small a/b/soft && cp a/small big &&"
	      "for i in $(seq 40); do : > many/file$i; done");
	s = (void *)image;
	CHECK(image_size <= sizeof(saved));
	memcpy(saved, image, image_size);
	for (int round = 0; round < 3000; round++) {
		struct super_block *sb;

		for (int k = 0; k < 3; k++) { /* inode table, then what is small */
			uint64_t b = 1 + next_random() % s->blocks;

			image[b * IMAGE_BLOCK + next_random() % 1024] = (uint8_t)next_random();
		}
		rehash();
		if (!hashfs_create("img", root_hash, &sb)) {
			static const char *const paths[] = { "a/small", "a/b/soft", "big", "many/file7" };
			struct listing l;

			for (size_t k = 0; k < ARRAY_SIZE(paths); k++) {
				struct inode *i = find(sb, paths[k]);
				char *page = page_alloc(1), buf[100];

				if (i && S_ISREG(i->mode))
					refused += i->ops->readpage(i, 0, page) != 0;
				else if (i && S_ISLNK(i->mode))
					refused += i->ops->readlink(i, buf, sizeof(buf)) < 0;
				else if (i && S_ISDIR(i->mode))
					refused += list(i, &l) != 0;
				refused += !i;
				if (i && i->ops->listxattr)
					i->ops->listxattr(i, buf, sizeof(buf));
				if (i && i->ops->sites)
					kfree(i->ops->sites(i));
				page_free(page, 1);
				if (i)
					inode_put(i);
			}
			super_put(sb);
		}
		memcpy(image, saved, image_size);
	}
	CHECK(refused > 10);
}

UNIT_TEST(hashfs, no_memory_is_an_error_not_a_crash)
{
	setup(TREE);
	for (long n = 0; n < 60; n++) {
		struct super_block *sb;

		unit_alloc_fail_after = n;
		if (!hashfs_create("img", root_hash, &sb)) {
			struct inode *i = find(sb, "a/b/soft");

			if (i)
				inode_put(i);
			unit_alloc_fail_after = -1;
			super_put(sb);
		}
		unit_alloc_fail_after = -1;
		CHECK_EQ(fds_open, 0);
	}
}
