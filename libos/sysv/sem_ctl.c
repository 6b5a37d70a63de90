/* sem_ctl.c: semctl(2). */
#include "base/heap.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "sysv/sem.h"

static long stat_set(int id, int cmd, uaddr_t buf)
{
	struct semid_ds ds = { 0 };
	struct ipc_object *o;
	int err = ipc_stat_target(&sem_ids, id, cmd != IPC_STAT, cmd == SEM_STAT_ANY, &o);

	if (err)
		return err;
	ipc_perm_fill(o, &ds.perm);
	ds.otime = sem_set_of(o)->otime;
	ds.ctime = sem_set_of(o)->ctime;
	ds.nsems = sem_set_of(o)->count;
	id = cmd == IPC_STAT ? 0 : o->id;
	return put_user(ds, buf) ? -EFAULT : id;
}

static long info(int cmd, uaddr_t buf)
{
	struct seminfo si = {
		.semmap = (int32_t)sem_limits[1],
		.semmni = (int32_t)sem_ids.limit,
		.semmns = (int32_t)sem_limits[1],
		.semmnu = (int32_t)sem_limits[1],
		.semmsl = (int32_t)sem_limits[0],
		.semopm = (int32_t)sem_limits[2],
		.semume = (int32_t)sem_limits[2],
		.semusz = cmd == SEM_INFO ? (int32_t)sem_ids.used : SEMUSZ,
		.semvmx = SEMVMX,
		.semaem = cmd == SEM_INFO ? (int32_t)sem_total : SEMAEM,
	};
	int max = ipc_max_slot(&sem_ids);

	return put_user(si, buf) ? -EFAULT : max;
}

/* Who sleeps for this semaphore: counted by the operation that could not be done. */
static int count_waiting(const struct sem_set *set, unsigned num, bool for_zero)
{
	const struct sem_wait *w;
	int n = 0;

	list_for_each(w, &set->waits, node) {
		const struct sembuf *op = w->try.blocking;
		n += op->num == num && (for_zero ? op->op == 0 : op->op < 0);
	}
	return n;
}

static long set_value(struct sem_set *set, unsigned num, int value)
{
	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	set->sems[num].value = value;
	set->sems[num].pid = current_process()->pid;
	set->ctime = ipc_now();
	sem_undo_clear(set, num, 1);
	sem_update(set);
	return 0;
}

static long get_all(struct sem_set *set, uaddr_t to)
{
	unsigned count = set->count;
	uint16_t *values = kmalloc(count * sizeof(*values));
	int err;

	if (!values)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		values[i] = (uint16_t)set->sems[i].value;
	err = copy_to_user(to, values, count * sizeof(*values));
	kfree(values);
	return err ? -EFAULT : 0;
}

static long store_all(struct sem_set *set, const uint16_t *values)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (values[i] > SEMVMX)
			return -ERANGE;
	}
	for (unsigned i = 0; i < set->count; i++) {
		set->sems[i].value = values[i];
		set->sems[i].pid = current_process()->pid;
	}
	set->ctime = ipc_now();
	sem_undo_clear(set, 0, set->count);
	sem_update(set);
	return 0;
}

/* The copy may sleep: the set may be gone after it. */
static long set_all(struct sem_set *set, uaddr_t from)
{
	size_t size = set->count * sizeof(uint16_t);
	uint16_t *values = kmalloc(size);
	long err;

	if (!values)
		return -ENOMEM;
	ipc_get(&set->ipc);
	err = copy_from_user(values, from, size) ? -EFAULT : 0;
	if (!err)
		err = set->ipc.removed ? -EIDRM : store_all(set, values);
	ipc_put(&set->ipc);
	kfree(values);
	return err;
}

static long one_semaphore(struct sem_set *set, unsigned num, int cmd, int arg)
{
	switch (cmd) {
	case GETVAL:
		return set->sems[num].value;
	case GETPID:
		return set->sems[num].pid;
	case GETNCNT:
		return count_waiting(set, num, false);
	case GETZCNT:
		return count_waiting(set, num, true);
	default:
		return set_value(set, num, arg);
	}
}

static long values(int id, int num, int cmd, uint64_t arg)
{
	bool writes = cmd == SETVAL || cmd == SETALL, whole = cmd == GETALL || cmd == SETALL;
	struct ipc_object *o;
	struct sem_set *set;

	if (cmd == SETVAL && ((int)arg < 0 || (int)arg > SEMVMX))
		return -ERANGE;
	o = ipc_find(&sem_ids, id);
	if (!o)
		return -EINVAL;
	set = sem_set_of(o);
	if (cmd == SETVAL && (num < 0 || (unsigned)num >= set->count))
		return -EINVAL;
	if (!ipc_may(o, writes ? 0222 : 0444))
		return -EACCES;
	if (whole)
		return writes ? set_all(set, arg) : get_all(set, arg);
	if (num < 0 || (unsigned)num >= set->count)
		return -EINVAL;
	return one_semaphore(set, (unsigned)num, cmd, (int)arg);
}

static long change(int id, const struct ipc_perm *perm)
{
	struct ipc_object *o;
	int err = ipc_find_own(&sem_ids, id, &o);

	if (err)
		return err;
	if (!perm) {
		sem_remove(sem_set_of(o));
		return 0;
	}
	err = ipc_perm_set(o, perm);
	if (!err)
		sem_set_of(o)->ctime = ipc_now();
	return err;
}

SYSCALL_DEFINE(semctl, int, id, int, num, int, cmd, uint64_t, arg)
{
	struct semid_ds ds;

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return info(cmd, arg);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return stat_set(id, cmd, arg);
	case GETPID:
	case GETVAL:
	case GETALL:
	case GETNCNT:
	case GETZCNT:
	case SETVAL:
	case SETALL:
		return values(id, num, cmd, arg);
	case IPC_SET:
		return get_user(ds, arg) ? -EFAULT : change(id, &ds.perm);
	case IPC_RMID:
		return change(id, NULL);
	default:
		return -EINVAL;
	}
}
