/* wait.c: taking signals without a handler (rt_sigtimedwait), and restart_syscall.
 *
 * While a thread waits, the signals it waits for are unblocked so that senders wake it; sig_real_blocked keeps
 * them from being dropped as ignored or from ending the process. The mask is put back before anything is
 * delivered. */
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"

/* Sleeps until one of set or another signal comes, or the deadline passes: the thread_block() result. */
static int wait_unblocked(sigset64 set, nsec_t deadline)
{
	struct thread *t = current;
	sigset64 blocked = t->sig_blocked;
	int err = 0;

	t->sig_real_blocked = blocked;
	t->sig_blocked = blocked & ~set;
	signal_recheck(t);
	while (!err && !signal_pending(t))
		err = thread_block(WAIT_INTERRUPTIBLE, deadline);
	t->sig_real_blocked = 0;
	signal_set_mask(blocked);
	return err;
}

static long do_sigtimedwait(sigset64 set, struct siginfo *info, nsec_t timeout)
{
	int sig, err;

	set &= ~SIG_UNBLOCKABLE;
	sig = signal_dequeue(current, set, info);
	if (sig)
		return sig;
	if (!timeout)
		return -EAGAIN;
	err = wait_unblocked(set, timeout == NSEC_NEVER ? NSEC_NEVER : clock_mono() + timeout);
	sig = signal_dequeue(current, set, info);
	if (sig)
		return sig;
	return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

SYSCALL_DEFINE(rt_sigtimedwait, uaddr_t, uset, uaddr_t, uinfo, uaddr_t, utimeout, size_t, size)
{
	struct siginfo info;
	struct timespec ts;
	sigset64 set;
	nsec_t timeout = NSEC_NEVER;
	long ret;

	if (size != sizeof(set))
		return -EINVAL;
	if (get_user(set, uset))
		return -EFAULT;
	if (utimeout) {
		if (get_user(ts, utimeout))
			return -EFAULT;
		if (!timespec_valid(&ts))
			return -EINVAL;
		timeout = timespec_to_ns(&ts);
	}
	ret = do_sigtimedwait(set, &info, timeout);
	if (ret > 0 && uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE(restart_syscall)
{
	long (*fn)(struct thread *) = current->restart_fn;

	return fn ? fn(current) : -EINTR;
}
