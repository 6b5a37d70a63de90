/* cpu_limit.c: a timer on the process' CPU time: SIGXCPU at the soft limit and every second from
 * there on, SIGKILL at the hard one. Exists only while the limit is finite. */
#include "process/cpu_limit.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"
#include "time/utimer.h"

struct cpu_limit {
	struct utimer timer;
	struct process *process;
};

/* A limit in ns of CPU time; 0 seconds counts as 1, as in Linux. */
static nsec_t limit_ns(uint64_t seconds)
{
	return seconds >= NSEC_NEVER / NSEC_PER_SEC ? NSEC_NEVER - 1
						    : MAX(seconds, 1UL) * NSEC_PER_SEC;
}

static void limit_reached(struct utimer *u)
{
	struct process *p = container_of(u, struct cpu_limit, timer)->process;
	const struct rlimit *lim = &p->rlim[RLIMIT_CPU];
	nsec_t now = utimer_now(u);

	if (now >= limit_ns(lim->max)) {
		signal_send_process(p, SIGKILL, NULL);
		return;
	}
	if (now >= limit_ns(lim->cur))
		signal_send_process(p, SIGXCPU, NULL);
	utimer_arm(u, MIN(MAX(limit_ns(lim->cur), now + NSEC_PER_SEC), limit_ns(lim->max)));
}

int cpu_limit_update(struct process *p)
{
	const struct cpu_clock clock = { .kind = CPUTIME_SCHED, .pid = p->pid };
	struct cpu_limit *l = p->cpu_limit;

	if (p->rlim[RLIMIT_CPU].cur == RLIM_INFINITY) {
		cpu_limit_drop(p);
		return 0;
	}
	if (!l) {
		l = kzalloc(sizeof(*l));
		if (!l)
			return -ENOMEM;
		l->process = p;
		utimer_init(&l->timer, limit_reached, &clock);
		p->cpu_limit = l;
	}
	utimer_arm(&l->timer, limit_ns(p->rlim[RLIMIT_CPU].cur));
	return 0;
}

void cpu_limit_drop(struct process *p)
{
	if (!p->cpu_limit)
		return;
	utimer_disarm(&p->cpu_limit->timer);
	kfree(p->cpu_limit);
	p->cpu_limit = NULL;
}
