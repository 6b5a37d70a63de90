/* policy.c: NUMA memory policy and old calls, as on a machine with one node: policies are kept and told. */
#include "linux/errno.h"
#include "linux/mman.h"
#include "process/access.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/thread.h"
#include "vm/space.h"

/* Reads a node mask; only node 0 exists. *empty: no node named. */
static int nodemask_check(uaddr_t mask, uint64_t maxnode, bool *empty)
{
	uint64_t word = 0;

	*empty = true;
	if (!mask || maxnode <= 1)
		return 0;
	if (maxnode > 32768)
		return -EINVAL;
	for (uint64_t bit = 0; bit < maxnode - 1; bit += 64) {
		if (get_user(word, mask + bit / 8))
			return -EFAULT;
		if (maxnode - 1 - bit < 64)
			word &= (1UL << (maxnode - 1 - bit)) - 1;
		if (word)
			*empty = false;
		if (word & ~(bit ? 0UL : 1UL))
			return -EINVAL;
	}
	return 0;
}

/* *empty: the policy names no node. */
static int policy_check(int mode, uaddr_t mask, uint64_t maxnode, bool *empty)
{
	int err;

	mode &= ~MPOL_MODE_FLAGS;
	if (mode < MPOL_DEFAULT || mode > MPOL_PREFERRED_MANY)
		return -EINVAL;
	err = nodemask_check(mask, maxnode, empty);
	if (err)
		return err;
	if ((mode == MPOL_DEFAULT || mode == MPOL_LOCAL) && !*empty)
		return -EINVAL;
	if ((mode == MPOL_BIND || mode == MPOL_INTERLEAVE || mode == MPOL_PREFERRED_MANY) && *empty)
		return -EINVAL;
	return 0;
}

/* To prefer no node is to prefer the one where the thread runs. */
static uint16_t kept_policy(int mode, bool empty)
{
	if ((mode & ~MPOL_MODE_FLAGS) == MPOL_PREFERRED && empty)
		mode = MPOL_LOCAL | (mode & MPOL_MODE_FLAGS);
	return (uint16_t)mode;
}

SYSCALL_DEFINE(mbind, uaddr_t, addr, size_t, len, int, mode, uaddr_t, mask, uint64_t, maxnode,
	       unsigned, flags)
{
	uaddr_t end = addr + ALIGN_UP(len, PAGE_SIZE);
	bool empty;

	if ((flags & ~(unsigned)(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) ||
	    (addr & ~PAGE_MASK) || end < addr)
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(23 /* CAP_SYS_NICE */))
		return -EPERM;
	struct vm_space *s = current_process()->space;
	int err = policy_check(mode, mask, maxnode, &empty);
	if (err || end == addr)
		return err;
	if (!space_range_mapped(s, addr, end))
		return -EFAULT;
	err = space_split(s, addr, end);
	for (struct vma *v = err ? NULL : vma_find(s, addr); v && v->start < end; v = vma_next(v)) {
		v->mempolicy = kept_policy(mode, empty);
		v->mempolicy_node = !empty;
	}
	space_merge(s, addr, end);
	return err;
}

SYSCALL_DEFINE(set_mempolicy, int, mode, uaddr_t, mask, uint64_t, maxnode)
{
	bool empty;
	int err = policy_check(mode, mask, maxnode, &empty);

	if (err)
		return err;
	current->mempolicy = kept_policy(mode, empty);
	current->mempolicy_node = !empty;
	return 0;
}

SYSCALL_DEFINE(get_mempolicy, uaddr_t, mode, uaddr_t, mask, uint64_t, maxnode, uaddr_t, addr,
	       unsigned, flags)
{
	bool of_thread = !(flags & (MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)); /* else that of a mapping: none, or all nodes */
	uint64_t bytes = ALIGN_UP(maxnode, 64) / 8;
	uint64_t nodes = of_thread ? current->mempolicy_node : !!(flags & MPOL_F_MEMS_ALLOWED);
	int32_t shown = of_thread && !(flags & MPOL_F_NODE) ? current->mempolicy : MPOL_DEFAULT;

	if (flags & ~(unsigned)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	if ((flags & MPOL_F_MEMS_ALLOWED) && (flags & (MPOL_F_NODE | MPOL_F_ADDR)))
		return -EINVAL;
	if (!(flags & MPOL_F_ADDR) && addr)
		return -EINVAL;
	if ((flags & MPOL_F_NODE) && of_thread && (current->mempolicy & ~MPOL_MODE_FLAGS) != MPOL_INTERLEAVE)
		return -EINVAL;
	if (flags & MPOL_F_ADDR) {
		const struct vma *v = vma_find(current_process()->space, addr);

		if (!v)
			return -EFAULT;
		shown = flags & MPOL_F_NODE ? 0 : v->mempolicy;
		nodes = v->mempolicy_node;
	}
	if (mode && put_user(shown, mode))
		return -EFAULT;
	if (!mask)
		return 0;
	if (maxnode < 1)
		return -EINVAL;
	if (bytes > PAGE_SIZE || clear_user(mask, bytes) || put_user(nodes, mask))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE(migrate_pages, int, pid, uint64_t, maxnode, uaddr_t, from, uaddr_t, to)
{
	bool empty;
	int err = nodemask_check(from, maxnode, &empty);

	if (!err)
		err = nodemask_check(to, maxnode, &empty);
	if (err)
		return err;
	struct process *p = pid ? process_find(pid) : current_process();
	if (!p || p->zombie)
		return -ESRCH;
	return process_may_access(p) ? 0 : -EPERM;
}

/* Every page is on node 0. */
SYSCALL_DEFINE(move_pages, int, pid, uint64_t, count, uaddr_t, pages, uaddr_t, nodes, uaddr_t,
	       status, int, flags)
{
	if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if (pid && pid != current_process()->pid)
		return process_find(pid) ? -EPERM : -ESRCH;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t page;
		int32_t node = 0, result;
		if (get_user(page, pages + i * 8) || (nodes && get_user(node, nodes + i * 4)))
			return -EFAULT;
		bool mapped = vma_find(current_process()->space, page) != NULL;
		if (node)
			return -ENODEV;
		result = !mapped ? -EFAULT : page_state(page) & PG_VALID ? 0 : -ENOENT;
		if (put_user(result, status + i * 4))
			return -EFAULT;
	}
	return 0;
}

/* Non-linear mappings need pages at two addresses; Linux, too, only emulates this call. */
SYSCALL_DEFINE(remap_file_pages, uaddr_t, addr, size_t, len, int, prot, size_t, pgoff, int, flags)
{
	struct vm_space *s = current_process()->space;
	struct vma *v = vma_find(s, addr & PAGE_MASK);
	uint64_t offset = (uint64_t)pgoff << PAGE_SHIFT;

	(void)flags;
	if (prot || !v || !(v->flags & VMA_SHARED) || !len || offset >> PAGE_SHIFT != pgoff)
		return -EINVAL;
	len &= PAGE_MASK;
	addr &= PAGE_MASK;
	if (!len || addr + len <= addr || addr + len > v->end)
		return -EINVAL;
	uint64_t now = v->offset + (addr - v->start);
	return v->file && now == offset ? 0 : -EINVAL;
}
