/* process.h: a process: what its threads share.
 *
 * Lifetime: created by process_create (ref 1 for the pid table), gets threads, becomes a zombie when
 * the last thread ends (status kept), is reaped by wait4 of its parent (or by init), then put.
 * pid 1 is the LibOS's own init: it reaps orphans. All fields: giant lock. */
#pragma once
#include "base/list.h"
#include "fs/path.h"
#include "sync/waitq.h"
#include "thread/thread.h"

struct vm_space;
struct fdtable;
struct file;
struct sighand;

#define RLIM_NLIMITS 16
#define RLIM_INFINITY (~0UL)
struct rlimit {
	uint64_t cur, max;
};

#define NGROUPS_MAX 65536
struct group_list { /* sorted, never changed: credentials share it */
	unsigned ref;
	uint32_t n;
	uint32_t gid[];
};
struct group_list *groups_get(struct group_list *g); /* NULL stays NULL */
void groups_put(struct group_list *g);
struct cred {
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
	struct group_list *groups; /* referenced; NULL: none */
	uint64_t cap_effective, cap_permitted, cap_inheritable, cap_ambient, cap_bounding;
	uint32_t securebits;       /* SECBIT_* */
};

/* What CLONE_FS shares. */
struct fs_info {
	unsigned ref;
	struct path root, cwd;
	uint32_t umask;
	struct mount_ns *ns; /* fs/mount_ns.c; NULL: the first one */
};

struct session; /* process/session.c */

struct process {
	unsigned ref;
	kpid_t pid;
	struct process *parent;        /* never NULL but for init */
	struct list children, sibling; /* parent's children */
	struct list tracees;           /* struct tracee.node: threads it traces (ptrace/) */
	bool held_by_tracer;           /* a zombie its parent does not know of yet */
	struct eip_peer *elsewhere;    /* it lives in the enclave behind this neighbour (eip/): no threads, no memory; NULL: here */
	bool passed_on;                /* eip: a process of the parent's enclave, or above, has become its parent (eip/orphan.c) */
	struct list threads;
	unsigned nthreads;
	struct thread *leader;         /* NULL once the leading thread has ended */
	kpid_t pgid, sid;
	struct list all_node;

	struct vm_space *space;        /* vfork child: the parent's, until exec; NULL in a zombie */
	struct fdtable *files;
	struct fs_info *fs;
	struct cred cred;
	struct time_ns *time_ns, *time_ns_children; /* time/timens.h: referenced; NULL: the initial one */
	struct landlock_layer *landlock; /* referenced; NULL: not restricted */
	struct rlimit rlim[RLIM_NLIMITS];

	struct sighand *sighand;
	sigset64 sig_pending;          /* shared pending */
	struct list sig_queue;
	bool stopped, stop_reported, cont_reported;
	int stop_signal;

	struct path exe;
	uaddr_t arg_start, arg_end, env_start, env_end; /* in the process' memory */
	uaddr_t auxv_start, auxv_end;  /* likewise */
	uaddr_t brk_start;
	bool zombie, exec_done, group_exit, dumpable, no_new_privs, child_subreaper;
	bool nproc_exceeded;           /* a set*uid call led to a user with too many: execve fails while that is so */
	bool thp_disabled, io_flusher; /* prctl settings, kept and given back */
	uint8_t mce_policy;            /* likewise: PR_MCE_KILL */
	uint32_t last_policy, last_rt_priority; /* of its leader, which has ended: sched_get* of a zombie */
	int exit_status;               /* as wait4 reports it */
	int exit_signal;               /* sent to the parent; SIGCHLD usually */
	int pdeath_signal;
	uint32_t personality;
	int16_t oom_score_adj, oom_score_adj_min; /* kept for /proc; no one is killed for memory */
	struct waitq child_exit;       /* wait4 sleeps here (parent's own queue) */
	struct waitq vfork_done;       /* the parent sleeps here until exec or exit */
	bool vfork_pending;
	struct waitq ended;            /* pidfds wait here for the end */
	bool reaped;                   /* no zombie any more, only references are left */
	struct waitq thread_exit;      /* exec sleeps here until the other threads have ended */
	bool files_shared, sighand_shared; /* perhaps with another process (CLONE_FILES, CLONE_SIGHAND) */
	struct list itimers;           /* time/ */
	struct key *session_keyring, *process_keyring; /* keys/: referenced; NULL: none yet */
	struct list aio_contexts;      /* aio/ */
	struct list sem_undos;         /* sysv/: what SEM_UNDO gives back at the end */
	struct uts_ns *uts;            /* referenced; NULL: the initial one */
	void *tty;                     /* controlling terminal, fs/devfs */
	uint64_t start_time;           /* ns since boot */
	nsec_t child_utime, child_stime;
	nsec_t dead_utime, dead_stime; /* of threads that have ended */
	uint64_t min_flt, maj_flt, child_min_flt, child_maj_flt;
	uint64_t max_rss, child_max_rss; /* bytes; max_rss: of a program that is gone (exec, exit) */
	struct cpu_limit *cpu_limit;   /* RLIMIT_CPU: NULL while infinite */
	uint64_t timer_slack, default_slack; /* ns; kept for prctl: timers are exact anyway */
	uint64_t request_id;           /* nonzero: the host asked for it and wants its exit status */
	struct waitq sigfd_wait;       /* signal/send.c wakes it for every signal made pending: signalfd */
	uint32_t membarrier_registered; /* MEMBARRIER_REGISTER_* commands given */
};

extern struct list process_all; /* every process incl. zombies, by all_node, pid order of creation */
struct process *process_find(kpid_t pid); /* no reference; valid until the next sleep */
struct process *process_get(struct process *p);
void process_put(struct process *p);
static inline struct process *current_process(void) { return thread_current()->process; }
/* The descriptors t uses; NULL when its process has given them up. */
static inline struct fdtable *thread_files(const struct thread *t)
{
	return t->own_files ? t->own_files : t->process->files;
}
static inline struct fdtable *current_files(void) { return thread_files(thread_current()); }
/* Is gid a supplementary group? */
static inline bool cred_in_groups(const struct cred *c, uint32_t gid)
{
	uint32_t low = 0, high = c->groups ? c->groups->n : 0;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (c->groups->gid[mid] == gid)
			return true;
		if (c->groups->gid[mid] < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}
/* Has the current process the capability? */
bool capable(int cap);

/* Tells p's parent of a change of state: wakes its wait4 and, unless it asked not to be told, sends SIGCHLD
 * with code CLD_* and status (exit code or signal number). Sets nothing in p. Never sleeps. */
void process_notify_parent(struct process *p, int code, int status);
/* User and system time of all threads, living and dead. */
void process_times(const struct process *p, nsec_t *utime, nsec_t *stime);
/* Real parent's pid as getppid() says. */
static inline kpid_t process_ppid(const struct process *p) { return p->parent ? p->parent->pid : 0; }
extern struct process *init_process; /* pid 1 */

/* A program the operator asked for, as checked by process/init.c. Kernel memory. */
struct host_request;
struct spawn_request {
	const struct host_request *host; /* for config_build_env and the id */
	const char *cwd, *path;          /* path as typed: looked up in PATH if it has no slash */
	const char *args;                /* argc strings back to back */
	unsigned argc;
};
/* Boot: pid 1 and the thread that serves the host's requests. */
void process_init(void);
/* Ends the whole group with a wait status; returns only for other threads than current. */
void process_group_exit(struct process *p, int status);
/* The current thread ends (exit(2)) with a wait status; the last one ends the process. */
void thread_do_exit(int status) noreturn_fn;
