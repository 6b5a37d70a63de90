/* filemap.h: the insides of the page cache, shared by filemap*.c. Interface: fs/file.h. */
#pragma once
#include "abi/layout.h"
#include "fs/inode.h"
#include "fs/pagetree.h"

#define CP_UPTODATE 1u
#define CP_DIRTY 2u
#define CP_WINDOW 4u   /* addr lies in user memory, in a window of the map */
#define CP_FILLING 8u  /* being read from the fs; wait on fill_wait */
#define CP_RECENT 16u
#define CP_RESERVED 64u /* by fallocate, never written: a hole to SEEK_DATA */
#define CP_DETACHED 32u /* cut off while filling: the filler frees it */

struct cpage {
	struct filemap *map;
	uint64_t index;
	char *addr;
	unsigned flags;
	struct list lru; /* reclaimable pages: fs has readpage, not in a window */
};

struct window {
	struct list node;
	uint64_t index, count;
	uaddr_t addr;
};

struct filemap {
	struct inode *inode;
	struct pagetree pages;
	size_t npages;
	struct cpage *last;     /* found last */
	uint64_t read_ahead;    /* where a sequential reader would go on */
	struct list windows;
	bool stores;            /* through windows, since the first of those there are was opened: pages may have changed unseen */
	struct waitq fill_wait;
};

struct filemap *filemap_of(struct inode *inode) must_check; /* made if missing; NULL: no memory */
struct cpage *cpage_find(struct filemap *map, uint64_t index);
/* The page, filled (created zeroed where the fs keeps nothing). May sleep. */
int cpage_get(struct filemap *map, uint64_t index, struct cpage **out) must_check;
/* A new zeroed page, charged to the fs. Must not exist. Does not sleep. */
int cpage_create(struct filemap *map, uint64_t index, struct cpage **out) must_check;
void cpage_drop(struct cpage *page);
/* Zeroes bytes [from, to) of a page. */
void cpage_zero(struct cpage *page, size_t from, size_t to);
/* Memory for a page that is no window's, or NULL. May drop pages on the LRU list. */
char *cpage_memory(void) must_check;
void cpage_to_lru(struct cpage *page);
void cpage_off_lru(struct cpage *page);
struct window *window_at(const struct filemap *map, uint64_t index);
/* The file grows to size: pages of windows that come into it become part of the cache. */
int window_extend(struct filemap *map, uint64_t old_size, uint64_t size) must_check;
/* fallocate for files that live in the page cache. */
int filemap_fallocate(struct file *f, int mode, loff_t off, loff_t len) must_check;
