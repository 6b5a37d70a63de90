/* brk.c: the program's heap: one anonymous mapping from brk_start (page aligned up) to brk. */
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/space.h"

void vm_brk_init(struct vm_space *s, uaddr_t start)
{
	s->brk_start = s->brk = start;
}

static int brk_grow(struct vm_space *s, uaddr_t from, uaddr_t to)
{
	struct vma *above = vma_find_from(s, to);

	if (!space_range_free(s, from, to))
		return -ENOMEM;
	if (above && (above->flags & VMA_GROWSDOWN) && above->start - to < STACK_GUARD)
		return -ENOMEM;
	long at = vm_mmap(s, from, to - from, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	return at < 0 ? (int)at : 0;
}

/* On failure the old break is returned, as Linux does. */
SYSCALL_DEFINE(brk, uaddr_t, addr)
{
	struct vm_space *s = current_process()->space;

	if (addr < s->brk_start || addr > USER_HIGH_END || !s->brk_start)
		return (long)s->brk;
	if (addr > s->brk && addr - s->brk_start > space_rlimit(RLIMIT_DATA))
		return (long)s->brk;
	uaddr_t old = ALIGN_UP(s->brk, PAGE_SIZE), new = ALIGN_UP(addr, PAGE_SIZE);
	int err = 0;
	if (new > old)
		err = brk_grow(s, old, new);
	else if (new < old)
		err = vm_munmap(s, new, old - new);
	if (!err)
		s->brk = addr;
	return (long)s->brk;
}
