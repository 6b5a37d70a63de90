/* vm.c: tests of the memory manager: errors, lazy filling, rights, parking, pool, sharing. See also
 * vm_walk.c. */
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

UNIT_TEST(mmap, errors)
{
	struct vm_space *s = space_new();
	struct test_file *t = test_file(5, 4);

	CHECK_EQ(vm_mmap(s, 0, 0, RW, ANON, NULL, 0), -EINVAL);
	CHECK_EQ(vm_mmap(s, 0, 4096, RW, MAP_ANONYMOUS, NULL, 0), -EINVAL);
	CHECK_EQ(vm_mmap(s, 0, 4096, RW, ANON | MAP_HUGETLB, NULL, 0), -EINVAL);
	CHECK_EQ(vm_mmap(s, 4097, 4096, RW, ANON | MAP_FIXED, NULL, 0), -EINVAL);
	CHECK_EQ(vm_mmap(s, 4096, 4096, RW, ANON | MAP_FIXED, NULL, 0), -EPERM);
	CHECK_EQ(vm_mmap(s, 0, ~0UL, RW, ANON, NULL, 0), -ENOMEM);
	CHECK_EQ(vm_mmap(s, 0, 4096, RW, MAP_PRIVATE, &t->file, 1), -EINVAL);
	CHECK_EQ(vm_mmap(s, 0, 8192, RW, MAP_PRIVATE, &t->file, ~0UL << 12), -EOVERFLOW);
	CHECK_EQ(vm_mmap(s, 0, 1UL << 50, RW, ANON, NULL, 0), -ENOMEM);
	CHECK_EQ(vm_mmap(s, LIBOS_START, 4096, RW, ANON | MAP_FIXED, NULL, 0), -ENOMEM);
	CHECK_EQ(vm_mmap(s, 0, 4096, RW, MAP_SHARED_VALIDATE | MAP_SYNC, &t->file, 0), -EOPNOTSUPP);
	t->file.flags = O_WRONLY;
	CHECK_EQ(vm_mmap(s, 0, 4096, PROT_READ, MAP_PRIVATE, &t->file, 0), -EACCES);
	t->file.flags = O_RDONLY;
	CHECK_EQ(vm_mmap(s, 0, 4096, RW, MAP_SHARED, &t->file, 0), -EACCES);
	long a = vm_mmap(s, 0, 4096, PROT_READ, MAP_SHARED, &t->file, 0);
	CHECK(a > 0);
	CHECK_EQ(vm_mprotect(s, (uaddr_t)a, 4096, RW), -EACCES);
	CHECK_EQ(vm_mmap(s, (uaddr_t)a, 4096, RW, ANON | MAP_FIXED_NOREPLACE, NULL, 0), -EEXIST);
	CHECK_EQ(vm_munmap(s, (uaddr_t)a + 1, 4096), -EINVAL);
	CHECK_EQ(vm_munmap(s, (uaddr_t)a, 0), -EINVAL);
	CHECK_EQ(vm_munmap(s, 0x10000, 4096), 0);
	CHECK_EQ(vm_mprotect(s, 0x10000, 4096, RW), -ENOMEM);
	t->inode.mode = S_IFIFO;
	CHECK_EQ(vm_mmap(s, 0, 4096, PROT_READ, MAP_PRIVATE, &t->file, 0), -ENODEV);
	unit_process.rlim[RLIMIT_AS].cur = 64 * MB;
	CHECK_EQ(vm_mmap(s, 0, 65 * MB, PROT_NONE, ANON, NULL, 0), -ENOMEM);
	unit_process.rlim[RLIMIT_DATA].cur = MB;
	CHECK_EQ(vm_mmap(s, 0, 2 * MB, RW, ANON, NULL, 0), -ENOMEM);
	space_gone(s);
	test_file_free(t);
}

UNIT_TEST(mmap, anonymous)
{
	struct vm_space *s = space_new();
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 300 * PAGE_SIZE, RW, ANON, NULL, 0);

	CHECK_EQ(peek(s, a + 5 * PAGE_SIZE), 0);
	poke(s, a, 1);
	check_all(s);
	CHECK_EQ(vm_mprotect(s, a, PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(touch(s, a, PROT_WRITE), SIGSEGV);
	CHECK_EQ(peek(s, a), 1);
	CHECK_EQ(vm_mprotect(s, a, PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQ(touch(s, a, PROT_READ), SIGSEGV);
	CHECK_EQ(vm_mprotect(s, a, PAGE_SIZE, RW), 0);
	CHECK_EQ(peek(s, a), 1);
	CHECK_EQ(s->count, 1);
	CHECK_EQ(vm_munmap(s, a, PAGE_SIZE), 0);
	CHECK_EQ(touch(s, a, PROT_READ), SIGSEGV);
	CHECK_EQ(vm_mmap(s, a, PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0), (long)a);
	CHECK_EQ(peek(s, a), 0);
	CHECK_EQ(s->count, 1);
	check_all(s);
	/* sequential touching needs few host calls */
	uaddr_t b = (uaddr_t)vm_mmap(s, 0, 16 * MB, RW, ANON, NULL, 0);
	host_calls = 0;
	for (uaddr_t p = b; p < b + 16 * MB; p += PAGE_SIZE)
		poke(s, p, p);
	CHECK(host_calls < 30);
	CHECK_EQ(vm_munmap(s, b, 16 * MB), 0);
	CHECK(pages_committed < 400);
	space_gone(s);
}

static unsigned quiesced;
static uaddr_t quiesce_page;

static void quiesce_note(struct vm_space *s)
{
	(void)s;
	CHECK_EQ(host_page(quiesce_page, false)->pt, 0);
	quiesced++;
}

/* Other threads are kept out before a page that held something before becomes accessible; fresh ones need no such thing. */
static void reuse(struct vm_space *s, int flags)
{
	const size_t len = 2 * ZERO_MAX * PAGE_SIZE; /* smaller ones are zeroed before the program knows them */
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, len, RW, flags, NULL, 0);

	quiesced = 0;
	for (uaddr_t p = a; p < a + len; p += PAGE_SIZE)
		poke(s, p, 1);
	CHECK_EQ(quiesced, 0);
	CHECK_EQ(vm_munmap(s, a, len), 0);
	CHECK_EQ(vm_mmap(s, a, len, RW, flags | MAP_FIXED, NULL, 0), (long)a);
	quiesce_page = a;
	CHECK_EQ(peek(s, a), 0);
	CHECK_EQ(quiesced, 1);
	CHECK_EQ(vm_munmap(s, a, len), 0);
}

UNIT_TEST(mmap, nobody_sees_old_content)
{
	struct vm_space *s = space_new();

	vm_quiesce = quiesce_note;
	reuse(s, ANON);
	reuse(s, MAP_SHARED | MAP_ANONYMOUS);
	vm_quiesce = NULL;
	space_gone(s);
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

UNIT_TEST(mmap, huge_reservation)
{
	struct vm_space *s = space_new();
	long a = vm_mmap(s, 0, 64UL << 30, PROT_NONE, ANON | MAP_NORESERVE, NULL, 0);

	CHECK(a > 0);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(vm_mprotect(s, (uaddr_t)a + (1UL << 30), MB, RW), 0);
	poke(s, (uaddr_t)a + (1UL << 30), 7);
	CHECK_EQ(vm_munmap(s, (uaddr_t)a, 64UL << 30), 0);
	long low = vm_mmap(s, 0, MB, RW, ANON | MAP_32BIT, NULL, 0);
	CHECK(low > 0 && low < 1L << 31);
	poke(s, (uaddr_t)low, 1);
	space_gone(s);
}

UNIT_TEST(mmap, private_file)
{
	struct vm_space *s = space_new();
	struct test_file *t = test_file(9, 100);
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 120 * PAGE_SIZE, RW, MAP_PRIVATE, &t->file, 0);

	CHECK_EQ(peek(s, a + 50 * PAGE_SIZE), 9UL << 32 | 50);
	poke(s, a + 50 * PAGE_SIZE, 1);
	CHECK_EQ(*(uint64_t *)(t->pages + 50 * PAGE_SIZE), 9UL << 32 | 50);
	CHECK_EQ(touch(s, a + 99 * PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(touch(s, a + 100 * PAGE_SIZE, PROT_READ), SIGBUS);
	CHECK_EQ(CALL(madvise, a + 50 * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	CHECK_EQ(peek(s, a + 50 * PAGE_SIZE), 9UL << 32 | 50);
	t->inode.size = 10 * PAGE_SIZE;
	vm_truncate_mappings(&t->inode, 10 * PAGE_SIZE);
	CHECK_EQ(touch(s, a + 50 * PAGE_SIZE, PROT_READ), SIGBUS);
	CHECK_EQ(touch(s, a + 9 * PAGE_SIZE, PROT_READ), 0);
	check_all(s);
	CHECK_EQ(vm_make_present(s, a, 10 * PAGE_SIZE, RW), 0);
	CHECK_EQ(vm_make_present(s, a, 11 * PAGE_SIZE, RW), -EFAULT);
	space_gone(s);
	test_file_free(t);
}

/* A program as the loader maps it: R, RX, R, RW parts of the file, bss. */
static uaddr_t load_program(struct vm_space *s, struct test_file *t)
{
	long base = vm_place_for(s, &t->file, 50 * PAGE_SIZE);
	static const struct {
		unsigned page, count;
		int prot;
	} seg[] = {
		{0, 4, PROT_READ},
		{4, 16, PROT_READ | PROT_EXEC},
		{20, 10, PROT_READ},
		{30, 6, RW},
	};

	CHECK(base > 0);
	for (unsigned i = 0; i < ARRAY_SIZE(seg); i++) {
		uaddr_t at = (uaddr_t)base + seg[i].page * PAGE_SIZE;
		CHECK_EQ(vm_mmap(s, at, seg[i].count * PAGE_SIZE, seg[i].prot,
				 MAP_PRIVATE | MAP_FIXED, &t->file, seg[i].page * PAGE_SIZE),
			 (long)at);
	}
	uaddr_t bss = (uaddr_t)base + 36 * PAGE_SIZE;
	CHECK_EQ(vm_mmap(s, bss, 14 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0), (long)bss);
	vm_brk_init(s, bss + 14 * PAGE_SIZE);
	check_all(s);
	return (uaddr_t)base;
}

static void run_program(struct vm_space *s, uaddr_t base, uint64_t ino)
{
	for (unsigned i = 0; i < 36; i++)
		CHECK_EQ(peek(s, base + i * PAGE_SIZE), ino << 32 | i);
	for (unsigned i = 36; i < 50; i++)
		CHECK_EQ(peek(s, base + i * PAGE_SIZE), 0);
	if (rewrite_wanted) {
		uaddr_t stubs = ((uint64_t *)(base + 4 * PAGE_SIZE))[1];
		CHECK_EQ(touch(s, stubs, PROT_EXEC), 0);
		CHECK_EQ(touch(s, base + 4 * PAGE_SIZE, PROT_EXEC), 0);
		CHECK_EQ(*(uint64_t *)stubs, 0x5ab5);
		CHECK_EQ(vma_find(s, stubs)->flags & VMA_STUBS, VMA_STUBS);
	}
	for (unsigned i = 30; i < 50; i++)
		poke(s, base + i * PAGE_SIZE, 666);
	CHECK_EQ(vm_mprotect(s, base + 30 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(CALL(brk, s->brk + 3 * MB), (long)s->brk);
	poke(s, s->brk_start + MB, 5);
	CHECK_EQ(CALL(brk, s->brk_start + 8192), (long)s->brk_start + 8192);
	CHECK_EQ(touch(s, s->brk_start + MB, PROT_READ), SIGSEGV);
	uaddr_t stack =
		(uaddr_t)vm_mmap(s, 0, 8 * MB, RW, ANON | MAP_STACK | MAP_GROWSDOWN, NULL, 0);
	CHECK_EQ(peek(s, stack + 8 * MB - 8), 0);
	poke(s, stack + 8 * MB - 8, 1);
	check_all(s);
}

UNIT_TEST(park, program)
{
	struct test_file *t = test_file(77, 36), *other = test_file(78, 36);

	rewrite_wanted = 2 * PAGE_SIZE;
	struct vm_space *s = space_new();
	uaddr_t base = load_program(s, t);
	run_program(s, base, 77);
	space_gone(s);
	CHECK_EQ(park_pages, 32);
	CHECK_EQ(rewrite_areas, 1);

	t->reads = host_calls = 0;
	s = space_new();
	CHECK_EQ(load_program(s, t), base);
	CHECK_EQ(t->reads, 12);	 /* the data pages, looked at and copied */
	CHECK_EQ(host_calls, 1); /* relro writable again */
	run_program(s, base, 77);
	CHECK(host_calls < 14);
	CHECK_EQ(rewrite_areas, 1);

	/* a second instance at the same time, and another program, lie elsewhere */
	struct vm_space *s2 = vm_space_create();
	CHECK((uaddr_t)vm_place_for(s2, &t->file, 50 * PAGE_SIZE) != base);
	vm_space_put(s2);
	space_gone(s);
	s = space_new();
	uaddr_t base2 = load_program(s, other);
	CHECK(base2 != base);
	run_program(s, base2, 78);
	space_gone(s);

	/* the file has changed: nothing of it is used */
	t->inode.version++;
	((uint64_t *)t->pages)[0] = 77UL << 32;
	t->reads = 0;
	s = space_new();
	uaddr_t base3 = load_program(s, t);
	CHECK(t->reads > 36);
	run_program(s, base3, 77);
	space_gone(s);
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(park_pages, 0);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(t);
	test_file_free(other);
}

/* What ld.so does for a library; deny: MAP_PRIVATE, glibc's with MAP_DENYWRITE. */
static uaddr_t load_library(struct vm_space *s, struct test_file *t, int deny)
{
	long r = vm_mmap(s, 0, 60 * PAGE_SIZE, PROT_READ, deny, &t->file, 0);
	uaddr_t a = (uaddr_t)r;

	CHECK(r > 0);
	check_all(s);
	CHECK_EQ(peek(s, a), t->inode.ino << 32);
	CHECK_EQ(vm_mmap(s, a + 4 * PAGE_SIZE, 30 * PAGE_SIZE, PROT_READ | PROT_EXEC,
			 deny | MAP_FIXED, &t->file, 4 * PAGE_SIZE),
		 (long)(a + 4 * PAGE_SIZE));
	CHECK_EQ(vm_mmap(s, a + 34 * PAGE_SIZE, 10 * PAGE_SIZE, PROT_READ, deny | MAP_FIXED,
			 &t->file, 34 * PAGE_SIZE),
		 (long)(a + 34 * PAGE_SIZE));
	CHECK_EQ(vm_mmap(s, a + 44 * PAGE_SIZE, 6 * PAGE_SIZE, RW, deny | MAP_FIXED, &t->file,
			 44 * PAGE_SIZE),
		 (long)(a + 44 * PAGE_SIZE));
	CHECK_EQ(vm_mmap(s, a + 50 * PAGE_SIZE, 10 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL, 0),
		 (long)(a + 50 * PAGE_SIZE));
	check_all(s);
	for (unsigned i = 0; i < 50; i++)
		CHECK_EQ(peek(s, a + i * PAGE_SIZE), t->inode.ino << 32 | i);
	for (unsigned i = 50; i < 60; i++)
		CHECK_EQ(peek(s, a + i * PAGE_SIZE), 0);
	CHECK_EQ(touch(s, a + 5 * PAGE_SIZE, PROT_EXEC), 0);
	CHECK_EQ(touch(s, a + 5 * PAGE_SIZE, PROT_WRITE), SIGSEGV);
	for (unsigned i = 44; i < 60; i++)
		poke(s, a + i * PAGE_SIZE, 13);
	CHECK_EQ(vm_mprotect(s, a + 44 * PAGE_SIZE, 4 * PAGE_SIZE, PROT_READ), 0);
	return a;
}

UNIT_TEST(park, library)
{
	struct test_file *t = test_file(79, 50), *prog = test_file(80, 36);

	for (int round = 0; round < 4; round++) {
		int deny = round & 2 ? MAP_PRIVATE : MAP_PRIVATE | MAP_DENYWRITE;
		rewrite_wanted = round & 1 ? PAGE_SIZE : 0;
		t->inode.version++;
		prog->inode.version++;
		struct vm_space *s = space_new();
		uaddr_t base = load_program(s, prog), a = load_library(s, t, deny);
		space_gone(s);
		for (int again = 0; again < 3; again++) {
			s = space_new();
			last_adopted = NULL; /* no other arena's turn */
			CHECK_EQ(load_program(s, prog), base);
			host_calls = 0;
			CHECK_EQ(load_library(s, t, deny), a);
			CHECK(host_calls <= (round & 2 ? 9 : 4));
			space_gone(s);
		}
		/* a reader never sees patched text */
		s = space_new();
		last_adopted = NULL;
		CHECK_EQ(load_program(s, prog), base);
		long r = vm_mmap(s, 0, 50 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, &t->file, 0);
		check_all(s);
		CHECK_EQ(peek(s, (uaddr_t)r + 8 * PAGE_SIZE), 79UL << 32 | 8);
		CHECK_EQ(((uint64_t *)((uaddr_t)r + 8 * PAGE_SIZE))[1], 0);
		check_all(s);
		/* dlopen, dlclose, dlopen */
		a = load_library(s, t, deny);
		CHECK_EQ(vm_munmap(s, a, 60 * PAGE_SIZE), 0);
		CHECK_EQ(touch(s, a, PROT_READ), SIGSEGV);
		check_all(s);
		CHECK_EQ(load_library(s, t, deny), a);
		/* something else over the half-used place */
		CHECK_EQ(vm_mmap(s, a + 2 * PAGE_SIZE, 40 * PAGE_SIZE, RW, ANON | MAP_FIXED, NULL,
				 0),
			 (long)(a + 2 * PAGE_SIZE));
		CHECK_EQ(peek(s, a + 10 * PAGE_SIZE), 0);
		check_all(s);
		space_gone(s);
	}
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(t);
	test_file_free(prog);
}

/* One program has few addresses at a time, so that spawning is cheap, but none for long. */
UNIT_TEST(park, takes_turns)
{
	struct test_file *prog = test_file(81, 36);
	uaddr_t last = 0;
	unsigned changes = 0, filled = 0;

	for (int i = 0; i < 800; i++) {
		struct vm_space *s = space_new();
		uint64_t before = pages_committed;
		uaddr_t base = load_program(s, prog);
		changes += base != last;
		filled += pages_committed - before > 20;
		last = base;
		space_gone(s);
	}
	CHECK(changes >= 800 / STREAK_MAX - 1);
	CHECK(filled >= 2 && filled < 20);
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	test_file_free(prog);
}

/* Text that becomes executable by mprotect is patched too, over parked text or not. */
UNIT_TEST(park, late_text)
{
	struct test_file *t = test_file(82, 200);
	struct vm_space *s = space_new();

	rewrite_wanted = PAGE_SIZE;
	for (int round = 0; round < 6; round++) {
		long a = vm_mmap(s, 0, 200 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, &t->file, 0);
		check_all(s);
		for (int i = 0; i < 200 && round & 1; i++)
			CHECK_EQ(peek(s, (uaddr_t)a + i * PAGE_SIZE), 82UL << 32 | i);
		CHECK_EQ(vm_mprotect(s, (uaddr_t)a, 200 * PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
		check_all(s);
		for (int i = 0; i < (round == 2 ? 10 : 200); i++) {
			CHECK_EQ(touch(s, (uaddr_t)a + i * PAGE_SIZE, PROT_EXEC), 0);
			CHECK(((uint64_t *)((uaddr_t)a + i * PAGE_SIZE))[1] != 0);
		}
		if (round != 3 && round != 5)
			CHECK_EQ(vm_munmap(s, (uaddr_t)a, 200 * PAGE_SIZE), 0);
		check_all(s);
	}
	space_gone(s);
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(t);
}

UNIT_TEST(place, aslr_and_claims)
{
	struct vm_space *s[20];
	uaddr_t seen[20];

	for (unsigned i = 0; i < 20; i++) {
		s[i] = vm_space_create();
		seen[i] = (uaddr_t)vm_mmap(s[i], 0, MB, RW, ANON, NULL, 0);
		for (unsigned j = 0; j < i; j++)
			CHECK(seen[i] != seen[j] &&
			      (seen[i] & (CHUNK_SIZE - 1)) != (seen[j] & (CHUNK_SIZE - 1)));
	}
	CHECK(vm_mmap(s[1], seen[0], MB, RW, ANON, NULL, 0) != (long)seen[0]); /* only a hint */
	/* fixed programs: by turns */
	CHECK_EQ(vm_mmap(s[0], 0x400000, MB, RW, ANON | MAP_FIXED, NULL, 0), 0x400000);
	CHECK_EQ(vm_mmap(s[1], 0x400000, MB, RW, ANON | MAP_FIXED, NULL, 0), 0x400000);
	CHECK(vm_space_resident(s[1]) && !vm_space_resident(s[0]));
	vm_space_put(s[0]);
	/* a hint far away is honoured */
	CHECK_EQ(vm_mmap(s[2], 0x30c000000000, 64 * MB, PROT_NONE, ANON, NULL, 0), 0x30c000000000);
	for (unsigned i = 1; i < 20; i++)
		vm_space_put(s[i]);
	check_all(NULL);
}

UNIT_TEST(place, many_mappings)
{
	struct vm_space *s = space_new();
	long a = 0;
	unsigned n = 0;

	for (; n < VM_MAX_MAPS + 10; n++) {
		a = vm_mmap(s, 0, PAGE_SIZE, n % 2 ? PROT_READ : RW, ANON, NULL, 0);
		if (a < 0)
			break;
	}
	CHECK_EQ(a, -ENOMEM);
	CHECK(n > VM_MAX_MAPS - 10);
	space_gone(s);
}

UNIT_TEST(place, memory_limit_and_pool)
{
	struct vm_space *s = space_new();

	vm_user_limit = 8 * MB;
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 32 * MB, RW, ANON, NULL, 0);
	unsigned n = 0;
	while (touch(s, a + n * PAGE_SIZE, PROT_WRITE) == 0)
		n++;
	CHECK(n > 2000 && n <= 2048);
	CHECK_EQ(touch(s, a + n * PAGE_SIZE, PROT_WRITE), SIGKILL);
	CHECK_EQ(vm_make_present(s, a + n * PAGE_SIZE, 8, RW), -EFAULT);
	space_gone(s);
	/* pooled memory of the dead does not count against the living */
	s = space_new();
	a = (uaddr_t)vm_mmap(s, 0, 3 * MB, RW, ANON, NULL, 0);
	vm_populate(s, a, 3 * MB);
	space_gone(s);
	CHECK(pages_committed > 700);
	struct vm_space *keep = vm_space_create();
	CHECK(vm_mmap(keep, 0, 64 * MB, PROT_NONE, ANON, NULL, 0) >
	      0); /* takes the recycled arena */
	s = space_new();
	a = (uaddr_t)vm_mmap(s, 0, 8 * MB, RW, ANON, NULL, 0);
	for (n = 0; n < 1100; n++)
		poke(s, a + n * PAGE_SIZE, n);
	vm_space_put(keep);
	space_gone(s);
	vm_user_limit = 0;
}

UNIT_TEST(shared, file)
{
	struct vm_space *s = space_new(), *s2 = vm_space_create();
	struct test_file *t = test_file(90, 64);
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 4 * PAGE_SIZE, RW, MAP_SHARED, &t->file, PAGE_SIZE);
	uaddr_t b = (uaddr_t)vm_mmap(s2, 0, 60 * PAGE_SIZE, PROT_READ, MAP_SHARED, &t->file, 0);

	CHECK_EQ(a, b + PAGE_SIZE);
	poke(s, a, 4711);
	CHECK_EQ(peek(s2, b + PAGE_SIZE), 4711);
	CHECK_EQ(touch(s2, b + 61 * PAGE_SIZE, PROT_READ), SIGSEGV);
	/* the same range again: same address, counted */
	CHECK_EQ(vm_mmap(s, 0, 4 * PAGE_SIZE, RW, MAP_SHARED, &t->file, PAGE_SIZE), (long)a);
	CHECK_EQ(vm_munmap(s, a, 4 * PAGE_SIZE), 0);
	CHECK_EQ(peek(s, a), 4711);
	CHECK_EQ(vm_munmap(s, a, 4 * PAGE_SIZE), 0);
	CHECK(!vma_find(s, a));
	t->inode.size = 30 * PAGE_SIZE;
	vm_truncate_mappings(&t->inode, 30 * PAGE_SIZE);
	CHECK_EQ(touch(s2, b + 30 * PAGE_SIZE, PROT_READ), SIGBUS);
	vm_space_put(s2);
	CHECK_EQ(*(uint64_t *)(t->pages + PAGE_SIZE), 4711);

	/* read-only windows and the page cache's own writes */
	a = (uaddr_t)vm_mmap(s, 0, 4 * PAGE_SIZE, PROT_READ, MAP_SHARED, &t->file, 0);
	CHECK_EQ(touch(s, a, PROT_WRITE), SIGSEGV);
	peek(s, a);
	vm_window_write_begin(a);
	*(uint64_t *)a = 12;
	vm_window_write_end(a);
	CHECK_EQ(touch(s, a, PROT_WRITE), SIGSEGV);
	CHECK_EQ(vm_mprotect(s, a, 4 * PAGE_SIZE, PROT_NONE), 0);
	CHECK_EQ(touch(s, a, PROT_READ), SIGSEGV);
	CHECK_EQ(*(uint64_t *)t->pages, 12);
	CHECK_EQ(vm_mprotect(s, a, 4 * PAGE_SIZE, RW), 0);
	poke(s, a, 13);

	/* at a fixed address, only if the file has no region yet */
	uaddr_t r = (uaddr_t)vm_mmap(s, 0, MB, PROT_NONE, ANON, NULL, 0);
	CHECK_EQ(vm_mmap(s, r, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, &t->file, 0), -ENOMEM);
	CHECK_EQ(vm_munmap(s, a, 4 * PAGE_SIZE), 0);
	CHECK_EQ(vm_mmap(s, r, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, &t->file, 0), (long)r);
	CHECK_EQ(peek(s, r), 13);
	uaddr_t m = (uaddr_t)vm_mmap(s, 0, 2 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0);
	poke(s, m, 5);
	CHECK_EQ(vm_mprotect(s, m, PAGE_SIZE, PROT_READ), 0);
	CHECK_EQ(touch(s, m, PROT_WRITE), SIGSEGV);
	space_gone(s);
	CHECK_EQ(*(uint64_t *)t->pages, 13);
	test_file_free(t);
}

UNIT_TEST(mremap, moves)
{
	struct vm_space *s = space_new();
	uaddr_t a = (uaddr_t)vm_mmap(s, 0, 8 * PAGE_SIZE, RW, ANON, NULL, 0);
	uaddr_t above = (uaddr_t)vm_mmap(s, a + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ,
					 ANON | MAP_FIXED, NULL, 0);

	CHECK_EQ(above, a + 8 * PAGE_SIZE);
	for (unsigned i = 0; i < 8; i++)
		poke(s, a + i * PAGE_SIZE, i + 1);
	CHECK_EQ(CALL(mremap, a, 8 * PAGE_SIZE, 16 * PAGE_SIZE, 0), -ENOMEM);
	uaddr_t b = (uaddr_t)CALL(mremap, a, 8 * PAGE_SIZE, 400 * PAGE_SIZE, MREMAP_MAYMOVE);
	CHECK(b != a && !vma_find(s, a));
	for (unsigned i = 0; i < 400; i++)
		CHECK_EQ(peek(s, b + i * PAGE_SIZE), i < 8 ? i + 1 : 0);
	CHECK_EQ(CALL(mremap, b, 400 * PAGE_SIZE, 2 * PAGE_SIZE, 0), (long)b);
	CHECK_EQ(CALL(mremap, b, 2 * PAGE_SIZE, 20 * PAGE_SIZE, 0), (long)b);
	CHECK_EQ(peek(s, b + 2 * PAGE_SIZE), 0);
	uaddr_t c = b + 64 * PAGE_SIZE;
	CHECK_EQ(CALL(mremap, b, 20 * PAGE_SIZE, 20 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, c),
		 (long)c);
	CHECK_EQ(peek(s, c + PAGE_SIZE), 2);
	CHECK_EQ(CALL(mremap, c, 20 * PAGE_SIZE, 20 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      c + PAGE_SIZE),
		 -EINVAL);
	CHECK_EQ(CALL(mremap, 0x10000, PAGE_SIZE, PAGE_SIZE, 0), -EFAULT);
	CHECK_EQ(CALL(mremap, c, PAGE_SIZE, 0, 0), -EINVAL);
	check_all(s);
	space_gone(s);
}

UNIT_TEST(stack, grows_down)
{
	struct vm_space *s = space_new();
	uaddr_t r = (uaddr_t)vm_mmap(s, 0, 16 * MB, PROT_NONE, ANON, NULL, 0);

	CHECK_EQ(vm_munmap(s, r, 16 * MB), 0);
	uaddr_t top = r + 16 * MB, a = top - 4 * PAGE_SIZE;
	CHECK_EQ(vm_mmap(s, a, 4 * PAGE_SIZE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, NULL, 0),
		 (long)a);
	unit_process.rlim[RLIMIT_STACK].cur = MB;
	poke(s, a - 100 * PAGE_SIZE, 1);
	CHECK_EQ(touch(s, top - 2 * MB, PROT_READ), SIGSEGV);
	CHECK_EQ(s->count, 1);
	uaddr_t other = (uaddr_t)vm_mmap(s, 0, PAGE_SIZE, RW, ANON, NULL, 0);
	CHECK(other + STACK_GUARD <= a - 100 * PAGE_SIZE || other >= top);
	space_gone(s);
}
