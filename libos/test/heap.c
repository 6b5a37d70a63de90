/* heap.c: the LibOS heap over a piece of test memory: sizes, alignment, reuse, exhaustion, random use. */
#include "base/heap.h"
#include "abi/layout.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "hostcall/hostcall.h"
#include "test/unit.h"

#define ARENA (64UL << 20)
void *aligned_alloc(size_t align, size_t size);
static uint64_t arena, augmented;

int host_mem_augment(uint64_t addr, uint64_t len)
{
	CHECK(addr >= arena && addr + len <= arena + ARENA);
	memset((void *)addr, 0, len);
	augmented += len;
	return 0;
}

static void setup(void)
{
	arena = (uint64_t)aligned_alloc(4UL << 20, ARENA);
	memset((void *)arena, 0, 4UL << 20);
	heap_init(arena, arena + (4UL << 20), arena + ARENA);
}

UNIT_TEST(heap, sizes_and_alignment)
{
	setup();
	for (size_t n = 1; n < 40000; n = n * 3 / 2 + 1) {
		char *p = kmalloc(n);

		CHECK(p && !((uint64_t)p & 15));
		if (n > 2048)
			CHECK_EQ((uint64_t)p & (PAGE_SIZE - 1), 0);
		memset(p, 0x5a, n);
		kfree(p);
	}
}

UNIT_TEST(heap, pages_are_given_back)
{
	struct heap_stats st;
	void *p;

	setup();
	for (int i = 0; i < 1000; i++) {
		p = page_alloc(100);
		CHECK(p);
		page_free(p, 100);
	}
	heap_stats(&st);
	CHECK_EQ(st.used, 0);
	CHECK_EQ(augmented, 0); /* the first chunk was enough */
}

UNIT_TEST(heap, large_runs_take_chunks_and_return_them)
{
	setup();
	for (int i = 0; i < 50; i++) {
		char *p = page_alloc(3000);

		CHECK(p);
		p[0] = p[3000 * PAGE_SIZE - 1] = 1;
		kfree(p);
	}
}

UNIT_TEST(heap, exhaustion_is_null_and_recovers)
{
	void *kept[64];
	int n = 0;

	setup();
	while (n < 64 && (kept[n] = page_alloc(512)))
		n++;
	CHECK(n > 10 && n < 64);
	CHECK(!page_alloc(512));
	CHECK(!page_alloc(20000));
	while (n)
		page_free(kept[--n], 512);
	CHECK(page_alloc(512));
}

UNIT_TEST(heap, realloc_keeps_content)
{
	char *p;

	setup();
	p = kmalloc(10);
	memcpy(p, "0123456789", 10);
	for (size_t n = 20; n < 100000; n *= 3) {
		p = krealloc(p, n);
		CHECK(p && !memcmp(p, "0123456789", 10));
	}
	kfree(p);
}

struct live {
	uint8_t *p;
	size_t n;
	uint8_t fill;
};

static void check_live(const struct live *l)
{
	for (size_t i = 0; i < l->n; i++)
		CHECK_EQ(l->p[i], l->fill);
}

UNIT_TEST(heap, random_use_never_overlaps)
{
	static struct live live[300];

	setup();
	for (int step = 0; step < 30000; step++) {
		struct live *l = &live[rng_u64() % ARRAY_SIZE(live)];

		if (l->p) {
			check_live(l);
			kfree(l->p);
			l->p = NULL;
			continue;
		}
		l->n = rng_u64() % (rng_u64() % 8 ? 600 : 30000) + 1;
		l->fill = (uint8_t)rng_u64();
		l->p = kmalloc(l->n);
		if (l->p)
			memset(l->p, l->fill, l->n);
	}
}
