/* stop.c: where traced threads stop, and what wakes them.
 *
 * A stopped thread sleeps in its own LibOS context until its tracer resumes it, detaches or ends, or it is killed. While it
 * sleeps it copies memory for the tracer: only the owner of an address space touches its memory. */
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/ptrace.h"
#include "linux/sched.h"
#include "linux/wait.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "syscall/usercopy.h"

struct memory_request {
	uaddr_t addr;
	void *buf;
	size_t n;
	bool write, done;
	int err;
	struct waitq finished;
};

static void tell_tracer(struct tracee *tr)
{
	struct process *tracer = tr->tracer;
	struct siginfo info = { .signo = SIGCHLD, .code = CLD_TRAPPED };

	waitq_wake_all(&tracer->child_exit, 0);
	if (tracer->zombie || !tracer->sighand || signal_child_nostop(tracer))
		return;
	info.chld.pid = tr->tid;
	info.chld.uid = tr->process->cred.uid;
	info.chld.status = tr->code;
	signal_send_process(tracer, SIGCHLD, &info);
}

/* The thread will not serve it any more. */
void tracee_fail_memory(struct tracee *tr)
{
	struct memory_request *m = tr->memory;

	tr->memory = NULL;
	if (!m)
		return;
	m->done = true; /* with the error it was made with */
	waitq_wake_all(&m->finished, 0);
}

/* Stops; back when the tracer says so. leaving: an ending thread, which nothing but the tracer wakes. */
static void stop(struct thread *t, int code, const struct siginfo *info, bool leaving)
{
	struct tracee *tr = t->trace;

	if (t->exiting && !leaving)
		return;
	tr->code = code;
	tr->info = info ? *info : (struct siginfo){ 0 };
	tr->resume_signal = 0;
	tr->reported = tr->listening = tr->interrupt = false;
	tr->leaving = leaving;
	tr->stopped = true;
	tell_tracer(tr);
	t->wait_what = "ptrace_stop";
	while (t->trace && t->trace->stopped) {
		if (thread_block(leaving ? WAIT_UNINTERRUPTIBLE : WAIT_KILLABLE, NSEC_NEVER))
			break;
		ptrace_serve(t);
	}
	t->wait_what = NULL;
	if (!t->trace)
		return;
	tracee_fail_memory(t->trace);
	t->trace->stopped = false;
	t->trace->syscall_stop = PTRACE_SYSCALL_INFO_NONE;
}

static struct siginfo trap_info(int code)
{
	struct siginfo info = { .signo = SIGTRAP, .code = code };

	info.rt.pid = current->tid;
	info.rt.uid = current->process->cred.uid;
	return info;
}

static void event_stop(struct thread *t, int event, uint64_t message, bool leaving)
{
	struct siginfo info = trap_info(SIGTRAP | event << 8);

	t->trace->message = message;
	stop(t, SIGTRAP | event << 8, &info, leaving);
}

void tracee_group_continued(struct tracee *tr)
{
	tr->past_group_stop = false;
	if (!tr->listening)
		return;
	tr->code = SIGTRAP | PTRACE_EVENT_STOP << 8;
	tr->listening = tr->reported = false;
	tell_tracer(tr);
}

bool ptrace_stop_due(const struct thread *t)
{
	return t->trace->interrupt || (t->process->stopped && !t->trace->past_group_stop);
}

void ptrace_group_stop(struct thread *t)
{
	struct tracee *tr = t->trace;
	int sig = t->process->stop_signal;
	struct siginfo info = trap_info(sig | PTRACE_EVENT_STOP << 8);

	tr->past_group_stop = true;
	if (tr->seized)
		stop(t, sig | PTRACE_EVENT_STOP << 8, &info, false);
	else
		stop(t, sig, NULL, false);
}

void ptrace_interrupted(struct thread *t)
{
	struct siginfo info = trap_info(SIGTRAP | PTRACE_EVENT_STOP << 8);

	stop(t, SIGTRAP | PTRACE_EVENT_STOP << 8, &info, false);
}

bool ptrace_signal(struct thread *t, int *sig, struct siginfo *info)
{
	struct process *tracer = t->trace->tracer;
	struct siginfo other = { .code = SI_USER };
	int now;

	other.rt.pid = tracer->pid;
	other.rt.uid = tracer->cred.uid;
	t->detach_signal = *sig; /* a tracer that just ends does not take it away */
	stop(t, *sig, info, false);
	now = t->trace ? t->trace->resume_signal : t->detach_signal;
	other.signo = now;
	if (now != *sig)
		*info = other;
	else if (t->trace)
		*info = t->trace->info;
	*sig = now;
	return now != 0;
}

void ptrace_syscall(struct thread *t, bool entry)
{
	struct tracee *tr = t->trace;
	int code = SIGTRAP | (tr->options & PTRACE_O_TRACESYSGOOD ? 0x80 : 0);
	struct siginfo info = trap_info(code);
	int sig;

	if (!tr->trace_syscalls)
		return;
	tr->syscall_stop = entry ? PTRACE_SYSCALL_INFO_ENTRY : PTRACE_SYSCALL_INFO_EXIT;
	tr->message = entry ? 1 : 2; /* PTRACE_EVENTMSG_SYSCALL_* */
	stop(t, code, &info, false);
	sig = t->trace ? t->trace->resume_signal : 0;
	if (sig)
		signal_send_thread(t, sig, NULL);
}

void ptrace_exec(struct thread *t)
{
	struct tracee *tr = t->trace;
	kpid_t before = tr->tid;

	tr->tid = t->tid;
	tr->trace_syscalls = false;
	if (tr->options & PTRACE_O_TRACEEXEC)
		event_stop(t, PTRACE_EVENT_EXEC, (uint64_t)before, false);
	else if (!tr->seized)
		signal_send_thread(t, SIGTRAP, NULL);
}

void ptrace_exit_event(struct thread *t, int status)
{
	if (t->trace->options & PTRACE_O_TRACEEXIT)
		event_stop(t, PTRACE_EVENT_EXIT, (uint64_t)(unsigned)status, true);
}

static int clone_event(const struct tracee *tr, uint64_t flags, int exit_signal)
{
	if (flags & CLONE_UNTRACED)
		return 0;
	if (flags & CLONE_VFORK)
		return tr->options & PTRACE_O_TRACEVFORK ? PTRACE_EVENT_VFORK : 0;
	if (flags & CLONE_THREAD || exit_signal != SIGCHLD)
		return tr->options & PTRACE_O_TRACECLONE ? PTRACE_EVENT_CLONE : 0;
	return tr->options & PTRACE_O_TRACEFORK ? PTRACE_EVENT_FORK : 0;
}

int ptrace_clone_event(struct thread *t, struct thread *child, uint64_t flags, int exit_signal)
{
	struct tracee *tr = t->trace;
	int event = clone_event(tr, flags, exit_signal);

	if (!event && !(flags & CLONE_PTRACE))
		return 0;
	if (tracee_attach(child, tr->tracer, tr->seized, tr->options)) {
		log_warn("no memory to trace thread %d", child->tid);
		return event;
	}
	child->trace->interrupt = tr->seized;
	if (!tr->seized)
		signal_send_thread(child, SIGSTOP, NULL);
	child->sig_check = true;
	return event;
}

void ptrace_clone_stop(struct thread *t, int event, kpid_t tid)
{
	if (event == PTRACE_EVENT_VFORK_DONE && !(t->trace->options & PTRACE_O_TRACEVFORKDONE))
		return;
	event_stop(t, event, (uint64_t)tid, false);
}

void ptrace_serve(struct thread *t)
{
	struct memory_request *m = t->trace ? t->trace->memory : NULL;

	if (!m)
		return;
	m->err = m->write ? copy_to_user(m->addr, m->buf, m->n) : copy_from_user(m->buf, m->addr, m->n);
	if (t->trace && t->trace->memory == m) /* the copy may have slept, the tracer given up */
		t->trace->memory = NULL;
	m->done = true;
	waitq_wake_all(&m->finished, 0);
}

int tracee_copy(struct tracee *tr, uaddr_t addr, void *buf, size_t n, bool write)
{
	struct memory_request m = { .addr = addr, .buf = buf, .n = n, .write = write, .err = -EIO };

	waitq_init(&m.finished);
	tr->memory = &m;
	thread_wake(tr->thread, true);
	while (!m.done)
		if (waitq_wait(&m.finished, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			break;
	return m.err ? -EIO : 0;
}
