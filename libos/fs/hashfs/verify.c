/* verify.c: reading blocks of the image file, each compared with its hash before anybody sees it.
 *
 * A block is copied into enclave memory first and hashed there, so the host cannot change it
 * between check and use. Its hash stands in a tree block that was verified the same way, up to the
 * superblock, whose hash is measured. A block's place in the tree follows from its number alone:
 * blocks cannot be exchanged. The cache holds verified blocks only; entries are good until the next
 * call of this file. */
#include "fs/hashfs/hashfs.h"

#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/sha256.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define COMPLAINTS_MAX 100
#define READ_BATCH     32 /* blocks */

struct hash_block {
	uint64_t number;
	struct list lru;
	uint8_t *data;
};

static bool may_complain(struct hash_super *hs)
{
	if (hs->complaints == COMPLAINTS_MAX)
		log_error("image %s: more bad blocks; no more messages about them", hs->source);
	return hs->complaints++ < COMPLAINTS_MAX;
}

static int block_bad(struct hash_super *hs, uint64_t number, const char *problem,
		     struct hash_purpose why)
{
	char path[256];

	if (hs->bad_block == number + 1)
		return -EIO; /* said already */
	hs->bad_block = number + 1;
	if (may_complain(hs))
		log_error("image %s: block %lu %s; needed for the %s%s%s", hs->source, number,
			  problem, why.what, why.inode ? " of " : "",
			  why.inode ? hash_path(why.inode, path, sizeof(path)) : "");
	return -EIO;
}

int image_malformed(struct hash_super *hs, struct hash_purpose why, const char *problem)
{
	char path[256];

	if (may_complain(hs))
		log_error("image %s: malformed %s%s%s: %s", hs->source, why.what,
			  why.inode ? " of " : "",
			  why.inode ? hash_path(why.inode, path, sizeof(path)) : "", problem);
	return -EIO;
}

static int block_check(struct hash_super *hs, uint64_t number, const void *data,
		       const uint8_t *expected, struct hash_purpose why)
{
	uint8_t hash[IMAGE_HASH];

	sha256(data, IMAGE_BLOCK, hash);
	if (!memcmp(hash, expected, IMAGE_HASH))
		return 0;
	return block_bad(hs, number, "does not match its hash", why);
}

static int blocks_fetch(struct hash_super *hs, uint64_t number, size_t count, void *buf,
			struct hash_purpose why)
{
	ssize_t n = host_pread(hs->fd, buf, count * IMAGE_BLOCK, number * IMAGE_BLOCK);

	if (n == (ssize_t)(count * IMAGE_BLOCK))
		return 0;
	number += n > 0 ? (uint64_t)n / IMAGE_BLOCK : 0;
	return block_bad(hs, number, n < 0 ? "cannot be read" : "lies behind the end of the file",
			 why);
}

static struct hash_block *block_cached(struct hash_super *hs, uint64_t number)
{
	struct hash_block *b = pagetree_get(&hs->cache, number);

	if (b) {
		list_remove(&b->lru);
		list_push_front(&hs->lru, &b->lru);
	}
	return b;
}

static void block_drop(struct hash_super *hs, struct hash_block *b)
{
	pagetree_remove(&hs->cache, b->number);
	list_remove(&b->lru);
	hs->cached--;
	page_free(b->data, 1);
	kfree(b);
}

static struct hash_block *block_alloc(struct hash_super *hs)
{
	struct hash_block *b;

	if (hs->cached >= HASHFS_CACHE_MAX)
		block_drop(hs, list_last(&hs->lru, struct hash_block, lru));
	b = kzalloc(sizeof(*b));
	if (!b)
		return NULL;
	list_init(&b->lru);
	b->data = page_alloc(1);
	if (b->data)
		return b;
	kfree(b);
	return NULL;
}

/* Takes over b, whose data is verified. */
static int block_insert(struct hash_super *hs, uint64_t number, struct hash_block *b)
{
	b->number = number;
	if (pagetree_set(&hs->cache, number, b))
		return -ENOMEM;
	list_push_front(&hs->lru, &b->lru);
	hs->cached++;
	return 0;
}

static int block_get(struct hash_super *hs, unsigned level, uint64_t index, struct hash_purpose why,
		     uint8_t **out);

/* What block `index` of `level` must hash to. Recursion is bounded by IMAGE_LEVELS_MAX. */
static int hash_expected(struct hash_super *hs, unsigned level, uint64_t index,
			 struct hash_purpose why, uint8_t out[IMAGE_HASH])
{
	uint8_t *node;
	int err;

	if (level == hs->levels) {
		memcpy(out, hs->top_hash, IMAGE_HASH);
		return 0;
	}
	err = block_get(hs, level + 1, index / IMAGE_FANOUT, why, &node);
	if (!err)
		memcpy(out, node + index % IMAGE_FANOUT * IMAGE_HASH, IMAGE_HASH);
	return err;
}

/* A block through the cache. *out is good until the next call. */
static int block_get(struct hash_super *hs, unsigned level, uint64_t index, struct hash_purpose why,
		     uint8_t **out)
{
	uint64_t number = hs->level_start[level] + index;
	struct hash_block *b = block_cached(hs, number);
	uint8_t expected[IMAGE_HASH];
	int err;

	if (b) {
		*out = b->data;
		return 0;
	}
	err = hash_expected(hs, level, index, why, expected);
	if (err)
		return err;
	b = block_alloc(hs);
	if (!b)
		return -ENOMEM;
	err = blocks_fetch(hs, number, 1, b->data, why);
	if (!err)
		err = block_check(hs, number, b->data, expected, why);
	if (!err)
		err = block_insert(hs, number, b);
	if (err) {
		page_free(b->data, 1);
		kfree(b);
		return err;
	}
	*out = b->data;
	return 0;
}

bool image_range_ok(const struct hash_super *hs, uint64_t off, uint64_t n)
{
	uint64_t end = (hs->blocks + 1) * IMAGE_BLOCK;

	return off >= IMAGE_BLOCK && off <= end && n <= end - off;
}

int image_read(struct hash_super *hs, uint64_t off, void *buf, size_t n, struct hash_purpose why)
{
	if (!image_range_ok(hs, off, n))
		return image_malformed(hs, why, "it points outside the image's data");
	while (n) {
		size_t at = off % IMAGE_BLOCK, k = MIN(n, IMAGE_BLOCK - at);
		uint8_t *data;
		int err = block_get(hs, 0, off / IMAGE_BLOCK - 1, why, &data);

		if (err)
			return err;
		memcpy(buf, data + at, k);
		buf = (char *)buf + k;
		off += k;
		n -= k;
	}
	return 0;
}

static bool contiguous(void **pages, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (pages[i] != (char *)pages[0] + i * IMAGE_BLOCK)
			return false;
	}
	return true;
}

static int batch_verify(struct hash_super *hs, uint64_t index, size_t count, const char *data,
			struct hash_purpose why)
{
	uint8_t expected[IMAGE_HASH];
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		err = hash_expected(hs, 0, index + i, why, expected);
		if (!err)
			err = block_check(hs, index + i + 1, data + i * IMAGE_BLOCK, expected, why);
	}
	return err;
}

static int read_batch(struct hash_super *hs, uint64_t index, size_t count, void **pages,
		      struct hash_purpose why)
{
	char *buf = contiguous(pages, count) ? pages[0] : page_alloc(count);
	bool bounce = buf != pages[0];
	int err;

	if (!buf)
		return -ENOMEM;
	err = blocks_fetch(hs, index + 1, count, buf, why);
	if (!err)
		err = batch_verify(hs, index, count, buf, why);
	for (size_t i = 0; bounce && !err && i < count; i++)
		memcpy(pages[i], buf + i * IMAGE_BLOCK, IMAGE_BLOCK);
	if (bounce)
		page_free(buf, count);
	return err;
}

int image_read_pages(struct hash_super *hs, uint64_t off, size_t count, void **pages,
		     struct hash_purpose why)
{
	uint64_t index = off / IMAGE_BLOCK - 1;
	int err = 0;

	if (off % IMAGE_BLOCK || !image_range_ok(hs, off, count * IMAGE_BLOCK))
		return image_malformed(hs, why, "it points outside the image's data");
	for (size_t i = 0, k; i < count && !err; i += k) {
		k = MIN(count - i, (size_t)READ_BATCH);
		err = read_batch(hs, index + i, k, pages + i, why);
	}
	for (size_t i = 0; err && i < count; i++)
		memset(pages[i], 0, IMAGE_BLOCK);
	return err;
}

/* Where the levels of the tree lie: each holds the hashes of the one below, the last is one block.
 */
static bool place_levels(struct hash_super *hs)
{
	uint64_t start = 1, count = hs->blocks;
	unsigned level = 0;

	for (;; level++) {
		hs->level_start[level] = start;
		if (level && count == 1)
			return level == hs->levels;
		if (level == IMAGE_LEVELS_MAX)
			return false;
		start += count;
		count = (count + IMAGE_FANOUT - 1) / IMAGE_FANOUT;
	}
}

static const char *super_problem(struct hash_super *hs, const struct image_super *s)
{
	if (s->magic != IMAGE_MAGIC)
		return "it is no image";
	if (s->version != IMAGE_VERSION)
		return "unknown version";
	if (!s->blocks || s->blocks > IMAGE_BLOCKS_MAX || !place_levels(hs))
		return "impossible size";
	if (!s->inodes || s->inodes > UINT32_MAX || s->inode_table % IMAGE_BLOCK ||
	    !image_range_ok(hs, s->inode_table, s->inodes * sizeof(struct image_inode)))
		return "impossible inode table";
	return NULL;
}

int image_open(struct hash_super *hs, const uint8_t root_hash[IMAGE_HASH])
{
	struct hash_purpose why = {.what = "superblock"};
	struct image_super *s = page_alloc(1);
	const char *problem;
	int err;

	if (!s)
		return -ENOMEM;
	err = blocks_fetch(hs, 0, 1, s, why);
	if (!err)
		err = block_check(hs, 0, s, root_hash, why);
	if (!err) {
		hs->blocks = s->blocks;
		hs->inodes = s->inodes;
		hs->inode_table = s->inode_table;
		hs->levels = s->levels;
		memcpy(hs->top_hash, s->top_hash, IMAGE_HASH);
		problem = super_problem(hs, s);
		if (problem)
			err = image_malformed(hs, why, problem);
	}
	page_free(s, 1);
	return err;
}

void image_close(struct hash_super *hs)
{
	while (!list_empty(&hs->lru))
		block_drop(hs, list_first(&hs->lru, struct hash_block, lru));
	if (hs->fd >= 0)
		host_close(hs->fd);
}
