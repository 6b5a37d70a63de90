/* queue.c: sets of pending signals, and how many each user has queued.
 *
 * Invariant: a bit is set in *set exactly if the signal is pending; entries of the queue carry its data.
 * A bit without an entry means that the data was lost (queue full, no memory) or never mattered (SIGKILL).
 * Standard signals are pending at most once, realtime signals (from SIGRTMIN on) any number of times, in order. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "signal/internal.h"

struct sig_account {
	struct list node;
	uint32_t uid;
	unsigned count;
};

static struct list accounts = LIST_INIT(accounts);

static struct sig_account *account_find(uint32_t uid)
{
	struct sig_account *a;

	list_for_each(a, &accounts, node)
		if (a->uid == uid)
			return a;
	return NULL;
}

static struct sig_account *account_get(uint32_t uid)
{
	struct sig_account *a = account_find(uid);

	if (!a) {
		a = kzalloc(sizeof(*a));
		if (!a)
			return NULL;
		a->uid = uid;
		list_push_back(&accounts, &a->node);
	}
	a->count++;
	return a;
}

/* The last user's who has none queued any more is kept: the next signal will often be his. */
static void account_put(struct sig_account *a)
{
	static struct sig_account *idle;

	if (--a->count)
		return;
	if (idle && idle != a && !idle->count) {
		list_remove(&idle->node);
		kfree(idle);
	}
	idle = a;
}

unsigned sigqueue_count(uint32_t uid)
{
	struct sig_account *a = account_find(uid);

	return a ? a->count : 0;
}

struct sig_account *sigqueue_charge(const struct process *p)
{
	if (sigqueue_count(p->cred.uid) >= p->rlim[RLIMIT_SIGPENDING].cur)
		return NULL;
	return account_get(p->cred.uid);
}

void sigqueue_uncharge(struct sig_account *a)
{
	account_put(a);
}

struct pending pending_of_process(struct process *p)
{
	return (struct pending){ &p->sig_pending, &p->sig_queue };
}

static struct sigqueue *spare; /* an entry that was taken: most signals are taken before the next is sent */

static struct sigqueue *entry_alloc(struct process *charge, bool limited)
{
	struct sigqueue *q;

	if (limited && sigqueue_count(charge->cred.uid) >= charge->rlim[RLIMIT_SIGPENDING].cur)
		return NULL;
	q = spare ? spare : kmalloc(sizeof(*q));
	if (!q)
		return NULL;
	spare = NULL;
	list_init(&q->node);
	q->taken = NULL;
	q->account = account_get(charge->cred.uid);
	if (q->account)
		return q;
	kfree(q);
	return NULL;
}

static void entry_free(struct sigqueue *q)
{
	list_remove(&q->node);
	if (q->taken)
		return;
	account_put(q->account);
	if (spare)
		kfree(q);
	else
		spare = q;
}

int pending_add(struct pending to, int sig, const struct siginfo *info, struct process *charge)
{
	struct sigqueue *q;
	/* Standard signals from the kernel or from kill() may always be queued. */
	bool limited = sig >= SIGRTMIN || (info->code < 0 && info->code != SI_TKILL);

	if (sig < SIGRTMIN && (*to.set & sigmask_of(sig)))
		return 0;
	q = sig == SIGKILL ? NULL : entry_alloc(charge, limited);
	if (q) {
		q->info = *info;
		list_push_back(to.queue, &q->node);
	} else if (sig >= SIGRTMIN && info->code != SI_USER) {
		return -EAGAIN;
	}
	*to.set |= sigmask_of(sig);
	return 0;
}

/* The signal to take next, 0 if none. */
static int pending_first(sigset64 set)
{
	if (set & SIG_SYNCHRONOUS)
		set &= SIG_SYNCHRONOUS;
	return set ? __builtin_ctzl(set) + 1 : 0;
}

int pending_take(struct pending from, sigset64 mask, struct siginfo *out)
{
	int sig = pending_first(*from.set & mask);
	struct sigqueue *q, *first = NULL;
	bool more = false;

	if (!sig)
		return 0;
	list_for_each(q, from.queue, node) {
		if (q->info.signo != sig)
			continue;
		more = first != NULL;
		if (more)
			break;
		first = q;
	}
	if (!more)
		*from.set &= ~sigmask_of(sig);
	if (!first) {
		*out = (struct siginfo){ .signo = sig };
		return sig;
	}
	*out = first->info;
	if (first->taken) {
		list_remove(&first->node);
		first->taken(first, out);
	} else {
		entry_free(first);
	}
	return sig;
}

void pending_discard(struct pending from, sigset64 mask)
{
	struct sigqueue *q, *tmp;

	if (!(*from.set & mask))
		return;
	*from.set &= ~mask;
	list_for_each_safe(q, tmp, from.queue, node)
		if (mask & sigmask_of(q->info.signo))
			entry_free(q);
}

void pending_drop_entry(struct pending from, struct sigqueue *q)
{
	struct sigqueue *other;
	int sig = q->info.signo;

	list_remove(&q->node);
	list_for_each(other, from.queue, node)
		if (other->info.signo == sig)
			return;
	*from.set &= ~sigmask_of(sig);
}
