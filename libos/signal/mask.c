/* mask.c: which signals a thread blocks: rt_sigprocmask, rt_sigpending, and masks for one call only.
 *
 * A temporary mask (sigsuspend, ppoll, epoll_pwait) is in force until the way back to user code: deliver.c
 * puts thread.sig_saved back, or lets the handler's frame do it. sig_check is set so that it looks. */
#include "linux/errno.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static int new_mask(int how, sigset64 old, sigset64 set, sigset64 *out)
{
	switch (how) {
	case SIG_BLOCK:
		*out = old | set;
		return 0;
	case SIG_UNBLOCK:
		*out = old & ~set;
		return 0;
	case SIG_SETMASK:
		*out = set;
		return 0;
	}
	return -EINVAL;
}

SYSCALL_DEFINE(rt_sigprocmask, int, how, uaddr_t, uset, uaddr_t, uold, size_t, size)
{
	sigset64 old = current->sig_blocked, set, mask;
	int err;

	if (size != sizeof(set))
		return -EINVAL;
	if (uset) {
		if (get_user(set, uset))
			return -EFAULT;
		err = new_mask(how, old, set, &mask);
		if (err)
			return err;
		signal_set_mask(mask);
	}
	if (uold && put_user(old, uold))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE(rt_sigpending, uaddr_t, uset, size_t, size)
{
	sigset64 set = signal_pending_set(current) & current->sig_blocked;

	if (size > sizeof(set))
		return -EINVAL;
	return copy_to_user(uset, &set, size);
}

static void set_temp_mask(sigset64 mask)
{
	struct thread *t = current;

	t->sig_saved = t->sig_blocked;
	t->sig_restore_mask = true;
	signal_set_mask(mask);
	t->sig_check = true;
}

int signal_set_temp_mask(uaddr_t umask_ptr, size_t sigsetsize)
{
	sigset64 mask;

	if (!umask_ptr)
		return 0;
	if (sigsetsize != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, umask_ptr))
		return -EFAULT;
	set_temp_mask(mask);
	return 0;
}

static long wait_for_signal(void)
{
	int err = 0;

	while (!err && !signal_pending(current))
		err = thread_block(WAIT_INTERRUPTIBLE, NSEC_NEVER);
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE(rt_sigsuspend, uaddr_t, uset, size_t, size)
{
	sigset64 mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, uset))
		return -EFAULT;
	set_temp_mask(mask);
	return wait_for_signal();
}

SYSCALL_DEFINE(pause)
{
	return wait_for_signal();
}
