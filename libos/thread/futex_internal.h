/* futex_internal.h: what futex.c and futex_pi.c share: waiters, and the buckets they sleep on. */
#pragma once
#include "linux/futex.h"
#include "thread/futex.h"
#include "thread/thread.h"

struct vm_space;

struct futex_key {
	uaddr_t addr;
	const struct vm_space *space; /* NULL: shared mapping */
};

struct futex_waiter {
	struct list node;
	struct futex_key key;
	struct thread *thread;
	uint32_t bitset;
	bool woken;    /* of a lock: the thread has it now */
	bool pi;       /* waits for a lock with priority inheritance */
	bool fix_word; /* got the lock, but its word could not be written */
	struct list all_node; /* pi: among all that wait for locks */
	uint32_t owner; /* pi: tid of the thread that has the lock */
	const struct futex_key *requeue_to; /* FUTEX_WAIT_REQUEUE_PI, not yet moved: the lock it is for */
};

/* A private flag is the program's promise; without it the mapping tells. */
int futex_key_make(uaddr_t addr, bool private, struct futex_key *key) must_check;
bool futex_key_equal(const struct futex_key *a, const struct futex_key *b);
struct list *futex_bucket(const struct futex_key *key);
/* The next to be woken, of any kind. NULL: nobody waits. */
struct futex_waiter *futex_first(const struct futex_key *key);
/* Behind all that are as urgent, in the bucket of w->key. */
void futex_insert(struct futex_waiter *w);
/* Sets up w for the current thread and inserts it. */
void futex_queue(struct futex_waiter *w, const struct futex_key *key, uint32_t bitset);

/* Until w, the current thread's, is woken (0), a signal (-EINTR) or the deadline (-ETIMEDOUT): then it is queued still. */
int futex_sleep(const struct futex_waiter *w, nsec_t deadline) must_check;

/* futex_pi.c: the operations. May sleep. */
long futex_lock_pi(uaddr_t addr, bool private, nsec_t deadline, bool try_only);
long futex_unlock_pi(uaddr_t addr, bool private);
long futex_wait_requeue_pi(uaddr_t addr, uaddr_t lock, bool private, uint32_t val, nsec_t deadline);
long futex_cmp_requeue_pi(uaddr_t addr, uaddr_t lock, bool private, int nwake, int nmove, uint32_t expect);
