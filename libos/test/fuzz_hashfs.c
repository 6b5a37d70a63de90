/* fuzz_hashfs.c: a libFuzzer target for the hashed image reader. The input is
 * an image (any made by `occlum build` is a seed) whose hashes are computed anew, as if its maker
 * had signed it; all of it is then walked. */
#include "fs/hashfs/hashfs.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/sha256.h"
#include "fs/file.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "test/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOCKS_MAX 64  /* of data; one level of tree */
#define STEPS_MAX  300 /* inodes looked at */

static uint8_t image[(BLOCKS_MAX + 2) * IMAGE_BLOCK], root_hash[IMAGE_HASH];
static size_t image_size;
static unsigned steps;
const struct file_ops fifo_ops = {.name = "fifo"}, filemap_file_ops = {.name = "file"};
void filemap_free(struct inode *inode)
{
	(void)inode;
}
void filemap_truncate(struct inode *inode, uint64_t size)
{
	(void)inode, (void)size;
}

int host_open(const char *path, unsigned flags, unsigned mode)
{
	(void)path, (void)flags, (void)mode;
	return 7;
}

void host_close(int fd)
{
	(void)fd;
}

ssize_t host_pread(int fd, void *buf, size_t n, uint64_t off)
{
	(void)fd;
	if (off >= image_size)
		return 0;
	n = MIN(n, image_size - off);
	memcpy(buf, image + off, n);
	return (ssize_t)n;
}

static void image_sign(const uint8_t *data, size_t size)
{
	struct image_super *s = (void *)image;
	size_t blocks;

	memset(image, 0, sizeof(image));
	memcpy(image, data, MIN(size, (BLOCKS_MAX + 1) * IMAGE_BLOCK));
	blocks = (MIN(size, (BLOCKS_MAX + 1) * IMAGE_BLOCK) - 1) / IMAGE_BLOCK;
	s->magic = IMAGE_MAGIC;
	s->version = IMAGE_VERSION;
	s->levels = 1;
	s->blocks = blocks;
	image_size = (blocks + 2) * IMAGE_BLOCK;
	memset(image + image_size - IMAGE_BLOCK, 0, IMAGE_BLOCK);
	for (size_t i = 0; i < blocks; i++)
		sha256(image + (i + 1) * IMAGE_BLOCK, IMAGE_BLOCK,
		       image + image_size - IMAGE_BLOCK + i * IMAGE_HASH);
	sha256(image + image_size - IMAGE_BLOCK, IMAGE_BLOCK, s->top_hash);
	sha256(image, IMAGE_BLOCK, root_hash);
}

static void walk(struct inode *i, unsigned depth);

struct names {
	struct dir_context ctx;
	struct inode *dir;
	unsigned depth;
};

static bool visit(struct dir_context *ctx, const char *name, size_t len, uint64_t ino,
		  unsigned type)
{
	struct names *n = container_of(ctx, struct names, ctx);
	struct inode *child;

	(void)ino, (void)type;
	if (strlen(name) != len || strchr(name, '/'))
		__builtin_trap();
	if (n->depth < 20 && !n->dir->ops->lookup(n->dir, name, &child)) {
		walk(child, n->depth + 1);
		inode_put(child);
	}
	return steps < STEPS_MAX;
}

static void walk(struct inode *i, unsigned depth)
{
	static char page[IMAGE_BLOCK], small[256];

	if (steps++ >= STEPS_MAX)
		return;
	hash_path(i, small, sizeof(small));
	if (i->ops->listxattr)
		(void)i->ops->listxattr(i, small, sizeof(small));
	if (i->ops->getxattr)
		(void)i->ops->getxattr(i, "user.a", small, sizeof(small));
	if (i->ops->sites)
		kfree(i->ops->sites(i));
	if (i->ops->readlink && i->ops->readlink(i, small, sizeof(small)) > (ssize_t)sizeof(small))
		__builtin_trap();
	for (uint64_t p = 0; i->ops->readpage && p < 3; p++)
		(void)i->ops->readpage(i, p, page);
	if (S_ISDIR(i->mode)) {
		struct names n = {.ctx.emit = visit, .dir = i, .depth = depth};
		struct file f = {.inode = i};

		(void)i->fops->iterate(&f, &n.ctx);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct super_block *sb;

	if (size <= IMAGE_BLOCK)
		return 0;
	image_sign(data, size);
	steps = 0;
	if (hashfs_create("img", root_hash, &sb))
		return 0;
	walk(sb->root->inode, 0);
	super_put(sb);
	return 0;
}
