/* pid.c: what /proc/PID and /proc/PID/task/TID hold: the table, and status, stat, statm, limits and the
 * small ones. Formats are Linux's to the byte where programs parse them (ps, top, glibc, the JVM). */
#include "abi/layout.h"
#include "base/string.h"
#include "eip/eip.h"
#include "entry/vcpu.h"
#include "fs/devfs/tty.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"
#include "process/namespace.h"
#include "ptrace/ptrace.h"
#include "seccomp/seccomp.h"
#include "signal/internal.h"
#include "signal/signal.h"
#include "thread/account.h"
#include "thread/sched.h"
#include "vm/vm.h"

#define KIB(bytes) ((uint64_t)(bytes) / 1024)

char proc_state(const struct process *p, const struct thread *t)
{
	if (p->elsewhere)
		return eip_process_state(p->pid);
	if (p->zombie || !t)
		return 'Z';
	if (t->trace && ptrace_stopped(t))
		return 't';
	if (p->stopped)
		return 'T';
	if (t->state == THREAD_BLOCKED && !t->taking_turn)
		return t->wait_mode == WAIT_UNINTERRUPTIBLE ? 'D' : 'S';
	return t->state == THREAD_DEAD ? 'X' : 'R';
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 't':
		return "t (tracing stop)";
	case 'Z':
		return "Z (zombie)";
	case 'X':
		return "X (dead)";
	default:
		return "S (sleeping)";
	}
}

/* A zombie has no thread any more: its program's name is what is left. */
static const char *proc_comm(const struct proc_at *at)
{
	if (at->thread)
		return at->thread->comm;
	return at->process->exe.dentry ? at->process->exe.dentry->name : "?";
}

static kpid_t shown_pid(const struct proc_at *at)
{
	return at->of_thread ? at->thread->tid : at->process->pid;
}

static uint64_t at_affinity(const struct proc_at *at)
{
	return (at->thread ? at->thread->affinity : 0) & cpu_mask_all();
}

static void status_ids(struct text *out, const struct proc_at *at)
{
	const struct process *p = at->process;
	const struct cred *c = &p->cred;

	text_printf(out, "Umask:\t%04o\n", p->fs ? p->fs->umask : 0);
	text_printf(out, "State:\t%s\n", state_name(proc_state(p, at->thread)));
	text_printf(out, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n", p->pid, shown_pid(at),
		    process_ppid(p), ptrace_tracer_pid(at->thread));
	text_printf(out, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid, c->fsuid);
	text_printf(out, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid, c->fsgid);
	text_printf(out, "FDSize:\t%u\nGroups:\t", p->files ? 64u : 0u);
	for (uint32_t i = 0; c->groups && i < c->groups->n; i++)
		text_printf(out, "%u ", c->groups->gid[i]);
	text_printf(out, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->pid, shown_pid(at), p->pgid,
		    p->sid);
}

static void status_memory(struct text *out, const struct process *p)
{
	struct vm_stats m;

	if (!p->space)
		return;
	vm_space_stats(p->space, &m);
	text_printf(out, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\nVmPin:\t%8lu kB\n", KIB(m.peak),
		    KIB(m.size), KIB(m.locked), 0UL);
	text_printf(out, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n", KIB(m.peak_resident), KIB(m.resident));
	text_printf(out, "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\nRssShmem:\t%8lu kB\n", KIB(m.resident), 0UL, 0UL);
	text_printf(out, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\nVmLib:\t%8lu kB\n", KIB(m.data),
		    KIB(m.stack), KIB(m.text), KIB(m.lib));
	text_printf(out, "VmPTE:\t%8lu kB\nVmSwap:\t%8lu kB\nHugetlbPages:\t%8lu kB\n", KIB(m.resident) / 512 + 4, 0UL,
		    0UL);
	text_printf(out, "CoreDumping:\t0\nTHP_enabled:\t0\n");
}

static void status_signals(struct text *out, const struct proc_at *at)
{
	struct process *p = at->process;
	sigset64 ignored = 0, caught = 0;

	if (p->sighand)
		signal_status_masks(p, &ignored, &caught);
	text_printf(out, "Threads:\t%u\nSigQ:\t%u/%lu\n", p->nthreads ? p->nthreads : 1u, sigqueue_count(p->cred.uid),
		    p->rlim[11].cur);
	text_printf(out, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		    at->thread ? at->thread->sig_pending : 0, p->sig_pending, at->thread ? at->thread->sig_blocked : 0,
		    ignored, caught);
}

static int show_status(struct text *out, const struct proc_at *at)
{
	const struct process *p = at->process;
	const struct cred *c = &p->cred;
	uint64_t cpus = at_affinity(at);

	text_printf(out, "Name:\t%s\n", proc_comm(at));
	status_ids(out, at);
	status_memory(out, p);
	status_signals(out, at);
	text_printf(out, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n",
		    c->cap_inheritable, c->cap_permitted, c->cap_effective, c->cap_bounding, c->cap_ambient);
	text_printf(out, "NoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%u\n", p->no_new_privs,
		    at->thread ? at->thread->seccomp_mode : 0, at->thread ? seccomp_count(at->thread) : 0);
	text_printf(out, "Cpus_allowed:\t%lx\nCpus_allowed_list:\t", cpus);
	text_cpu_list(out, cpus);
	text_printf(out, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
	text_printf(out, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		    at->thread ? at->thread->nvcsw : 0, at->thread ? at->thread->nivcsw : 0);
	return 0;
}

static void at_times(const struct proc_at *at, nsec_t *utime, nsec_t *stime)
{
	*utime = *stime = 0;
	if (!at->of_thread) {
		process_times(at->process, utime, stime);
		return;
	}
	*utime = thread_user_time(at->thread);
	*stime = thread_cpu_time(at->thread) - *utime;
}

/* Fields 4 to 22 of stat. */
static void stat_identity(struct text *out, const struct proc_at *at)
{
	const struct process *p = at->process;
	const struct tty *tty = p->tty;
	int nice = at->thread ? at->thread->nice : 0;
	int rt = at->thread ? (int)thread_rt(at->thread) : 0;
	nsec_t utime, stime;

	at_times(at, &utime, &stime);
	text_printf(out, " %d %d %d %ld %d %u", process_ppid(p), p->pgid, p->sid, (long)tty_device(p),
		    tty ? tty->pgrp : -1, p->exec_done ? 0x400000u : 0x400040u);
	text_printf(out, " %lu %lu %lu %lu", p->min_flt, p->child_min_flt, p->maj_flt, p->child_maj_flt);
	text_printf(out, " %lu %lu %lu %lu", ns_to_ticks(utime), ns_to_ticks(stime), ns_to_ticks(p->child_utime),
		    ns_to_ticks(p->child_stime));
	text_printf(out, " %d %d %u 0 %lu", rt ? -1 - rt : 20 + nice, nice, p->nthreads, ns_to_ticks(p->start_time));
}

/* Fields 23 to 30. */
static void stat_memory(struct text *out, const struct process *p, bool inspect)
{
	struct vm_stats m = { 0 };

	if (p->space)
		vm_space_stats(p->space, &m);
	text_printf(out, " %lu %lu %lu", m.size, m.resident / PAGE_SIZE, p->rlim[5].cur);
	text_printf(out, inspect && p->space ? " 1 1 %lu 0 0" : " 0 0 0 0 0", p->arg_start);
}

static int show_stat(struct text *out, const struct proc_at *at)
{
	struct process *p = at->process;
	const struct thread *t = at->thread;
	sigset64 ignored = 0, caught = 0;

	if (p->sighand)
		signal_status_masks(p, &ignored, &caught);
	text_printf(out, "%d (%s) %c", shown_pid(at), proc_comm(at), proc_state(p, t));
	stat_identity(out, at);
	stat_memory(out, p, p == current_process());
	text_printf(out, " %lu %lu %lu %lu %d 0 0", (t ? t->sig_pending : 0) & 0x7fffffff,
		    (t ? t->sig_blocked : 0) & 0x7fffffff, ignored & 0x7fffffff, caught & 0x7fffffff,
		    t && t->state == THREAD_BLOCKED);
	text_printf(out, " %d %u %u %u 0 0 0", p->exit_signal, t && t->vcpu ? t->vcpu->index : 0,
		    t ? t->rt_priority : 0, t ? t->policy : 0);
	text_printf(out, " 0 0 %lu %lu %lu %lu %lu %d\n", p->brk_start, p->arg_start, p->arg_end, p->env_start,
		    p->env_end, p->zombie ? p->exit_status : 0);
	return 0;
}

static int show_statm(struct text *out, const struct proc_at *at)
{
	struct vm_stats m = { 0 };

	if (at->process->space)
		vm_space_stats(at->process->space, &m);
	text_printf(out, "%lu %lu %lu %lu 0 %lu 0\n", m.size / PAGE_SIZE, m.resident / PAGE_SIZE,
		    (m.text + m.lib) / PAGE_SIZE, m.text / PAGE_SIZE, (m.data + m.stack) / PAGE_SIZE);
	return 0;
}

static int show_comm(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%s\n", proc_comm(at));
	return 0;
}

static ssize_t store_comm(const struct proc_at *at, const char *buf, size_t n)
{
	size_t len = n && buf[n - 1] == '\n' ? n - 1 : n;

	if (at->process != current_process() || !at->thread)
		return -EINVAL;
	len = MIN(len, sizeof(at->thread->comm) - 1);
	memcpy(at->thread->comm, buf, len);
	at->thread->comm[len] = 0;
	return (ssize_t)n;
}

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
	{ "Max cpu time", "seconds" },      { "Max file size", "bytes" },       { "Max data size", "bytes" },
	{ "Max stack size", "bytes" },      { "Max core file size", "bytes" },  { "Max resident set", "bytes" },
	{ "Max processes", "processes" },   { "Max open files", "files" },      { "Max locked memory", "bytes" },
	{ "Max address space", "bytes" },   { "Max file locks", "locks" },      { "Max pending signals", "signals" },
	{ "Max msgqueue size", "bytes" },   { "Max nice priority", NULL },      { "Max realtime priority", NULL },
	{ "Max realtime timeout", "us" },
};

static void limit_value(struct text *out, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lu", v);
	text_printf(out, "%-20s ", v == RLIM_INFINITY ? "unlimited" : buf);
}

static int show_limits(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (size_t i = 0; i < RLIM_NLIMITS; i++) {
		text_printf(out, "%-25s ", limit_names[i].name);
		limit_value(out, at->process->rlim[i].cur);
		limit_value(out, at->process->rlim[i].max);
		if (limit_names[i].unit)
			text_printf(out, "%-10s", limit_names[i].unit);
		text_add(out, "\n", 1);
	}
	return 0;
}

static int show_wchan(struct text *out, const struct proc_at *at)
{
	const struct thread *t = at->thread;

	text_printf(out, "%s", t && t->state == THREAD_BLOCKED && t->wait_what ? t->wait_what : "0");
	return 0;
}

static int show_sched(struct text *out, const struct proc_at *at)
{
	const struct thread *t = at->thread;
	nsec_t ns = t ? thread_cpu_time(at->thread) : 0;

	if (!t)
		return -ESRCH;
	text_printf(out, "%s (%d, #threads: %u)\n", t->comm, t->tid, at->process->nthreads);
	text_printf(out, "-------------------------------------------------------------------\n");
	text_printf(out, "%-45s:%14lu.%06lu\n", "se.sum_exec_runtime", ns / 1000000, ns % 1000000);
	text_printf(out, "%-45s:%21lu\n%-45s:%21lu\n%-45s:%21lu\n", "nr_switches", t->nvcsw + t->nivcsw,
		    "nr_voluntary_switches", t->nvcsw, "nr_involuntary_switches", t->nivcsw);
	text_printf(out, "%-45s:%21d\n%-45s:%21d\n", "policy", (int)t->policy, "prio", t->rt_priority ? 99 - (int)t->rt_priority : 120 + t->nice);
	return 0;
}

static int show_schedstat(struct text *out, const struct proc_at *at)
{
	const struct thread *t = at->thread;

	text_printf(out, "%lu 0 %lu\n", t ? thread_cpu_time(at->thread) : 0, t ? t->nvcsw + t->nivcsw : 0);
	return 0;
}

static int show_personality(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%08x\n", at->process->personality);
	return 0;
}

static int show_zero(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "0\n");
	return 0;
}

static int show_oom_score_adj(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%d\n", at->process->oom_score_adj);
	return 0;
}

/* A decimal number with nothing but space around it. */
static bool store_number(const char *s, long *v)
{
	bool negative;

	while (*s == ' ')
		s++;
	negative = *s == '-';
	s += negative;
	if (*s < '0' || *s > '9')
		return false;
	for (*v = 0; *s >= '0' && *s <= '9' && *v < 1000000000; s++)
		*v = *v * 10 + (*s - '0');
	while (*s == ' ' || *s == '\n')
		s++;
	if (negative)
		*v = -*v;
	return !*s;
}

/* Less than the process was given needs CAP_SYS_RESOURCE. */
static ssize_t store_oom_score_adj(const struct proc_at *at, const char *buf, size_t n)
{
	struct process *p = at->process;
	long v;

	if (!store_number(buf, &v) || v < -1000 || v > 1000)
		return -EINVAL;
	if (v < p->oom_score_adj_min && !capable(24))
		return -EACCES;
	p->oom_score_adj = (int16_t)v;
	if (capable(24))
		p->oom_score_adj_min = (int16_t)v;
	return (ssize_t)n;
}

static int show_cgroup(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "0::/\n");
	return 0;
}

static int show_unset_id(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "4294967295");
	return 0;
}

static int show_id_map(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "%10u %10u %10u\n", 0u, 0u, 4294967295u);
	return 0;
}

static int follow_path(const struct path *p, struct path *out)
{
	if (!p->dentry)
		return -ENOENT;
	*out = *p;
	path_get(out);
	return 0;
}

static int link_text(struct text *out, const struct path *p)
{
	return p->dentry ? text_path(out, p) : -ENOENT;
}

static int follow_exe(const struct proc_at *at, struct path *out) { return follow_path(&at->process->exe, out); }
static int target_exe(struct text *out, const struct proc_at *at) { return link_text(out, &at->process->exe); }

static int follow_cwd(const struct proc_at *at, struct path *out)
{
	return at->process->fs ? follow_path(&at->process->fs->cwd, out) : -ENOENT;
}

static int target_cwd(struct text *out, const struct proc_at *at)
{
	return at->process->fs ? link_text(out, &at->process->fs->cwd) : -ENOENT;
}

static int follow_root(const struct proc_at *at, struct path *out)
{
	return at->process->fs ? follow_path(&at->process->fs->root, out) : -ENOENT;
}

static int target_root(struct text *out, const struct proc_at *at)
{
	return at->process->fs ? link_text(out, &at->process->fs->root) : -ENOENT;
}

#define NAMESPACE(id, kind)                                                                                            \
	static int follow_ns_##id(const struct proc_at *at, struct path *out)                                         \
	{                                                                                                              \
		return ns_path(at->process, kind, out);                                                                \
	}                                                                                                              \
	static int target_ns_##id(struct text *out, const struct proc_at *at)                                         \
	{                                                                                                              \
		text_printf(out, "%s:[%lu]", ns_name(kind), ns_number(at->process, kind));                             \
		return 0;                                                                                              \
	}
NAMESPACE(cgroup, NS_CGROUP)
NAMESPACE(ipc, NS_IPC)
NAMESPACE(mnt, NS_MNT)
NAMESPACE(net, NS_NET)
NAMESPACE(pid, NS_PID)
NAMESPACE(time, NS_TIME)
NAMESPACE(time_for_children, NS_TIME_CHILDREN)
NAMESPACE(user, NS_USER)
NAMESPACE(uts, NS_UTS)

#define PRIVATE_FILE(n, perm, fn) { .name = n, .mode = S_IFREG | (perm), .show = fn, .inspect = true }
#define MAGIC(n, fn)                                                                                                 \
	{                                                                                                            \
		.name = n, .mode = S_IFLNK | 0777, .follow = follow_##fn, .target = target_##fn, .inspect = true     \
	}

static const struct proc_entry ns_entries[] = {
	MAGIC("cgroup", ns_cgroup), MAGIC("ipc", ns_ipc),   MAGIC("mnt", ns_mnt),
	MAGIC("net", ns_net),	    MAGIC("pid", ns_pid),   MAGIC("pid_for_children", ns_pid),
	MAGIC("time", ns_time),	    MAGIC("time_for_children", ns_time_for_children),
	MAGIC("user", ns_user),	    MAGIC("uts", ns_uts),   { 0 },
};

/* What a process and a thread both have. */
#define COMMON_ENTRIES                                                                                        \
	PROC_FILE("status", show_status), PROC_FILE("stat", show_stat), PROC_FILE("statm", show_statm),       \
	PROC_FILE("cmdline", show_cmdline),                             \
	{ .name = "maps", .mode = S_IFREG | 0444, .show = show_maps, .ioctl = ioctl_maps, .inspect = true },  \
	PRIVATE_FILE("smaps", 0444, show_smaps), PRIVATE_FILE("smaps_rollup", 0444, show_smaps_rollup),       \
	{ .name = "timens_offsets", .mode = S_IFREG | 0644, .show = show_timens_offsets,                      \
	  .store = store_timens_offsets },                                                                    \
	{ .name = "pagemap", .mode = S_IFREG | 0400, .read = read_pagemap, .inspect = true },                 \
	PRIVATE_FILE("environ", 0400, show_environ), PRIVATE_FILE("auxv", 0400, show_auxv),                   \
	PRIVATE_FILE("personality", 0400, show_personality),                                              \
	{ .name = "comm", .mode = S_IFREG | 0644, .show = show_comm, .store = store_comm },                   \
	PROC_FILE("limits", show_limits), PROC_FILE("wchan", show_wchan), PROC_FILE("sched", show_sched),     \
	PROC_FILE("schedstat", show_schedstat),                              \
	{ .name = "mounts", .mode = S_IFREG | 0444, .show = show_mounts, .poll = poll_mounts },                \
	{ .name = "mountinfo", .mode = S_IFREG | 0444, .show = show_mountinfo, .poll = poll_mounts },          \
	 PROC_FILE("cgroup", show_cgroup),                             \
	PROC_FILE("oom_score", show_zero),                                                                    \
	{ .name = "oom_score_adj", .mode = S_IFREG | 0644, .show = show_oom_score_adj,                        \
	  .store = store_oom_score_adj },                                                                     \
	PROC_FILE("oom_adj", show_zero), PROC_FILE("loginuid", show_unset_id),                                \
	PROC_FILE("sessionid", show_unset_id), PROC_FILE("uid_map", show_id_map),                             \
	PROC_FILE("gid_map", show_id_map), MAGIC("exe", exe), MAGIC("cwd", cwd), MAGIC("root", root),         \
	{ .name = "fd", .mode = S_IFDIR | 0500, .dir = &fd_dir, .inspect = true },                            \
	{ .name = "fdinfo", .mode = S_IFDIR | 0555, .dir = &fdinfo_dir, .inspect = true },                    \
	{ .name = "ns", .mode = S_IFDIR | 0511, .children = ns_entries }, PROC_DIR("net", net_entries)

const struct proc_entry pid_entries[] = {
	COMMON_ENTRIES, { .name = "task", .mode = S_IFDIR | 0555, .dir = &task_dir }, { 0 },
};

const struct proc_entry task_entries[] = { COMMON_ENTRIES, { 0 } };

static const struct proc_entry pid_root = { .name = "PID", .mode = S_IFDIR | 0555, .children = pid_entries };
static const struct proc_entry task_root = { .name = "TID", .mode = S_IFDIR | 0555, .children = task_entries };

static int pid_next(const struct proc_at *at, int from)
{
	const struct process *p;
	int best = -1;

	(void)at;
	list_for_each(p, &process_all, all_node) {
		if (p->pid >= from && (best < 0 || p->pid < best))
			best = p->pid;
	}
	return best;
}

/* A thread's number works too, though it is not listed. */
static const struct proc_entry *pid_child(struct proc_at *at, int number)
{
	struct thread *t;

	at->process = process_find(number);
	if (!at->process) {
		t = thread_find(number);
		at->process = t ? t->process : NULL;
	}
	return at->process ? &pid_root : NULL;
}

const struct proc_dir pid_dir = { pid_next, pid_child };

static int task_next(const struct proc_at *at, int from)
{
	const struct thread *t;
	int best = -1;

	list_for_each(t, &at->process->threads, in_process) {
		if (t->tid >= from && (best < 0 || t->tid < best))
			best = t->tid;
	}
	return best;
}

static const struct proc_entry *task_child(struct proc_at *at, int number)
{
	struct thread *t = thread_find(number);

	if (!t || t->process != at->process)
		return NULL;
	at->thread = t;
	at->of_thread = true;
	return &task_root;
}

const struct proc_dir task_dir = { task_next, task_child };
