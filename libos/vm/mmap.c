/* mmap.c: making mappings.
 *
 * Steps: check the request; choose the address (parked place of the same file, hint, or room from
 * place.c); put the vma in; take over parked pages and clear reused ones; fill small file mappings.
 * The address is unknown to the program's other threads until mmap returns, so what is filled here
 * needs no care about them. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "base/valgrind.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/resource.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/family.h"

#define MS_NOEXEC 8
#define MAP_KNOWN                                                                                  \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE |        \
	 MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |   \
	 MAP_HUGETLB | MAP_FIXED_NOREPLACE)

struct map_request {
	struct vm_space *space;
	uaddr_t addr;
	size_t len;
	int prot, flags;
	struct file *file;
	const struct file *opened; /* also for what /dev/zero maps: its rights are the limit */
	uint64_t offset;
	struct park_key key; /* private file mappings */
	size_t stub_size;
	unsigned vma_flags;
	bool fixed, shared;
};

static int check_range(struct map_request *m)
{
	if (!m->len || (m->offset & ~PAGE_MASK))
		return -EINVAL;
	if (ALIGN_UP(m->len, PAGE_SIZE) < m->len)
		return -ENOMEM;
	m->len = ALIGN_UP(m->len, PAGE_SIZE);
	if (m->offset + m->len < m->offset)
		return -EOVERFLOW;
	if (m->len > ELRANGE_END)
		return -ENOMEM;
	if (m->fixed && (m->addr & ~PAGE_MASK))
		return -EINVAL;
	if (m->fixed && m->addr < USER_LOW_START)
		return -EPERM;
	return 0;
}

static int check_flags(struct map_request *m)
{
	switch (m->flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (m->flags & ~MAP_KNOWN)
			return -EOPNOTSUPP;
		break;
	case MAP_SHARED:
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	m->shared = (m->flags & MAP_TYPE) != MAP_PRIVATE;
	if ((m->flags & MAP_HUGETLB) || (m->shared && (m->flags & MAP_GROWSDOWN)))
		return -EINVAL;
	return 0;
}

static bool file_sealed(const struct file *f)
{
	return f->inode && (f->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
}

static int check_file(const struct map_request *m)
{
	const struct file *f = m->file;

	if (!file_readable(f))
		return -EACCES;
	if (m->shared && (m->prot & PROT_WRITE) && !file_writable(f))
		return -EACCES;
	if ((m->prot & PROT_EXEC) && f->path.mnt && (f->path.mnt->flags & MS_NOEXEC))
		return -EPERM;
	if (m->shared && (m->prot & PROT_WRITE) && file_sealed(f))
		return -EPERM;
	if (!f->ops->mmap && (!f->inode || !S_ISREG(f->inode->mode)))
		return -ENODEV;
	return 0;
}

static int check_locked(struct map_request *m)
{
	struct vm_space *s = m->space;

	if (!(m->flags & MAP_LOCKED) && !s->lock_future)
		return 0;
	m->vma_flags |= VMA_LOCKED;
	if ((s->locked << PAGE_SHIFT) + m->len > space_rlimit(RLIMIT_MEMLOCK) &&
	    !capable(14 /* CAP_IPC_LOCK */))
		return -EAGAIN;
	return 0;
}

static void derive_vma_flags(struct map_request *m)
{
	if (m->shared)
		m->vma_flags |= VMA_SHARED;
	if (m->shared && (!m->opened || (file_writable(m->opened) && !file_sealed(m->opened))))
		m->vma_flags |= VMA_MAYWRITE;
	if (m->flags & MAP_GROWSDOWN)
		m->vma_flags |= VMA_GROWSDOWN;
	if (m->flags & MAP_STACK)
		m->vma_flags |= VMA_STACK;
	if (m->prot & PROT_WRITE)
		m->vma_flags |= VMA_WRITTEN;
	if (m->file && !m->shared && !m->fixed && (m->flags & MAP_DENYWRITE) &&
	    m->prot == PROT_READ)
		m->vma_flags |= VMA_TRANSIENT;
}

/* Is patched text parked in [p->start, p->start+len)? */
static bool place_patched(const struct parked *p, size_t len)
{
	for (const struct tree_node *n = &p->node; n; n = tree_next(n)) {
		const struct parked *q = tree_entry(n, const struct parked, node);
		if (q->start >= p->start + len)
			return false;
		if (q->stubs)
			return true;
	}
	return false;
}

/* A place where this file mapping is parked, or 0. */
static uaddr_t choose_parked(struct map_request *m)
{
	struct vm_space *s = m->space;
	bool fresh = place_homeless(s);

	if (!m->file || m->shared)
		return 0;
	struct parked *p = park_lookup(s, &m->key, m->offset, m->len, fresh);
	if (!p || (m->prot & PROT_WRITE))
		return 0;
	if (!(m->prot & PROT_EXEC) && !(m->vma_flags & VMA_TRANSIENT) && place_patched(p, m->len))
		m->vma_flags |= VMA_SHADOWS;
	if (fresh)
		arena_adopt(s, p->arena);
	return p->start;
}

static long choose_fixed(struct map_request *m)
{
	uaddr_t end = m->addr + m->len;

	if (end < m->addr || end > USER_HIGH_END)
		return -ENOMEM;
	if ((m->flags & MAP_FIXED_NOREPLACE) && !space_range_free(m->space, m->addr, end))
		return -EEXIST;
	if (m->shared && region_area(m->addr, end))
		return (long)m->addr;
	int err = region_blocks(m->space, m->addr, end) ? -ENOMEM : place_claim(m->space, m->addr, end);
	if (!err && region_blocks(m->space, m->addr, end)) /* the claim has brought new relatives */
		err = -ENOMEM;
	return err ? err : (long)m->addr;
}

static long choose_hint(struct map_request *m)
{
	uaddr_t addr = m->addr & PAGE_MASK, end = addr + m->len;

	if (!addr || end < addr || !family_range_free(m->space, addr, end) ||
	    !place_claimable(m->space, addr, end))
		return 0;
	struct vma *above = vma_find_from(m->space, end);
	if (above && (above->flags & VMA_GROWSDOWN) && above->start - end < STACK_GUARD)
		return 0;
	return place_claim(m->space, addr, end) ? 0 : (long)addr;
}

static long choose_address(struct map_request *m)
{
	if (m->fixed)
		return choose_fixed(m);
	long addr = choose_hint(m);
	if (addr)
		return addr;
	if (m->flags & MAP_32BIT)
		return place_find(m->space, m->len, &place_32bit);
	addr = (long)choose_parked(m);
	return addr ? addr : place_find(m->space, m->len, &place_anywhere);
}

/* The stubs of an executable file mapping: committed, zero, R+W until the first text is patched. */
int vma_attach_stubs(struct vma *v, size_t size)
{
	struct vm_space *s = v->space;
	long at = place_find_near(s, v->start, size);
	struct stub_area *area = at > 0 ? kzalloc(sizeof(*area)) : NULL;
	struct vma *sv = area ? vma_alloc() : NULL;

	if (!sv)
		goto no_memory;
	*area = (struct stub_area){
		.ref = 1, .start = (uaddr_t)at, .end = (uaddr_t)at + size, .space = s};
	if (pages_zero(area->start, area->end) || pages_commit(area->start, area->end))
		goto no_memory;
	area->rewrite =
		rewrite_attach(v->file->inode, v->start, v->offset, v->end - v->start, area->start);
	if (!area->rewrite)
		goto no_memory;
	sv->start = area->start;
	sv->end = area->end;
	sv->prot = PROT_READ | PROT_EXEC;
	sv->flags = VMA_STUBS;
	sv->name = "[stubs]";
	sv->stubs = area;
	vma_link(s, sv);
	space_account_valid(s, (long)pages_set_valid(sv->start, sv->end));
	v->stubs = area;
	return 0;

no_memory:
	kfree(sv);
	kfree(area);
	return -ENOMEM;
}

static struct vma *vma_from_request(const struct map_request *m, uaddr_t start)
{
	struct vma *v = vma_alloc();

	if (!v)
		return NULL;
	v->start = start;
	v->end = start + m->len;
	v->prot = m->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	v->flags = m->vma_flags;
	v->offset = m->file ? m->offset : 0;
	v->key = m->key;
	v->file = m->file ? file_get(m->file) : NULL;
	return v;
}

/* Brings a new private file mapping into order: reused pages are filled, or dropped where that is
 * not possible; small mappings are filled wholly. May sleep. */
static void file_settle(struct vm_space *s, uaddr_t start, uaddr_t end, unsigned flags)
{
	const uint8_t mask = PG_COMMITTED | PG_VALID;
	bool whole = end - start <= EAGER_FILL && !(flags & VMA_OVER_PARKED);
	bool some = pages_count(start, end, mask, PG_COMMITTED) <= ZERO_MAX;
	int err = whole || some ? 0 : -ENOMEM;

	for (uaddr_t a = start, stop; a < end && !err; a = stop) {
		a = whole ? a : pages_find(a, end, mask, PG_COMMITTED);
		struct vma *v = a < end ? vma_find(s, a) : NULL;
		if (!v || v->region || !v->file || v->prot == PROT_NONE)
			break;
		stop = whole ? MIN(v->end, end)
			     : pages_run_end(a, MIN(v->end, end), mask, PG_COMMITTED);
		err = vma_fill(v, a, stop);
		if (err == -EAGAIN) {
			stop = a;
			err = 0;
		}
	}
	/* A transient mapping keeps what lies beyond the file for what will cover it; nobody may see stale pages below. */
	if (!(flags & VMA_TRANSIENT) || (err && err != -ENXIO))
		pages_decommit_invalid(start, end);
}

/* Valid pages of the range get exactly these rights. */
static int valid_rights(uaddr_t start, uaddr_t end, int prot)
{
	for (uaddr_t a = start, stop; a < end; a = stop) {
		a = pages_find(a, end, PG_VALID, PG_VALID);
		if (a == end)
			break;
		stop = pages_run_end(a, end, PG_VALID, PG_VALID);
		int err = pages_protect(a, stop, prot);
		if (err)
			return err;
	}
	return 0;
}

/* Rights of the pages taken over. Pieces still parked beneath a reader's mapping lose theirs. */
static int adopted_rights(struct vma *v, uaddr_t start, uaddr_t end)
{
	int err = 0;

	if (v->flags & VMA_TRANSIENT)
		return pages_grant(start, end, v->prot);
	if (!(v->flags & VMA_SHADOWS))
		return valid_rights(start, end, v->prot);
	for (uaddr_t a = start; a < end && !err;) {
		struct parked *p = park_first(place_arena(a), a, end);
		err = valid_rights(a, p ? p->start : end, v->prot);
		if (!err && p)
			err = valid_rights(p->start, p->end, PROT_NONE);
		a = p ? p->end : end;
	}
	return err;
}

/* Undoes a vma that could not be completed. */
static int map_abort(struct vma *v, int err)
{
	struct vma *dead = NULL;

	if (space_unmap(v->space, v->start, v->end, RETIRE_UNMAP, &dead))
		log_warn("a mapping that failed at %lx stays: no memory", v->start);
	vma_free_dead(dead);
	return err;
}

static int map_install(const struct map_request *m, uaddr_t start)
{
	struct vm_space *s = m->space;
	uaddr_t end = start + m->len;
	struct vma *dead = NULL, *v = vma_from_request(m, start);
	int err;

	if (!v)
		return -ENOMEM;
	err = space_enter(s);
	if (!err)
		err = space_unmap(s, start, end, RETIRE_REPLACE, &dead);
	struct vma *twin = err ? NULL : twin_find(v, s, m->stub_size);
	if (!err)
		err = family_claim(s, start, end, twin);
	if (err) {
		vma_free(v);
		vma_free_dead(dead);
		return err;
	}
	vma_link(s, v);
	if (twin)
		err = twin_adopt(v, twin);
	else
		park_adopt(s, v, start, end, m->stub_size);
	if (!err)
		err = adopted_rights(v, start, end);
	if (!err && !v->file)
		err = vma_clean_pool(v, start, end);
	if (!err && m->stub_size && !v->stubs && vma_attach_stubs(v, m->stub_size))
		log_debug("no stubs for text at %lx: its system calls will trap", start);
	if (err)
		map_abort(v, err);
	vma_free_dead(dead);
	if (!err && m->file)
		file_settle(s, start, end, m->vma_flags);
	if (!err && !(m->prot & PROT_EXEC))
		space_merge(s, start, end);
	return err;
}

static long map_private(struct map_request *m)
{
	if (m->file) {
		park_key_init(&m->key, m->file->inode);
		if ((m->prot & PROT_EXEC) && !(m->prot & PROT_WRITE))
			m->stub_size = rewrite_stub_size(m->file->inode, m->offset, m->len);
	}
	long addr = choose_address(m);
	if (addr < 0)
		return addr;
	int err = map_install(m, (uaddr_t)addr);
	return err ? err : addr;
}

static long map_shared(struct map_request *m)
{
	struct vm_space *s = m->space;
	struct vma *dead = NULL, *proto;
	struct region *r;
	uaddr_t start = 0;
	int err;

	if (m->fixed) {
		long at = choose_fixed(m);
		if (at < 0)
			return at;
	}
	err = region_open(s, m->file ? m->file->inode : NULL, m->offset, m->len,
			  m->fixed ? m->addr : 0, &r, &start);
	if (err)
		return err;
	proto = vma_from_request(m, start);
	err = proto ? 0 : -ENOMEM;
	if (!err && m->fixed)
		err = space_enter(s);
	if (!err && m->fixed)
		err = space_unmap(s, start, start + m->len, RETIRE_REPLACE, &dead);
	if (!err)
		err = region_map(s, r, proto);
	vma_free_dead(dead);
	if (proto)
		vma_free(proto);
	region_put(r);
	if (err)
		return err;
	if (m->len <= EAGER_FILL && m->prot != PROT_NONE && m->file)
		vm_populate(s, start, m->len);
	return (long)start;
}

long vm_mmap(struct vm_space *s, uaddr_t addr, size_t len, int prot, int flags, struct file *file,
	     uint64_t offset)
{
	struct map_request m = {
		.space = s,
		.addr = addr,
		.len = len,
		.prot = prot,
		.flags = flags,
		.offset = offset,
		.file = flags & MAP_ANONYMOUS ? NULL : file,
		.opened = file,
		.fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE),
	};
	int err = check_range(&m);

	if (!err)
		err = check_flags(&m);
	if (!err && m.file)
		err = check_file(&m);
	if (!err)
		err = check_locked(&m);
	if (err)
		return err;
	if (m.file && m.file->ops->mmap)
		return m.file->ops->mmap(m.file, s, addr, m.len, prot, flags, offset);
	if ((flags & MAP_FIXED) && space_range_sealed(s, addr, addr + m.len))
		return -EPERM;
	derive_vma_flags(&m);
	if (!m.fixed || !space_range_mapped(s, addr, addr + m.len)) {
		err = space_check_limits(s, m.len, prot, m.vma_flags);
		if (err)
			return err;
	}
	long at = m.shared ? map_shared(&m) : map_private(&m);
	if (at > 0)
		valgrind_defined((uaddr_t)at, m.len);
	if (at > 0 && m.file && (prot & PROT_EXEC))
		vm_text_note(s, (uaddr_t)at);
	if (at > 0 &&
	    ((m.vma_flags & VMA_LOCKED) || (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE ||
	     commit_at_once(m.len, prot, flags)))
		vm_populate(s, (uaddr_t)at, m.len);
	return at;
}

long vm_place_for(struct vm_space *s, struct file *file, size_t len)
{
	bool fresh = place_homeless(s);
	struct park_key key;

	len = ALIGN_UP(len, PAGE_SIZE);
	park_key_init(&key, file->inode);
	struct parked *p = park_lookup(s, &key, 0, len, fresh);
	if (p) {
		if (fresh)
			arena_adopt(s, p->arena);
		return (long)p->start;
	}
	return fresh ? place_find_program(s, len) : place_find(s, len, &place_anywhere);
}

SYSCALL_DEFINE(mmap, uaddr_t, addr, size_t, len, int, prot, int, flags, int, fd, uint64_t, offset)
{
	struct vm_space *s = current_process()->space;
	struct file *file = NULL;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		file = fd_get(fd, false);
		if (!file)
			return -EBADF;
	}
	long at = vm_mmap(s, addr, len, prot, flags, file, offset);
	if (file)
		file_put(file);
	return at;
}

void vm_init(uaddr_t added_start, uaddr_t added_end, bool fixed)
{
	if (added_end > added_start) {
		if (pages_adopt(added_start, added_end))
			panic("no memory for the states of the pages of programs");
		if (!fixed)
			place_prefer(added_start, added_end);
	}
	if (fixed) {
		place_confine(added_start, added_end);
		vm_user_limit = added_end - added_start;
	}
	log_debug("user memory: %lx-%lx and %lx-%lx, limit %lu bytes (0: none)", USER_LOW_START,
		  USER_LOW_END, USER_HIGH_START, USER_HIGH_END, vm_user_limit);
}
