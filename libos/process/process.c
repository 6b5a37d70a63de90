/* process.c: making, finding and dropping processes.
 *
 * References: one for the process table (from process_create to process_reap); others only by those
 * who keep a process over a sleep. The parent pointer holds no reference: exit gives the children
 * away first. A process owns a reference to each of space, files, fs, sighand and exe; all are gone
 * in a zombie. */
#include "process/process.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/inode.h"
#include "keys/keys.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "linux/prctl.h"
#include "linux/signal.h"
#include "process/cpu_limit.h"
#include "process/internal.h"
#include "process/namespace.h"
#include "process/pid.h"
#include "signal/signal.h"
#include "thread/account.h"
#include "thread/sched.h"
#include "time/clock.h"
#include "time/timens.h"
#include "vm/vm.h"

struct list process_all = LIST_INIT(process_all);
struct process *init_process;
unsigned process_limit = UINT32_MAX;
static unsigned processes; /* zombies too */

struct fs_info *fs_info_create(void)
{
	struct fs_info *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->ref = 1;
	fs->umask = 022;
	return fs;
}

struct fs_info *fs_info_get(struct fs_info *fs)
{
	fs->ref++;
	return fs;
}

struct fs_info *fs_info_copy(struct fs_info *fs)
{
	struct fs_info *copy = fs_info_create();

	if (!copy)
		return NULL;
	copy->umask = fs->umask;
	copy->root = fs->root;
	copy->cwd = fs->cwd;
	copy->ns = mount_ns_get(fs->ns);
	path_get(&copy->root);
	path_get(&copy->cwd);
	return copy;
}

void fs_info_put(struct fs_info *fs)
{
	if (!fs || --fs->ref)
		return;
	path_put(&fs->root);
	path_put(&fs->cwd);
	mount_ns_put(fs->ns);
	kfree(fs);
}

struct process *process_get(struct process *p)
{
	p->ref++;
	return p;
}

void process_put(struct process *p)
{
	if (--p->ref)
		return;
	groups_put(p->cred.groups);
	landlock_put(p->landlock);
	uts_ns_put(p->uts);
	time_ns_put(p->time_ns);
	time_ns_put(p->time_ns_children);
	kfree(p);
}

static void process_init_fields(struct process *p)
{
	p->ref = 1;
	list_init(&p->children);
	list_init(&p->tracees);
	list_init(&p->sibling);
	list_init(&p->threads);
	list_init(&p->all_node);
	list_init(&p->sig_queue);
	list_init(&p->itimers);
	list_init(&p->sem_undos);
	list_init(&p->aio_contexts);
	waitq_init(&p->child_exit);
	waitq_init(&p->vfork_done);
	waitq_init(&p->sigfd_wait);
	waitq_init(&p->ended);
	waitq_init(&p->thread_exit);
	p->exit_signal = SIGCHLD;
	p->dumpable = true;
	p->cont_reported = true;
	p->timer_slack = p->default_slack = 50000;
	p->mce_policy = PR_MCE_KILL_DEFAULT;
	p->start_time = clock_boot();
}

/* What a child has from its parent, whatever it shares with it. */
static void process_inherit(struct process *p, const struct process *parent)
{
	p->cred = parent->cred;
	groups_get(p->cred.groups);
	p->landlock = landlock_get(parent->landlock);
	p->time_ns_children = time_ns_get(parent->time_ns_children);
	time_ns_enter_pending(p);
	p->uts = parent->uts ? uts_ns_get(parent->uts) : NULL;
	memcpy(p->rlim, parent->rlim, sizeof(p->rlim));
	p->timer_slack = p->default_slack = parent->timer_slack;
	p->personality = parent->personality;
	p->oom_score_adj = parent->oom_score_adj;
	p->oom_score_adj_min = parent->oom_score_adj_min;
	p->dumpable = parent->dumpable;
	p->no_new_privs = parent->no_new_privs;
	p->nproc_exceeded = parent->nproc_exceeded;
	p->thp_disabled = parent->thp_disabled;
	p->io_flusher = parent->io_flusher;
	p->mce_policy = parent->mce_policy;
	p->tty = parent->tty;
	keys_inherit(p, parent);
	p->arg_start = parent->arg_start;
	p->arg_end = parent->arg_end;
	p->env_start = parent->env_start;
	p->env_end = parent->env_end;
	p->auxv_start = parent->auxv_start;
	p->auxv_end = parent->auxv_end;
	p->brk_start = parent->brk_start;
}

/* It has a number, and nothing can fail any more. */
static void process_enter(struct process *p, struct process *parent, kpid_t pid)
{
	process_init_fields(p);
	p->pid = pid;
	if (parent) {
		process_inherit(p, parent);
		p->parent = parent;
		list_push_back(&parent->children, &p->sibling);
	} else {
		cred_init_root(&p->cred);
		rlimits_default(p->rlim);
	}
	processes++;
	pid_attach(pid, p);
	p->pgid = parent ? parent->pgid : pid;
	p->sid = parent ? parent->sid : pid;
	pid_hold(p->pgid);
	pid_hold(p->sid);
	list_push_back(&process_all, &p->all_node);
}

int process_create_elsewhere(struct process *parent, kpid_t pid, struct process **out)
{
	*out = kzalloc(sizeof(**out));
	if (!*out)
		return -ENOMEM;
	process_enter(*out, parent, pid);
	return 0;
}

int process_create(struct process *parent, struct thread *leader, struct process **out)
{
	struct process *p;
	kpid_t pid;

	if (processes >= process_limit)
		return -EAGAIN;
	p = kzalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	pid = tid_alloc(leader);
	if (pid < 0) {
		kfree(p);
		return pid;
	}
	process_enter(p, parent, pid);
	process_add_thread(p, leader);
	p->leader = leader;
	if (cpu_limit_update(p))
		log_warn("process %d: no memory to watch its CPU time", p->pid);
	*out = p;
	return 0;
}

void process_add_thread(struct process *p, struct thread *t)
{
	t->process = p;
	list_push_back(&p->threads, &t->in_process);
	p->nthreads++;
}

void process_remove_thread(struct process *p, struct thread *t)
{
	list_remove(&t->in_process);
	p->nthreads--;
	if (p->leader == t) {
		p->leader = NULL;
		p->last_policy = t->policy;
		p->last_rt_priority = t->rt_priority;
	}
	p->dead_utime += thread_user_time(t);
	p->dead_stime += thread_cpu_time(t) - thread_user_time(t);
	p->min_flt += t->min_flt;
	p->maj_flt += t->maj_flt;
	t->process = NULL;
}

void process_discard(struct process *p, struct thread *leader)
{
	process_remove_thread(p, leader);
	tid_free(leader->tid);
	leader->tid = 0;
	process_drop_resources(p);
	process_reap(p);
}

void process_reap(struct process *p)
{
	assert(list_empty(&p->children) && !p->nthreads);
	cpu_limit_drop(p);
	p->reaped = p->zombie = true;
	processes--;
	list_remove(&p->all_node);
	list_remove(&p->sibling);
	pid_release(p->pgid);
	pid_release(p->sid);
	pid_detach(p->pid);
	process_put(p);
}

void process_set_exe(struct process *p, const struct path *path)
{
	struct path old = p->exe;

	p->exe = *path;
	if (path->dentry) {
		path_get(path);
		path->dentry->inode->deny_write++;
	}
	if (old.dentry) {
		old.dentry->inode->deny_write--;
		path_put(&old);
	}
}

void process_vfork_release(struct process *p)
{
	if (!p->vfork_pending)
		return;
	p->vfork_pending = false;
	waitq_wake_all(&p->vfork_done, 0);
}

/* Pointers are taken away first: what follows may sleep, and others must not see half-dead
 * resources. */
void process_drop_resources(struct process *p)
{
	struct vm_space *space = p->space;
	struct vm_stats stats;
	struct fdtable *files = p->files;
	struct fs_info *fs = p->fs;
	struct sighand *sighand = p->sighand;
	static const struct path none;

	keys_process_exit(p);
	p->files = NULL;
	if (files)
		fdtable_put(files);
	p->space = NULL;
	if (space) {
		vm_space_stats(space, &stats);
		p->max_rss = MAX(p->max_rss, stats.peak_resident);
		vm_space_put(space);
	}
	process_set_exe(p, &none);
	p->fs = NULL;
	fs_info_put(fs);
	p->sighand = NULL;
	if (sighand)
		sighand_put(sighand);
}

void process_times(const struct process *p, nsec_t *utime, nsec_t *stime)
{
	struct thread *t;

	*utime = p->dead_utime;
	*stime = p->dead_stime;
	list_for_each(t, &p->threads, in_process) {
		*utime += thread_user_time(t);
		*stime += thread_cpu_time(t) - thread_user_time(t);
	}
}
