/* vm_walk.c: the memory manager under random operations, against a model of one window of pages,
 * and with memory or the host failing at every point. */
#include "test/vm_host.h"

/* ---- a random walk against a model of one 4 MiB window ---- */
#define WALK_PAGES 256u
struct model_page {
	bool mapped, used; /* used: was mapped in this space */
	int prot;
	uint64_t content;  /* first word */
	int64_t file_page; /* >= 0: private file page */
};

static void walk_map(struct vm_space *s, struct model_page *m, uaddr_t base, unsigned i, unsigned n,
		     struct test_file *t)
{
	static const int prots[] = {PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC, RW};
	int prot = prots[rng_u64() % 5];
	bool file = rng_u64() % 2;
	uint64_t off = file ? rng_u64() % 32 : 0;
	long r = vm_mmap(s, base + i * PAGE_SIZE, n * PAGE_SIZE, prot,
			 MAP_PRIVATE | MAP_FIXED | (file ? 0 : MAP_ANONYMOUS),
			 file ? &t->file : NULL, off * PAGE_SIZE);

	CHECK_EQ(r, (long)(base + i * PAGE_SIZE));
	for (unsigned k = i; k < i + n; k++)
		m[k] = (struct model_page){true, true, prot,
					   file ? t->inode.ino << 32 | (off + k - i) : 0,
					   file ? (int64_t)(off + k - i) : -1};
}

static void walk_touch(struct vm_space *s, struct model_page *p, uaddr_t addr, struct test_file *t)
{
	int prot = rng_u64() % 2 ? PROT_READ : PROT_WRITE;
	int sig = touch(s, addr, prot);

	struct vma *v = vma_find(s, addr);
	if (v && (v->flags & VMA_STUBS))
		return;
	if (!p->used) /* may be a pooled page of an earlier program: no fault, no promise */
		return;
	if (!p->mapped || !(prot_normal(p->prot) & prot)) {
		CHECK_EQ(sig, SIGSEGV);
	} else if (p->file_page >= (int64_t)t->count) {
		CHECK_EQ(sig, SIGBUS);
	} else {
		CHECK_EQ(sig, 0);
		CHECK_EQ(*(uint64_t *)addr, p->content);
		if (prot == PROT_WRITE)
			*(uint64_t *)addr = p->content = rng_u64();
	}
}

static void walk_protect(struct vm_space *s, struct model_page *m, uaddr_t base, unsigned i,
			 unsigned n)
{
	static const int prots[] = {PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC};
	int prot = prots[rng_u64() % 4], want = 0;

	for (unsigned k = i; k < i + n && !want; k++) {
		want = vma_find(s, base + k * PAGE_SIZE) ? 0 : -ENOMEM; /* stubs may lie in holes */
		if (!want)
			m[k].prot = prot;
	}
	CHECK_EQ(vm_mprotect(s, base + i * PAGE_SIZE, n * PAGE_SIZE, prot), want);
}

static void walk_step(struct vm_space *s, struct model_page *m, uaddr_t base, struct test_file *t)
{
	unsigned i = rng_u64() % WALK_PAGES, n = 1 + rng_u64() % MIN(WALK_PAGES - i, 48u);

	switch (rng_u64() % 12) {
	case 0:
	case 1:
		walk_map(s, m, base, i, n, t);
		break;
	case 2:
		CHECK_EQ(vm_munmap(s, base + i * PAGE_SIZE, n * PAGE_SIZE), 0);
		for (unsigned k = i; k < i + n; k++)
			m[k].mapped = false;
		break;
	case 3:
	case 4:
		walk_protect(s, m, base, i, n);
		break;
	case 5:
		CALL(madvise, base + i * PAGE_SIZE, n * PAGE_SIZE, MADV_DONTNEED);
		for (unsigned k = i; k < i + n; k++)
			m[k].content = m[k].file_page >= 0
					       ? t->inode.ino << 32 | (uint64_t)m[k].file_page
					       : 0;
		break;
	default:
		for (unsigned k = i; k < i + MIN(n, 8u); k++)
			walk_touch(s, &m[k], base + k * PAGE_SIZE, t);
	}
}

UNIT_TEST(walk, random)
{
	struct test_file *t = test_file(99, 64);

	for (unsigned round = 0; round < 30; round++) {
		struct model_page m[WALK_PAGES] = {0};
		struct vm_space *s = space_new();
		rewrite_wanted = round % 3 * PAGE_SIZE;
		uaddr_t base = (uaddr_t)vm_place_for(s, &t->file, WALK_PAGES * PAGE_SIZE);
		base = ALIGN_UP(base, MB);
		for (unsigned step = 0; step < 400; step++) {
			walk_step(s, m, base, t);
			if (step % 16 == 0)
				check_all(s);
		}
		space_gone(s);
	}
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(t);
}

/* Every allocation and every host call of a mixed run fails once: no crash, and the books stay
 * right. */
UNIT_TEST(walk, out_of_memory)
{
	struct test_file *t = test_file(98, 50);

	rewrite_wanted = PAGE_SIZE;
	for (long after = 0; after < 240; after++) {
		struct vm_space *s = space_new();
		if (after % 2)
			unit_alloc_fail_after = after / 2;
		else
			host_allows = after / 2;
		long a = vm_mmap(s, 0, 60 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_DENYWRITE,
				 &t->file, 0);
		if (a > 0) {
			uaddr_t at = (uaddr_t)a;
			(void)!vm_mmap(s, at + 4 * PAGE_SIZE, 30 * PAGE_SIZE, PROT_READ | PROT_EXEC,
				       MAP_PRIVATE | MAP_FIXED, &t->file, 4 * PAGE_SIZE);
			(void)!vm_mmap(s, at + 44 * PAGE_SIZE, 6 * PAGE_SIZE, RW,
				       MAP_PRIVATE | MAP_FIXED, &t->file, 44 * PAGE_SIZE);
			(void)!vm_make_present(s, at, 50 * PAGE_SIZE, PROT_READ);
			(void)!vm_mprotect(s, at + 45 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
			(void)!CALL(mremap, at + 44 * PAGE_SIZE, PAGE_SIZE, 3 * PAGE_SIZE,
				    MREMAP_MAYMOVE);
			(void)!vm_munmap(s, at + 10 * PAGE_SIZE, 2 * PAGE_SIZE);
		}
		long sh = vm_mmap(s, 0, 4 * PAGE_SIZE, RW, MAP_SHARED, &t->file, 0);
		if (sh > 0)
			(void)!vm_make_present(s, (uaddr_t)sh, 4 * PAGE_SIZE, RW);
		check_parked();
		CHECK_EQ(pages_committed + pages_pooled, host_page_count);
		unit_alloc_fail_after = host_allows = -1;
		space_gone(s);
	}
	place_reclaim(1UL << 40);
	CHECK_EQ(pages_committed, 0);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(t);
}
