/* futex.c: futex operations, priority-inheritance hand-over, robust lists. Other threads are played by
 * on_block(), which runs whenever the tested thread would sleep. */
#include "thread/futex.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/futex.h"
#include "linux/time.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "test/unit.h"
#include "thread/robust.h"
#include "vm/vm.h"

static void (*on_block)(void);
static int woken;
static struct thread other = { .process = (struct process *)1 }; /* only asked whether it has one */
static bool mapping_shared;

int thread_block(enum wait_mode mode, nsec_t deadline)
{
	(void)mode;
	if (signal_pending(&unit_thread))
		return -EINTR;
	if (on_block) {
		void (*fn)(void) = on_block;

		on_block = NULL;
		fn();
		return 0;
	}
	if (deadline == NSEC_NEVER)
		unit_fail(__FILE__, __LINE__, "would sleep for ever");
	unit_now = MAX(unit_now, deadline);
	return -ETIMEDOUT;
}
void thread_wake(struct thread *t, bool sync)
{
	(void)t;
	(void)sync;
	woken++;
}
struct thread *thread_find(kpid_t tid)
{
	return tid == unit_thread.tid ? &unit_thread : tid == other.tid ? &other : NULL;
}
void sched_reprioritise(struct thread *t)
{
	(void)t;
}
int signal_may_send(struct process *p, int sig)
{
	(void)p;
	(void)sig;
	return 0;
}
bool vm_mapped(struct vm_space *s, uaddr_t addr, bool *shared)
{
	(void)s, (void)addr;
	*shared = mapping_shared;
	return true;
}
long sys_futex(const struct syscall_args *args);
long sys_futex_waitv(const struct syscall_args *args);
long sys_set_robust_list(const struct syscall_args *args);

static uint32_t word, word2;

static long futex(void *addr, int op, uint32_t val, uint64_t timeout, void *addr2, uint32_t val3)
{
	return sys_futex(
		&(struct syscall_args){ { (uint64_t)addr, (uint64_t)op, val, timeout, (uint64_t)addr2, val3 } });
}

static void wake_word(void) { CHECK_EQ(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, NULL, 0), 1); }
static void wake_word2(void) { CHECK_EQ(futex(&word2, FUTEX_WAKE, 1, 0, NULL, 0), 1); }

UNIT_TEST(futex, wait_wake)
{
	word = 5;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 4, 0, NULL, 0), -EAGAIN);
	CHECK_EQ(futex((char *)&word + 1, FUTEX_WAIT, 5, 0, NULL, 0), -EINVAL);
	CHECK_EQ(futex((void *)8, FUTEX_WAIT, 5, 0, NULL, 0), -EFAULT);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, 0, NULL, 0), 0);
	on_block = wake_word;
	CHECK_EQ(futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 5, 0, NULL, 0), 0);
	CHECK_EQ(woken, 1);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, 0, NULL, 0), 0); /* nobody left on the queue */
}

UNIT_TEST(futex, timeouts)
{
	struct timespec ts = { 2, 0 }, bad = { 0, 1000000000 };
	nsec_t start = unit_now;

	word = 1;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 1, (uint64_t)&bad, NULL, 0), -EINVAL);
	CHECK_EQ(futex(&word, FUTEX_WAIT, 1, (uint64_t)&ts, NULL, 0), -ETIMEDOUT);
	CHECK_EQ(unit_now - start, 2 * NSEC_PER_SEC);
	ts = ns_to_timespec(unit_now + NSEC_PER_SEC);
	start = unit_now;
	CHECK_EQ(futex(&word, FUTEX_WAIT_BITSET, 1, (uint64_t)&ts, NULL, 1), -ETIMEDOUT);
	CHECK_EQ(unit_now - start, NSEC_PER_SEC);
	ts.tv_sec += 1700000000 + 1;
	start = unit_now;
	CHECK_EQ(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, (uint64_t)&ts, NULL, 1), -ETIMEDOUT);
	CHECK_EQ(unit_now - start, NSEC_PER_SEC);
	CHECK_EQ(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, 0, NULL, 0), -ENOSYS);
}

UNIT_TEST(futex, interrupted_waits_keep_their_deadline)
{
	struct timespec ts = { 3, 0 };
	nsec_t start = unit_now;

	word = 1;
	unit_thread.sig_pending = 2;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 1, 0, NULL, 0), -ERESTARTSYS);
	CHECK_EQ(futex(&word, FUTEX_WAIT, 1, (uint64_t)&ts, NULL, 0), -ERESTART_RESTARTBLOCK);
	unit_thread.sig_pending = 0;
	unit_now += NSEC_PER_SEC;
	CHECK_EQ(unit_thread.restart_fn(&unit_thread), -ETIMEDOUT);
	CHECK_EQ(unit_now - start, 3 * NSEC_PER_SEC);
}

static void wake_other_bit(void)
{
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET, 9, 0, NULL, 4), 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET, 9, 0, NULL, 3), 1);
}

UNIT_TEST(futex, bitsets)
{
	word = 0;
	CHECK_EQ(futex(&word, FUTEX_WAIT_BITSET, 0, 0, NULL, 0), -EINVAL);
	on_block = wake_other_bit;
	CHECK_EQ(futex(&word, FUTEX_WAIT_BITSET, 0, 0, NULL, 2), 0);
}

static void requeue(void)
{
	CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE, 0, 1, &word2, 1), -EAGAIN);
	CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE, 0, 1, &word2, 0), 1);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, 0, NULL, 0), 0);
	on_block = wake_word2;
}

UNIT_TEST(futex, requeue)
{
	word = 0;
	on_block = requeue;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 0, 0, NULL, 0), 0);
	CHECK_EQ(futex(&word, FUTEX_REQUEUE, 0, (uint64_t)-1, &word2, 0), -EINVAL);
}

#define OP(op, oparg, cmp, cmparg)                                                                 \
	((uint32_t)(op) << 28 | (uint32_t)(cmp) << 24 | ((uint32_t)(oparg)&0xfff) << 12 | ((uint32_t)(cmparg)&0xfff))

UNIT_TEST(futex, wake_op)
{
	word2 = 10;
	CHECK_EQ(futex(&word, FUTEX_WAKE_OP, 1, 1, &word2, OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 10)), 0);
	CHECK_EQ(word2, 15);
	(void)futex(&word, FUTEX_WAKE_OP, 1, 1, &word2, OP(FUTEX_OP_ADD, -1, FUTEX_OP_CMP_GT, -2));
	CHECK_EQ(word2, 14);
	(void)futex(&word, FUTEX_WAKE_OP, 1, 1, &word2, OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 4, FUTEX_OP_CMP_GT, 0));
	CHECK_EQ(word2, 16);
	CHECK_EQ(futex(&word, FUTEX_WAKE_OP, 1, 1, &word2, OP(7, 4, 0, 0)), -ENOSYS);
}

static void play_other_unlock(void)
{
	CHECK_EQ(word, (uint32_t)other.tid | FUTEX_WAITERS);
	unit_thread.tid = other.tid; /* the owner calls */
	CHECK_EQ(futex(&word, FUTEX_UNLOCK_PI, 0, 0, NULL, 0), 0);
	unit_thread.tid = 100;
}

UNIT_TEST(futex, pi_lock)
{
	word = 0;
	other.tid = 7;
	CHECK_EQ(futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), 0);
	CHECK_EQ(word, 100);
	CHECK_EQ(futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), -EDEADLK);
	CHECK_EQ(futex(&word, FUTEX_UNLOCK_PI, 0, 0, NULL, 0), 0);
	CHECK_EQ(word, 0);
	CHECK_EQ(futex(&word, FUTEX_UNLOCK_PI, 0, 0, NULL, 0), -EPERM);
	word = 12345;
	CHECK_EQ(futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), -ESRCH);
	word = (uint32_t)other.tid;
	CHECK_EQ(futex(&word, FUTEX_TRYLOCK_PI, 0, 0, NULL, 0), -EAGAIN);
}

/* unit_thread waits with tid 100 noted at queueing; the hand-over writes the waiter's tid. */
UNIT_TEST(futex, pi_handover)
{
	other.tid = 7;
	word = 7;
	on_block = play_other_unlock;
	CHECK_EQ(futex(&word, FUTEX_LOCK_PI2, 0, 0, NULL, 0), 0);
	CHECK_EQ(word & FUTEX_WAITERS, FUTEX_WAITERS);
}

static void other_dies(void)
{
	futex_exit_pi(&other);
	CHECK_EQ(word, 100 | FUTEX_OWNER_DIED | FUTEX_WAITERS);
	other.futex_dead = false;
}

UNIT_TEST(futex, pi_owner_dies)
{
	other.tid = 7;
	word = 7;
	on_block = other_dies;
	CHECK_EQ(futex(&word, FUTEX_LOCK_PI, 0, 0, NULL, 0), 0);
}

UNIT_TEST(futex, robust_list)
{
	struct { uint64_t next; uint32_t lock; } a, b, pending;
	struct robust_list_head head = { (uint64_t)&a, 8, (uint64_t)&pending };

	CHECK_EQ(sys_set_robust_list(&(struct syscall_args){ { (uint64_t)&head, 23 } }), -EINVAL);
	CHECK_EQ(sys_set_robust_list(&(struct syscall_args){ { (uint64_t)&head, 24 } }), 0);
	a.next = (uint64_t)&b;
	a.lock = 100 | FUTEX_WAITERS;
	b.next = (uint64_t)&head;
	b.lock = 55;
	pending.lock = 100;
	robust_list_exit(&unit_thread);
	CHECK_EQ(a.lock, FUTEX_OWNER_DIED | FUTEX_WAITERS);
	CHECK_EQ(b.lock, 55);
	CHECK_EQ(pending.lock, FUTEX_OWNER_DIED);
	/* a ring without end, and garbage */
	a.next = (uint64_t)&a;
	unit_thread.robust_list = (uint64_t)&head;
	robust_list_exit(&unit_thread);
	head.next = 16;
	unit_thread.robust_list = (uint64_t)&head;
	robust_list_exit(&unit_thread);
}

UNIT_TEST(futex, waitv)
{
	struct futex_waitv v[2] = { { 0, (uint64_t)&word, FUTEX_32, 0 }, { 0, (uint64_t)&word2, FUTEX_32, 0 } };
	struct syscall_args args = { { (uint64_t)v, 2, 0, 0, 0 } };

	word = word2 = 0;
	on_block = wake_word2;
	CHECK_EQ(sys_futex_waitv(&args), 1);
	word = 1;
	CHECK_EQ(sys_futex_waitv(&args), -EAGAIN);
	v[0].flags = 0;
	CHECK_EQ(sys_futex_waitv(&args), -EINVAL);
	args.a[1] = 129;
	CHECK_EQ(sys_futex_waitv(&args), -EINVAL);
}

static void wake_from_elsewhere(void)
{
	struct vm_space *mine = unit_process.space;

	unit_process.space = (struct vm_space *)64;
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, 0, NULL, 0), mapping_shared ? 1 : 0);
	unit_process.space = mine;
	if (!mapping_shared)
		on_block = wake_word;
}

UNIT_TEST(futex, keys)
{
	word = 0;
	mapping_shared = true;
	on_block = wake_from_elsewhere;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 0, 0, NULL, 0), 0);
	mapping_shared = false;
	on_block = wake_from_elsewhere;
	CHECK_EQ(futex(&word, FUTEX_WAIT, 0, 0, NULL, 0), 0);
}
