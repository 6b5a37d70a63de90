/* filemap_window.c: page cache pages that live in user memory (MAP_SHARED), writing back, and
 * fallocate.
 *
 * While a window is open, the cache's pages of its range lie in it, so that mappings and read/write
 * see the same bytes. Pages inside the file always exist in a window's range; what lies behind the
 * end of the file is plain memory of the mapping until the file grows. The cache cannot see stores
 * through a window: once one of the mappings may store (map->stores), all pages in windows count as dirty whenever they
 * are written back. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/filemap.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "vm/vm.h"

#define KEEP_PAGES 64u /* windows up to this leave their pages in the cache when they close */

struct window *window_at(const struct filemap *map, uint64_t index)
{
	struct window *w;

	list_for_each(w, &map->windows, node)
	{
		if (index >= w->index && index - w->index < w->count)
			return w;
	}
	return NULL;
}

static bool window_overlaps(const struct filemap *map, uint64_t index, size_t count)
{
	struct window *w;

	list_for_each(w, &map->windows, node)
	{
		if (index < w->index + w->count && w->index < index + count)
			return true;
	}
	return false;
}

static uint64_t pages_of(uint64_t size)
{
	return (size + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* Moves a page's content into the window that covers it. */
static void page_to_window(struct cpage *page, const struct window *w)
{
	char *to = (char *)w->addr + (page->index - w->index) * PAGE_SIZE;

	memcpy(to, page->addr, PAGE_SIZE);
	page_free(page->addr, 1);
	cpage_off_lru(page);
	page->addr = to;
	page->flags = (page->flags | CP_WINDOW) & ~CP_RESERVED;
}

static int window_populate(struct filemap *map, const struct window *w)
{
	struct cpage *page;
	int err;

	for (uint64_t i = w->index; i < w->index + w->count; i++) {
		if (i >= pages_of(map->inode->size)) {
			memset((char *)w->addr + (i - w->index) * PAGE_SIZE, 0, PAGE_SIZE);
			continue;
		}
		err = cpage_get(map, i, &page);
		if (err)
			return err;
		if (!(page->flags & CP_WINDOW))
			page_to_window(page, w);
	}
	return 0;
}

static bool window_follows(const struct window *a, const struct window *b)
{
	return a->index + a->count == b->index && a->addr + a->count * PAGE_SIZE == b->addr;
}

/* Mappings are filled piece by piece: neighbours become one. */
static void window_merge(struct filemap *map, struct window *w)
{
	struct window *o, *next;

	list_for_each_safe(o, next, &map->windows, node)
	{
		bool before = window_follows(o, w);

		if (o == w || (!before && !window_follows(w, o)))
			continue;
		if (before) {
			w->index = o->index;
			w->addr = o->addr;
		}
		w->count += o->count;
		list_remove(&o->node);
		kfree(o);
	}
}

int filemap_window_open(struct inode *inode, uint64_t index, size_t count, uaddr_t addr)
{
	struct filemap *map;
	struct window *w;
	int err;

	inode = inode_content(inode);
	map = filemap_of(inode);
	w = map ? kzalloc(sizeof(*w)) : NULL;
	if (!w)
		return -ENOMEM;
	if (window_overlaps(map, index, count)) {
		kfree(w);
		return -EBUSY;
	}
	*w = (struct window){.index = index, .count = count, .addr = addr};
	list_push_back(&map->windows, &w->node);
	err = window_populate(map, w);
	if (err)
		filemap_window_close(inode, index, count);
	else
		window_merge(map, w);
	return err;
}

void filemap_window_stores(struct inode *inode)
{
	inode = inode_content(inode);
	if (inode->map && !list_empty(&inode->map->windows))
		inode->map->stores = true;
}

int window_extend(struct filemap *map, uint64_t old_size, uint64_t size)
{
	struct cpage *page;
	struct window *w;
	int err;

	list_for_each(w, &map->windows, node)
	{
		uint64_t i = MAX(pages_of(old_size), w->index),
			 end = MIN(pages_of(size), w->index + w->count);

		for (; i < end; i++) {
			err = cpage_find(map, i) ? 0 : cpage_create(map, i, &page);
			if (err)
				return err;
		}
	}
	return 0;
}

/* A page leaves its window: into LibOS memory, or away if the fs can give it again and that is what is wanted. */
static void page_leave_window(struct cpage *page, bool keep)
{
	struct inode *inode = page->map->inode;
	char *copy = inode->ops->readpage && !keep ? NULL : cpage_memory();

	if (!copy) {
		if (!inode->ops->readpage)
			log_error("%s: inode %lu: page %lu is lost: out of memory",
				  inode->sb->fstype, inode->ino, page->index);
		cpage_drop(page);
		return;
	}
	memcpy(copy, page->addr, PAGE_SIZE);
	page->addr = copy;
	page->flags &= ~CP_WINDOW;
	cpage_to_lru(page);
}

/* Takes [index, end) out of w, which may split it. */
static void window_cut(struct filemap *map, struct window *w, uint64_t index, uint64_t end)
{
	uint64_t w_end = w->index + w->count;
	struct window *rest;

	if (w->index < index && end < w_end) {
		rest = kzalloc(sizeof(*rest));
		if (!rest) {
			log_error("a hole in a shared mapping is kept: out of memory");
			return;
		}
		*rest = (struct window){.index = end,
					.count = w_end - end,
					.addr = w->addr + (end - w->index) * PAGE_SIZE};
		list_push_back(&map->windows, &rest->node);
		w->count = index - w->index;
	} else if (w->index < index) {
		w->count = index - w->index;
	} else if (end < w_end) {
		w->addr += (end - w->index) * PAGE_SIZE;
		w->count = w_end - end;
		w->index = end;
	} else {
		list_remove(&w->node);
		kfree(w);
	}
}

void filemap_window_close(struct inode *inode, uint64_t index, size_t count)
{
	struct filemap *map;
	struct window *w, *next;
	struct cpage *page;
	uint64_t end = index + count;

	inode = inode_content(inode);
	map = inode->map;
	if (!map)
		return;
	if (filemap_writeback(inode, index, count))
		log_warn("%s: inode %lu: mapped changes could not be written", inode->sb->fstype,
			 inode->ino);
	for (uint64_t i = index; (page = pagetree_next(&map->pages, &i)) && i < end; i++) {
		if (page->flags & CP_WINDOW)
			page_leave_window(page, count <= KEEP_PAGES);
	}
	list_for_each_safe(w, next, &map->windows, node)
	{
		if (index < w->index + w->count && w->index < end)
			window_cut(map, w, MAX(index, w->index), MIN(end, w->index + w->count));
	}
	if (list_empty(&map->windows))
		map->stores = false;
}

int filemap_writeback(struct inode *inode, uint64_t index, size_t count)
{
	struct filemap *map;
	struct cpage *page;
	uint64_t end;
	int err = 0, e;

	inode = inode_content(inode);
	map = inode->map;
	if (__builtin_add_overflow(index, count, &end))
		end = UINT64_MAX;
	if (!map || !inode->ops->writepage)
		return 0;
	for (uint64_t i = index; (page = pagetree_next(&map->pages, &i)) && i < end; i++) {
		unsigned dirty = map->stores ? CP_DIRTY | CP_WINDOW : CP_DIRTY;

		if (!(page->flags & dirty) || i * PAGE_SIZE >= inode->size)
			continue;
		page->flags &= ~CP_DIRTY;
		e = inode->ops->writepage(inode, i, page->addr,
					  MIN(PAGE_SIZE, inode->size - i * PAGE_SIZE));
		if (e && !err)
			err = e;
		if (!(page->flags & CP_WINDOW))
			cpage_to_lru(page);
	}
	return err;
}

static void zero_part(struct filemap *map, uint64_t off, uint64_t len)
{
	struct cpage *page = len ? cpage_find(map, off / PAGE_SIZE) : NULL;

	if (page)
		cpage_zero(page, off % PAGE_SIZE, off % PAGE_SIZE + len);
}

/* Zeroes [off, off+len) and drops whole pages in it; the size stays. */
static int filemap_punch(struct inode *inode, uint64_t off, uint64_t len)
{
	struct filemap *map = inode->map;
	uint64_t end = off + len, first = pages_of(off), last = end / PAGE_SIZE;
	struct cpage *page;

	if (!map)
		return 0;
	inode->version++;
	if (first > last) {
		zero_part(map, off, len);
		return 0;
	}
	zero_part(map, off, first * PAGE_SIZE - off);
	zero_part(map, last * PAGE_SIZE, end % PAGE_SIZE);
	for (uint64_t i = first; (page = pagetree_next(&map->pages, &i)) && i < last; i++) {
		if (page->flags & CP_WINDOW)
			cpage_zero(page, 0, PAGE_SIZE);
		else
			cpage_drop(page);
	}
	return 0;
}

/* Makes every page of [off, off+len) exist. May sleep. */
static int filemap_reserve(struct inode *inode, uint64_t off, uint64_t len)
{
	struct filemap *map = filemap_of(inode);
	struct cpage *page;
	int err = 0;

	if (!map)
		return -ENOMEM;
	for (uint64_t i = off / PAGE_SIZE; i < pages_of(off + len) && !err; i++) {
		if (cpage_find(map, i))
			continue;
		err = cpage_get(map, i, &page);
		if (!err)
			page->flags |= CP_RESERVED;
	}
	return err;
}

/* Moves all pages at or after `from` by delta pages (fallocate collapse/insert). -EBUSY with windows. */
static int filemap_shift(struct inode *inode, uint64_t from, int64_t delta)
{
	struct filemap *map = inode->map;
	struct cpage *page;
	uint64_t i;
	struct list moving = LIST_INIT(moving);

	if (!map)
		return 0;
	if (!list_empty(&map->windows))
		return -EBUSY;
	inode->version++;
	map->last = NULL;
	/* lru nodes are free to borrow: pages of such files are never on the LRU list */
	for (i = from; (page = pagetree_next(&map->pages, &i)); i++) {
		pagetree_remove(&map->pages, i);
		list_push_back(&moving, &page->lru);
	}
	while (!list_empty(&moving)) {
		page = list_first(&moving, struct cpage, lru);
		list_remove(&page->lru);
		page->index += (uint64_t)delta;
		if (pagetree_set(&map->pages, page->index, page)) {
			log_error("%s: inode %lu: page lost: out of memory", inode->sb->fstype,
				  inode->ino);
			map->npages--;
			page_free(page->addr, 1);
			kfree(page);
		}
	}
	return 0;
}

static int shift_range(struct inode *inode, int mode, uint64_t off, uint64_t len)
{
	bool collapse = mode == FALLOC_FL_COLLAPSE_RANGE;
	uint64_t size = inode->size;
	int64_t pages = (int64_t)(len / PAGE_SIZE);
	int err;

	if ((off | len) % PAGE_SIZE || (collapse ? off + len >= size : off >= size))
		return -EINVAL;
	if (collapse) {
		err = filemap_punch(inode, off, len);
		if (!err)
			err = filemap_shift(inode, (off + len) / PAGE_SIZE, -pages);
	} else {
		err = filemap_shift(inode, off / PAGE_SIZE, pages);
	}
	if (!err)
		inode->size = collapse ? size - len : size + len;
	return err;
}

static void show_size(struct inode *shown, const struct inode *content)
{
	for (; shown != content; shown = shown->data)
		shown->size = content->size;
}

int filemap_fallocate(struct file *f, int mode, loff_t soff, loff_t slen)
{
	struct inode *inode = inode_content(f->inode);
	uint64_t off = (uint64_t)soff, len = (uint64_t)slen;
	bool keep = mode & FALLOC_FL_KEEP_SIZE;
	int err;

	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case 0:
		err = filemap_reserve(inode, off, len);
		break;
	case FALLOC_FL_PUNCH_HOLE:
		return keep ? filemap_punch(inode, off, len) : -EOPNOTSUPP;
	case FALLOC_FL_ZERO_RANGE:
		err = filemap_punch(inode, off, len);
		if (!err)
			err = filemap_reserve(inode, off, len);
		break;
	case FALLOC_FL_COLLAPSE_RANGE:
	case FALLOC_FL_INSERT_RANGE:
		err = keep ? -EINVAL : shift_range(inode, mode, off, len);
		show_size(f->inode, inode);
		return err;
	default:
		return -EOPNOTSUPP;
	}
	if (!err && !keep && off + len > inode->size)
		filemap_truncate(f->inode, off + len);
	return err;
}
