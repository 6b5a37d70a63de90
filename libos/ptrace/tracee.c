/* tracee.c: who traces whom, from attaching to the last wait. */
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/ptrace.h"
#include "linux/wait.h"
#include "process/internal.h"
#include "process/wait.h"
#include "ptrace/ptrace.h"

int tracee_attach(struct thread *t, struct process *tracer, bool seized, uint32_t options)
{
	struct tracee *tr;

	if (t->trace)
		return -EPERM;
	tr = kzalloc(sizeof(*tr));
	if (!tr)
		return -ENOMEM;
	tr->tracer = tracer;
	tr->process = process_get(t->process);
	tr->thread = t;
	tr->tid = t->tid;
	tr->seized = seized;
	tr->options = options;
	list_push_back(&tracer->tracees, &tr->node);
	t->trace = tr;
	return 0;
}

static void tracee_free(struct tracee *tr)
{
	list_remove(&tr->node);
	process_put(tr->process);
	kfree(tr);
}

void tracee_detach(struct tracee *tr)
{
	struct thread *t = tr->thread;

	tracee_fail_memory(tr);
	if (t) {
		t->trace = NULL;
		t->sig_check = true; /* its group may be stopped */
		if (tr->stopped)
			thread_wake(t, false);
		else
			thread_interrupt(t, false);
	}
	tracee_free(tr);
}

bool ptrace_by_parent(const struct process *p)
{
	return p->leader && p->leader->trace && p->leader->trace->tracer == p->parent;
}

kpid_t ptrace_tracer_pid(const struct thread *t)
{
	return t && t->trace ? t->trace->tracer->pid : 0;
}

void ptrace_thread_gone(struct thread *t, int status)
{
	struct tracee *tr = t->trace;
	bool leads = t->tid == t->process->pid;

	if (!tr)
		return;
	t->trace = NULL;
	tr->thread = NULL;
	tr->stopped = false;
	if (leads && tr->tracer == t->process->parent) {
		tracee_free(tr); /* the parent will wait for the process */
		return;
	}
	if (leads) /* told when the whole process has ended */
		return;
	tr->dead = true;
	tr->status = status;
	waitq_wake_all(&tr->tracer->child_exit, 0);
}

bool ptrace_holds_zombie(struct process *p)
{
	struct process *tracer;
	struct tracee *tr;

	list_for_each(tracer, &process_all, all_node) {
		list_for_each(tr, &tracer->tracees, node) {
			if (tr->process != p || tr->tid != p->pid || tr->thread || tr->dead)
				continue;
			tr->dead = true;
			tr->status = p->exit_status;
			p->held_by_tracer = true;
			waitq_wake_all(&tracer->child_exit, 0);
			return true;
		}
	}
	return false;
}

/* The end of a thread has been seen by the tracer, or never will be. */
static void release_dead(struct tracee *tr)
{
	struct process *p = process_get(tr->process);
	bool leads = tr->tid == p->pid;

	tracee_free(tr);
	if (leads && p->held_by_tracer) {
		p->held_by_tracer = false;
		process_zombie_release(p);
	}
	process_put(p);
}

void ptrace_tracer_gone(struct process *p)
{
	struct tracee *tr, *tmp;

	list_for_each_safe(tr, tmp, &p->tracees, node) {
		struct process *kill = tr->options & PTRACE_O_EXITKILL && !tr->dead ? process_get(tr->process) : NULL;

		if (tr->dead)
			release_dead(tr);
		else
			tracee_detach(tr);
		if (kill) {
			signal_send_process(kill, SIGKILL, NULL);
			process_put(kill);
		}
	}
}

static bool selects(const struct wait_query *q, const struct tracee *tr)
{
	if (q->type == P_PID)
		return tr->tid == q->id;
	return q->type != P_PGID || tr->process->pgid == q->id;
}

static bool has_event(const struct wait_query *q, const struct tracee *tr, struct wait_result *r)
{
	if (tr->dead && (q->options & WEXITED)) {
		r->word = tr->status;
		r->code = (tr->status & 0x7f) == 0 ? CLD_EXITED : tr->status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		r->status = r->code == CLD_EXITED ? tr->status >> 8 & 0xff : tr->status & 0x7f;
		return true;
	}
	if (!tr->stopped || tr->reported || tr->listening)
		return false;
	r->word = tr->code << 8 | 0x7f;
	r->code = CLD_TRAPPED;
	r->status = tr->code;
	return true;
}

int ptrace_wait_scan(const struct wait_query *q, struct wait_result *r, bool consume)
{
	struct tracee *tr;
	int found = -ECHILD;

	list_for_each(tr, &current->process->tracees, node) {
		if (!selects(q, tr))
			continue;
		found = 0;
		if (!has_event(q, tr, r))
			continue;
		r->pid = tr->tid;
		r->uid = tr->process->cred.uid;
		if (consume && tr->dead)
			release_dead(tr);
		else if (consume)
			tr->reported = true;
		return 1;
	}
	return found;
}
