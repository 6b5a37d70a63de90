/* checkpoint.c: see checkpoint.h. */
#include "vm/checkpoint.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "vm/space.h"

/* Private in the copy: shared memory without a file is not shared between enclaves. */
static int map_flags(const struct vma *v)
{
	int flags = v->flags & VMA_SHARED && v->file ? MAP_SHARED : MAP_PRIVATE;

	if (!v->file)
		flags |= MAP_ANONYMOUS;
	if (v->flags & VMA_GROWSDOWN)
		flags |= MAP_GROWSDOWN;
	if (v->flags & VMA_STACK)
		flags |= MAP_STACK;
	return flags | MAP_NORESERVE;
}

/* Shared memory whose file nobody can open: deleted, or never named. */
static bool file_gone(const struct vma *v)
{
	return !v->file || (v->file->inode && !v->file->inode->nlink);
}

bool vm_piece_next(struct vm_space *s, uaddr_t addr, struct vm_piece *out)
{
	struct vma *v = vma_find_from(s, addr);

	while (v && (v->flags & (VMA_STUBS | VMA_DONTFORK)))
		v = vma_next(v);
	if (!v)
		return false;
	*out = (struct vm_piece){
		.start = v->start, .end = v->end, .offset = v->offset, .file = v->file, .name = v->name,
		.prot = v->prot, .flags = map_flags(v),
		.content = !(v->flags & VMA_WIPE) && (v->flags & VMA_SHARED ? file_gone(v) : !vma_clean_file(v)),
	};
	if (v->stubs && out->content)
		log_warn("eip: text at %lx has been written to: a forked copy of it may fail", v->start);
	return true;
}

uaddr_t vm_piece_page(const struct vm_piece *piece, uaddr_t addr)
{
	const uint8_t readable = PG_VALID | PROT_READ;

	if (!piece->content)
		return piece->end;
	for (addr = MAX(addr, piece->start); addr < piece->end; addr += PAGE_SIZE) {
		addr = pages_find(addr, piece->end, PG_VALID, PG_VALID);
		if (addr == piece->end || piece->file)
			break;
		if ((page_state(addr) & readable) != readable || !page_is_zero(addr))
			break;
	}
	return addr;
}

int vm_piece_read(struct vm_space *s, uaddr_t page, void *buf)
{
	struct vma *v = vma_find(s, page);
	int err;

	if (!v)
		return -EFAULT;
	if (v->prot & PROT_READ) {
		err = vm_make_present(s, page, PAGE_SIZE, PROT_READ);
		if (!err)
			memcpy(buf, (const void *)page, PAGE_SIZE);
		return err;
	}
	err = pages_grant(page, page + PAGE_SIZE, PROT_READ);
	if (err)
		return err;
	memcpy(buf, (const void *)page, PAGE_SIZE);
	return pages_protect(page, page + PAGE_SIZE, v->prot);
}

int vm_piece_restore(struct vm_space *s, const struct vm_piece *piece)
{
	int prot = piece->content ? PROT_READ | PROT_WRITE : piece->prot;
	long at = vm_mmap(s, piece->start, piece->end - piece->start, prot, piece->flags | MAP_FIXED, piece->file,
			  piece->offset);

	if (at < 0)
		return (int)at;
	if (piece->name)
		vm_name_range(s, piece->start, piece->name);
	return 0;
}

int vm_piece_finish(struct vm_space *s, const struct vm_piece *piece)
{
	if (!piece->content || piece->prot == (PROT_READ | PROT_WRITE))
		return 0;
	return vm_mprotect(s, piece->start, piece->end - piece->start, piece->prot);
}

struct vm_heap vm_heap_get(const struct vm_space *s)
{
	return (struct vm_heap){ s->brk_start, s->brk };
}

void vm_heap_set(struct vm_space *s, struct vm_heap h)
{
	s->brk_start = h.brk_start;
	s->brk = h.brk;
}
