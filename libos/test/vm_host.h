/* vm_host.h: the memory manager under test, in one translation unit, over a host that checks.
 *
 * ELRANGE is moved to where a sanitized process has free addresses. The fake host backs enclave
 * pages by real mmap at their real addresses, keeps EPCM and page-table rights apart, refuses what
 * SGX would refuse and counts calls. Files are arrays of pages; the fake rewriter stamps text
 * pages. */
#pragma once
#include "abi/layout.h"
#undef ELRANGE_BITS
#define ELRANGE_BITS 46
#undef USER_HIGH_START
#define USER_HIGH_START 0x200000000000UL

#include "base/tree.c"
#include "vm/pagestate.c"
#include "vm/pages.c"
#include "vm/pool.c"
#include "vm/commit.c"
#include "time/ktimer.c"
#include "vm/place.c"
#include "vm/park.c"
#include "vm/stash.c"
#include "vm/shadow.c"
#include "vm/family.c"
#include "vm/rejoin.c"
#include "vm/turn.c"
#include "vm/twin.c"
#include "vm/space.c"
#include "vm/fork.c"
#include "vm/munmap.c"
#include "vm/fault.c"
#undef MS_NOEXEC
#include "vm/mmap.c"
#include "vm/mprotect.c"
#include "vm/mremap.c"
#include "vm/brk.c"
#undef CAP_IPC_LOCK
#include "vm/madvise.c"
#include "vm/shared.c"
#include "test/unit.h"

/* No mapping of a test is watched by a userfaultfd. */
enum uffd_result uffd_fault(struct vm_space *s, uaddr_t addr, bool write, bool user)
{
	(void)s, (void)addr, (void)write, (void)user;
	return UFFD_NONE;
}

void uffd_unmapped(const struct vm_space *s, uaddr_t start, uaddr_t end)
{
	(void)s, (void)start, (void)end;
}

void uffd_space_gone(const struct vm_space *s)
{
	(void)s;
}

/* Nobody profiles a test. */
void vm_text_note(struct vm_space *s, uaddr_t addr)
{
	(void)s, (void)addr;
}

/* Turns with and without vector registers. */
bool fpu_vectors_dead(void)
{
	return rng_u64() % 2;
}

uint64_t fpu_xfrm(void)
{
	if (!__builtin_cpu_supports("avx"))
		return 3;
	return __builtin_cpu_supports("avx512f") && rng_u64() % 2 ? 0xe7 : 7;
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, long off);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);

/* ---- pages ---- */
#define HOST_SLOTS 131072u
struct host_page {
	uint64_t page; /* number + 1; 0: empty, 1: deleted */
	uint8_t epcm, pt;
};
static struct host_page host_pages[HOST_SLOTS];
static size_t host_page_count;
static unsigned host_calls;
static long host_allows = -1; /* >= 0: so many more calls succeed */

static struct host_page *host_page(uint64_t addr, bool make)
{
	uint64_t key = (addr >> PAGE_SHIFT) + 2;
	struct host_page *hole = NULL;

	for (size_t i = key * 0x9e3779b97f4a7c15UL >> 48, n = 0; n < HOST_SLOTS; n++, i++) {
		struct host_page *p = &host_pages[i % HOST_SLOTS];
		if (p->page == key)
			return p;
		if (p->page <= 1 && !hole)
			hole = p;
		if (!p->page)
			break;
	}
	if (!make)
		return NULL;
	CHECK(hole && host_page_count < HOST_SLOTS / 2);
	*hole = (struct host_page){.page = key};
	host_page_count++;
	return hole;
}

static bool host_out(void)
{
	return host_allows >= 0 && (host_allows == 0 || !host_allows--);
}

int host_mem_augment(uint64_t addr, uint64_t len)
{
	host_calls++;
	if (host_out())
		return -ENOMEM;
	for (uint64_t a = addr; a < addr + len; a += PAGE_SIZE) {
		CHECK(!host_page(a, false));
		struct host_page *p = host_page(a, true);
		p->epcm = p->pt = PROT_READ | PROT_WRITE;
	}
	CHECK(mmap((void *)addr, len, PROT_READ | PROT_WRITE, 0x100000 | 0x20 | 2, -1, 0) ==
	      (void *)addr);
	return 0;
}

static int host_set(uint64_t addr, uint64_t len, int epcm_add, int epcm_keep, int prot)
{
	host_calls++;
	if (host_out())
		return -ENOMEM;
	for (uint64_t a = addr; a < addr + len; a += PAGE_SIZE) {
		struct host_page *p = host_page(a, false);
		CHECK(p);
		p->epcm = (uint8_t)((p->epcm | epcm_add) & epcm_keep);
		CHECK((prot & p->epcm) == prot);
		p->pt = (uint8_t)prot;
	}
	CHECK(mprotect((void *)addr, len, prot & ~PROT_EXEC) == 0);
	return 0;
}

int host_mem_protect(uint64_t addr, uint64_t len, int prot)
{
	return host_set(addr, len, 0, 7, prot);
}

int host_mem_hide(const struct mem_range *r, unsigned n)
{
	int err = 0;

	CHECK(n && n <= OCALL_MEM_RANGES);
	host_calls -= n - 1; /* one call for all */
	for (unsigned i = 0; i < n && !err; i++)
		err = host_set(r[i].addr, r[i].len, 0, 7, 0);
	return err;
}

static void host_restrict_range(uint64_t addr, uint64_t len, int prot)
{
	for (uint64_t a = addr; a < addr + len; a += PAGE_SIZE) {
		struct host_page *p = host_page(a, false);
		CHECK(p && (p->epcm & prot) == prot);
		p->epcm = (uint8_t)prot;
		CHECK(mprotect((void *)a, PAGE_SIZE, p->pt & prot & ~PROT_EXEC) == 0);
	}
}

int host_mem_restrict(const struct mem_range *r, unsigned n, int prot)
{
	CHECK(n && n <= OCALL_MEM_RANGES);
	host_calls++;
	if (host_out())
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		host_restrict_range(r[i].addr, r[i].len, prot);
	return 0;
}

int host_mem_extend(uint64_t addr, uint64_t len, int prot)
{
	for (uint64_t a = addr; a < addr + len; a += PAGE_SIZE)
		CHECK(host_page(a, false) && (host_page(a, false)->epcm | prot) == prot);
	return host_set(addr, len, prot, 7, prot);
}

static unsigned host_removed; /* pages, ever */

int host_mem_remove(const struct mem_range *r, unsigned n)
{
	CHECK(n && n <= OCALL_MEM_RANGES);
	host_calls++;
	for (unsigned i = 0; i < n; i++) {
		for (uint64_t a = r[i].addr; a < r[i].addr + r[i].len; a += PAGE_SIZE) {
			struct host_page *p = host_page(a, false);
			CHECK(p && !p->pt);
			p->page = 1;
			host_page_count--;
			host_removed++;
		}
		CHECK(munmap((void *)r[i].addr, r[i].len) == 0);
	}
	return 0;
}

uint64_t boot_memory_bytes(void)
{
	return 0;
}

/* ---- files ---- */
struct test_file {
	struct inode inode;
	struct super_block sb;
	struct file file;
	char *pages;
	uint64_t count;
	uaddr_t window[512]; /* where the cache page lies, 0: in pages */
	unsigned reads;
};

static struct file_ops test_ops = {.name = "test"};

static struct test_file *test_of(struct inode *inode)
{
	return container_of(inode, struct test_file, inode);
}

static unused_arg struct test_file *test_file(uint64_t ino, uint64_t pages)
{
	struct test_file *t = kzalloc(sizeof(*t));

	t->sb.dev = 7;
	t->inode = (struct inode){.ref = 1,
				  .sb = &t->sb,
				  .ino = ino,
				  .nlink = 1,
				  .mode = S_IFREG | 0644,
				  .version = 1,
				  .size = pages * PAGE_SIZE};
	t->file = (struct file){.ref = 1, .ops = &test_ops, .flags = O_RDWR, .inode = &t->inode};
	t->count = pages;
	t->pages = page_alloc_zero(pages);
	for (uint64_t i = 0; i < pages; i++)
		*(uint64_t *)(t->pages + i * PAGE_SIZE) = ino << 32 | i;
	return t;
}

static unused_arg void test_file_free(struct test_file *t)
{
	CHECK_EQ(t->file.ref, 1);
	CHECK_EQ(t->inode.ref, 1);
	page_free(t->pages, t->count);
	kfree(t);
}

struct file *file_get(struct file *f)
{
	f->ref++;
	return f;
}

void file_put(struct file *f)
{
	CHECK(f->ref > 1);
	f->ref--;
}

struct file *fd_get(int fd, bool allow_path)
{
	(void)fd;
	(void)allow_path;
	return NULL;
}

struct inode *inode_get(struct inode *i)
{
	i->ref++;
	return i;
}

void inode_put(struct inode *i)
{
	i->ref--;
}

void *filemap_peek(struct inode *inode, uint64_t index)
{
	(void)inode;
	(void)index;
	return NULL;
}

void *filemap_page(struct inode *inode, uint64_t index, int *err)
{
	struct test_file *t = test_of(inode);

	*err = -EFAULT;
	if (index >= t->count || index * PAGE_SIZE >= inode->size)
		return NULL;
	t->reads++;
	return t->window[index] ? (void *)t->window[index] : t->pages + index * PAGE_SIZE;
}

int filemap_window_open(struct inode *inode, uint64_t index, size_t count, uaddr_t at)
{
	struct test_file *t = test_of(inode);

	for (uint64_t i = index; i < index + count; i++, at += PAGE_SIZE) {
		CHECK(!t->window[i] && i < t->count);
		memcpy((void *)at, t->pages + i * PAGE_SIZE, PAGE_SIZE);
		t->window[i] = at;
	}
	return 0;
}

void filemap_window_stores(struct inode *inode)
{
	(void)inode;
}

void filemap_window_close(struct inode *inode, uint64_t index, size_t count)
{
	struct test_file *t = test_of(inode);

	for (uint64_t i = index; i < index + count; i++) {
		CHECK(t->window[i]);
		memcpy(t->pages + i * PAGE_SIZE, (void *)t->window[i], PAGE_SIZE);
		t->window[i] = 0;
	}
}

int filemap_writeback(struct inode *inode, uint64_t index, size_t count)
{
	(void)inode;
	(void)index;
	(void)count;
	return 0;
}

struct process *process_find(kpid_t pid)
{
	(void)pid;
	return NULL;
}

/* ---- rewriter: bytes 8.. of every text page get the address of the stubs ---- */
struct rewrite_area {
	uaddr_t text, stubs;
	size_t len;
};
static unsigned rewrite_areas;
static size_t rewrite_wanted;

size_t rewrite_stub_size(struct inode *inode, uint64_t off, size_t len)
{
	(void)inode;
	(void)off;
	(void)len;
	return rewrite_wanted;
}

struct rewrite_area *rewrite_attach(struct inode *inode, uaddr_t text, uint64_t off, size_t len,
				    uaddr_t stubs)
{
	struct rewrite_area *a = kzalloc(sizeof(*a));

	(void)inode;
	(void)off;
	if (!a)
		return NULL;
	*a = (struct rewrite_area){text, stubs, len};
	CHECK_EQ(*(uint64_t *)stubs, 0);
	*(uint64_t *)stubs = 0x5ab5;
	rewrite_areas++;
	return a;
}

void rewrite_pages(struct rewrite_area *a, uaddr_t addr, size_t len)
{
	for (uaddr_t p = addr; p < addr + len; p += PAGE_SIZE) {
		CHECK_EQ(((uint64_t *)p)[1], 0);
		((uint64_t *)p)[1] = a->stubs;
		((uint64_t *)a->stubs)[1]++;
	}
}

void rewrite_detach(struct rewrite_area *a)
{
	rewrite_areas--;
	kfree(a);
}

/* ---- what must hold between calls ---- */
static uint64_t check_space(struct vm_space *s)
{
	uint64_t size = 0, resident = 0, locked = 0, count = 0;
	uaddr_t last = 0;

	for (struct vma *v = vma_of(tree_first(&s->vmas)); v; v = vma_next(v), count++) {
		CHECK(v->start >= last && v->end > v->start && v->space == s);
		last = v->end;
		size += (v->end - v->start) >> PAGE_SHIFT;
		locked += v->flags & VMA_LOCKED ? (v->end - v->start) >> PAGE_SHIFT : 0;
		if (v->region)
			continue;
		resident += vma_count_resident(v);
		for (uaddr_t a = v->start; a < v->end; a += PAGE_SIZE) {
			uint8_t st = page_state(a);
			struct parked *p = park_first(place_arena(a), a, a + PAGE_SIZE);
			CHECK(!p || (v->flags & VMA_OVER_PARKED));
			CHECK(!p || !(v->flags & VMA_SHADOWS) || !(st & PG_VALID) || !(st & PG_PT));
			if (p && (st & PG_VALID))
				resident--;
			if (!p && (st & PG_COMMITTED) &&
			    !(v->flags & (VMA_TRANSIENT | VMA_STUBS))) {
				CHECK(st & PG_VALID);
				CHECK_EQ(st & PG_PT, prot_normal(v->prot));
			}
		}
	}
	CHECK_EQ(s->size, size);
	CHECK_EQ(s->resident, resident);
	CHECK_EQ(s->locked, locked);
	CHECK_EQ(s->count, count);
	return resident;
}

static unused_arg void check_parked(void)
{
	uint64_t pages = 0;
	struct arena *last = NULL;

	for (size_t i = 0; i < CHUNKS; i++) {
		struct arena *a = chunk_owner[i];
		if (!a || a == last)
			continue;
		last = a;
		for (struct tree_node *n = tree_first(&a->parked); n; n = tree_next(n)) {
			struct parked *p = parked_of(n);
			CHECK_EQ(p->pages, pages_count(p->start, p->end, PG_VALID, PG_VALID));
			pages += p->pages;
		}
	}
	CHECK_EQ(park_pages, pages);
}

static unused_arg void check_all(struct vm_space *s)
{
	uint64_t used = s ? check_space(s) : 0;
	struct region *r;

	list_for_each(r, &regions, node) used += pages_count(r->start, r->end, PG_VALID, PG_VALID);
	CHECK_EQ(vm_pages_used, used);
	CHECK_EQ(pages_committed + pages_pooled, host_page_count);
	check_parked();
}

/* ---- what a program does ---- */
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MB   (1UL << 20)

static unused_arg struct vm_space *space_new(void)
{
	struct vm_space *s = vm_space_create();

	CHECK(s);
	unit_process.space = s;
	return s;
}

static unused_arg void space_gone(struct vm_space *s)
{
	vm_space_put(s);
	unit_process.space = NULL;
	check_all(NULL);
}

/* The access a program makes: 0, or the signal it gets. */
static unused_arg int touch(struct vm_space *s, uaddr_t addr, int prot)
{
	int sig = 0, code = 0;

	for (int tries = 0; tries < 5; tries++) {
		struct host_page *p = host_page(addr & PAGE_MASK, false);
		if (p && (p->pt & p->epcm & prot) == prot)
			return 0;
		unsigned pfec = prot & PROT_WRITE ? 2 : prot & PROT_EXEC ? 16 : 0;
		if (vm_fault(s, addr, pfec, &sig, &code))
			return sig;
	}
	CHECK(!"the fault is never resolved");
	return -1;
}

static unused_arg uint64_t peek(struct vm_space *s, uaddr_t addr)
{
	CHECK_EQ(touch(s, addr, PROT_READ), 0);
	return *(uint64_t *)addr;
}

static unused_arg void poke(struct vm_space *s, uaddr_t addr, uint64_t v)
{
	CHECK_EQ(touch(s, addr, PROT_WRITE), 0);
	*(uint64_t *)addr = v;
}

#define CALL(name, ...) sys_##name(&(struct syscall_args){{__VA_ARGS__}})
