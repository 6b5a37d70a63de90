/* robust.c: robust lists: set_robust_list, get_robust_list, and what a dying thread's list is good for.
 *
 * The list is user memory and may be garbage or a ring that never ends: every step is a checked copy, and at
 * most ROBUST_LIST_LIMIT entries are looked at. */
#include "thread/robust.h"
#include "linux/errno.h"
#include "linux/futex.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/futex.h"

SYSCALL_DEFINE(set_robust_list, uaddr_t, head, size_t, len)
{
	if (len != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = head;
	current->robust_len = len;
	return 0;
}

SYSCALL_DEFINE(get_robust_list, int, tid, uaddr_t, uhead, uaddr_t, ulen)
{
	struct thread *t = tid ? thread_find(tid) : current;

	if (!t || !t->process)
		return -ESRCH;
	if (signal_may_send(t->process, 0))
		return -EPERM;
	if (put_user((uint64_t)sizeof(struct robust_list_head), ulen) || put_user(t->robust_list, uhead))
		return -EFAULT;
	return 0;
}

/* The lock word at addr: if t owns it, it is marked abandoned and a waiter woken. */
static int abandon(struct thread *t, uaddr_t addr, bool pi, bool pending)
{
	uint32_t word, seen;

	if (addr & 3 || user_load32(addr, &word))
		return -EFAULT;
	/* Died between releasing the lock and waking: pass the wake-up on. */
	if (pending && !pi && !word) {
		futex_wake_addr(addr, 1);
		return 0;
	}
	while ((word & FUTEX_TID_MASK) == (uint32_t)t->tid) {
		if (user_cmpxchg32(addr, word, (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen))
			return -EFAULT;
		if (seen == word) {
			if (!pi && (word & FUTEX_WAITERS))
				futex_wake_addr(addr, 1);
			break;
		}
		word = seen;
	}
	return 0;
}

static void walk(struct thread *t)
{
	struct robust_list_head head;
	uint64_t entry, next, pending;

	if (get_user(head, t->robust_list))
		return;
	pending = head.list_op_pending & ~1UL;
	entry = head.next;
	for (int i = 0; i < ROBUST_LIST_LIMIT && (entry & ~1UL) != t->robust_list; i++) {
		/* The next one first: after the wake-up the memory may be gone. */
		bool last = get_user(next, entry & ~1UL);

		if ((entry & ~1UL) != pending &&
		    abandon(t, (entry & ~1UL) + (uint64_t)head.futex_offset, entry & 1, false))
			return;
		if (last)
			return;
		entry = next;
	}
	if (pending)
		(void)abandon(t, pending + (uint64_t)head.futex_offset, head.list_op_pending & 1, true);
}

void robust_list_exit(struct thread *t)
{
	if (t->robust_list)
		walk(t);
	t->robust_list = 0;
	futex_exit_pi(t); /* last: until then others may begin to wait */
}
