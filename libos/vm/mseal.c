/* mseal.c: mappings that stay as they are. A sealed mapping is not unmapped, moved, replaced or given other rights,
 * and private memory that may not be written is not discarded; the checks are where those calls begin. */
#include "abi/layout.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/space.h"

SYSCALL_DEFINE(mseal, uaddr_t, addr, size_t, len, unsigned long, flags)
{
	struct vm_space *s = current_process()->space;
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE);
	int err;

	if (flags || (addr & ~PAGE_MASK) || (len && !ALIGN_UP(len, PAGE_SIZE)) || end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (end > ELRANGE_END || !space_range_mapped(s, addr, end))
		return -ENOMEM;
	err = space_split(s, addr, end);
	if (err)
		return err;
	for (struct vma *v = vma_find(s, addr); v && v->start < end; v = vma_next(v))
		v->flags |= VMA_SEALED;
	s->sealed = true;
	space_merge(s, addr, end);
	return 0;
}
