/* signalfd.c: taking blocked signals from a descriptor, signalfd(2).
 *
 * A signalfd has a mask and nothing else: who reads or polls it sees its own pending signals and those of its
 * process. Waiting is on process.sigfd_wait, which the sender of any signal wakes. Epoll's waiters may stay there when
 * the process is gone (others have the descriptor too), so a signalfd holds the processes it was polled by. */
#include "base/heap.h"
#include "base/string.h"
#include "ipc/anonfd.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"

struct signalfd_siginfo {
	uint32_t signo;
	int32_t err, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t tid, band, overrun, trapno;
	int32_t status, value_int;
	uint64_t value, utime, stime, addr;
	uint16_t addr_lsb, pad2;
	int32_t syscall;
	uint64_t call_addr;
	uint32_t arch;
	uint8_t pad[28];
};
_Static_assert(sizeof(struct signalfd_siginfo) == 128, "signalfd_siginfo layout");

struct signalfd {
	sigset64 mask;
	struct list pollers; /* struct poller */
};

struct poller {
	struct list node;
	struct process *process; /* referenced */
};

#define NEVER_TAKEN (sigmask_of(SIGKILL) | sigmask_of(SIGSTOP))
#define FAULTS                                                                                             \
	(sigmask_of(SIGSEGV) | sigmask_of(SIGBUS) | sigmask_of(SIGILL) | sigmask_of(SIGFPE) | sigmask_of(SIGTRAP))

static void fill_value(struct signalfd_siginfo *out, uint64_t value)
{
	out->value = value;
	out->value_int = (int32_t)value;
}

/* Positive codes: what it holds depends on the signal. */
static void fill_by_signal(struct signalfd_siginfo *out, const struct siginfo *in)
{
	if (in->signo == SIGCHLD) {
		out->pid = (uint32_t)in->chld.pid;
		out->uid = in->chld.uid;
		out->status = in->chld.status;
		out->utime = (uint64_t)in->chld.utime;
		out->stime = (uint64_t)in->chld.stime;
	} else if (sigmask_of(in->signo) & FAULTS) {
		out->addr = in->fault.addr;
		out->addr_lsb = in->fault.addr_lsb;
	} else if (in->signo == SIGSYS) {
		out->call_addr = in->sys.call_addr;
		out->syscall = in->sys.syscall;
		out->arch = in->sys.arch;
	} else {
		out->band = (uint32_t)in->poll.band;
		out->fd = in->poll.fd;
	}
}

static void fill_record(struct signalfd_siginfo *out, const struct siginfo *in)
{
	*out = (struct signalfd_siginfo){ .signo = (uint32_t)in->signo, .err = in->err, .code = in->code };
	if (in->code > 0 && in->code != SI_KERNEL) {
		fill_by_signal(out, in);
		return;
	}
	if (in->code == SI_TIMER) {
		out->tid = (uint32_t)in->timer.tid;
		out->overrun = (uint32_t)in->timer.overrun;
		fill_value(out, in->timer.value);
		return;
	}
	out->pid = (uint32_t)in->rt.pid;
	out->uid = in->rt.uid;
	if (in->code < 0 && in->code != SI_TKILL)
		fill_value(out, in->rt.value);
}

/* Takes what is pending, as many records as fit; 0: nothing. */
static ssize_t take_records(const struct signalfd *s, struct iov_iter *to)
{
	struct signalfd_siginfo record;
	struct siginfo info;
	ssize_t done = 0;

	while (to->count >= sizeof(record) && signal_dequeue(current, s->mask, &info)) {
		ssize_t n;

		fill_record(&record, &info);
		n = copy_to_iter(&record, sizeof(record), to);
		if (n != sizeof(record))
			return done ? done : -EFAULT;
		done += n;
	}
	return done;
}

static ssize_t signalfd_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct signalfd *s = f->priv;

	(void)pos;
	if (to->count < sizeof(struct signalfd_siginfo))
		return -EINVAL;
	for (;;) {
		ssize_t n = take_records(s, to);

		if (n)
			return n;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (waitq_wait(&current_process()->sigfd_wait, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	}
}

static bool hold_poller(struct signalfd *s, struct process *p)
{
	struct poller *x;

	list_for_each(x, &s->pollers, node)
		if (x->process == p)
			return true;
	x = kmalloc(sizeof(*x));
	if (!x)
		return false;
	x->process = process_get(p);
	list_push_back(&s->pollers, &x->node);
	return true;
}

static unsigned signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->priv;
	struct process *p = current_process();

	if (pt && hold_poller(s, p))
		poll_wait(pt, &p->sigfd_wait);
	else if (pt)
		pt->err = -ENOMEM;
	return signal_pending_set(current) & s->mask ? EPOLLIN | EPOLLRDNORM : 0;
}

/* Nobody polls any more: epoll has let go, poll holds the file. */
static void signalfd_release(struct file *f)
{
	struct signalfd *s = f->priv;

	while (!list_empty(&s->pollers)) {
		struct poller *x = list_first(&s->pollers, struct poller, node);

		list_remove(&x->node);
		process_put(x->process);
		kfree(x);
	}
	kfree(s);
}

/* Shown as a signal mask: set bits are signals it takes. */
static size_t signalfd_show(struct file *f, char *buf, size_t size)
{
	const struct signalfd *s = f->priv;

	return (size_t)snprintf(buf, size, "sigmask:\t%016lx\n", s->mask);
}

static const struct file_ops signalfd_ops = {
	.name = "signalfd", .read = signalfd_read, .poll = signalfd_poll, .release = signalfd_release,
	.show_fdinfo = signalfd_show,
};

static long change_mask(int fd, sigset64 mask)
{
	struct file *f = fd_get(fd, false);
	long ret = fd;

	if (!f)
		return -EBADF;
	if (f->ops == &signalfd_ops) {
		((struct signalfd *)f->priv)->mask = mask;
		waitq_wake_all(&current_process()->sigfd_wait, EPOLLIN);
	} else {
		ret = -EINVAL;
	}
	file_put(f);
	return ret;
}

static long do_signalfd(int fd, uaddr_t umask, size_t size, int flags)
{
	struct signalfd *s;
	sigset64 mask;

	if (size != sizeof(mask) || (flags & ~(O_CLOEXEC | O_NONBLOCK)))
		return -EINVAL;
	if (get_user(mask, umask))
		return -EFAULT;
	mask &= ~NEVER_TAKEN;
	if (fd != -1)
		return change_mask(fd, mask);
	s = kzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->mask = mask;
	list_init(&s->pollers);
	return anonfd_install(&signalfd_ops, s, (unsigned)flags);
}

SYSCALL_DEFINE(signalfd, int, fd, uaddr_t, umask, size_t, size)
{
	return do_signalfd(fd, umask, size, 0);
}

SYSCALL_DEFINE(signalfd4, int, fd, uaddr_t, umask, size_t, size, int, flags)
{
	return do_signalfd(fd, umask, size, flags);
}
