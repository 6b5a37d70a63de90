/* altstack.c: sigaltstack: the stack that handlers with SA_ONSTACK run on.
 *
 * With SS_AUTODISARM the setting is taken away while a handler runs on it (frame.c) and sigreturn puts it
 * back, so such a stack never counts as in use. */
#include "linux/errno.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

bool altstack_active(const struct thread *t, uaddr_t sp)
{
	const struct altstack *a = &t->altstack;

	return !(a->flags & SS_AUTODISARM) && a->size && sp > a->sp && sp - a->sp <= a->size;
}

int altstack_set(struct thread *t, const struct user_stack *ss, uaddr_t sp, size_t min_size)
{
	uint32_t mode = (uint32_t)ss->flags & ~SS_AUTODISARM;

	if (altstack_active(t, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->altstack = (struct altstack){ .flags = (uint32_t)ss->flags };
		return 0;
	}
	if (ss->size < min_size)
		return -ENOMEM;
	t->altstack = (struct altstack){ .sp = ss->sp, .flags = (uint32_t)ss->flags, .size = ss->size };
	return 0;
}

/* As a frame stores it: the setting, not whether it is in use. */
void altstack_read(const struct thread *t, struct user_stack *ss)
{
	*ss = (struct user_stack){ .sp = t->altstack.sp, .size = t->altstack.size,
				   .flags = (int32_t)t->altstack.flags };
}

static uint32_t flags_now(const struct thread *t, uaddr_t sp)
{
	uint32_t flag_bits = t->altstack.flags & SS_AUTODISARM;

	if (!t->altstack.size)
		return SS_DISABLE | flag_bits;
	return (altstack_active(t, sp) ? SS_ONSTACK : 0) | flag_bits;
}

SYSCALL_DEFINE(sigaltstack, uaddr_t, uss, uaddr_t, uold)
{
	struct thread *t = current;
	struct user_stack ss, old;
	uaddr_t sp = t->regs->rsp;
	int err;

	if (uss && get_user(ss, uss))
		return -EFAULT;
	altstack_read(t, &old);
	old.flags = (int32_t)flags_now(t, sp);
	if (uss) {
		err = altstack_set(t, &ss, sp, MINSIGSTKSZ);
		if (err)
			return err;
	}
	return uold ? copy_to_user(uold, &old, sizeof(old)) : 0;
}
