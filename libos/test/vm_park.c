/* vm_park.c: programs and libraries that stay in place when they end: parking, taking, making room. */
#include "test/vm_host.h"

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
