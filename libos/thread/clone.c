/* clone.c: new threads and processes: clone, clone3, vfork.
 *
 * Threads (CLONE_THREAD), processes that share the caller's memory (CLONE_VM), with CLONE_VFORK or
 * without: what posix_spawn, vfork and thread libraries use; and processes with a copy of it (fork:
 * vm/fork.c), which run before their parent goes on, as most of them exec or exit soon. The child gets every register of the
 * caller but rax, and the stack pointer when one is given. Everything is allocated first; then the child is made
 * visible without sleeping. */
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"
#include "base/valgrind.h"
#include "eip/eip.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/ptrace.h"
#include "linux/sched.h"
#include "linux/signal.h"
#include "process/internal.h"
#include "process/namespace.h"
#include "process/pid.h"
#include "process/pidfd.h"
#include "ptrace/ptrace.h"
#include "seccomp/seccomp.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/dispatch.h"
#include "syscall/usercopy.h"
#include "thread/priority.h"
#include "vm/vm.h"

struct clone_request {
	uint64_t flags;
	int exit_signal;
	uaddr_t stack_top; /* 0: the caller's */
	uaddr_t tls, parent_tid, child_tid;
	uaddr_t pidfd; /* where CLONE_PIDFD stores it */
};

#define CLONE_NAMESPACES                                                               \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

/* The combinations Linux refuses, and those that this system does not have. */
static int check_flags(uint64_t flags)
{
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_FS) && (flags & CLONE_NEWNS))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && (flags & (CLONE_NEWPID | CLONE_NEWUSER)))
		return -EINVAL;
	if ((flags & CLONE_FS) && (flags & CLONE_NEWUSER))
		return -EINVAL;
	if ((flags & CLONE_INTO_CGROUP) ||
	    ((flags & CLONE_PIDFD) && (flags & (CLONE_THREAD | CLONE_DETACHED))))
		return -EINVAL;
	if ((flags & CLONE_PARENT) && (current->process->parent == NULL || current->process->parent->elsewhere))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_FS)) {
		log_warn("clone: a thread with its own directories (flags 0x%lx) is not supported",
			 flags);
		return -EINVAL;
	}
	return flags & CLONE_NAMESPACES ? ns_may_create(flags) : 0;
}

/* A thread's stack is the mapping that its first stack pointer lies in. */
static void stack_tell(uaddr_t top)
{
	struct vma_info v;

	if (VALGRIND_LISTENS && vm_next_vma(current->process->space, top - 1, &v) && v.start < top)
		valgrind_stack(v.start, v.end);
}

static void copy_thread(struct thread *t, const struct clone_request *req)
{
	struct thread *cur = current;

	*t->regs = *cur->regs;
	t->regs->rax = 0;
	t->regs->orig_rax = (uint64_t)-1;
	t->regs->full = REGS_FULL;
	if (req->stack_top)
		t->regs->rsp = req->stack_top;
	stack_tell(t->regs->rsp);
	fpu_copy_current(t);
	t->fs_base = req->flags & CLONE_SETTLS ? req->tls : user_fs_base();
	t->gs_user = cur->gs_user;
	t->affinity = cur->affinity;
	sched_inherit(t, cur);
	seccomp_inherit(t, cur);
	memcpy(t->comm, cur->comm, sizeof(t->comm));
	t->sig_blocked = cur->sig_restore_mask ? cur->sig_saved : cur->sig_blocked;
	if ((req->flags & CLONE_VFORK) || !(req->flags & CLONE_VM))
		t->altstack = cur->altstack;
	if (req->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = req->child_tid;
	if (req->flags & CLONE_VM)
		return;
	if (req->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = req->child_tid;
	t->rseq = cur->rseq;
	t->rseq_len = cur->rseq_len;
	t->rseq_sig = cur->rseq_sig;
}

static struct sighand *clone_sighand(struct process *parent, uint64_t flags)
{
	if (flags & CLONE_SIGHAND)
		return sighand_get(parent->sighand);
	if (flags & CLONE_CLEAR_SIGHAND)
		return sighand_create();
	return sighand_copy(parent->sighand);
}

/* A copy of the caller's memory: in an enclave of its own, if each process has one. */
static bool goes_elsewhere(uint64_t flags)
{
	return eip_enabled() && !(flags & CLONE_VM);
}

static struct fdtable *clone_files(uint64_t flags)
{
	return flags & CLONE_FILES ? fdtable_get(current_files()) : fdtable_copy(current_files());
}

static int clone_resources(struct process *p, struct process *parent, uint64_t flags)
{
	p->sighand = clone_sighand(parent, flags);
	p->fs = flags & CLONE_FS ? fs_info_get(parent->fs) : fs_info_copy(parent->fs);
	p->files = clone_files(flags);
	if (!p->sighand || !p->fs || !p->files)
		return -ENOMEM;
	if (flags & CLONE_FILES)
		p->files_shared = parent->files_shared = true;
	if (flags & CLONE_SIGHAND)
		p->sighand_shared = parent->sighand_shared = true;
	if (!goes_elsewhere(flags)) {
		p->space = flags & CLONE_VM ? vm_space_get(parent->space) : vm_space_fork(parent->space);
		if (!p->space)
			return -ENOMEM;
	}
	process_set_exe(p, &parent->exe);
	return ns_create(p, flags);
}

static int store_pidfd(struct process *p, uaddr_t to)
{
	int fd = pidfd_create(p, 0);

	if (fd < 0)
		return fd;
	if (put_user(fd, to) == 0)
		return 0;
	(void)fd_close(fd);
	return -EFAULT;
}

static int clone_process(struct thread *t, const struct clone_request *req, struct process **out)
{
	struct process *cur = current->process;
	bool sibling = req->flags & CLONE_PARENT;
	struct process *parent = sibling ? cur->parent : cur;
	struct process *p;
	int err = process_create(cur, t, &p);

	if (err)
		return err;
	if (parent != cur) {
		list_remove(&p->sibling);
		list_push_back(&parent->children, &p->sibling);
		p->parent = parent;
	}
	p->exit_signal = sibling ? cur->exit_signal : req->exit_signal;
	err = clone_resources(p, cur, req->flags);
	if (!err && (req->flags & CLONE_PIDFD))
		err = store_pidfd(p, req->pidfd);
	if (err) {
		process_discard(p, t);
		return err;
	}
	t->vfork_child = (req->flags & CLONE_VFORK) && (req->flags & CLONE_VM);
	p->vfork_pending = req->flags & CLONE_VFORK;
	*out = p;
	return 0;
}

static int clone_thread(struct thread *t, uint64_t flags)
{
	kpid_t tid = tid_alloc(t);

	if (tid < 0)
		return tid;
	if (current->own_files || !(flags & CLONE_FILES)) {
		t->own_files = clone_files(flags);
		if (!t->own_files) {
			tid_free(tid);
			return -ENOMEM;
		}
	}
	process_add_thread(current->process, t);
	return 0;
}

/* Linux ignores failures to store the numbers. */
static void store_tids(const struct thread *t, const struct clone_request *req)
{
	if ((req->flags & CLONE_PARENT_SETTID) && put_user((uint32_t)t->tid, req->parent_tid))
		log_debug("clone: parent_tid 0x%lx not writable", req->parent_tid);
	if ((req->flags & CLONE_CHILD_SETTID) && (req->flags & CLONE_VM) && put_user((uint32_t)t->tid, req->child_tid))
		log_debug("clone: child_tid 0x%lx not writable", req->child_tid);
}

void clone_finish(struct thread *t)
{
	if (t->begin)
		t->begin(t);
	if (t->set_child_tid && put_user((uint32_t)t->tid, t->set_child_tid))
		log_debug("clone: child_tid 0x%lx not writable", t->set_child_tid);
	t->set_child_tid = 0;
}

/* The caller of vfork is about to sleep, that of fork to yield: the child comes next on this vCPU, no other one is woken
 * for it. To the scheduler a new thread is one that sleeps before its first instruction. */
static void start_next(struct thread *t)
{
	t->state = THREAD_BLOCKED;
	thread_wake(t, true);
}

/* The child keeps running while its parent's thread sleeps here, until it execs or ends. */
static void wait_for_vfork_child(struct process *child)
{
	while (child->vfork_pending)
		if (waitq_wait(&child->vfork_done, WAIT_KILLABLE, NSEC_NEVER))
			break;
}

/* Who is forked runs in another enclave: a proxy of it stays here. */
static long start_elsewhere(struct process *p, struct thread *t)
{
	kpid_t pid = p->pid;
	int err = eip_fork(p, t);

	if (err)
		process_discard(p, t);
	thread_free(t);
	return err ? err : pid;
}

static long do_clone(const struct clone_request *req)
{
	struct process *child = NULL;
	struct thread *t;
	kpid_t tid;
	int event = 0, err = check_flags(req->flags);

	if (err)
		return err;
	if ((req->flags & CLONE_SETTLS) && !user_fs_base_ok(req->tls))
		return -EPERM;
	if (!rlimit_may_create(current->process))
		return -EAGAIN;
	if (current->exiting)
		return -EINTR;
	t = thread_alloc();
	if (!t)
		return -ENOMEM;
	copy_thread(t, req);
	err = req->flags & CLONE_THREAD ? clone_thread(t, req->flags) : clone_process(t, req, &child);
	if (err) {
		thread_free(t);
		return err;
	}
	tid = t->tid;
	store_tids(t, req);
	if (child && goes_elsewhere(req->flags))
		return start_elsewhere(child, t);
	if (current->process->stopped || current->exiting)
		t->sig_check = true;
	if ((req->flags & CLONE_THREAD) && current->exiting)
		t->exiting = true;
	if (child)
		process_get(child);
	if (current->trace)
		event = ptrace_clone_event(current, t, req->flags, child ? child->exit_signal : 0);
	if (child && (req->flags & CLONE_VFORK) && !event) {
		start_next(t);
		wait_for_vfork_child(child);
	} else if (!(req->flags & CLONE_VM)) {
		start_next(t);
		thread_yield();
	} else {
		thread_start(t);
	}
	if (event && current->trace)
		ptrace_clone_stop(current, event, tid);
	if (event && req->flags & CLONE_VFORK) {
		if (child) /* a thread's end is not waited for */
			wait_for_vfork_child(child);
		if (current->trace)
			ptrace_clone_stop(current, PTRACE_EVENT_VFORK_DONE, tid);
	}
	if (child)
		process_put(child);
	return tid;
}

SYSCALL_DEFINE(clone, uint64_t, flags, uaddr_t, stack, uaddr_t, parent_tid, uaddr_t, child_tid,
	       uint64_t, tls)
{
	struct clone_request req = {
		.flags = (uint32_t)flags & ~CSIGNAL,
		.exit_signal = (int)(flags & CSIGNAL),
		.stack_top = stack,
		.tls = tls,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.pidfd = parent_tid,
	};

	if ((req.flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)) ==
	    (CLONE_PIDFD | CLONE_PARENT_SETTID))
		return -EINVAL;
	return do_clone(&req);
}

SYSCALL_DEFINE(vfork)
{
	struct clone_request req = { .flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD };

	return do_clone(&req);
}

SYSCALL_DEFINE(fork)
{
	struct clone_request req = { .exit_signal = SIGCHLD };

	return do_clone(&req);
}

/* The struct may be longer than ours if the rest is zero, or shorter. */
static int copy_clone_args(struct clone_args *args, uaddr_t from, size_t size)
{
	uint8_t tail[64];

	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	memset(args, 0, sizeof(*args));
	if (copy_from_user(args, from, MIN(size, sizeof(*args))))
		return -EFAULT;
	for (size_t at = sizeof(*args); at < size; at += sizeof(tail)) {
		size_t n = MIN(size - at, sizeof(tail));

		if (copy_from_user(tail, from + at, n))
			return -EFAULT;
		for (size_t i = 0; i < n; i++)
			if (tail[i])
				return -E2BIG;
	}
	return 0;
}

static int check_clone_args(const struct clone_args *args)
{
	if (args->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return -EINVAL;
	if (args->flags & ~(0xffffffffUL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
		return -EINVAL;
	if (args->exit_signal > 64 ||
	    (args->flags & (CLONE_THREAD | CLONE_PARENT) && args->exit_signal))
		return -EINVAL;
	if (!args->stack != !args->stack_size || args->stack + args->stack_size < args->stack)
		return -EINVAL;
	if (args->set_tid || args->set_tid_size)
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE(clone3, uaddr_t, uargs, size_t, size)
{
	struct clone_args args;
	struct clone_request req;
	int err = copy_clone_args(&args, uargs, size);

	if (!err)
		err = check_clone_args(&args);
	if (err)
		return err;
	req = (struct clone_request){
		.flags = args.flags,
		.exit_signal = (int)args.exit_signal,
		.stack_top = args.stack + args.stack_size,
		.tls = args.tls,
		.parent_tid = args.parent_tid,
		.child_tid = args.child_tid,
		.pidfd = args.pidfd,
	};
	return do_clone(&req);
}

/* Threads always share all but their descriptors. */
SYSCALL_DEFINE(unshare, uint64_t, flags)
{
	struct process *p = current->process;
	struct fs_info *fs;

	int err = flags & CLONE_NAMESPACES ? ns_may_create(flags) : 0;

	if (flags & ~(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM |
		      CLONE_NAMESPACES))
		return -EINVAL;
	if (flags & CLONE_NEWNS)
		flags |= CLONE_FS;
	if (p->nthreads > 1 && (flags & (CLONE_FS | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)))
		return -EINVAL;
	if (err)
		return err;
	if ((flags & CLONE_FS) && p->fs->ref > 1) {
		fs = fs_info_copy(p->fs);
		if (!fs)
			return -ENOMEM;
		fs_info_put(p->fs);
		p->fs = fs;
	}
	err = ns_create(p, flags);
	if (err)
		return err;
	return flags & CLONE_FILES ? files_unshare() : 0;
}

SYSCALL_DEFINE(set_tid_address, uaddr_t, addr)
{
	current->clear_child_tid = addr;
	return current->tid;
}

SYSCALL_DEFINE(gettid)
{
	return current->tid;
}
