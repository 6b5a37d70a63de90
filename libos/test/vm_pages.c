/* vm_pages.c: the states of pages, what is done with them later (the pool), and how many come at once; and the tree under all
 * mappings. */
#include "test/vm_host.h"

UNIT_TEST(tree, random)
{
	static struct item {
		struct tree_node node;
		unsigned key;
		bool in;
	} items[512];
	struct tree t = {0};
	unsigned count = 0;

	for (unsigned i = 0; i < 512; i++)
		items[i].key = i;
	for (unsigned step = 0; step < 20000; step++) {
		struct item *it = &items[rng_u64() % 512];
		if (it->in) {
			tree_erase(&t, &it->node);
			count--;
		} else {
			struct tree_node **link = &t.root, *parent = NULL;
			while (*link) {
				parent = *link;
				link = it->key < tree_entry(parent, struct item, node)->key
					       ? &parent->left
					       : &parent->right;
			}
			tree_link(&t, &it->node, parent, link);
			count++;
		}
		it->in = !it->in;
		if (step % 16)
			continue;
		unsigned n = 0, last = 0;
		for (struct tree_node *p = tree_first(&t); p; p = tree_next(p), n++) {
			int l = p->left ? p->left->height : 0, r = p->right ? p->right->height : 0;
			CHECK(l - r <= 1 && r - l <= 1 && p->height == 1 + MAX(l, r));
			CHECK(!n || tree_entry(p, struct item, node)->key > last);
			last = tree_entry(p, struct item, node)->key;
		}
		CHECK_EQ(n, count);
	}
}

UNIT_TEST(pages, rights)
{
	uaddr_t a = USER_HIGH_START + 64 * MB, end = a + 32 * PAGE_SIZE;

	CHECK_EQ(pages_commit(a + 4 * PAGE_SIZE, a + 8 * PAGE_SIZE), 0);
	CHECK_EQ(pages_commit(a, end), 0);
	CHECK_EQ(pages_committed, 32);
	host_calls = 0;
	CHECK_EQ(pages_protect(a, end, RW), 0);
	CHECK_EQ(host_calls, 0);
	CHECK_EQ(pages_protect(a, end, PROT_READ | PROT_EXEC), 0);
	CHECK_EQ(host_calls, 2);
	CHECK_EQ(pages_protect(a, end, PROT_NONE), 0);
	CHECK_EQ(pages_protect(a, end, PROT_READ | PROT_EXEC), 0);
	CHECK_EQ(host_calls, 4);
	CHECK_EQ(pages_protect(a, end, PROT_WRITE), 0);
	CHECK_EQ(host_page(a, false)->epcm, RW);
	CHECK_EQ(pages_set_valid(a, a + PAGE_SIZE), 1);
	CHECK_EQ(pages_count(a, end, PG_VALID, 0), 31);
	pages_decommit_invalid(a, end);
	CHECK_EQ(pages_committed, 1);
	CHECK_EQ(pages_pooled, 31);
	pages_decommit(a, end);
	CHECK_EQ(pages_committed, 0);
	pool_settle();
	CHECK_EQ(host_page_count, 0);
}

/* What is no longer in use stays, without access, and comes back zeroed without a leaf. */
UNIT_TEST(pool, pages_come_back)
{
	uaddr_t a = USER_HIGH_START + 64 * MB, end = a + 64 * PAGE_SIZE;

	pool_settle();
	CHECK_EQ(pages_commit(a, end), 0);
	memset((void *)a, 'x', end - a);
	pages_set_valid(a, end);
	host_removed = host_calls = 0;
	pages_decommit(a, end);
	CHECK_EQ(host_calls, 1); /* the page tables */
	CHECK_EQ(page_state(a) & (PG_PT | PG_COMMITTED | PG_VALID), 0);
	CHECK_EQ(host_page(a, false)->pt, 0);
	CHECK_EQ(pages_protect(a, end, RW), 0); /* not theirs */
	CHECK_EQ(host_calls, 1);
	CHECK_EQ(pages_commit(a + PAGE_SIZE, a + 3 * PAGE_SIZE), 0);
	CHECK_EQ(host_calls, 2);
	CHECK_EQ(*(uint64_t *)(a + PAGE_SIZE), 0);
	CHECK_EQ(pages_committed, 2);
	CHECK_EQ(pages_pooled, 62);
	/* both sides of the two are given back in one go */
	pool_settle();
	CHECK_EQ(host_removed, 62);
	CHECK_EQ(host_calls, 3);
	CHECK_EQ(pages_pooled, 0);
	CHECK_EQ(pages_commit(a, end), 0);
	pages_decommit(a, end);
	pool_release(10);
	CHECK_EQ(pages_pooled, 54);
	CHECK(!host_page(a, false) && host_page(a + 10 * PAGE_SIZE, false));
	pool_settle();
	CHECK_EQ(host_page_count, 0);
}

/* Code never waits in the pool with more rights than the CPU should let through. */
UNIT_TEST(pool, rights)
{
	uaddr_t a = USER_HIGH_START + 64 * MB, end = a + 8 * PAGE_SIZE;

	CHECK_EQ(pages_commit(a, end), 0);
	CHECK_EQ(pages_protect(a, end, PROT_READ), 0);
	CHECK_EQ(host_page(a, false)->epcm, RW); /* data: promised */
	CHECK_EQ(host_page(a, false)->pt, PROT_READ);
	CHECK_EQ(pages_protect(a, a + PAGE_SIZE, RW), 0);
	restricts_settle();
	CHECK_EQ(host_page(a, false)->epcm, RW); /* taken back in time */
	CHECK_EQ(host_page(a + PAGE_SIZE, false)->epcm, PROT_READ);
	CHECK_EQ(pages_protect(a, end, PROT_READ | PROT_EXEC), 0);
	for (uaddr_t p = a; p < end; p += PAGE_SIZE)
		CHECK_EQ(host_page(p, false)->epcm, PROT_READ | PROT_EXEC);
	CHECK_EQ(pages_protect(a, end, PROT_READ), 0);
	CHECK_EQ(host_page(a, false)->epcm, PROT_READ);
	/* in time without further calls */
	CHECK_EQ(pages_protect(a, end, RW), 0);
	CHECK_EQ(pages_protect(a, end, PROT_READ), 0);
	CHECK_EQ(host_page(a, false)->epcm, RW);
	unit_now += 2 * RESTRICT_AGE;
	ktimer_run();
	CHECK_EQ(host_page(a, false)->epcm, PROT_READ);
	pages_decommit(a, end);
	CHECK_EQ(pages_commit(a, end), 0);
	CHECK_EQ(host_page(a, false)->epcm, RW);
	pages_decommit(a, end);
	pool_settle();
}

/* The pool is bounded in pages and in ranges. */
UNIT_TEST(pool, bounds)
{
	uaddr_t a = USER_HIGH_START + 64 * MB, end = a + (POOLED_MAX + 100) * PAGE_SIZE;

	CHECK_EQ(pages_commit(a, end), 0);
	pages_decommit(a, end);
	CHECK_EQ(pages_pooled, POOLED_MAX / 4 * 3);
	/* what nobody needs goes by and by, but for a rest */
	for (int i = 0; i < 60; i++) {
		unit_now += POOLED_AGE;
		ktimer_run();
	}
	CHECK(pages_pooled <= POOLED_LOW && pages_pooled > POOLED_LOW / 4);
	pool_settle();
	for (unsigned i = 0; i < 3 * RANGES; i++)
		CHECK_EQ(pages_commit(a + 2 * i * PAGE_SIZE, a + (2 * i + 1) * PAGE_SIZE), 0);
	for (unsigned i = 0; i < 3 * RANGES; i++)
		pages_decommit(a + 2 * i * PAGE_SIZE, a + (2 * i + 1) * PAGE_SIZE);
	CHECK(pages_pooled <= RANGES);
	pool_settle();
	CHECK_EQ(host_page_count, 0);
}

UNIT_TEST(pages, scan_against_bytes)
{
	uaddr_t a = USER_HIGH_START + LEAF_SPAN - 300 * PAGE_SIZE, end = a + 600 * PAGE_SIZE;

	for (int round = 0; round < 200; round++) {
		uaddr_t from = a + rng_u64() % 600 * PAGE_SIZE,
			to = from + rng_u64() % 100 * PAGE_SIZE;
		to = MIN(to, end);
		if (round % 3 == 0)
			pages_decommit(from, to);
		else if (round % 3 == 1)
			CHECK_EQ(pages_commit(from, to), 0);
		else
			pages_set_valid(from, to);
		size_t n = 0;
		uaddr_t first = end;
		for (uaddr_t p = a; p < end; p += PAGE_SIZE) {
			bool hit = (page_state(p) & PG_VALID) != 0;
			n += hit;
			first = hit && first == end ? p : first;
		}
		CHECK_EQ(pages_count(a, end, PG_VALID, PG_VALID), n);
		CHECK_EQ(pages_find(a, end, PG_VALID, PG_VALID), first);
		CHECK_EQ(pages_count(a, end, PG_VALID, 0), 600 - n);
		CHECK_EQ(pages_committed + pages_pooled, host_page_count);
	}
	pages_decommit(a, end);
	pool_settle();
	CHECK_EQ(host_page_count, 0);
}

static size_t batch_at(struct vm_space *s, uaddr_t addr)
{
	uint64_t before = pages_committed;

	poke(s, addr, 1);
	return pages_committed - before;
}

UNIT_TEST(commit, modes)
{
	struct vm_space *s = space_new();
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 64 * MB, RW, ANON, NULL, 0), at = a;

	/* in order: twice as much each time */
	for (size_t want = BATCH_FIRST; want <= BATCH_MAX; at += want * PAGE_SIZE, want *= 2) {
		CHECK_EQ(batch_at(s, at), want);
		for (uaddr_t p = at; p < at + want * PAGE_SIZE; p += PAGE_SIZE)
			poke(s, p, 1);
	}
	/* here and there: less each time, down to the page */
	size_t last = BATCH_MAX;
	for (unsigned i = 0; i < 12; i++) {
		size_t n = batch_at(s, a + (20 + 2 * i) * MB);
		CHECK(n <= last);
		last = n;
	}
	CHECK_EQ(last, 1);
	/* and in order again */
	for (unsigned i = 0; i < 8; i++)
		poke(s, a + 60 * MB + i * PAGE_SIZE, 1);
	CHECK(batch_at(s, a + 60 * MB + 16 * PAGE_SIZE) > 1);
	vm_commit_mode = VM_COMMIT_LAZY;
	a = (uaddr_t)vm_mmap(s, 0, 4 * MB, RW, ANON, NULL, 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(batch_at(s, a + i * BATCH_FIRST * PAGE_SIZE), BATCH_FIRST);
	vm_commit_mode = VM_COMMIT_EAGER;
	uint64_t before = pages_committed;
	CHECK(vm_mmap(s, 0, 2 * MB, RW, ANON, NULL, 0) > 0);
	CHECK_EQ(pages_committed - before, 2 * MB >> PAGE_SHIFT);
	CHECK(vm_mmap(s, 0, 2 * MB, RW, ANON | MAP_NORESERVE, NULL, 0) > 0);
	CHECK(vm_mmap(s, 0, 2 * MB, PROT_NONE, ANON, NULL, 0) > 0);
	CHECK_EQ(pages_committed - before, 2 * MB >> PAGE_SHIFT);
	/* no room for all of it: the rest is left to faults */
	host_allows = 1;
	CHECK(vm_mmap(s, 0, 8 * MB, RW, ANON, NULL, 0) > 0);
	host_allows = -1;
	vm_commit_mode = VM_COMMIT_ADAPTIVE;
	space_gone(s);
}
