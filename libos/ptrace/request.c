/* request.c: the system call: what a tracer asks of its tracees. */
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/ptrace.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

/* May the current process look into p as ptrace does? */
static bool access_allowed(const struct process *p)
{
	const struct cred *me = &current->process->cred, *c = &p->cred;

	if (capable(CAP_SYS_PTRACE))
		return true;
	return p->dumpable && me->uid == c->uid && me->uid == c->euid && me->uid == c->suid && me->gid == c->gid &&
	       me->gid == c->egid && me->gid == c->sgid;
}

/* Already asleep with its group: then it is the tracer's from now on, without running in between. */
static void adopt_stopped(struct thread *t)
{
	struct tracee *tr = t->trace;

	if (!t->process->stopped || !signal_in_group_stop(t))
		return;
	tr->stopped = true;
	tr->past_group_stop = true;
	tr->code = t->process->stop_signal | (tr->seized ? PTRACE_EVENT_STOP << 8 : 0);
	waitq_wake_all(&tr->tracer->child_exit, 0);
}

static long attach(kpid_t tid, bool seize, uint64_t addr, uint64_t options)
{
	struct thread *t = thread_find(tid);
	int err;

	if (seize && (addr || options & ~(uint64_t)PTRACE_O_MASK))
		return -EIO;
	if (!t || !t->process)
		return -ESRCH;
	if (t->process == current->process || t->process == init_process || t->exiting || !access_allowed(t->process))
		return -EPERM;
	err = tracee_attach(t, current->process, seize, seize ? (uint32_t)options : 0);
	if (err)
		return err;
	adopt_stopped(t);
	if (!seize)
		signal_send_thread(t, SIGSTOP, NULL);
	return 0;
}

static long trace_me(void)
{
	struct process *p = current->process;

	return !p->parent || p->parent == init_process ? -EPERM : tracee_attach(current, p->parent, false, 0);
}

static long resume(struct tracee *tr, bool syscalls, uint64_t sig)
{
	if (sig > NSIG)
		return -EIO;
	tr->trace_syscalls = syscalls;
	tr->resume_signal = (int)sig;
	tr->stopped = false;
	thread_wake(tr->thread, false);
	return 0;
}

static long detach(struct tracee *tr, uint64_t sig)
{
	if (sig > NSIG)
		return -EIO;
	tr->thread->detach_signal = (int)sig;
	tracee_detach(tr);
	return 0;
}

static long peek(struct tracee *tr, uaddr_t addr, uaddr_t to)
{
	uint64_t word;
	int err = tracee_copy(tr, addr, &word, sizeof(word), false);

	return err ? err : put_user(word, to);
}

static long peek_user(struct tracee *tr, uint64_t offset, uaddr_t to)
{
	uint64_t word;
	long err = tracee_peek_user(tr, offset, &word);

	return err ? err : put_user(word, to);
}

static long set_siginfo(struct tracee *tr, uaddr_t from)
{
	kpid_t tid = tr->tid;
	struct siginfo info;
	struct thread *t;

	if (copy_from_user(&info, from, sizeof(info)))
		return -EFAULT;
	t = thread_find(tid);
	if (!t || !t->trace || !t->trace->stopped)
		return -ESRCH;
	if (!t->trace->info.signo)
		return -EINVAL;
	t->trace->info = info;
	return 0;
}

static long get_siginfo(struct tracee *tr, uaddr_t to)
{
	struct siginfo info = tr->info;

	if (!info.signo)
		return -EINVAL; /* stopped with its group */
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static long signal_mask(struct tracee *tr, uint64_t size, uaddr_t at, bool set)
{
	sigset64 mask = tr->thread->sig_blocked;
	kpid_t tid = tr->tid;
	struct thread *t;

	if (size != sizeof(mask))
		return -EINVAL;
	if (!set)
		return put_user(mask, at);
	if (get_user(mask, at))
		return -EFAULT;
	t = thread_find(tid);
	if (!t || !t->trace || !t->trace->stopped)
		return -ESRCH;
	t->sig_blocked = mask & ~SIG_UNBLOCKABLE;
	t->sig_check = true;
	return 0;
}

static long syscall_info(struct tracee *tr, uint64_t size, uaddr_t to)
{
	const struct regs *r = tr->thread->regs;
	struct ptrace_syscall_info i = { .op = tr->syscall_stop, .arch = AUDIT_ARCH_X86_64 };
	size_t len = offsetof(struct ptrace_syscall_info, entry);

	i.instruction_pointer = rewrite_shown_rip(r->rip);
	i.stack_pointer = r->rsp;
	if (i.op == PTRACE_SYSCALL_INFO_ENTRY) {
		i.entry.nr = r->orig_rax;
		memcpy(i.entry.args, (uint64_t[]){ r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 }, sizeof(i.entry.args));
		len += sizeof(i.entry);
	} else if (i.op == PTRACE_SYSCALL_INFO_EXIT) {
		i.exit.rval = (int64_t)r->rax;
		i.exit.is_error = r->rax >= (uint64_t)-4095;
		len += offsetof(typeof(i.exit), is_error) + 1;
	}
	if (copy_to_user(to, &i, MIN(size, len)))
		return -EFAULT;
	return (long)len;
}

static long set_options(struct tracee *tr, uint64_t options)
{
	if (options & ~(uint64_t)PTRACE_O_MASK)
		return -EINVAL;
	tr->options = (uint32_t)options;
	return 0;
}

static long interrupt(struct tracee *tr)
{
	if (!tr->seized)
		return -EIO;
	if (!tr->thread)
		return -ESRCH;
	if (tr->listening) {
		tr->listening = tr->reported = false;
		waitq_wake_all(&tr->tracer->child_exit, 0);
	} else if (!tr->stopped) {
		tr->interrupt = true;
		tr->thread->sig_check = true;
		thread_interrupt(tr->thread, false);
	}
	return 0;
}

static long listen(struct tracee *tr)
{
	if (!tr->seized || tr->code >> 8 != PTRACE_EVENT_STOP)
		return -EIO;
	tr->listening = true;
	return 0;
}

/* Of a tracee that is stopped. */
static long request_of_stopped(struct tracee *tr, uint64_t request, uint64_t addr, uint64_t data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return peek(tr, addr, data);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return tracee_copy(tr, addr, &data, sizeof(data), true);
	case PTRACE_PEEKUSER:
		return peek_user(tr, addr, data);
	case PTRACE_POKEUSER:
		return tracee_poke_user(tr, addr, data);
	case PTRACE_CONT:
		return resume(tr, false, data);
	case PTRACE_SYSCALL:
		return resume(tr, true, data);
	case PTRACE_DETACH:
		return detach(tr, data);
	case PTRACE_GETREGS:
		return tracee_get_regs(tr, data);
	case PTRACE_SETREGS:
		return tracee_set_regs(tr, data);
	case PTRACE_GETFPREGS:
		return tracee_get_fpregs(tr, data);
	case PTRACE_SETFPREGS:
		return tracee_set_fpregs(tr, data);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return tracee_regset(tr, addr, data, request == PTRACE_SETREGSET);
	case PTRACE_SETOPTIONS:
		return set_options(tr, data);
	case PTRACE_GETEVENTMSG:
		return put_user(tr->message, data);
	case PTRACE_GETSIGINFO:
		return get_siginfo(tr, data);
	case PTRACE_SETSIGINFO:
		return set_siginfo(tr, data);
	case PTRACE_GETSIGMASK:
	case PTRACE_SETSIGMASK:
		return signal_mask(tr, addr, data, request == PTRACE_SETSIGMASK);
	case PTRACE_GET_SYSCALL_INFO:
		return syscall_info(tr, addr, data);
	case PTRACE_LISTEN:
		return listen(tr);
	}
	return -EIO;
}

SYSCALL_DEFINE(ptrace, uint64_t, request, int, pid, uint64_t, addr, uint64_t, data)
{
	struct thread *t;

	if (request == PTRACE_TRACEME)
		return trace_me();
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE)
		return attach(pid, request == PTRACE_SEIZE, addr, data);
	t = thread_find(pid);
	if (!t || !t->trace || t->trace->tracer != current->process)
		return -ESRCH;
	if (request == PTRACE_KILL)
		return signal_send_process(t->process, SIGKILL, NULL);
	if (request == PTRACE_INTERRUPT)
		return interrupt(t->trace);
	if (!t->trace->stopped || t->trace->listening || (t->exiting && !t->trace->leaving))
		return -ESRCH;
	return request_of_stopped(t->trace, request, addr, data);
}
