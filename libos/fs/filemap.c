/* filemap.c: the page cache.
 *
 * A map belongs to the inode that holds the content (for a union: inode->data). Pages come from the
 * fs by readpage, or, where there is none (ramfs), are the file itself: absent pages are holes,
 * nothing is ever reclaimed. Reclaimable pages lie on one LRU list, capped; one used since the last
 * look gets another round.
 *
 * Nothing pins a page: a page found is good until the next sleep. So copies to and from a process
 * first make its memory present (that may sleep), then look the page up, then copy, which cannot
 * sleep any more. A page being read (CP_FILLING) is waited for; if it is truncated meanwhile the
 * reader frees it. */
#include "fs/filemap.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "process/process.h"
#include "sync/giant.h"
#include "vm/vm.h"

#define READ_AHEAD_PAGES 16u
#define CAP_DEFAULT	 (131072UL) /* 512 MiB */
#define SHRINK_BATCH	 64u
#define YIELD_BYTES	 0x100000UL

static struct list lru = LIST_INIT(lru);
static size_t lru_count, total_pages, cap_pages = CAP_DEFAULT;
static void *zero_page;

struct filemap *filemap_of(struct inode *inode)
{
	struct filemap *map = inode->map;

	if (map)
		return map;
	map = kzalloc(sizeof(*map));
	if (!map)
		return NULL;
	map->inode = inode;
	list_init(&map->windows);
	waitq_init(&map->fill_wait);
	inode->map = map;
	return map;
}

static bool lives_here(const struct filemap *map)
{
	return !map->inode->ops->readpage;
}

void cpage_to_lru(struct cpage *page)
{
	if (lives_here(page->map) || !list_empty(&page->lru))
		return;
	list_push_back(&lru, &page->lru);
	lru_count++;
}

void cpage_off_lru(struct cpage *page)
{
	if (list_empty(&page->lru))
		return;
	list_remove(&page->lru);
	lru_count--;
}

struct cpage *cpage_find(struct filemap *map, uint64_t index)
{
	struct cpage *page = map->last;

	if (page && page->index == index)
		return page;
	page = pagetree_get(&map->pages, index);
	if (page) {
		page->flags |= CP_RECENT;
		map->last = page;
	}
	return page;
}

static void cpage_free(struct cpage *page)
{
	if (!(page->flags & CP_WINDOW))
		page_free(page->addr, 1);
	kfree(page);
}

/* Out of the tree; freed unless somebody is filling it. */
void cpage_drop(struct cpage *page)
{
	struct filemap *map = page->map;

	pagetree_remove(&map->pages, page->index);
	if (map->last == page)
		map->last = NULL;
	cpage_off_lru(page);
	map->npages--;
	total_pages--;
	if (map->inode->ops->charge)
		(void)map->inode->ops->charge(map->inode, -1);
	if (page->flags & CP_FILLING)
		page->flags |= CP_DETACHED;
	else
		cpage_free(page);
}

/* Around every change of a page's content: a page in a window may be write-protected there. */
static void cpage_write_begin(struct cpage *page)
{
	if (page->flags & CP_WINDOW)
		vm_window_write_begin((uaddr_t)page->addr);
}

static void cpage_write_end(struct cpage *page)
{
	if (page->flags & CP_WINDOW)
		vm_window_write_end((uaddr_t)page->addr);
}

void cpage_zero(struct cpage *page, size_t from, size_t to)
{
	cpage_write_begin(page);
	memset(page->addr + from, 0, to - from);
	cpage_write_end(page);
}

char *cpage_memory(void)
{
	char *addr;

	if (lru_count >= cap_pages)
		filemap_shrink(SHRINK_BATCH);
	addr = page_alloc(1);
	if (!addr && filemap_shrink(SHRINK_BATCH))
		addr = page_alloc(1);
	return addr;
}

static char *page_memory(struct filemap *map, struct cpage *page)
{
	struct window *w = window_at(map, page->index);

	if (!w)
		return cpage_memory();
	page->flags |= CP_WINDOW;
	return (char *)w->addr + (page->index - w->index) * PAGE_SIZE;
}

/* A page with memory, in the tree, content undefined. */
static int cpage_new(struct filemap *map, uint64_t index, struct cpage **out)
{
	const struct inode_ops *ops = map->inode->ops;
	struct cpage *page;
	int err = ops->charge ? ops->charge(map->inode, 1) : 0;

	if (err)
		return err;
	page = kzalloc(sizeof(*page));
	if (page) {
		page->map = map;
		page->index = index;
		list_init(&page->lru);
		page->addr = page_memory(map, page);
		if (page->addr && !pagetree_set(&map->pages, index, page)) {
			map->npages++;
			total_pages++;
			*out = page;
			return 0;
		}
		if (page->addr)
			cpage_free(page);
		else
			kfree(page);
	}
	if (ops->charge)
		(void)ops->charge(map->inode, -1);
	return -ENOMEM;
}

int cpage_create(struct filemap *map, uint64_t index, struct cpage **out)
{
	int err = cpage_new(map, index, out);

	if (err)
		return err;
	cpage_zero(*out, 0, PAGE_SIZE);
	(*out)->flags |= CP_UPTODATE;
	return 0;
}

static int read_pages(struct inode *inode, uint64_t index, struct cpage **pages, size_t n)
{
	void *addrs[READ_AHEAD_PAGES];
	int err = 0;

	if (inode->ops->readpages && n > 1) {
		for (size_t i = 0; i < n; i++)
			addrs[i] = pages[i]->addr;
		return inode->ops->readpages(inode, index, n, addrs);
	}
	for (size_t i = 0; i < n && !err; i++)
		err = inode->ops->readpage(inode, index + i, pages[i]->addr);
	return err;
}

/* How many absent pages from index on to read at once: one, or a run for a sequential reader. */
static size_t read_ahead_count(struct filemap *map, uint64_t index)
{
	uint64_t end = (map->inode->size + PAGE_SIZE - 1) / PAGE_SIZE;
	size_t n = 1, want = 1;

	if (map->inode->ops->readpages && (index == map->read_ahead || index == 0))
		want = READ_AHEAD_PAGES;
	while (n < want && index + n < end && !pagetree_get(&map->pages, index + n))
		n++;
	return n;
}

static void fill_done(struct filemap *map, struct cpage **pages, size_t n, int err)
{
	for (size_t i = 0; i < n; i++) {
		struct cpage *page = pages[i];

		page->flags &= ~CP_FILLING;
		if (page->flags & CP_DETACHED) {
			cpage_free(page);
		} else if (err) {
			cpage_drop(page);
		} else {
			page->flags |= CP_UPTODATE;
			if (!(page->flags & CP_WINDOW))
				cpage_to_lru(page);
		}
	}
	waitq_wake_all(&map->fill_wait, 0);
}

/* Reads the absent page at index, and perhaps some after it, from the fs. May sleep. */
static int cpage_fill(struct filemap *map, uint64_t index, size_t want)
{
	struct inode *inode = map->inode;
	struct cpage *pages[READ_AHEAD_PAGES];
	size_t n = 0;
	int err = 0;

	while (n < want && !err) {
		err = cpage_new(map, index + n, &pages[n]);
		if (!err)
			pages[n++]->flags |= CP_FILLING;
	}
	if (!n)
		return err;
	inode_get(inode);
	err = read_pages(inode, index, pages, n);
	fill_done(map, pages, n, err);
	map->read_ahead = index + n;
	if (err && n > 1)
		err = cpage_fill(map, index, 1); /* the error may lie in what was not asked for */
	inode_put(inode);
	return err;
}

int cpage_get(struct filemap *map, uint64_t index, struct cpage **out)
{
	for (;;) {
		int err = 0;

		*out = cpage_find(map, index);
		if (*out && ((*out)->flags & CP_UPTODATE))
			return 0;
		if (*out)
			err = waitq_wait(&map->fill_wait, WAIT_KILLABLE, NSEC_NEVER);
		else if (lives_here(map))
			return cpage_create(map, index, out);
		else
			err = cpage_fill(map, index, read_ahead_count(map, index));
		if (err)
			return err;
	}
}

/* Makes the user memory at the front of it present, at most n bytes and one segment: the copy that
 * follows will not sleep. Bytes, or -EFAULT. */
static ssize_t iter_prefault(struct iov_iter *it, size_t n, int prot)
{
	n = MIN(n, it->count);
	while (it->segs && it->vec[0].len == it->offset && it->segs > 1) {
		it->vec++;
		it->segs--;
		it->offset = 0;
	}
	n = MIN(n, it->vec[0].len - it->offset);
	if (it->kernel)
		return (ssize_t)n;
	struct vm_space *s = current_process()->space;
	uaddr_t at = it->vec[0].base + it->offset;
	size_t first = PAGE_SIZE - at % PAGE_SIZE;
	if (!vm_make_present(s, at, n, prot))
		return (ssize_t)n;
	/* only the part before a hole */
	return n > first && !vm_make_present(s, at, first, prot) ? (ssize_t)first : -EFAULT;
}

/* One step of a read: at most a page. Bytes or -errno; 0 at the end of the file. */
static ssize_t read_step(struct filemap *map, struct iov_iter *to, uint64_t pos)
{
	uint64_t index = pos / PAGE_SIZE, off = pos % PAGE_SIZE;
	struct cpage *page;
	ssize_t n;
	int err;

	for (;;) {
		n = pos < map->inode->size
			    ? iter_prefault(to, PAGE_SIZE - off, PROT_READ | PROT_WRITE)
			    : 0;
		if (n < 0)
			return n;
		if (pos >= map->inode->size) /* that may have changed while it slept */
			return 0;
		n = (ssize_t)MIN((uint64_t)n, map->inode->size - pos);
		page = cpage_find(map, index);
		if (!page && lives_here(map))
			return zero_iter((size_t)n, to);
		if (page && (page->flags & CP_UPTODATE))
			return copy_to_iter(page->addr + off, (size_t)n, to);
		err = cpage_get(map, index, &page);
		if (err)
			return err;
	}
}

ssize_t filemap_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct filemap *map = filemap_of(inode_content(f->inode));
	ssize_t done = 0, n = 0;

	if (!map)
		return -ENOMEM;
	while (to->count) {
		n = read_step(map, to, (uint64_t)*pos);
		if (n <= 0)
			break;
		done += n;
		*pos += n;
		if (done % (ssize_t)YIELD_BYTES == 0)
			giant_yield();
	}
	return done ? done : n;
}

static void size_changed(struct inode *shown, struct inode *content, uint64_t size)
{
	for (; shown != content; shown = shown->data)
		shown->size = size;
	content->size = size;
}

static void content_changed(struct inode *i)
{
	for (; i; i = i->data)
		i->version++;
}

/* Zeroes what lies in the last page behind the end of the file: it comes into view when the file
 * grows. */
static void clear_tail(struct filemap *map, uint64_t size)
{
	struct cpage *page = size % PAGE_SIZE ? cpage_find(map, size / PAGE_SIZE) : NULL;

	if (page && (page->flags & CP_UPTODATE))
		cpage_zero(page, size % PAGE_SIZE, PAGE_SIZE);
}

static int file_extend(struct inode *shown, struct filemap *map, uint64_t size)
{
	int err = window_extend(map, map->inode->size, size);

	if (err)
		return err;
	size_changed(shown, map->inode, size);
	return 0;
}

/* Makes the page a write of n bytes goes to; its old content is read only if part of it stays. May
 * sleep. */
static int page_for_write(struct filemap *map, uint64_t pos, size_t n)
{
	uint64_t index = pos / PAGE_SIZE, start = index * PAGE_SIZE;
	bool covered = n == PAGE_SIZE || start >= map->inode->size;
	struct cpage *page;

	if (!cpage_find(map, index) && (lives_here(map) || covered))
		return cpage_create(map, index, &page);
	return cpage_get(map, index, &page);
}

static ssize_t write_step(struct inode *shown, struct filemap *map, struct iov_iter *from,
			  uint64_t pos)
{
	uint64_t off = pos % PAGE_SIZE;
	struct cpage *page;
	ssize_t n;
	int err;

	for (;;) {
		n = iter_prefault(from, PAGE_SIZE - off, PROT_READ);
		if (n <= 0)
			return n;
		page = cpage_find(map, pos / PAGE_SIZE);
		if (page && (page->flags & CP_UPTODATE))
			break;
		err = page_for_write(map, pos, (size_t)n);
		if (err)
			return err;
	}
	if (pos > map->inode->size)
		clear_tail(map, map->inode->size);
	page->flags &= ~CP_RESERVED;
	cpage_write_begin(page);
	n = copy_from_iter(page->addr + off, (size_t)n, from);
	cpage_write_end(page);
	if (n <= 0)
		return n;
	if (!lives_here(map))
		page->flags |= CP_DIRTY;
	if (pos + (uint64_t)n > map->inode->size) {
		err = file_extend(shown, map, pos + (uint64_t)n);
		if (err)
			return err;
	}
	return n;
}

ssize_t filemap_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct inode *content = inode_content(f->inode);
	struct filemap *map = filemap_of(content);
	ssize_t done = 0, n = 0;

	if (!map)
		return -ENOMEM;
	if (content->ops->readpage && !content->ops->writepage)
		return -EROFS;
	if (f->flags & O_APPEND)
		*pos = (loff_t)content->size;
	if (f->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if ((f->inode->seals & F_SEAL_GROW) && (uint64_t)*pos + from->count > content->size)
		return -EPERM;
	while (from->count) {
		n = write_step(f->inode, map, from, (uint64_t)*pos);
		if (n <= 0)
			break;
		done += n;
		*pos += n;
		if (done % (ssize_t)YIELD_BYTES == 0)
			giant_yield();
	}
	if (done) {
		content_changed(f->inode);
		inode_touch(f->inode, ATTR_MTIME);
	}
	return done ? done : n;
}

void *filemap_page(struct inode *inode, uint64_t index, int *err)
{
	struct filemap *map;
	struct cpage *page;

	inode = inode_content(inode);
	map = filemap_of(inode);
	*err = -ENOMEM;
	if (!map)
		return NULL;
	*err = -EFAULT;
	if (index >= (inode->size + PAGE_SIZE - 1) / PAGE_SIZE)
		return NULL;
	*err = 0;
	if (lives_here(map) && !cpage_find(map, index)) {
		if (!zero_page)
			zero_page = page_alloc_zero(1);
		if (!zero_page)
			*err = -ENOMEM;
		return zero_page;
	}
	*err = cpage_get(map, index, &page);
	return *err ? NULL : page->addr;
}

void *filemap_peek(struct inode *inode, uint64_t index)
{
	struct cpage *page;

	inode = inode_content(inode);
	page = inode->map ? pagetree_get(&inode->map->pages, index) : NULL;
	return page && (page->flags & CP_UPTODATE) ? page->addr : NULL;
}

static void drop_range(struct filemap *map, uint64_t first, uint64_t end, bool clean_only)
{
	struct cpage *page;

	for (uint64_t i = first; (page = pagetree_next(&map->pages, &i)) && i < end; i++) {
		if (!clean_only || !(page->flags & (CP_DIRTY | CP_WINDOW | CP_FILLING)))
			cpage_drop(page);
	}
}

void filemap_truncate(struct inode *shown, uint64_t size)
{
	struct inode *inode = inode_content(shown);
	struct filemap *map = inode->map;
	uint64_t old = inode->size;

	content_changed(shown);
	if (!map) {
		size_changed(shown, inode, size);
		return;
	}
	if (size > old) {
		clear_tail(map, old);
		if (window_extend(map, old, size))
			log_warn("a mapped file grew but its new pages are not shared: out of "
				 "memory");
	}
	size_changed(shown, inode, size);
	if (size < old) {
		drop_range(map, (size + PAGE_SIZE - 1) / PAGE_SIZE, UINT64_MAX, false);
		clear_tail(map, size);
	}
}

void filemap_invalidate(struct inode *inode, uint64_t index, size_t count)
{
	uint64_t end;

	inode = inode_content(inode);
	if (__builtin_add_overflow(index, count, &end))
		end = UINT64_MAX;
	if (inode->map && !lives_here(inode->map))
		drop_range(inode->map, index, end, true);
}

size_t filemap_shrink(size_t pages)
{
	size_t freed = 0, looks = 2 * lru_count;

	while (freed < pages && looks-- && lru_count) {
		struct cpage *page = list_first(&lru, struct cpage, lru);

		if (page->flags & (CP_RECENT | CP_DIRTY)) {
			page->flags &= ~CP_RECENT;
			list_remove(&page->lru);
			list_push_back(&lru, &page->lru);
			continue;
		}
		cpage_drop(page);
		freed++;
	}
	return freed;
}

size_t filemap_resident(struct inode *inode)
{
	inode = inode_content(inode);
	return inode->map ? inode->map->npages : 0;
}

size_t filemap_total_pages(void)
{
	return total_pages;
}

void filemap_set_cap(size_t pages)
{
	cap_pages = MAX(pages, (size_t)SHRINK_BATCH);
}

void filemap_free(struct inode *inode)
{
	struct filemap *map = inode->map;

	if (!map)
		return;
	if (inode->nlink && filemap_writeback(inode, 0, SIZE_MAX))
		log_warn("%s: inode %lu: changes could not be written and are lost",
			 inode->sb->fstype, inode->ino);
	assert(list_empty(&map->windows));
	drop_range(map, 0, UINT64_MAX, false);
	inode->map = NULL;
	kfree(map);
}
