/* futex.c: sleeping on a word of user memory until somebody who changed it says so.
 *
 * A waiter is keyed by address, and by address space unless the word lies in a shared mapping (one address
 * means one word then, whoever looks). Compare-and-sleep is atomic against wakers because loading the word does not
 * sleep once its page is present, and the giant lock is held from the load to the sleep.
 * Invariant: a waiter is on its key's bucket exactly until it is woken or gives up; `woken` says which. */
#include "thread/futex_internal.h"
#include "base/heap.h"
#include "base/log.h"
#include "linux/errno.h"
#include "linux/futex.h"
#include "linux/time.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"
#include "time/timens.h"
#include "vm/vm.h"

#define BUCKETS 256

static struct list buckets[BUCKETS];

struct list *futex_bucket(const struct futex_key *key)
{
	uint64_t hash = (key->addr >> 2) * 0x9e3779b97f4a7c15UL;
	struct list *b = &buckets[hash >> 56];

	if (!b->next)
		list_init(b);
	return b;
}

bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->addr == b->addr && a->space == b->space;
}

/* A private flag is the program's promise; without it the mapping tells. */
int futex_key_make(uaddr_t addr, bool private, struct futex_key *key)
{
	struct vm_space *space = current->process->space;
	uint32_t seen;
	bool shared;

	if (addr & 3)
		return -EINVAL;
	*key = (struct futex_key){ addr, space };
	if (private)
		return 0;
	if (user_load32(addr, &seen) || !vm_mapped(space, addr, &shared))
		return -EFAULT; /* a word that cannot be read is nobody's */
	if (shared)
		key->space = NULL;
	return 0;
}

void futex_insert(struct futex_waiter *w)
{
	struct list *b = futex_bucket(&w->key), *at = b;
	uint32_t rt = thread_rt(w->thread);

	while (at->prev != b && thread_rt(list_entry(at->prev, struct futex_waiter, node)->thread) < rt)
		at = at->prev;
	list_insert_after(&w->node, at->prev);
}

void futex_queue(struct futex_waiter *w, const struct futex_key *key, uint32_t bitset)
{
	*w = (struct futex_waiter){ .key = *key, .thread = current, .bitset = bitset };
	futex_insert(w);
}

struct futex_waiter *futex_first(const struct futex_key *key)
{
	struct futex_waiter *w;

	list_for_each(w, futex_bucket(key), node)
		if (futex_key_equal(&w->key, key))
			return w;
	return NULL;
}

static void waiter_wake(struct futex_waiter *w)
{
	list_remove(&w->node);
	w->woken = true;
	thread_wake(w->thread, false);
}

/* -EINVAL: waiters of another kind sleep there. */
static int wake_key(const struct futex_key *key, int n, uint32_t bitset)
{
	struct list *b = futex_bucket(key);
	struct futex_waiter *w, *tmp;
	int woken = 0;

	list_for_each_safe(w, tmp, b, node) {
		if (woken >= n)
			break;
		if (!futex_key_equal(&w->key, key))
			continue;
		if (w->pi || w->requeue_to)
			return -EINVAL;
		if (!(w->bitset & bitset))
			continue;
		waiter_wake(w);
		woken++;
	}
	return woken;
}

static long futex_wake(uaddr_t addr, bool private, int n, uint32_t bitset)
{
	struct futex_key key;
	int err;

	if (!bitset)
		return -EINVAL;
	err = futex_key_make(addr, private, &key);
	return err ? err : wake_key(&key, MAX(n, 1), bitset);
}

int futex_wake_addr(uaddr_t addr, int n)
{
	long ret = futex_wake(addr, false, n, FUTEX_BITSET_MATCH_ANY);

	return ret < 0 ? 0 : (int)ret;
}

int futex_sleep(const struct futex_waiter *w, nsec_t deadline)
{
	int err = 0;

	current->wait_what = "futex";
	while (!w->woken && !err)
		err = thread_block(WAIT_INTERRUPTIBLE, deadline);
	current->wait_what = NULL;
	return w->woken ? 0 : err;
}

static int do_wait(uaddr_t addr, bool private, uint32_t val, uint32_t bitset, nsec_t deadline)
{
	struct futex_waiter w;
	struct futex_key key;
	uint32_t seen;
	int err;

	if (!bitset)
		return -EINVAL;
	err = futex_key_make(addr, private, &key);
	if (err)
		return err;
	err = user_load32(addr, &seen);
	if (err)
		return err;
	if (seen != val)
		return -EAGAIN;
	current->wake_pending = false;
	futex_queue(&w, &key, bitset);
	err = futex_sleep(&w, deadline);
	if (err)
		list_remove(&w.node);
	return err;
}

static long wait_restart(struct thread *t)
{
	uint64_t *d = t->restart_data;
	int err = do_wait(d[0], d[1], (uint32_t)d[2], (uint32_t)d[3], d[4]);

	return err == -EINTR ? -ERESTART_RESTARTBLOCK : err;
}

/* An interrupted wait starts again with the same deadline, not with the same duration. */
static long futex_wait(uaddr_t addr, bool private, uint32_t val, uint32_t bitset, nsec_t deadline)
{
	struct thread *t = current;
	int err = do_wait(addr, private, val, bitset, deadline);

	if (err != -EINTR)
		return err;
	if (deadline == NSEC_NEVER)
		return -ERESTARTSYS;
	t->restart_fn = wait_restart;
	t->restart_data[0] = addr;
	t->restart_data[1] = private;
	t->restart_data[2] = val;
	t->restart_data[3] = bitset;
	t->restart_data[4] = deadline;
	return -ERESTART_RESTARTBLOCK;
}

static long futex_requeue(uaddr_t from, uaddr_t to, bool private, int nwake, int nmove, const uint32_t *expect)
{
	struct futex_key key, dest;
	struct futex_waiter *w, *tmp;
	struct list *b;
	uint32_t seen;
	int moved = 0, woken, err;

	if (nwake < 0 || nmove < 0)
		return -EINVAL;
	err = futex_key_make(from, private, &key);
	if (!err)
		err = futex_key_make(to, private, &dest);
	if (!err && expect)
		err = user_load32(from, &seen);
	if (err)
		return err;
	if (expect && seen != *expect)
		return -EAGAIN;
	woken = wake_key(&key, nwake, FUTEX_BITSET_MATCH_ANY);
	if (woken < 0)
		return woken;
	b = futex_bucket(&key);
	list_for_each_safe(w, tmp, b, node) {
		if (moved >= nmove)
			break;
		if (!futex_key_equal(&w->key, &key))
			continue;
		if (w->pi || w->requeue_to)
			return -EINVAL;
		moved++;
		if (futex_key_equal(&key, &dest))
			continue;
		list_remove(&w->node);
		w->key = dest;
		futex_insert(w);
	}
	return woken + moved;
}

static int op_apply(int op, uint32_t old, uint32_t arg, uint32_t *out)
{
	switch (op) {
	case FUTEX_OP_SET:
		*out = arg;
		return 0;
	case FUTEX_OP_ADD:
		*out = old + arg;
		return 0;
	case FUTEX_OP_OR:
		*out = old | arg;
		return 0;
	case FUTEX_OP_ANDN:
		*out = old & ~arg;
		return 0;
	case FUTEX_OP_XOR:
		*out = old ^ arg;
		return 0;
	}
	return -ENOSYS;
}

static int op_compare(int cmp, int32_t old, int32_t arg)
{
	switch (cmp) {
	case FUTEX_OP_CMP_EQ:
		return old == arg;
	case FUTEX_OP_CMP_NE:
		return old != arg;
	case FUTEX_OP_CMP_LT:
		return old < arg;
	case FUTEX_OP_CMP_LE:
		return old <= arg;
	case FUTEX_OP_CMP_GT:
		return old > arg;
	case FUTEX_OP_CMP_GE:
		return old >= arg;
	}
	return -ENOSYS;
}

/* Changes *addr as the encoded operation says; 1 if its old value satisfies the comparison. */
static int wake_op_word(uaddr_t addr, uint32_t code)
{
	int op = (int)(code >> 28) & 7, cmp = (int)(code >> 24) & 15, err;
	int32_t oparg = (int32_t)(code << 8) >> 20, cmparg = (int32_t)(code << 20) >> 20;
	uint32_t old, new_val, seen;

	if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
		oparg = (int32_t)(1U << (oparg & 31));
	err = user_load32(addr, &seen);
	do {
		if (err)
			return err;
		old = seen;
		err = op_apply(op, old, (uint32_t)oparg, &new_val);
		if (!err)
			err = user_cmpxchg32(addr, old, new_val, &seen);
	} while (err || seen != old);
	return op_compare(cmp, (int32_t)old, cmparg);
}

static long futex_wake_op(uaddr_t addr, uaddr_t addr2, bool private, int n, int n2, uint32_t code)
{
	struct futex_key key, key2;
	int woken, woken2, ret, err = futex_key_make(addr, private, &key);

	if (!err)
		err = futex_key_make(addr2, private, &key2);
	if (err)
		return err;
	ret = wake_op_word(addr2, code);
	if (ret < 0)
		return ret;
	woken = wake_key(&key, MAX(n, 1), FUTEX_BITSET_MATCH_ANY);
	if (woken < 0 || !ret)
		return woken;
	woken2 = wake_key(&key2, MAX(n2, 1), FUTEX_BITSET_MATCH_ANY);
	return woken2 < 0 ? woken2 : woken + woken2;
}

/* --- system calls --- */

/* A deadline of the given clock as CLOCK_MONOTONIC. */
static nsec_t mono_deadline(nsec_t when, bool realtime)
{
	nsec_t now;

	if (!realtime)
		return time_ns_real(CLOCK_MONOTONIC, when);
	now = clock_real();
	return clock_mono() + (when > now ? when - now : 0);
}

static int read_timeout(uaddr_t utime, bool absolute, bool realtime, nsec_t *deadline)
{
	struct timespec ts;

	*deadline = NSEC_NEVER;
	if (!utime)
		return 0;
	if (get_user(ts, utime))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = absolute ? mono_deadline(timespec_to_ns(&ts), realtime)
			     : clock_mono() + timespec_to_ns(&ts);
	return 0;
}

static int futex_timeout(int cmd, bool realtime, uaddr_t utime, nsec_t *deadline)
{
	switch (cmd) {
	case FUTEX_WAIT:
		return read_timeout(utime, false, realtime, deadline);
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return read_timeout(utime, true, realtime, deadline);
	case FUTEX_LOCK_PI:
		return read_timeout(utime, true, true, deadline);
	}
	return 0;
}

SYSCALL_DEFINE(futex, uaddr_t, addr, int, op, uint32_t, val, uaddr_t, utime, uaddr_t, addr2, uint32_t, val3)
{
	bool private = op & FUTEX_PRIVATE_FLAG, realtime = op & FUTEX_CLOCK_REALTIME;
	int cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME), n = (int)val, n2 = (int)utime, err;
	nsec_t deadline = NSEC_NEVER;

	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	err = futex_timeout(cmd, realtime, utime, &deadline);
	if (err)
		return err;
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(addr, private, val, FUTEX_BITSET_MATCH_ANY, deadline);
	case FUTEX_WAIT_BITSET:
		return futex_wait(addr, private, val, val3, deadline);
	case FUTEX_WAKE:
		return futex_wake(addr, private, n, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(addr, private, n, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(addr, addr2, private, n, n2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(addr, addr2, private, n, n2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(addr, addr2, private, n, n2, val3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(addr, private, deadline, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(addr, private, NSEC_NEVER, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(addr, private);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(addr, addr2, private, val, deadline);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(addr, addr2, private, n, n2, val3);
	}
	return -ENOSYS;
}

/* Index of a woken waiter, or -1. */
static int waitv_woken(const struct futex_waiter *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (w[i].woken)
			return (int)i;
	return -1;
}

/* Queues all whose words are as expected. An error, the index of one woken meanwhile, or -1. */
static int waitv_queue(struct futex_waiter *w, const struct futex_waitv *v, unsigned n, unsigned *queued, int *err)
{
	struct futex_key key;
	uint32_t seen;

	for (*queued = 0; *queued < n; ++*queued) {
		unsigned i = *queued;

		*err = futex_key_make(v[i].uaddr, v[i].flags & FUTEX_PRIVATE_FLAG, &key);
		if (!*err)
			*err = user_load32(v[i].uaddr, &seen);
		if (!*err && seen != (uint32_t)v[i].val)
			*err = -EAGAIN;
		if (*err)
			break;
		futex_queue(&w[i], &key, FUTEX_BITSET_MATCH_ANY);
	}
	return waitv_woken(w, *queued);
}

static long waitv_sleep(struct futex_waiter *w, const struct futex_waitv *v, unsigned n, nsec_t deadline)
{
	unsigned queued;
	int err = 0, index;

	current->wake_pending = false;
	index = waitv_queue(w, v, n, &queued, &err);
	while (index < 0 && !err) {
		err = thread_block(WAIT_INTERRUPTIBLE, deadline);
		index = waitv_woken(w, queued);
	}
	for (unsigned i = 0; i < queued; i++)
		list_remove(&w[i].node);
	if (index >= 0)
		return index;
	return err == -EINTR ? -ERESTARTSYS : err;
}

static int waitv_check(const struct futex_waitv *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if ((v[i].flags & ~(unsigned)FUTEX_PRIVATE_FLAG) != FUTEX_32 || v[i].reserved ||
		    v[i].val > UINT32_MAX || (v[i].uaddr & 3))
			return -EINVAL;
	return 0;
}

SYSCALL_DEFINE(futex_waitv, uaddr_t, uvec, unsigned, n, unsigned, flags, uaddr_t, utime, int, clock)
{
	struct futex_waiter *w;
	struct futex_waitv *v;
	nsec_t deadline;
	long ret;

	if (flags || !n || n > FUTEX_WAITV_MAX || !uvec)
		return -EINVAL;
	if (utime && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return -EINVAL;
	ret = read_timeout(utime, true, clock == CLOCK_REALTIME, &deadline);
	if (ret)
		return ret;
	v = kmalloc(n * (sizeof(*v) + sizeof(*w)));
	if (!v)
		return -ENOMEM;
	w = (struct futex_waiter *)(v + n);
	ret = copy_from_user(v, uvec, n * sizeof(*v));
	if (!ret)
		ret = waitv_check(v, n);
	if (!ret)
		ret = waitv_sleep(w, v, n, deadline);
	kfree(v);
	return ret;
}
