/* seccomp.c: seccomp(2): strict mode, and filters that judge each system call.
 *
 * A thread's filters are a chain, the newest first; threads that it makes share it, and a filter lives as long as a chain
 * leads through it. All of them are asked, the strictest answer counts. execve changes nothing.
 * Lock: giant. */
#include "seccomp/seccomp.h"
#include "base/heap.h"
#include "base/log.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define CORE_DUMPED 0x80
#define CHAIN_INSTRUCTIONS 32768u /* with a few for each filter; as Linux */
#define FILTER_COST 4u
#define ERRNO_MAX 4095u

struct seccomp_filter {
	struct seccomp_filter *below;
	unsigned refs, len;
	bool log;
	struct sock_filter prog[];
};

static void filter_put(struct seccomp_filter *f)
{
	while (f && !--f->refs) {
		struct seccomp_filter *below = f->below;

		kfree(f);
		f = below;
	}
}

static void give(struct thread *t, struct seccomp_filter *f, uint8_t mode)
{
	struct seccomp_filter *old = t->seccomp_filter;

	if (f)
		f->refs++;
	t->seccomp_filter = f;
	t->seccomp_mode = mode;
	filter_put(old);
}

void seccomp_inherit(struct thread *t, const struct thread *from)
{
	give(t, from->seccomp_filter, from->seccomp_mode);
}

void seccomp_drop(struct thread *t)
{
	give(t, NULL, SECCOMP_MODE_DISABLED);
}

unsigned seccomp_count(const struct thread *t)
{
	unsigned n = 0;

	for (const struct seccomp_filter *f = t->seccomp_filter; f; f = f->below)
		n++;
	return n;
}

/* ---- judging ---- */

/* The thread ends, and alone in its process, or if all are to go, the process by that signal. */
static void end(int sig, bool all)
{
	struct process *p = current->process;
	int status = sig == SIGSYS ? sig | CORE_DUMPED : sig;

	log_debug("seccomp ends thread %d of %s", current->tid, current->comm);
	if (all || p->nthreads == 1)
		process_group_exit(p, status);
	thread_do_exit(status);
}

static void trap(struct regs *regs, uint64_t nr, uint32_t data)
{
	struct siginfo info = { .signo = SIGSYS, .err = (int32_t)data, .code = SYS_SECCOMP };

	info.sys.call_addr = regs->rip;
	info.sys.syscall = (int32_t)nr;
	info.sys.arch = AUDIT_ARCH_X86_64;
	signal_force_info(&info);
}

/* As the kernel orders them: what is more severe is the smaller number, read with a sign. */
static uint32_t judge(const struct seccomp_data *data, bool *log)
{
	uint32_t verdict = SECCOMP_RET_ALLOW;

	for (const struct seccomp_filter *f = current->seccomp_filter; f; f = f->below) {
		uint32_t one = bpf_run(f->prog, data);

		if ((int32_t)(one & SECCOMP_RET_ACTION) >= (int32_t)(verdict & SECCOMP_RET_ACTION))
			continue;
		verdict = one;
		*log = f->log;
	}
	return verdict;
}

static bool strict_allows(uint64_t nr)
{
	return nr == 0 || nr == 1 || nr == 15 || nr == 60; /* read, write, rt_sigreturn, exit */
}

bool seccomp_allows(struct regs *regs, uint64_t nr, const struct syscall_args *args, long *ret)
{
	struct seccomp_data data = { .nr = (int32_t)nr, .arch = AUDIT_ARCH_X86_64, .instruction_pointer = regs->rip };
	bool log = false;
	uint32_t verdict;

	*ret = -ENOSYS;
	if (current->seccomp_mode == SECCOMP_MODE_STRICT) {
		if (!strict_allows(nr))
			end(SIGKILL, false);
		return true;
	}
	for (int i = 0; i < 6; i++)
		data.args[i] = args->a[i];
	verdict = judge(&data, &log);
	if (log && (verdict & SECCOMP_RET_ACTION) != SECCOMP_RET_ALLOW)
		log_info("seccomp: call %lu of %s: 0x%x", nr, current->comm, verdict);
	switch (verdict & SECCOMP_RET_ACTION) {
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_LOG:
		log_info("seccomp: call %lu of %s", nr, current->comm);
		return true;
	case SECCOMP_RET_ERRNO:
		*ret = -(long)MIN(verdict & SECCOMP_RET_DATA, ERRNO_MAX);
		return false;
	case SECCOMP_RET_TRAP:
		*ret = (long)nr; /* the handler finds the registers as they were before the call */
		trap(regs, nr, verdict & SECCOMP_RET_DATA);
		return false;
	case SECCOMP_RET_TRACE: /* nobody who would be asked */
	case SECCOMP_RET_USER_NOTIF:
		return false;
	case SECCOMP_RET_KILL_THREAD:
		end(SIGSYS, false);
		return false;
	}
	end(SIGSYS, true);
	return false;
}

/* ---- setting ---- */

long seccomp_set_strict(void)
{
	if (current->seccomp_mode && current->seccomp_mode != SECCOMP_MODE_STRICT)
		return -EINVAL;
	give(current, NULL, SECCOMP_MODE_STRICT);
	return 0;
}

static long filter_from_user(uaddr_t uprog, struct seccomp_filter **out)
{
	struct sock_fprog prog;
	struct seccomp_filter *f;
	size_t size;

	if (get_user(prog, uprog))
		return -EFAULT;
	if (!prog.len || prog.len > BPF_MAXINSNS)
		return -EINVAL;
	if (!current->process->no_new_privs && !capable(CAP_SYS_ADMIN))
		return -EACCES;
	size = prog.len * sizeof(struct sock_filter);
	f = kzalloc(sizeof(*f) + size);
	if (!f)
		return -ENOMEM;
	f->len = prog.len;
	if (copy_from_user(f->prog, prog.filter, size)) {
		kfree(f);
		return -EFAULT;
	}
	if (!bpf_check(f->prog, f->len)) {
		kfree(f);
		return -EINVAL;
	}
	*out = f;
	return 0;
}

static bool has_room(const struct seccomp_filter *add)
{
	unsigned total = add->len;

	for (const struct seccomp_filter *f = current->seccomp_filter; f; f = f->below)
		total += f->len + FILTER_COST;
	return total <= CHAIN_INSTRUCTIONS;
}

static bool is_below(const struct seccomp_filter *f, const struct seccomp_filter *chain)
{
	while (chain && chain != f)
		chain = chain->below;
	return chain == f;
}

/* A thread of the process whose filters are not an earlier state of the caller's. */
static struct thread *astray(void)
{
	struct thread *t;

	list_for_each(t, &current->process->threads, in_process)
		if (t != current && t->seccomp_mode && (t->seccomp_mode != SECCOMP_MODE_FILTER ||
							!is_below(t->seccomp_filter, current->seccomp_filter)))
			return t;
	return NULL;
}

static long add_filter(struct seccomp_filter *f, unsigned flags)
{
	struct thread *t;

	if (!has_room(f))
		return -ENOMEM;
	t = flags & SECCOMP_FILTER_FLAG_TSYNC ? astray() : NULL;
	if (t)
		return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : t->tid;
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	f->below = current->seccomp_filter;
	if (f->below)
		f->below->refs++;
	give(current, f, SECCOMP_MODE_FILTER);
	if (!(flags & SECCOMP_FILTER_FLAG_TSYNC))
		return 0;
	list_for_each(t, &current->process->threads, in_process)
		if (t != current)
			give(t, f, SECCOMP_MODE_FILTER);
	return 0;
}

long seccomp_set_filter(unsigned flags, uaddr_t uprog)
{
	struct seccomp_filter *f = NULL;
	long ret;

	/* Nobody can be asked through a descriptor. */
	if (flags & ~SECCOMP_FILTER_FLAGS || flags & (SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE))
		return -EINVAL;
	ret = filter_from_user(uprog, &f);
	if (ret)
		return ret;
	ret = current->seccomp_mode == SECCOMP_MODE_STRICT ? -EINVAL : add_filter(f, flags);
	if (!f->refs)
		kfree(f);
	return ret;
}

static long action_known(uaddr_t uaction)
{
	uint32_t action;

	if (get_user(action, uaction))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_ALLOW:
		return 0;
	}
	return -EOPNOTSUPP;
}

SYSCALL_DEFINE(seccomp, unsigned, op, unsigned, flags, uaddr_t, arg)
{
	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || arg ? -EINVAL : seccomp_set_strict();
	case SECCOMP_SET_MODE_FILTER:
		return seccomp_set_filter(flags, arg);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_known(arg);
	}
	return -EINVAL;
}
