/* heap.c: the LibOS heap.
 *
 * Layers: chunks of 4 MiB of the LibOS area, committed as needed; in each chunk, page 0 holds one descriptor
 * per page and the others are handed out by a buddy allocator (up to 2 MiB); kmalloc's small sizes come
 * from slabs of one or four pages; anything larger than a buddy block takes whole chunks.
 *
 * Invariant: a page's descriptor says what it is part of, so kfree and page_free need no size from
 * outside and can refuse a wild pointer. Lock: giant. */
#include "base/heap.h"
#include "abi/layout.h"
#include "base/list.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"

#define CHUNK_SIZE 0x400000UL
#define CHUNK_PAGES (CHUNK_SIZE / PAGE_SIZE)
#define ORDER_MAX 9 /* 512 pages */
#define CHUNKS_MAX 8192

enum page_kind { PAGE_INNER, PAGE_FREE, PAGE_USED, PAGE_SLAB, PAGE_HUGE };

struct page_desc {
	uint8_t kind;
	uint8_t order;    /* FREE: of the block that starts here; SLAB: of the slab */
	uint16_t n;       /* USED: pages of the allocation that starts here; SLAB: index within the slab */
};

struct chunk {
	struct page_desc page[CHUNK_PAGES];
};
_Static_assert(sizeof(struct chunk) == PAGE_SIZE, "descriptors fill one page");

struct slab {
	struct list node;  /* in its class' partial list; self-linked when full */
	uint16_t class, used, total, order;
	void *free;        /* singly linked objects */
};
#define SLAB_HEAD 64
/* Descriptor 0 describes nothing: in a chunk that starts a huge run it holds the run's page count. */
#define huge_count(chunk) (*(uint32_t *)(chunk))

static const uint16_t class_size[] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048 };
#define SLAB_MAX 2048

static uint64_t arena, arena_end, committed_end;
static uint8_t chunk_used[CHUNKS_MAX]; /* 0 never committed, 1 in use, 2 free and committed */
static size_t chunk_count;             /* chunks ever taken */
static struct list free_list[ORDER_MAX + 1];
static struct list partial[ARRAY_SIZE(class_size)];
static struct heap_stats stats;

static struct chunk *chunk_at(size_t i)
{
	return (struct chunk *)(arena + i * CHUNK_SIZE);
}

static struct page_desc *desc_of(const void *p)
{
	struct chunk *c = (struct chunk *)((uint64_t)p & ~(CHUNK_SIZE - 1));

	return &c->page[((uint64_t)p & (CHUNK_SIZE - 1)) >> PAGE_SHIFT];
}

static void account(int64_t bytes)
{
	stats.used += (uint64_t)bytes;
	stats.peak = MAX(stats.peak, stats.used);
}

static bool commit_chunks(size_t first, size_t count)
{
	uint64_t start = arena + first * CHUNK_SIZE, end = start + count * CHUNK_SIZE;

	if (end > arena_end)
		return false;
	if (end > committed_end) {
		uint64_t from = MAX(start, committed_end);

		if (host_mem_augment(from, end - from))
			return false;
		committed_end = end;
	}
	return true;
}

/* count chunks in a row, committed. -1 if there is no room. */
static long take_chunks(size_t count)
{
	size_t run = 0;

	for (size_t i = 0; i < chunk_count; i++) {
		run = chunk_used[i] == 2 ? run + 1 : 0;
		if (run == count) {
			memset(&chunk_used[i + 1 - count], 1, count);
			return (long)(i + 1 - count);
		}
	}
	if (chunk_count + count > CHUNKS_MAX || !commit_chunks(chunk_count, count))
		return -1;
	memset(&chunk_used[chunk_count], 1, count);
	stats.committed = committed_end - arena;
	chunk_count += count;
	return (long)(chunk_count - count);
}

static void block_free(void *p, unsigned order)
{
	struct page_desc *d;

	for (; order < ORDER_MAX; order++) {
		uint64_t buddy = (uint64_t)p ^ (PAGE_SIZE << order);

		if (!(buddy & (CHUNK_SIZE - 1)))
			break; /* the descriptor page */
		d = desc_of((void *)buddy);
		if (d->kind != PAGE_FREE || d->order != order)
			break;
		list_remove((struct list *)buddy);
		d->kind = PAGE_INNER;
		p = (void *)MIN((uint64_t)p, buddy);
	}
	d = desc_of(p);
	d->kind = PAGE_FREE;
	d->order = (uint8_t)order;
	list_push_front(&free_list[order], p);
}

static bool add_chunk(void)
{
	long i = take_chunks(1);

	if (i < 0)
		return false;
	memset(chunk_at((size_t)i), 0, sizeof(struct chunk));
	for (unsigned order = 0; order <= ORDER_MAX; order++) {
		char *p = (char *)chunk_at((size_t)i) + (PAGE_SIZE << order);
		struct page_desc *d = desc_of(p);

		d->kind = PAGE_FREE;
		d->order = (uint8_t)order;
		list_push_back(&free_list[order], (struct list *)p);
	}
	return true;
}

static void *block_alloc(unsigned order)
{
	unsigned o = order;
	char *p;

	while (o <= ORDER_MAX && list_empty(&free_list[o]))
		o++;
	if (o > ORDER_MAX) {
		if (!add_chunk())
			return NULL;
		return block_alloc(order);
	}
	p = (char *)free_list[o].next;
	list_remove((struct list *)p);
	desc_of(p)->kind = PAGE_INNER;
	while (o > order) {
		o--;
		struct page_desc *d = desc_of(p + (PAGE_SIZE << o));

		d->kind = PAGE_FREE;
		d->order = (uint8_t)o;
		list_push_front(&free_list[o], (struct list *)(p + (PAGE_SIZE << o)));
	}
	return p;
}

/* Returns n pages from p on to the buddy lists, in the largest aligned blocks. */
static void run_free(char *p, size_t n)
{
	while (n) {
		unsigned order = 0;
		uint64_t index = ((uint64_t)p & (CHUNK_SIZE - 1)) >> PAGE_SHIFT;

		while (order < ORDER_MAX && !(index & (1UL << order)) && (2UL << order) <= n)
			order++;
		block_free(p, order);
		p += PAGE_SIZE << order;
		n -= 1UL << order;
	}
}

static void *huge_alloc(size_t count)
{
	size_t chunks = (count + 1 + CHUNK_PAGES - 1) / CHUNK_PAGES;
	long i = take_chunks(chunks);

	if (i < 0)
		return NULL;
	memset(chunk_at((size_t)i), 0, sizeof(struct chunk));
	chunk_at((size_t)i)->page[1] = (struct page_desc){ PAGE_HUGE, 0, (uint16_t)chunks };
	huge_count(chunk_at((size_t)i)) = (uint32_t)count;
	return (char *)chunk_at((size_t)i) + PAGE_SIZE;
}

static void huge_free(void *p)
{
	size_t first = ((uint64_t)p - arena) / CHUNK_SIZE;

	memset(&chunk_used[first], 2, desc_of(p)->n);
}

void *page_alloc(size_t count)
{
	unsigned order = 0;
	char *p;

	assert(count);
	while ((1UL << order) < count)
		order++;
	if (order > ORDER_MAX) {
		p = huge_alloc(count);
	} else {
		p = block_alloc(order);
		if (p) {
			*desc_of(p) = (struct page_desc){ PAGE_USED, 0, (uint16_t)count };
			run_free(p + count * PAGE_SIZE, (1UL << order) - count);
		}
	}
	if (p)
		account((int64_t)(count * PAGE_SIZE));
	return p;
}

void *page_alloc_zero(size_t count)
{
	void *p = page_alloc(count);

	if (p)
		memset(p, 0, count * PAGE_SIZE);
	return p;
}

void page_free(void *p, size_t count)
{
	struct page_desc *d;

	if (!p)
		return;
	d = desc_of(p);
	account(-(int64_t)(count * PAGE_SIZE));
	if (d->kind == PAGE_HUGE) {
		huge_free(p);
		return;
	}
	assert(d->kind == PAGE_USED && d->n == count);
	d->kind = PAGE_INNER;
	run_free(p, count);
}

static struct slab *slab_create(unsigned class)
{
	unsigned order = class_size[class] > 512 ? 2 : 0;
	struct slab *s = block_alloc(order);
	char *obj;

	if (!s)
		return NULL;
	for (unsigned i = 0; i < 1u << order; i++)
		*desc_of((char *)s + i * PAGE_SIZE) = (struct page_desc){ PAGE_SLAB, (uint8_t)order, (uint16_t)i };
	*s = (struct slab){ .class = (uint16_t)class, .order = (uint16_t)order };
	s->total = (uint16_t)(((PAGE_SIZE << order) - SLAB_HEAD) / class_size[class]);
	obj = (char *)s + SLAB_HEAD;
	for (unsigned i = 0; i < s->total; i++, obj += class_size[class]) {
		*(void **)obj = s->free;
		s->free = obj;
	}
	list_push_front(&partial[class], &s->node);
	return s;
}

static unsigned class_for(size_t size)
{
	unsigned c = 0;

	while (class_size[c] < size)
		c++;
	return c;
}

void *kmalloc(size_t size)
{
	struct slab *s;
	unsigned c;
	void *p;

	if (size > SLAB_MAX)
		return page_alloc((size + PAGE_SIZE - 1) / PAGE_SIZE);
	c = class_for(size);
	s = list_empty(&partial[c]) ? slab_create(c) : list_first(&partial[c], struct slab, node);
	if (!s)
		return NULL;
	p = s->free;
	s->free = *(void **)p;
	if (++s->used == s->total)
		list_remove(&s->node);
	account(class_size[c]);
	return p;
}

static void slab_free(struct slab *s, void *p)
{
	account(-(int64_t)class_size[s->class]);
	*(void **)p = s->free;
	s->free = p;
	if (s->used-- == s->total)
		list_push_front(&partial[s->class], &s->node);
	/* Keep one empty slab of a class: a spawn's objects come and go together. */
	if (!s->used && partial[s->class].next->next != &partial[s->class]) {
		list_remove(&s->node);
		for (unsigned i = 0; i < 1u << s->order; i++)
			desc_of((char *)s + i * PAGE_SIZE)->kind = PAGE_INNER;
		block_free(s, s->order);
	}
}

static struct slab *slab_of(const void *p)
{
	return (struct slab *)(((uint64_t)p & PAGE_MASK) - desc_of(p)->n * PAGE_SIZE);
}

static size_t pages_of(const void *p)
{
	const struct page_desc *d = desc_of(p);

	return d->kind == PAGE_HUGE ? huge_count((uint64_t)p & ~(CHUNK_SIZE - 1)) : d->n;
}

void kfree(void *p)
{
	struct page_desc *d;

	if (!p)
		return;
	assert((uint64_t)p > arena && (uint64_t)p < committed_end);
	d = desc_of(p);
	if (d->kind == PAGE_SLAB) {
		slab_free(slab_of(p), p);
		return;
	}
	assert((d->kind == PAGE_USED || d->kind == PAGE_HUGE) && !((uint64_t)p & (PAGE_SIZE - 1)));
	page_free(p, pages_of(p));
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

static size_t usable_size(const void *p)
{
	return desc_of(p)->kind == PAGE_SLAB ? class_size[slab_of(p)->class] : pages_of(p) * PAGE_SIZE;
}

void *krealloc(void *p, size_t size)
{
	void *q;

	if (!p)
		return kmalloc(size);
	if (size <= usable_size(p))
		return p;
	q = kmalloc(size);
	if (q) {
		memcpy(q, p, usable_size(p));
		kfree(p);
	}
	return q;
}

char *kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = kmalloc(n);

	if (p)
		memcpy(p, s, n);
	return p;
}

void heap_stats(struct heap_stats *out)
{
	*out = stats;
}

void heap_init(uint64_t start, uint64_t end_committed, uint64_t end)
{
	arena = ALIGN_UP(start, CHUNK_SIZE);
	committed_end = ALIGN_DOWN(end_committed, CHUNK_SIZE);
	arena_end = end;
	assert(committed_end > arena);
	for (unsigned i = 0; i < ARRAY_SIZE(free_list); i++)
		list_init(&free_list[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(partial); i++)
		list_init(&partial[i]);
}
