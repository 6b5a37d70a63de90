/* vm_family.c: residency: forks and fixed-address programs under random operations, against a model of what each of
 * them must see; and with memory or the host failing at every point. */
#include "test/vm_host.h"

#define FAM_PAGES  192u
#define FAM_SPACES 6u

struct seen_page {
	bool mapped, shared;
	int prot;
	uint64_t content;
	int64_t file_page; /* >= 0: of a private file mapping */
};

struct relative {
	struct vm_space *space; /* NULL: free */
	struct seen_page page[FAM_PAGES];
};

static struct relative fam[FAM_SPACES];
static uaddr_t fam_base, fam_shared;
static uint64_t fam_value; /* at fam_shared */
static struct test_file *fam_file;

static void check_rights(struct vm_space *s)
{
	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v)) {
		if (!vma_swapped(v))
			continue;
		for (uaddr_t a = v->start; a < v->end; a += PAGE_SIZE) {
			uint8_t st = page_state(a);
			if (!(st & PG_COMMITTED) || (v->flags & VMA_OVER_PARKED))
				continue;
			CHECK(st & PG_VALID);
			CHECK(!(st & PG_PT & ~prot_normal(v->prot)));
			if (st & PROT_WRITE)
				CHECK(!family_others_have(s, a));
		}
	}
}

static void check_family(void)
{
	for (unsigned i = 0; i < FAM_SPACES; i++) {
		struct vm_space *s = fam[i].space;
		uint64_t resident = 0;
		if (!s)
			continue;
		for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v))
			resident += v->region || (v->flags & VMA_OVER_PARKED) ? 0 : vma_count_resident(v);
		for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v)) {
			if (v->flags & VMA_OVER_PARKED)
				resident = s->resident;
		}
		CHECK_EQ(s->resident, resident);
		CHECK_EQ(vm_space_resident(s), s->family->resident == s);
		CHECK_EQ(!s->shadow, vm_space_resident(s));
		if (vm_space_resident(s))
			check_rights(s);
	}
	CHECK_EQ(pages_committed + pages_pooled, host_page_count);
	CHECK(vm_pages_used <= pages_committed);
	check_parked();
}

static void fam_map(struct relative *r, unsigned i, unsigned n)
{
	static const int prots[] = {PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC, RW, RW};
	int prot = prots[rng_u64() % 6];
	bool file = rng_u64() % 2;
	uint64_t off = file ? rng_u64() % 32 : 0;

	long want = region_blocks(r->space, fam_base + i * PAGE_SIZE, fam_base + (i + n) * PAGE_SIZE)
			    ? -ENOMEM
			    : (long)(fam_base + i * PAGE_SIZE);
	CHECK_EQ(vm_mmap(r->space, fam_base + i * PAGE_SIZE, n * PAGE_SIZE, prot,
			 MAP_PRIVATE | MAP_FIXED | (file ? 0 : MAP_ANONYMOUS), file ? &fam_file->file : NULL,
			 off * PAGE_SIZE),
		 want);
	if (want < 0)
		return;
	for (unsigned k = i; k < i + n; k++)
		r->page[k] = (struct seen_page){true, false, prot, file ? fam_file->inode.ino << 32 | (off + k - i) : 0,
						file ? (int64_t)(off + k - i) : -1};
}

static void fam_touch(struct relative *r, unsigned i)
{
	struct seen_page *p = &r->page[i];
	uaddr_t addr = fam_base + i * PAGE_SIZE;
	int prot = rng_u64() % 2 ? PROT_READ : PROT_WRITE;

	if (!p->mapped) /* may be a relative's, in place */
		return;
	CHECK_EQ(space_enter(r->space), 0);
	struct vma *v = vma_find(r->space, addr);
	if (v && (v->flags & VMA_STUBS))
		return;
	int sig = touch(r->space, addr, prot);
	if (!(prot_normal(p->prot) & prot)) {
		CHECK_EQ(sig, SIGSEGV);
		return;
	}
	if (p->file_page >= (int64_t)fam_file->count) {
		CHECK_EQ(sig, SIGBUS);
		return;
	}
	CHECK_EQ(sig, 0);
	CHECK_EQ(*(uint64_t *)addr, p->content);
	if (prot == PROT_WRITE)
		*(uint64_t *)addr = p->content = rng_u64();
}

static void fam_protect(struct relative *r, unsigned i, unsigned n)
{
	static const int prots[] = {PROT_NONE, PROT_READ, RW, PROT_READ | PROT_EXEC};
	int prot = prots[rng_u64() % 4], want = 0;

	for (unsigned k = i; k < i + n && !want; k++) {
		want = vma_find(r->space, fam_base + k * PAGE_SIZE) ? 0 : -ENOMEM;
		if (!want)
			r->page[k].prot = prot;
	}
	CHECK_EQ(vm_mprotect(r->space, fam_base + i * PAGE_SIZE, n * PAGE_SIZE, prot), want);
}

static void fam_discard(struct relative *r, unsigned i, unsigned n)
{
	CALL(madvise, fam_base + i * PAGE_SIZE, n * PAGE_SIZE, MADV_DONTNEED);
	for (unsigned k = i; k < i + n; k++)
		r->page[k].content = r->page[k].file_page >= 0
					     ? fam_file->inode.ino << 32 | (uint64_t)r->page[k].file_page
					     : 0;
}

static void fam_fork(struct relative *r)
{
	for (unsigned i = 0; i < FAM_SPACES; i++) {
		if (fam[i].space)
			continue;
		memcpy(fam[i].page, r->page, sizeof(r->page));
		fam[i].space = vm_space_fork(r->space);
		CHECK(fam[i].space);
		CHECK(vm_space_resident(fam[i].space));
		return;
	}
}

static void fam_end(struct relative *r)
{
	vm_space_put(r->space);
	r->space = NULL;
}

/* What relatives share they all see. */
static void fam_share(struct relative *r)
{
	uint64_t next = rng_u64();

	CHECK_EQ(space_enter(r->space), 0);
	CHECK_EQ(touch(r->space, fam_shared, PROT_WRITE), 0);
	CHECK_EQ(*(uint64_t *)fam_shared, fam_value);
	*(uint64_t *)fam_shared = fam_value = next;
}

static void fam_step(void)
{
	struct relative *r = &fam[rng_u64() % FAM_SPACES];
	unsigned i = rng_u64() % FAM_PAGES, n = 1 + rng_u64() % MIN(FAM_PAGES - i, 40u), living = 0;

	for (unsigned k = 0; k < FAM_SPACES; k++)
		living += fam[k].space != NULL;
	if (!r->space)
		return;
	unit_process.space = r->space;
	switch (rng_u64() % 24) {
	case 0:
	case 1:
		fam_map(r, i, n);
		break;
	case 2:
		CHECK_EQ(vm_munmap(r->space, fam_base + i * PAGE_SIZE, n * PAGE_SIZE), 0);
		for (unsigned k = i; k < i + n; k++)
			r->page[k].mapped = false;
		break;
	case 3:
	case 4:
		fam_protect(r, i, n);
		break;
	case 5:
		fam_discard(r, i, n);
		break;
	case 6:
	case 7:
		fam_fork(r);
		break;
	case 8:
		if (living > 1)
			fam_end(r);
		break;
	case 9:
		fam_share(r);
		break;
	default:
		for (unsigned k = i; k < i + n; k++)
			fam_touch(r, k);
	}
}

UNIT_TEST(family, random)
{
	fam_file = test_file(97, 40);
	for (unsigned round = 0; round < 8; round++) {
		memset(fam, 0, sizeof(fam));
		fam[0].space = space_new();
		rewrite_wanted = round % 3 * PAGE_SIZE;
		fam_base = (uaddr_t)vm_place_for(fam[0].space, &fam_file->file, 4 * FAM_PAGES * PAGE_SIZE);
		fam_base = ALIGN_UP(fam_base, MB);
		fam_shared = (uaddr_t)vm_mmap(fam[0].space, 0, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0);
		CHECK((long)fam_shared > 0);
		fam_value = 0;
		for (unsigned step = 0; step < 1000; step++) {
			fam_step();
			if (step % 8 == 0)
				check_family();
		}
		for (unsigned i = 0; i < FAM_SPACES; i++) {
			if (fam[i].space)
				fam_end(&fam[i]);
			check_family();
		}
	}
	place_reclaim(1UL << 40);
	CHECK_EQ(rewrite_areas, 0);
	test_file_free(fam_file);
}

static unsigned exchange_rounds(bool (*exchange)(void *a, void *b))
{
	static uint64_t a[512] __attribute__((aligned(4096))), b[512] __attribute__((aligned(4096)));
	unsigned same = 0;

	for (unsigned round = 0; round < 200; round++) {
		uint64_t was_a[512], was_b[512];
		for (unsigned i = 0; i < 512; i++)
			a[i] = b[i] = rng_u64();
		for (unsigned n = (unsigned)(rng_u64() % 5); n; n--)
			a[rng_u64() % 512] = rng_u64();
		memcpy(was_a, a, sizeof(a));
		memcpy(was_b, b, sizeof(b));
		bool differ = memcmp(a, b, sizeof(a));
		CHECK_EQ(exchange(a, b), differ);
		CHECK(!memcmp(a, was_b, sizeof(a)));
		CHECK(!memcmp(b, was_a, sizeof(b)));
		same += !differ;
	}
	return same;
}

static bool exchange_by_words(void *a, void *b)
{
	return lines_exchange(a, b);
}

UNIT_TEST(family, pages_exchange)
{
	CHECK(exchange_rounds(exchange_by_words) > 0);
	if (__builtin_cpu_supports("avx"))
		CHECK(exchange_rounds(page_exchange_avx) > 0);
	if (__builtin_cpu_supports("avx512f"))
		CHECK(exchange_rounds(page_exchange_avx512) > 0);
}

/* Two programs at one address: each sees its own, whoever comes and goes. */
UNIT_TEST(family, fixed_programs)
{
	struct vm_space *a = vm_space_create(), *b = vm_space_create(), *c;

	CHECK_EQ(vm_mmap(a, 0x10400000, MB, RW, ANON | MAP_FIXED, NULL, 0), 0x10400000);
	poke(a, 0x10400000, 1);
	poke(a, 0x10410000, 2);
	CHECK_EQ(vm_mmap(b, 0x10400000, MB, RW, ANON | MAP_FIXED, NULL, 0), 0x10400000);
	CHECK_EQ(peek(b, 0x10400000), 0);
	poke(b, 0x10400000, 3);
	c = vm_space_fork(b);
	poke(c, 0x10400000, 4);
	CHECK_EQ(vm_make_present(a, 0x10400000, 8, PROT_READ), 0);
	CHECK_EQ(peek(a, 0x10400000), 1);
	CHECK_EQ(peek(a, 0x10410000), 2);
	vm_space_put(a);
	CHECK_EQ(vm_make_present(b, 0x10400000, 8, PROT_READ), 0);
	CHECK_EQ(peek(b, 0x10400000), 3);
	vm_space_put(b);
	CHECK_EQ(vm_make_present(c, 0x10400000, 8, PROT_READ), 0);
	CHECK_EQ(peek(c, 0x10400000), 4);
	vm_space_put(c);
}

/* Relatives that wrote the same have one page again after some turns, all of them; who writes then is alone with it. */
UNIT_TEST(family, same_pages_rejoin)
{
	enum { PAGES = 8, SPACES = 3 };
	struct vm_space *s[SPACES] = { space_new() };
	uaddr_t at = (uaddr_t)vm_mmap(s[0], 0, PAGES * PAGE_SIZE, RW, ANON, NULL, 0);

	poke(s[0], at, 1);
	s[1] = vm_space_fork(s[0]);
	s[2] = vm_space_fork(s[0]);
	for (unsigned k = 0; k < SPACES; k++) {
		CHECK_EQ(vm_make_present(s[k], at, PAGES * PAGE_SIZE, RW), 0);
		for (unsigned i = 0; i < PAGES; i++)
			poke(s[k], at + i * PAGE_SIZE, i == 3 ? 100 + k : i + 7);
	}
	for (unsigned turn = 0; turn < (REJOIN_MIN + 2) * SPACES; turn++)
		CHECK_EQ(vm_make_present(s[turn % SPACES], at, 8, PROT_READ), 0);
	for (unsigned i = 0; i < PAGES; i++)
		CHECK_EQ(shadow_get(s[0]->shadow, at + i * PAGE_SIZE) == SHADOW_IN_PLACE, i != 3);
	CHECK_EQ(page_state(at) & PROT_WRITE, 0);
	CHECK_EQ(vm_make_present(s[1], at, 8, RW), 0);
	poke(s[1], at, 55);
	for (unsigned k = 0; k < SPACES; k++) {
		CHECK_EQ(vm_make_present(s[k], at, PAGES * PAGE_SIZE, PROT_READ), 0);
		CHECK_EQ(peek(s[k], at), k == 1 ? 55 : 7);
		CHECK_EQ(peek(s[k], at + 3 * PAGE_SIZE), 100 + k);
		CHECK_EQ(peek(s[k], at + 4 * PAGE_SIZE), 11);
	}
	for (unsigned k = 0; k < SPACES; k++)
		vm_space_put(s[k]);
	CHECK_EQ(pages_committed + pages_pooled, host_page_count);
}

/* Every allocation and every host call fails once: an error or a whole copy, and the parent keeps its memory. */
UNIT_TEST(family, out_of_memory)
{
	for (long after = 0; after < 120; after++) {
		struct vm_space *s = space_new(), *child;
		uaddr_t a = (uaddr_t)vm_mmap(s, 0, 64 * PAGE_SIZE, RW, ANON, NULL, 0);
		for (unsigned i = 0; i < 64; i++)
			poke(s, a + i * PAGE_SIZE, i + 1);
		if (after % 2)
			unit_alloc_fail_after = after / 2;
		else
			host_allows = after / 2;
		child = vm_space_fork(s);
		for (unsigned i = 0; child && i < 64; i += 3)
			if (!vm_make_present(child, a + i * PAGE_SIZE, 8, RW))
				*(uint64_t *)(a + i * PAGE_SIZE) = 99;
		(void)!vm_make_present(s, a, 8, PROT_READ);
		unit_alloc_fail_after = host_allows = -1;
		for (unsigned i = 0; i < 64; i++) {
			CHECK_EQ(vm_make_present(s, a + i * PAGE_SIZE, 8, PROT_READ), 0);
			CHECK_EQ(*(uint64_t *)(a + i * PAGE_SIZE), i + 1);
		}
		if (child)
			vm_space_put(child);
		vm_space_put(s);
		CHECK_EQ(pages_committed + pages_pooled, host_page_count);
	}
}

/* A turn for which there is no memory half-way: two who share what is in place still see only their own writes. */
UNIT_TEST(family, turn_fails_midway)
{
	enum { PAGES = 64, FIT = 16 };
	struct vm_space *a = space_new(), *b, *c, *d;
	uaddr_t at = (uaddr_t)vm_mmap(a, 0, PAGES * PAGE_SIZE, RW, ANON, NULL, 0);

	for (unsigned i = 0; i < PAGES; i++)
		poke(a, at + i * PAGE_SIZE, i + 1);
	b = vm_space_fork(a);
	c = vm_space_fork(b);
	for (unsigned i = 0; i < PAGES; i++)
		poke(c, at + i * PAGE_SIZE, i + 1001);
	d = vm_space_fork(c);

	vm_user_limit = (pages_committed + FIT) << PAGE_SHIFT;
	CHECK_EQ(space_enter(a), -ENOMEM);
	vm_user_limit = 0;
	for (unsigned i = 0; i < PAGES; i++) {
		CHECK_EQ(vm_make_present(c, at + i * PAGE_SIZE, 8, RW), 0);
		CHECK_EQ(peek(c, at + i * PAGE_SIZE), i + 1001);
		*(uint64_t *)(at + i * PAGE_SIZE) = i + 2001;
	}
	check_rights(c);
	for (unsigned i = 0; i < PAGES; i++) {
		CHECK_EQ(vm_make_present(d, at + i * PAGE_SIZE, 8, PROT_READ), 0);
		CHECK_EQ(peek(d, at + i * PAGE_SIZE), i + 1001);
	}
	for (unsigned i = 0; i < PAGES; i++) {
		CHECK_EQ(vm_make_present(a, at + i * PAGE_SIZE, 8, PROT_READ), 0);
		CHECK_EQ(peek(a, at + i * PAGE_SIZE), i + 1);
	}
	vm_space_put(a);
	vm_space_put(b);
	vm_space_put(c);
	vm_space_put(d);
	CHECK_EQ(pages_committed, host_page_count);
}
