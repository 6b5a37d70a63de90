/* futex_pi.c: futexes that are locks: the word holds the owner's tid, and the owner is as urgent as the most urgent
 * thread that waits for it.
 *
 * Nobody competes for a lock that others wait for: it is handed over, by its owner's unlock or at its death, to the first
 * waiter, which by then is in the word. A chain of owners that wait for each other may not lead back (EDEADLK), and
 * urgency travels along it. A waiter of FUTEX_WAIT_REQUEUE_PI sleeps on one word for a lock at another: whoever wakes it
 * gives it the lock or moves it to the lock's waiters.
 * Invariants: w->pi exactly while w->thread->pi_waiting is w; all waiters of one lock name the same owner. */
#include "base/log.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/usercopy.h"
#include "thread/futex_internal.h"
#include "thread/sched.h"

#define CHAIN_MAX 1024 /* owners that wait for owners; as Linux */

static struct list pi_all = LIST_INIT(pi_all);

/* The word of a lock, fit to be written: no access that follows has to sleep. */
static int load_lock(uaddr_t addr, uint32_t *seen)
{
	return user_cmpxchg32(addr, 0, 0, seen);
}

static struct futex_waiter *waiter_for(uint32_t owner)
{
	struct futex_waiter *w;

	list_for_each(w, &pi_all, all_node)
		if (w->owner == owner)
			return w;
	return NULL;
}

static uint32_t most_urgent_waiter(uint32_t owner)
{
	struct futex_waiter *w;
	uint32_t rt = 0;

	list_for_each(w, &pi_all, all_node)
		if (w->owner == owner)
			rt = MAX(rt, thread_rt(w->thread));
	return rt;
}

/* t's urgency has changed: its place in a queue, and the urgency of those whom it waits for. */
static void spread(struct thread *t)
{
	for (int i = 0; t && i < CHAIN_MAX; i++) {
		struct futex_waiter *w = t->pi_waiting;
		uint32_t rt;

		sched_reprioritise(t);
		if (!w)
			return;
		list_remove(&w->node);
		futex_insert(w);
		t = thread_find((kpid_t)w->owner);
		rt = t ? most_urgent_waiter(w->owner) : 0;
		if (!t || t->rt_boost == rt)
			return;
		t->rt_boost = rt;
	}
}

/* After somebody urgent has begun or ceased to wait for t. */
static void boost(struct thread *t)
{
	uint32_t rt = most_urgent_waiter((uint32_t)t->tid);

	if (t->rt_boost == rt)
		return;
	t->rt_boost = rt;
	spread(t);
}

void futex_pi_adjust(struct thread *t)
{
	struct thread *owner = t->pi_waiting ? thread_find((kpid_t)t->pi_waiting->owner) : NULL;

	if (t->pi_waiting) {
		list_remove(&t->pi_waiting->node);
		futex_insert(t->pi_waiting);
	}
	if (owner)
		boost(owner);
}

static void pi_enter(struct futex_waiter *w, uint32_t owner)
{
	struct thread *t = thread_find((kpid_t)owner);

	w->pi = true;
	w->owner = owner;
	w->thread->pi_waiting = w;
	list_push_back(&pi_all, &w->all_node);
	if (t && thread_rt(w->thread))
		boost(t);
}

/* From all lists; whose lock it is now is the caller's to say. */
static void pi_leave(struct futex_waiter *w)
{
	struct thread *owner = thread_find((kpid_t)w->owner);

	list_remove(&w->node);
	list_remove(&w->all_node);
	w->thread->pi_waiting = NULL;
	if (owner && owner->rt_boost)
		boost(owner);
}

/* Does owner wait, over however many locks, for t? */
static bool leads_back(uint32_t owner, const struct thread *t)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		struct thread *o = thread_find((kpid_t)owner);

		if (o == t)
			return true;
		if (!o || !o->pi_waiting)
			return false;
		owner = o->pi_waiting->owner;
	}
	return true;
}

static int owner_check(uint32_t owner)
{
	struct thread *t = thread_find((kpid_t)owner);

	if (!t || t->futex_dead)
		return -ESRCH;
	return t->process ? 0 : -EPERM;
}

/* What the word is to become, when who wants the lock. *owner 0: it gets it. */
static int next_word(const struct futex_key *key, const struct thread *who, uint32_t old, uint32_t more, uint32_t *owner,
		     uint32_t *word)
{
	const struct futex_waiter *first = futex_first(key);

	*owner = old & FUTEX_TID_MASK;
	if (*owner == (uint32_t)who->tid)
		return -EDEADLK;
	if (first) {
		if (!first->pi || (*owner != first->owner && (*owner || !(old & FUTEX_OWNER_DIED))))
			return -EINVAL;
		*owner = first->owner; /* may be about to die: then who is served in turn */
	} else if (!*owner) {
		*word = (uint32_t)who->tid | (old & FUTEX_OWNER_DIED) | more;
		return 0;
	} else if (owner_check(*owner)) {
		return owner_check(*owner);
	}
	*word = old | FUTEX_WAITERS;
	return 0;
}

/* Takes the lock for who, or marks it as waited for. 0 taken, -EAGAIN: wait for *owner, or an error. */
static int try_lock(const struct futex_key *key, const struct thread *who, uint32_t more, uint32_t *owner)
{
	uint32_t seen, old, word = 0;
	int err = load_lock(key->addr, &seen);

	do {
		if (err)
			return err;
		old = seen;
		err = next_word(key, who, old, more, owner, &word);
		if (!err)
			err = user_cmpxchg32(key->addr, old, word, &seen);
	} while (err || seen != old);
	return *owner ? -EAGAIN : 0;
}

/* The word of a lock that the current thread was given in its absence. */
static void write_owner(const struct futex_key *key)
{
	uint32_t seen, old, word;
	int err = load_lock(key->addr, &seen);

	do {
		if (err)
			return;
		old = seen;
		word = (uint32_t)current->tid | (old & (FUTEX_OWNER_DIED | FUTEX_WAITERS)) | FUTEX_OWNER_DIED;
		err = user_cmpxchg32(key->addr, old, word, &seen);
	} while (err || seen != old);
}

/* Until w has the lock (0), a signal or the deadline: then w waits no longer. */
static int wait_for_lock(struct futex_waiter *w, nsec_t deadline)
{
	int err = futex_sleep(w, deadline);

	if (err && w->pi)
		pi_leave(w);
	else if (err)
		list_remove(&w->node);
	else if (w->fix_word)
		write_owner(&w->key);
	return err;
}

long futex_lock_pi(uaddr_t addr, bool private, nsec_t deadline, bool try_only)
{
	struct futex_waiter w;
	struct futex_key key;
	uint32_t owner = 0;
	int err = futex_key_make(addr, private, &key);

	if (!err)
		err = try_lock(&key, current, 0, &owner);
	if (err != -EAGAIN || try_only)
		return err;
	if (leads_back(owner, current))
		return -EDEADLK;
	current->wake_pending = false;
	futex_queue(&w, &key, FUTEX_BITSET_MATCH_ANY);
	pi_enter(&w, owner);
	err = wait_for_lock(&w, deadline);
	return err == -EINTR ? -ERESTARTNOINTR : err;
}

static void give_to(struct futex_waiter *w)
{
	struct futex_waiter *other;
	uint32_t rt = 0;

	pi_leave(w);
	w->woken = true;
	list_for_each(other, futex_bucket(&w->key), node) {
		if (!other->pi || !futex_key_equal(&other->key, &w->key))
			continue;
		other->owner = (uint32_t)w->thread->tid;
		rt = MAX(rt, thread_rt(other->thread));
	}
	if (current->rt_boost)
		boost(current);
	if (rt)
		boost(w->thread);
	thread_wake(w->thread, false);
}

long futex_unlock_pi(uaddr_t addr, bool private)
{
	struct futex_waiter *w;
	struct futex_key key;
	uint32_t old, seen = 0;
	int err = futex_key_make(addr, private, &key);

	if (!err)
		err = load_lock(addr, &seen);
	while (!err) {
		old = seen;
		if ((old & FUTEX_TID_MASK) != (uint32_t)current->tid)
			return -EPERM;
		w = futex_first(&key);
		if (w && (!w->pi || w->owner != (uint32_t)current->tid))
			return -EINVAL;
		err = user_cmpxchg32(addr, old, w ? (uint32_t)w->thread->tid | FUTEX_WAITERS : 0, &seen);
		if (err || seen != old)
			continue;
		if (w)
			give_to(w);
		return 0;
	}
	return err;
}

static struct futex_waiter *first_pi(const struct futex_key *key)
{
	struct futex_waiter *w;

	list_for_each(w, futex_bucket(key), node)
		if (w->pi && futex_key_equal(&w->key, key))
			return w;
	return NULL;
}

/* The word says what it may, also that nobody owns the lock: the kernel knows better. */
static void inherit(const struct futex_key *key)
{
	struct futex_waiter *w;
	uint32_t old, seen = 0;
	int err = load_lock(key->addr, &seen);

	do {
		old = seen;
		w = first_pi(key);
		if (w && !err)
			err = user_cmpxchg32(key->addr, old,
					     (uint32_t)w->thread->tid | FUTEX_WAITERS | FUTEX_OWNER_DIED, &seen);
	} while (w && !err && seen != old);
	if (!w)
		return;
	w->fix_word = err;
	give_to(w);
}

void futex_exit_pi(struct thread *t)
{
	const struct futex_waiter *w;

	while ((w = waiter_for((uint32_t)t->tid)) != NULL) {
		struct futex_key key = w->key;

		inherit(&key);
	}
	t->futex_dead = true;
}

/* ---- condition variables: from a word to a lock ---- */

long futex_wait_requeue_pi(uaddr_t addr, uaddr_t lock, bool private, uint32_t val, nsec_t deadline)
{
	struct futex_key key, dest;
	struct futex_waiter w;
	uint32_t seen;
	int err;

	if (addr == lock)
		return -EINVAL;
	err = futex_key_make(lock, private, &dest);
	if (!err)
		err = futex_key_make(addr, private, &key);
	if (!err)
		err = user_load32(addr, &seen);
	if (err)
		return err;
	if (seen != val)
		return -EAGAIN;
	current->wake_pending = false;
	futex_queue(&w, &key, FUTEX_BITSET_MATCH_ANY);
	w.requeue_to = &dest;
	err = wait_for_lock(&w, deadline);
	if (err != -EINTR)
		return err;
	/* Once moved, the word has changed: starting again could only end like this. */
	return w.pi ? -EAGAIN : -ERESTARTNOINTR;
}

static int move_check(const struct futex_waiter *w, const struct futex_key *dest)
{
	return w->requeue_to && futex_key_equal(w->requeue_to, dest) ? 0 : -EINVAL;
}

/* Moves at most n waiters to the lock, which owner has. How many, or the error that the first bad one caused. */
static int move_waiters(const struct futex_key *key, const struct futex_key *dest, uint32_t owner, long n)
{
	struct futex_waiter *w, *tmp;
	int moved = 0;

	list_for_each_safe(w, tmp, futex_bucket(key), node) {
		if (moved >= n)
			break;
		if (!futex_key_equal(&w->key, key))
			continue;
		if (move_check(w, dest))
			return -EINVAL;
		if (leads_back(owner, w->thread))
			return -EDEADLK;
		list_remove(&w->node);
		w->key = *dest;
		w->requeue_to = NULL;
		futex_insert(w);
		pi_enter(w, owner);
		moved++;
	}
	return moved;
}

static void give_unmoved(struct futex_waiter *w, const struct futex_key *dest)
{
	list_remove(&w->node);
	w->key = *dest;
	w->requeue_to = NULL;
	w->woken = true;
	thread_wake(w->thread, false);
}

/* The first waiter gets the lock if it is free; the others, and it if not, go on waiting there. */
static long requeue_to_lock(const struct futex_key *key, const struct futex_key *dest, int nmove)
{
	struct futex_waiter *first = futex_first(key);
	uint32_t owner = 0;
	int err, moved;

	if (!first)
		return 0;
	err = move_check(first, dest);
	if (!err)
		err = try_lock(dest, first->thread, nmove ? FUTEX_WAITERS : 0, &owner);
	if (err == -EAGAIN)
		return move_waiters(key, dest, owner, (long)nmove + 1);
	if (err)
		return err;
	owner = (uint32_t)first->thread->tid;
	give_unmoved(first, dest);
	moved = move_waiters(key, dest, owner, nmove);
	return moved < 0 ? moved : moved + 1;
}

long futex_cmp_requeue_pi(uaddr_t addr, uaddr_t lock, bool private, int nwake, int nmove, uint32_t expect)
{
	struct futex_key key, dest;
	uint32_t seen;
	int err;

	if (addr == lock || nwake != 1 || nmove < 0)
		return -EINVAL;
	err = futex_key_make(addr, private, &key);
	if (!err)
		err = futex_key_make(lock, private, &dest);
	if (!err)
		err = load_lock(lock, &seen);
	if (!err)
		err = user_load32(addr, &seen);
	if (err)
		return err;
	return seen == expect ? requeue_to_lock(&key, &dest, nmove) : -EAGAIN;
}
