/* sem.c: semaphore sets: semget, semop, semtimedop.
 *
 * The operations of one semop happen all or none. Who has to wait stands in the set's queue; whoever changes a value
 * goes through it in order and does, in the waiters' name, what has become possible; so a value is never seen by one
 * who is only being woken. */
#include "sysv/sem.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/time.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"

#define OPS_INLINE 16u

uint64_t sem_total;

static void set_free(struct ipc_object *o)
{
	kfree(sem_set_of(o));
}

static int set_create(int key, int count, int flags)
{
	struct sem_set *set;
	int err;

	if (!count)
		return -EINVAL;
	if (sem_total + (unsigned)count > sem_limits[1])
		return -ENOSPC;
	set = kzalloc(sizeof(*set) + (unsigned)count * sizeof(set->sems[0]));
	if (!set)
		return -ENOMEM;
	set->ipc.free = set_free;
	set->count = (unsigned)count;
	set->ctime = ipc_now();
	list_init(&set->waits);
	list_init(&set->undos);
	err = ipc_add(&sem_ids, &set->ipc, key, flags);
	if (err) {
		kfree(set);
		return err;
	}
	sem_total += set->count;
	return set->ipc.id;
}

SYSCALL_DEFINE(semget, int, key, int, count, int, flags)
{
	struct ipc_object *o;
	int found;

	if (count < 0 || (unsigned)count > sem_limits[0])
		return -EINVAL;
	found = ipc_resolve(&sem_ids, key, flags, &o);
	if (found < 0)
		return found;
	if (found)
		return set_create(key, count, flags);
	if ((unsigned)count > sem_set_of(o)->count)
		return -EINVAL;
	return ipc_may(o, (uint32_t)flags) ? o->id : -EACCES;
}

static void take_back(struct sem_set *set, const struct sem_try *t, unsigned done)
{
	while (done--) {
		const struct sembuf *op = &t->ops[done];

		set->sems[op->num].value -= op->op;
		if (op->flg & SEM_UNDO)
			t->undo->adjust[op->num] = (int16_t)(t->undo->adjust[op->num] + op->op);
	}
}

static int do_one(struct sem_set *set, const struct sem_try *t, const struct sembuf *op)
{
	int value = set->sems[op->num].value, adjust;

	if ((!op->op && value) || value + op->op < 0)
		return -EAGAIN;
	if (value + op->op > SEMVMX)
		return -ERANGE;
	if (op->flg & SEM_UNDO) {
		adjust = t->undo->adjust[op->num] - op->op;
		if (adjust < -SEMAEM - 1 || adjust > SEMAEM)
			return -ERANGE;
		t->undo->adjust[op->num] = (int16_t)adjust;
	}
	set->sems[op->num].value = value + op->op;
	return 0;
}

/* All operations or none. 0, -EAGAIN (t->blocking says which one has to wait), -ERANGE. */
static int do_all(struct sem_set *set, struct sem_try *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		int err = do_one(set, t, &t->ops[i]);
		if (!err)
			continue;
		t->blocking = &t->ops[i];
		take_back(set, t, i);
		return err;
	}
	for (unsigned i = 0; i < t->count; i++)
		set->sems[t->ops[i].num].pid = t->pid;
	set->otime = ipc_now();
	return 0;
}

static void wait_finish(struct sem_wait *w, int result)
{
	list_remove(&w->node);
	w->done = true;
	w->result = result;
	waitq_wake_all(&w->done_wait, 0);
}

void sem_update(struct sem_set *set)
{
	struct sem_wait *w, *tmp;
	bool changed = true;

	while (changed) {
		changed = false;
		list_for_each_safe(w, tmp, &set->waits, node) {
			int err = do_all(set, &w->try);
			if (err == -EAGAIN && !(w->try.blocking->flg & IPC_NOWAIT))
				continue;
			changed |= !err && w->try.alters;
			wait_finish(w, err);
			if (changed)
				break; /* who came first is asked first again */
		}
	}
}

void sem_remove(struct sem_set *set)
{
	struct sem_undo *u, *next_undo;
	struct sem_wait *w, *next_wait;

	list_for_each_safe(u, next_undo, &set->undos, in_set) {
		list_remove(&u->in_set);
		list_remove(&u->in_process);
		kfree(u);
	}
	list_for_each_safe(w, next_wait, &set->waits, node)
		wait_finish(w, -EIDRM);
	sem_total -= set->count;
	ipc_remove(&sem_ids, &set->ipc);
}

static int wait_turn(struct sem_set *set, const struct sem_try *t, nsec_t deadline)
{
	struct sem_wait w = { .try = *t };
	int err = 0;

	waitq_init(&w.done_wait);
	list_push_back(&set->waits, &w.node);
	while (!w.done && !err)
		err = waitq_wait(&w.done_wait, WAIT_INTERRUPTIBLE, deadline);
	if (w.done)
		return w.result;
	list_remove(&w.node);
	return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

static int check_ops(const struct sem_set *set, struct sem_try *t, bool *undo)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (t->ops[i].num >= set->count)
			return -EFBIG;
		t->alters |= t->ops[i].op != 0;
		*undo |= (t->ops[i].flg & SEM_UNDO) != 0;
	}
	return ipc_may(&set->ipc, t->alters ? 0222 : 0444) ? 0 : -EACCES;
}

static int operate(int id, const struct sembuf *ops, unsigned count, nsec_t deadline)
{
	struct sem_try t = { .ops = ops, .count = count, .pid = current_process()->pid };
	struct ipc_object *o = ipc_find(&sem_ids, id);
	struct sem_set *set;
	bool undo = false;
	int err;

	if (!o)
		return -EINVAL;
	set = sem_set_of(o);
	err = check_ops(set, &t, &undo);
	if (!err && undo) {
		t.undo = sem_undo_get(set);
		err = t.undo ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	err = do_all(set, &t);
	if (!err && t.alters)
		sem_update(set);
	if (err != -EAGAIN || (t.blocking->flg & IPC_NOWAIT))
		return err;
	ipc_get(o);
	err = wait_turn(set, &t, deadline);
	ipc_put(o);
	return err;
}

static long semop_user(int id, uaddr_t uops, size_t count, nsec_t deadline)
{
	struct sembuf small[OPS_INLINE], *ops = small;
	long err;

	if (count < 1 || id < 0)
		return -EINVAL;
	if (count > sem_limits[2])
		return -E2BIG;
	if (count > OPS_INLINE) {
		ops = kmalloc(count * sizeof(*ops));
		if (!ops)
			return -ENOMEM;
	}
	err = copy_from_user(ops, uops, count * sizeof(*ops)) ? -EFAULT : operate(id, ops, (unsigned)count, deadline);
	if (ops != small)
		kfree(ops);
	return err;
}

SYSCALL_DEFINE(semop, int, id, uaddr_t, ops, size_t, count)
{
	return semop_user(id, ops, count, NSEC_NEVER);
}

SYSCALL_DEFINE(semtimedop, int, id, uaddr_t, ops, size_t, count, uaddr_t, timeout)
{
	struct timespec ts;
	nsec_t wait, deadline;

	if (!timeout)
		return semop_user(id, ops, count, NSEC_NEVER);
	if (get_user(ts, timeout))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	wait = timespec_to_ns(&ts);
	if (__builtin_add_overflow(clock_mono(), wait, &deadline))
		deadline = NSEC_NEVER;
	return semop_user(id, ops, count, deadline);
}
