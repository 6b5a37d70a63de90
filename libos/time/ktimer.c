/* ktimer.c: pending timers in a tree ordered by deadline; equal ones in the order they were armed. */
#include "time/ktimer.h"

static struct tree timers;
volatile nsec_t ktimer_deadline = NSEC_NEVER;

static struct ktimer *first(void)
{
	return tree_entry_or_null(tree_first(&timers), struct ktimer, node);
}

static void update_next(void)
{
	ktimer_deadline = timers.root ? first()->deadline : NSEC_NEVER;
}

void ktimer_init(struct ktimer *t, void (*fn)(struct ktimer *t))
{
	*t = (struct ktimer){ .fn = fn };
}

void ktimer_arm(struct ktimer *t, nsec_t deadline)
{
	struct tree_node **link = &timers.root, *parent = NULL;

	ktimer_cancel(t);
	while (*link) {
		parent = *link;
		link = deadline < tree_entry(parent, struct ktimer, node)->deadline ? &parent->left : &parent->right;
	}
	t->deadline = deadline;
	t->armed = true;
	tree_link(&timers, &t->node, parent, link);
	if (deadline < ktimer_deadline)
		ktimer_deadline = deadline;
}

bool ktimer_cancel(struct ktimer *t)
{
	if (!t->armed)
		return false;
	tree_erase(&timers, &t->node);
	t->armed = false;
	if (t->deadline <= ktimer_deadline)
		update_next();
	return true;
}

void ktimer_run(void)
{
	nsec_t now = clock_mono();

	while (ktimer_deadline <= now) {
		struct ktimer *t = first();

		ktimer_cancel(t);
		t->fn(t);
	}
}
