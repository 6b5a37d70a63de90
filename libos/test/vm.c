/* vm.c: tests of the memory manager: errors, lazy filling, places, sharing. Pages: vm_pages.c; programs that are parked:
 * vm_park.c; all of it at random: vm_walk.c. */
#include "test/vm_host.h"

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
