/* ktimer.c: pending timers in a list sorted by deadline, searched from the far end, where new ones go. */
#include "time/ktimer.h"

static struct list timers = LIST_INIT(timers);
static volatile nsec_t next_deadline = NSEC_NEVER;

static void update_next(void)
{
	next_deadline = list_empty(&timers) ? NSEC_NEVER : list_first(&timers, struct ktimer, node)->deadline;
}

void ktimer_init(struct ktimer *t, void (*fn)(struct ktimer *t))
{
	*t = (struct ktimer){ .fn = fn };
	list_init(&t->node);
}

void ktimer_arm(struct ktimer *t, nsec_t deadline)
{
	struct list *at;

	ktimer_cancel(t); /* before looking: it may be the last itself */
	at = timers.prev;
	while (at != &timers && list_entry(at, struct ktimer, node)->deadline > deadline)
		at = at->prev;
	t->deadline = deadline;
	t->armed = true;
	list_insert_after(&t->node, at);
	update_next();
}

bool ktimer_cancel(struct ktimer *t)
{
	bool was = t->armed;

	if (was) {
		list_remove(&t->node);
		t->armed = false;
		update_next();
	}
	return was;
}

nsec_t ktimer_next(void)
{
	return next_deadline;
}

bool ktimer_due(void)
{
	nsec_t next = next_deadline;

	return next != NSEC_NEVER && next <= clock_mono();
}

void ktimer_run(void)
{
	nsec_t now = clock_mono();

	while (next_deadline <= now) {
		struct ktimer *t = list_first(&timers, struct ktimer, node);

		ktimer_cancel(t);
		t->fn(t);
	}
}
