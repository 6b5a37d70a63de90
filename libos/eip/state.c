/* state.c: who a process is: what execve and fork keep but memory and descriptors.
 *
 * One struct, as both sides are the same code, then what has no fixed size. */
#include "eip/state.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/devfs/tty.h"
#include "fs/path.h"
#include "linux/errno.h"
#include "process/internal.h"
#include "signal/internal.h"

struct state {
	struct rlimit rlim[RLIM_NLIMITS];
	struct cred cred; /* without groups */
	struct user_sigaction action[NSIG];
	sigset64 blocked;
	struct altstack altstack;
	uint64_t timer_slack, default_slack, affinity, deadline[3];
	uint32_t umask, personality, policy, rt_priority, ioprio, parent_death;
	int32_t nice, exit_signal, oom, oom_min;
	uint64_t tty;        /* device; 0: none */
	kpid_t tty_sid, tty_pgrp;
	char comm[TASK_COMM_LEN];
	bool dumpable, no_new_privs, thp_disabled, io_flusher, reset_on_fork, nproc_exceeded;
	uint8_t mce_policy;
};

static struct cred become; /* what eip_state_unpack read */
static uint64_t become_tty;
static kpid_t become_tty_sid, become_tty_pgrp;

void eip_head_fill(struct eip_head *h, const struct process *p, kpid_t first_pid)
{
	*h = (struct eip_head){
		.pid = p->pid, .pgid = p->pgid, .sid = p->sid,
		.parent = p->parent->pid, .parent_pgid = p->parent->pgid, .parent_sid = p->parent->sid,
		.parent_uid = p->parent->cred.uid, .first_pid = first_pid,
	};
}

static void pack_directory(struct pack *out, const struct path *at)
{
	char *buf = kmalloc(PATH_MAX), *name = NULL;

	if (!buf || path_name(at, buf, PATH_MAX, &name) || name[0] != '/')
		name = NULL; /* deleted or out of reach */
	pack_string(out, name ? name : "/");
	kfree(buf);
}

/* From the first root: the new process changes to it before all else. Names are those that the current process sees; it is the
 * one that goes, or its parent, which has the same root. */
static void pack_root(struct pack *out)
{
	struct fs_info *fs = current_process()->fs;
	struct path root = fs->root;

	fs->root = init_process->fs->root;
	pack_directory(out, &root);
	fs->root = root;
}

void eip_state_pack(struct pack *out, const struct process *p, const struct thread *t)
{
	const struct tty *tty = p->tty;
	struct state *s = kzalloc(sizeof(*s));

	if (!s) {
		out->failed = true;
		return;
	}
	memcpy(s->rlim, p->rlim, sizeof(s->rlim));
	memcpy(s->action, p->sighand->action, sizeof(s->action));
	memcpy(s->comm, t->comm, sizeof(s->comm));
	memcpy(s->deadline, t->deadline, sizeof(s->deadline));
	s->cred = p->cred;
	s->cred.groups = NULL;
	s->blocked = t->sig_restore_mask ? t->sig_saved : t->sig_blocked;
	s->altstack = t->altstack;
	s->timer_slack = p->timer_slack;
	s->default_slack = p->default_slack;
	s->affinity = t->affinity;
	s->umask = p->fs->umask;
	s->personality = p->personality;
	s->policy = t->policy;
	s->rt_priority = t->rt_priority;
	s->ioprio = t->ioprio;
	s->parent_death = (uint32_t)p->pdeath_signal;
	s->nice = t->nice;
	s->exit_signal = p->exit_signal;
	s->oom = p->oom_score_adj;
	s->oom_min = p->oom_score_adj_min;
	s->dumpable = p->dumpable;
	s->no_new_privs = p->no_new_privs;
	s->thp_disabled = p->thp_disabled;
	s->io_flusher = p->io_flusher;
	s->reset_on_fork = t->reset_on_fork;
	s->nproc_exceeded = p->nproc_exceeded;
	s->mce_policy = p->mce_policy;
	if (tty) {
		s->tty = tty->device;
		s->tty_sid = tty->sid;
		s->tty_pgrp = tty->pgrp;
	}
	pack_bytes(out, s, sizeof(*s));
	kfree(s);
	pack_root(out);
	pack_directory(out, &p->fs->cwd);
	pack_blob(out, p->cred.groups ? p->cred.groups->gid : NULL,
		  p->cred.groups ? p->cred.groups->n * sizeof(p->cred.groups->gid[0]) : 0);
}

static void take_process(struct process *p, const struct state *s)
{
	memcpy(p->rlim, s->rlim, sizeof(p->rlim));
	memcpy(p->sighand->action, s->action, sizeof(s->action));
	p->fs->umask = s->umask;
	p->timer_slack = s->timer_slack;
	p->default_slack = s->default_slack;
	p->personality = s->personality;
	p->pdeath_signal = (int)s->parent_death;
	p->exit_signal = s->exit_signal;
	p->oom_score_adj = (int16_t)s->oom;
	p->oom_score_adj_min = (int16_t)s->oom_min;
	p->dumpable = s->dumpable;
	p->no_new_privs = s->no_new_privs;
	p->thp_disabled = s->thp_disabled;
	p->io_flusher = s->io_flusher;
	p->nproc_exceeded = s->nproc_exceeded;
	p->mce_policy = s->mce_policy;
}

static void take_thread(struct thread *t, const struct state *s)
{
	memcpy(t->comm, s->comm, sizeof(t->comm));
	memcpy(t->deadline, s->deadline, sizeof(t->deadline));
	t->sig_blocked = s->blocked;
	t->altstack = s->altstack;
	t->affinity = s->affinity;
	t->policy = s->policy;
	t->rt_priority = s->rt_priority;
	t->ioprio = (uint16_t)s->ioprio;
	t->nice = s->nice;
	t->reset_on_fork = s->reset_on_fork;
}

/* Where the parent's directory is not seen, the child begins in "/". */
static void enter(struct path *at, const char *name)
{
	struct path to;
	int err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &to);

	if (err) {
		log_info("eip: the directory %s of the parent process is not seen here: error %d", name, -err);
		return;
	}
	path_put(at);
	*at = to;
}

static int unpack_groups(struct unpack *u, struct group_list **out)
{
	size_t size;
	const void *gids = unpack_blob(u, &size);
	struct group_list *g = size ? kmalloc(sizeof(*g) + size) : NULL;

	*out = g;
	if (!size)
		return u->failed ? -EINVAL : 0;
	if (!g)
		return -ENOMEM;
	g->ref = 1;
	g->n = (uint32_t)(size / sizeof(g->gid[0]));
	memcpy(g->gid, gids, size);
	return 0;
}

int eip_state_unpack(struct process *p, struct thread *t, struct unpack *u)
{
	struct state *s = kmalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	unpack_bytes(u, s, sizeof(*s));
	if (!u->failed) {
		take_process(p, s);
		take_thread(t, s);
		become = s->cred;
		become_tty = s->tty;
		become_tty_sid = s->tty_sid;
		become_tty_pgrp = s->tty_pgrp;
	}
	kfree(s);
	enter(&p->fs->root, unpack_string(u));
	enter(&p->fs->cwd, unpack_string(u));
	return unpack_groups(u, &become.groups);
}

void eip_state_become(struct process *p)
{
	struct tty *tty = become_tty ? host_tty_by_device(become_tty) : NULL;

	groups_put(p->cred.groups);
	p->cred = become;
	if (!tty)
		return;
	tty->sid = become_tty_sid;
	tty->pgrp = become_tty_pgrp;
	p->tty = tty;
}
