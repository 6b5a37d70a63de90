/* fault.c: bringing pages in: on page faults, and before the LibOS itself touches user memory.
 *
 * Anonymous memory is committed in batches (commit.c).
 * Private file pages are copied from the page cache in aligned blocks around the fault; executable
 * ones have their system calls patched before they become executable. Other vCPUs run user code
 * without the giant lock: new pages are zero when they appear, but one that is copied into, or held something before (it
 * comes from the pool), is accessible while it still has its old content, and what is stored there then is lost. So
 * vm_quiesce() keeps the process' other threads out while that happens.
 *
 * Page cache reads sleep: space->generation tells whether the vma at hand can still be trusted. */
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "sync/giant.h"
#include "thread/thread.h"
#include "tunables.h"
#include "vm/family.h"
#include "vm/uffd.h"

#define FILE_BLOCK   (64 * 1024UL)
#define TEXT_BLOCK   (256 * 1024UL)
#define SPURIOUS_MAX 1000u

/* Pages up to the end of the file that v shows, as an address. */
static uaddr_t file_end_in(struct vma *v)
{
	uint64_t size = ALIGN_UP(inode_size(v->file->inode), PAGE_SIZE);

	return size > v->offset ? v->start + MIN(size - v->offset, v->end - v->start) : v->start;
}

static uint64_t page_index(struct vma *v, uaddr_t addr)
{
	return (v->offset + (addr - v->start)) >> PAGE_SHIFT;
}

/* Has the page cache read the block, as far as it can; *end is cut at the first page that cannot be
 * read. */
static int cache_load(struct vma *v, uaddr_t start, uaddr_t *end)
{
	struct inode *inode = v->file->inode;
	struct vm_space *s = v->space;
	uint64_t generation = s->generation;
	int err;

	for (uaddr_t a = start; a < *end; a += PAGE_SIZE) {
		uint64_t index = page_index(v, a);
		if (page_state(a) & PG_VALID || filemap_peek(inode, index))
			continue;
		void *page = filemap_page(inode, index, &err);
		if (s->generation != generation)
			return -EAGAIN;
		if (!page && a == start)
			return err == -ENOMEM ? -ENOMEM : -EIO;
		if (!page)
			*end = a;
	}
	return 0;
}

/* Copies the cached pages of [start, end) in; the pages are writable. */
static int cache_copy(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct inode *inode = v->file->inode;
	struct vm_space *s = v->space;
	uint64_t generation = s->generation;
	int err;

	for (uaddr_t a = start; a < end; a += PAGE_SIZE) {
		uint64_t index = page_index(v, a);
		const void *page = filemap_peek(inode, index);
		if (!page) { /* while it sleeps, nobody may read what the pages held before */
			memset((void *)a, 0, end - a);
			page = filemap_page(inode, index, &err);
		}
		if (s->generation != generation || !page)
			return -EAGAIN;
		memcpy((void *)a, page, PAGE_SIZE);
	}
	return 0;
}

/* Patches the system calls of filled text. The stubs become writable for that, and executable
 * afterwards. */
static int patch_text(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct stub_area *stubs = v->stubs;
	bool running = page_state(stubs->start) & PROT_EXEC;
	int err = pages_protect(stubs->start, stubs->end,
				PROT_READ | PROT_WRITE | (running ? PROT_EXEC : 0));

	if (err)
		return err;
	rewrite_pages(stubs->rewrite, start, end - start);
	return pages_protect(stubs->start, stubs->end, PROT_READ | PROT_EXEC);
}

/* The filled pages of v, whose stubs are new. */
int vma_patch_valid(struct vma *v)
{
	int err = 0;

	if (family_unshare(v, v->start, v->end))
		return -ENOMEM;
	if (vm_quiesce)
		vm_quiesce(v->space);
	for (uaddr_t a = v->start, stop; a < v->end && !err; a = stop) {
		a = pages_find(a, v->end, PG_VALID, PG_VALID);
		if (a == v->end)
			break;
		stop = pages_run_end(a, v->end, PG_VALID, PG_VALID);
		err = pages_protect(a, stop, PROT_READ | PROT_WRITE);
		if (!err)
			err = patch_text(v, a, stop);
	}
	return err;
}

/* A run of invalid pages of a private file mapping. */
static int file_run_fill(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct vm_space *s = v->space;
	int err = pages_commit_dirty(start, end);

	if (!err)
		err = pages_protect(start, end, PROT_READ | PROT_WRITE);
	if (!err)
		err = cache_copy(v, start, end);
	if (err) { /* it may have slept: what is valid now is somebody's */
		pages_decommit_invalid(start, end);
		return err;
	}
	if (v->stubs && (v->prot & PROT_EXEC) && !v->stubs->broken)
		err = patch_text(v, start, end);
	if (!err && !(v->flags & VMA_TRANSIENT))
		err = pages_protect(start, end, v->prot);
	if (err) {
		pages_decommit(start, end);
		return err;
	}
	space_account_valid(s, (long)pages_set_valid(start, end));
	return 0;
}

static int anon_run_fill(struct vma *v, uaddr_t start, uaddr_t end)
{
	bool reused = pages_find(start, end, PG_COMMITTED, PG_COMMITTED) < end;
	int err = reused ? pages_zero(start, end) : 0;

	if (!err)
		err = pages_commit(start, end);
	if (!err)
		err = pages_protect(start, end, v->prot);
	if (err)
		return err;
	space_account_valid(v->space, (long)pages_set_valid(start, end));
	return 0;
}

/* Does a piece that is parked beneath the mapping reach into the range? */
static bool over_parked(struct vma *v, uaddr_t start, uaddr_t end)
{
	struct arena *low = place_arena(start), *high = place_arena(end - 1);

	if (!(v->flags & VMA_OVER_PARKED))
		return false;
	return (low && park_first(low, start, end)) ||
	       (high && high != low && park_first(high, start, end));
}

int vma_fill(struct vma *v, uaddr_t start, uaddr_t end)
{
	int err = space_enter(v->space);

	if (err)
		return err;
	if (over_parked(v, start, end)) /* a piece has no room for pages that are not its own */
		vma_settle(v);
	if (v->region)
		return region_fill(v, start, end);
	if (v->file) {
		uaddr_t limit = file_end_in(v);
		if (start >= limit)
			return -ENXIO;
		end = MIN(end, limit);
		err = cache_load(v, start, &end);
	}
	/* of anonymous memory only pages that exist already */
	if (!err && vm_quiesce && pages_find(start, end, PG_VALID | (v->file ? 0 : PG_EXISTS), v->file ? 0 : PG_EXISTS) < end)
		vm_quiesce(v->space);
	for (uaddr_t a = start, stop; !err && a < end; a = stop) {
		a = pages_find(a, end, PG_VALID, 0);
		if (a == end)
			break;
		stop = pages_run_end(a, end, PG_VALID, 0);
		err = v->file ? file_run_fill(v, a, stop) : anon_run_fill(v, a, stop);
	}
	return err;
}

int vma_clean_pool(struct vma *v, uaddr_t start, uaddr_t end)
{
	const uint8_t mask = PG_COMMITTED | PG_VALID;
	size_t pages = pages_count(start, end, mask, PG_COMMITTED);

	if (!pages || v->flags & VMA_TRANSIENT) /* the latter's are overlaid at once; filled by mmap
						   as far as the file goes */
		return 0;
	if (v->prot == PROT_NONE || v->file || pages > ZERO_MAX) {
		pages_decommit_invalid(start, end);
		return 0;
	}
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, mask, PG_COMMITTED);
		if (a == end)
			break;
		stop = pages_run_end(a, end, mask, PG_COMMITTED);
		int err = anon_run_fill(v, a, stop);
		if (err)
			return err;
	}
	return 0;
}

static void file_window(struct vma *v, uaddr_t addr, uaddr_t *start, uaddr_t *end)
{
	uint64_t block = v->prot & PROT_EXEC ? TEXT_BLOCK : FILE_BLOCK;

	if (v->end - v->start <= EAGER_FILL) {
		*start = v->start;
		*end = v->end;
		return;
	}
	*start = MAX(ALIGN_DOWN(addr, block), v->start);
	*end = MIN(ALIGN_DOWN(addr, block) + block, v->end);
}

/* Fills around addr, or just that page when there is no memory for more. */
static int fault_in(struct vma *v, uaddr_t addr, int need)
{
	struct vm_space *s = v->space;
	uaddr_t start, end;

	if ((v->flags & VMA_SHADOWS) &&
	    page_state(addr) & PG_VALID) /* read after all: as the file has it */
		vma_settle(v);
	uint64_t generation = s->generation;
	if (v->file || v->region)
		file_window(v, addr, &start, &end);
	else
		commit_window(v, addr, &start, &end);
	if (over_parked(v, start, end)) {
		start = addr;
		end = addr + PAGE_SIZE;
	}
	int err = vma_fill(v, start, end);
	if (err == -EAGAIN || s->generation != generation)
		return -EAGAIN;
	if (err || !(page_state(addr) & PG_VALID)) /* the rest failed, or was cut off before addr */
		err = vma_fill(v, addr, addr + PAGE_SIZE);
	/* it was read-only for a relative's sake, or an earlier change of rights failed half-way */
	if (!err && !v->region && s->generation == generation)
		err = family_grant(v, addr, need);
	return err;
}

/* Does the page already hold what v shows, with v's rights? */
static bool page_present(struct vma *v, uaddr_t addr, int prot)
{
	uint8_t state = page_state(addr);

	return (state & PG_VALID) && (state & prot) == (prot & PG_PT) && (v->prot != PROT_NONE);
}

/* A fault below a MAP_GROWSDOWN mapping makes it larger. */
static struct vma *stack_grow(struct vm_space *s, uaddr_t addr)
{
	struct vma *v = vma_find_from(s, addr);

	if (!v || v->start <= addr || !(v->flags & VMA_GROWSDOWN))
		return NULL;
	struct vma *below = vma_prev(v);
	struct arena *a = place_arena(addr);
	if (v->end - addr > space_rlimit(RLIMIT_STACK) || a != place_arena(v->start))
		return NULL;
	if (below && addr - below->end < STACK_GUARD && below->prot != PROT_NONE)
		return NULL;
	if (space_check_limits(s, v->start - addr, v->prot, v->flags))
		return NULL;
	if (family_claim(s, addr, v->start, NULL))
		return NULL;
	park_drop_range(a, addr, v->start);
	uaddr_t old = v->start;
	vma_resize(v, addr, v->end);
	return vma_clean_pool(v, addr, old) ? NULL : v;
}

/* The page is as it should be and yet it faulted: another thread was quicker, or the host's page
 * tables differ. */
static int fault_spurious(struct vm_space *s, uaddr_t addr)
{
	uint8_t state = page_state(addr);

	s->spurious = s->spurious_addr == addr ? s->spurious + 1 : 0;
	s->spurious_addr = addr;
	if (s->spurious > SPURIOUS_MAX)
		return -EIO;
	if (!s->spurious)
		return 0;
	/* once more into the host's page tables */
	if (pages_protect(addr, addr + PAGE_SIZE, PROT_NONE) ||
	    pages_protect(addr, addr + PAGE_SIZE, state & PG_PT))
		return -EIO;
	return 0;
}

static int fault_fail(int sig, int code, int *sig_out, int *code_out)
{
	*sig_out = sig;
	*code_out = code;
	return -EFAULT;
}

static void fault_count(void)
{
	struct thread *t = current;

	t->min_flt++;
	if (t->process)
		t->process->min_flt++;
}

int vm_fault(struct vm_space *s, uaddr_t addr, unsigned pfec, int *sig, int *code)
{
	int need = pfec & 2 ? PROT_WRITE : pfec & 16 ? PROT_EXEC : PROT_READ;

	addr &= PAGE_MASK;
	if (space_enter(s))
		return fault_fail(SIGKILL, 0, sig, code);
	struct vma *v = vma_find(s, addr);
	if (!v)
		v = stack_grow(s, addr);
	if (!v)
		return fault_fail(SIGSEGV, SEGV_MAPERR, sig, code);
	if (v->flags & VMA_GUARD)
		return fault_fail(SIGSEGV, SEGV_MAPERR, sig, code);
	if (!(prot_normal(v->prot) & need))
		return fault_fail(SIGSEGV, SEGV_ACCERR, sig, code);
	if ((v->flags & VMA_POISONED) && !(page_state(addr) & PG_VALID))
		return fault_fail(SIGBUS, BUS_ADRERR, sig, code);
	if ((v->flags & VMA_UFFD) && !(page_state(addr) & PG_VALID)) {
		enum uffd_result r = uffd_fault(s, addr, need == PROT_WRITE, true);

		if (r != UFFD_NONE)
			return r == UFFD_RETRY ? 0 : fault_fail(SIGBUS, BUS_ADRERR, sig, code);
	}
	fault_count();
	if (page_present(v, addr, need))
		return fault_spurious(s, addr) ? fault_fail(SIGBUS, BUS_ADRERR, sig, code) : 0;
	int err = fault_in(v, addr, need);
	if (!err || err == -EAGAIN)
		return 0;
	if (err == -ENOMEM) {
		log_error(
			"out of memory: a page at %lx cannot be brought in; the process is killed",
			addr);
		return fault_fail(SIGKILL, 0, sig, code);
	}
	return fault_fail(SIGBUS, BUS_ADRERR, sig, code);
}

/* Brings [addr, end) of v in; -EAGAIN if it slept and must be looked at again. */
static int vma_make_present(struct vma *v, uaddr_t addr, uaddr_t end, int prot)
{
	struct vm_space *s = v->space;
	uint64_t generation = s->generation;

	for (; addr < end; addr += PAGE_SIZE) {
		if (page_present(v, addr, prot))
			continue;
		int err = fault_in(v, addr, prot);
		if (s->generation != generation)
			return -EAGAIN;
		if (err)
			return err;
		if (!page_present(v, addr, prot))
			return -EFAULT;
	}
	return 0;
}

int vm_install_page(struct vm_space *s, uaddr_t addr, const void *content)
{
	int err;

	do {
		if (space_enter(s))
			return -ENOMEM;
		struct vma *v = vma_find(s, addr);
		if (!v || v->file || v->region)
			return -ENOENT;
		if (page_state(addr) & PG_VALID || v->flags & VMA_POISONED)
			return -EEXIST;
		if (content && vm_quiesce) /* nobody sees it without its content */
			vm_quiesce(s);
		err = vma_fill(v, addr, addr + PAGE_SIZE);
		if (err || !content)
			continue;
		err = pages_grant(addr, addr + PAGE_SIZE, PROT_READ | PROT_WRITE);
		if (!err)
			memcpy((void *)addr, content, PAGE_SIZE);
		if (!err && !(v->prot & PROT_WRITE))
			err = pages_protect(addr, addr + PAGE_SIZE, v->prot);
	} while (err == -EAGAIN);
	return err;
}

/* The LibOS itself is about to touch pages of a VMA_UFFD mapping. -EAGAIN: one has been seen to. */
static int ask_for_missing(struct vm_space *s, uaddr_t addr, uaddr_t end, int prot)
{
	for (; addr < end; addr += PAGE_SIZE) {
		enum uffd_result r;

		if (page_state(addr) & PG_VALID)
			continue;
		r = uffd_fault(s, addr, prot & PROT_WRITE, false);
		if (r != UFFD_NONE)
			return r == UFFD_RETRY ? -EAGAIN : -EFAULT;
	}
	return 0;
}

static int present_once(struct vm_space *s, uaddr_t addr, uaddr_t end, int prot)
{
	while (addr < end) {
		if (space_enter(s))
			return -ENOMEM;
		struct vma *v = vma_find(s, addr);
		if (!v)
			v = stack_grow(s, addr);
		if (!v || (prot_normal(v->prot) & prot) != prot || (v->flags & VMA_GUARD))
			return -EFAULT;
		uaddr_t stop = MIN(end, v->end);
		if (v->flags & VMA_POISONED)
			return -EFAULT;
		int err = v->flags & VMA_UFFD ? ask_for_missing(s, addr, stop, prot) : 0;
		if (!err)
			err = vma_make_present(v, addr, stop, prot);
		if (err)
			return err;
		addr = stop;
	}
	return 0;
}

/* The usual case: few pages of the mapping that was asked for last, and all are there. */
static bool present_already(const struct vm_space *s, uaddr_t addr, uaddr_t end, int prot)
{
	struct vma *v = s->last;

	if (!vm_space_resident(s) || !v || addr < v->start || end > v->end)
		return false;
	if ((prot_normal(v->prot) & prot) != prot || (v->flags & (VMA_GUARD | VMA_POISONED | VMA_UFFD)))
		return false;
	for (; addr < end; addr += PAGE_SIZE) {
		if (!page_present(v, addr, prot))
			return false;
	}
	return true;
}

/* A call of s needs its memory while a relative runs, whose turn has only begun: workers of a server would tear it out of each
 * other's hands in the middle of a batch. Not for long, as the other may compute. */
static void let_relative_go_on(struct vm_space *s)
{
	if (!vm_space_resident(s) && current && current->process && current->process->space == s && vm_space_blocked(s))
		(void)!vm_space_turn(s, TURN_LOOK_NS);
}

int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	uaddr_t start = addr & PAGE_MASK, end = addr + len;
	uint64_t generation;
	int err;

	if (!len)
		return 0;
	if (!s || end < addr || end > ELRANGE_END)
		return -EFAULT;
	end = ALIGN_UP(end, PAGE_SIZE);
	if (end - start <= 4 * PAGE_SIZE && present_already(s, start, end, prot))
		return 0;
	let_relative_go_on(s);
	do {
		generation = s->generation;
		err = present_once(s, start, end, prot);
	} while (err == -EAGAIN || (!err && s->generation != generation));
	return err ? -EFAULT : 0;
}

void vm_populate(struct vm_space *s, uaddr_t addr, size_t len)
{
	const size_t step = 1UL << 20;

	for (uaddr_t end = addr + len; addr < end;) {
		struct vma *v = vma_find(s, addr);
		if (!v || v->prot == PROT_NONE || (v->flags & VMA_GUARD))
			return;
		uaddr_t stop = MIN(MIN(addr + step, v->end), end);
		int err = vma_fill(v, addr, stop);
		if (err && err != -EAGAIN)
			return;
		if (!err)
			addr = stop;
		if (addr < end)
			giant_yield();
	}
}
