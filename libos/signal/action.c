/* action.c: what a process does on a signal: rt_sigaction and the table behind it.
 *
 * A table is shared by the threads of a process and by processes made with CLONE_SIGHAND. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define SA_KNOWN                                                                                   \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_RESTART |        \
	 SA_NODEFER | SA_RESETHAND)

struct sighand *sighand_create(void)
{
	struct sighand *s = kzalloc(sizeof(*s));

	if (s)
		s->ref = 1;
	return s;
}

void sighand_ignore(struct sighand *s, sigset64 set)
{
	for (int i = 0; i < NSIG; i++)
		if (set & ~SIG_UNBLOCKABLE & sigmask_of(i + 1))
			s->action[i].handler = SIG_IGN;
}

struct sighand *sighand_get(struct sighand *s)
{
	s->ref++;
	return s;
}

struct sighand *sighand_copy(struct sighand *s)
{
	struct sighand *copy = kmalloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *s;
	copy->ref = 1;
	return copy;
}

void sighand_put(struct sighand *s)
{
	if (s && --s->ref == 0)
		kfree(s);
}

/* Ignored signals stay ignored; handlers of the old program are gone. A shared table is left to the others:
 * the caller has made it private before (no memory there is an exec error). */
void sighand_exec(struct process *p)
{
	struct thread *t;

	for (int i = 0; i < NSIG; i++) {
		struct user_sigaction *act = &p->sighand->action[i];
		uint64_t keep = act->handler == SIG_IGN ? SIG_IGN : SIG_DFL;

		*act = (struct user_sigaction){ .handler = keep };
	}
	list_for_each(t, &p->threads, in_process)
		t->altstack = (struct altstack){ .flags = SS_DISABLE };
}

static const struct user_sigaction *action_of(struct process *p, int sig)
{
	static const struct user_sigaction none;

	return p->sighand ? &p->sighand->action[sig - 1] : &none;
}

bool signal_ignored(struct process *p, int sig)
{
	uint64_t handler = action_of(p, sig)->handler;

	return handler == SIG_IGN || (handler == SIG_DFL && (SIG_IGNORED_BY_DEFAULT & sigmask_of(sig)));
}

bool signal_child_autoreap(struct process *p)
{
	const struct user_sigaction *act = action_of(p, SIGCHLD);

	return act->handler == SIG_IGN || (act->flags & SA_NOCLDWAIT);
}

bool signal_child_nostop(struct process *p)
{
	const struct user_sigaction *act = action_of(p, SIGCHLD);

	return act->handler == SIG_IGN || (act->flags & SA_NOCLDSTOP);
}

void signal_status_masks(struct process *p, sigset64 *ign, sigset64 *caught)
{
	*ign = *caught = 0;
	for (int sig = 1; sig <= NSIG; sig++) {
		uint64_t handler = action_of(p, sig)->handler;

		if (handler == SIG_IGN)
			*ign |= sigmask_of(sig);
		else if (handler != SIG_DFL)
			*caught |= sigmask_of(sig);
	}
}

static void action_set(struct process *p, int sig, struct user_sigaction act)
{
	act.flags &= SA_KNOWN;
	act.mask &= ~SIG_UNBLOCKABLE;
	p->sighand->action[sig - 1] = act;
	if (signal_ignored(p, sig))
		signal_discard_everywhere(p, sigmask_of(sig));
}

SYSCALL_DEFINE(rt_sigaction, int, sig, uaddr_t, uact, uaddr_t, uold, size_t, size)
{
	struct process *p = current->process;
	struct user_sigaction act, old;

	if (size != sizeof(sigset64))
		return -EINVAL;
	if (uact && copy_from_user(&act, uact, sizeof(act)))
		return -EFAULT;
	if (sig < 1 || sig > NSIG || (uact && (SIG_UNBLOCKABLE & sigmask_of(sig))))
		return -EINVAL;
	old = p->sighand->action[sig - 1];
	if (uact)
		action_set(p, sig, act);
	if (uold && copy_to_user(uold, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
