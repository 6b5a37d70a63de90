/* cputime.c: reading CPU time clocks. The number of a per-process clock is made as Linux does it:
 * ~pid << 3, plus 4 for a thread, plus the kind. */
#include "time/cputime.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "thread/account.h"
#include "thread/sched.h"

static nsec_t process_cpu_time(struct process *p, enum cputime_kind kind)
{
	bool user_only = kind == CPUTIME_VIRTUAL;
	nsec_t total = p->dead_utime + (user_only ? 0 : p->dead_stime);
	struct thread *t;

	list_for_each(t, &p->threads, in_process)
		total += user_only ? thread_user_time(t) : thread_cpu_time(t);
	return total;
}

static int parse_thread(struct cpu_clock *c, kpid_t tid)
{
	struct thread *t = tid ? thread_find(tid) : current;

	if (!t || t->process != current->process)
		return -EINVAL;
	c->tid = t->tid;
	return 0;
}

static int parse_process(struct cpu_clock *c, kpid_t pid)
{
	struct process *p = pid ? process_find(pid) : current->process;

	if (!p)
		return -EINVAL;
	c->pid = p->pid;
	return 0;
}

int cpu_clock_parse(int clock, struct cpu_clock *out)
{
	kpid_t id = ~(clock >> 3);

	*out = (struct cpu_clock){ .kind = CPUTIME_SCHED };
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return parse_process(out, 0);
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return parse_thread(out, 0);
	if (clock >= 0 || (clock & 3) == 3)
		return -EINVAL;
	out->kind = (enum cputime_kind)(clock & 3);
	return clock & 4 ? parse_thread(out, id) : parse_process(out, id);
}

bool cpu_clock_read(const struct cpu_clock *c, nsec_t *now)
{
	struct process *p;
	struct thread *t;

	if (c->tid) {
		t = thread_find(c->tid);
		if (t)
			*now = c->kind == CPUTIME_VIRTUAL ? thread_user_time(t) : thread_cpu_time(t);
		return t;
	}
	p = process_find(c->pid);
	if (p)
		*now = process_cpu_time(p, c->kind);
	return p;
}
