/* shm_ctl.c: shmctl(2). */
#include "base/string.h"
#include "fs/file.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "sysv/shm.h"

static long stat_segment(int id, int cmd, uaddr_t buf)
{
	struct shmid_ds ds = { 0 };
	const struct shm_segment *seg;
	struct ipc_object *o;
	int err = ipc_stat_target(&shm_ids, id, cmd != IPC_STAT, cmd == SHM_STAT_ANY, &o);

	if (err)
		return err;
	seg = container_of(o, struct shm_segment, ipc);
	ipc_perm_fill(o, &ds.perm);
	ds.segsz = seg->size;
	ds.atime = seg->atime;
	ds.dtime = seg->dtime;
	ds.ctime = seg->ctime;
	ds.cpid = seg->cpid;
	ds.lpid = seg->lpid;
	ds.nattch = shm_attached(seg);
	id = cmd == IPC_STAT ? 0 : o->id;
	return put_user(ds, buf) ? -EFAULT : id;
}

static long info_limits(uaddr_t buf)
{
	struct shminfo info = {
		.shmmax = shm_max_bytes,
		.shmmin = 1,
		.shmmni = shm_ids.limit,
		.shmseg = shm_ids.limit,
		.shmall = shm_all_pages,
	};
	int max = ipc_max_slot(&shm_ids);

	return put_user(info, buf) ? -EFAULT : max;
}

static long info_usage(uaddr_t buf)
{
	struct shm_info info = { .used_ids = (int32_t)shm_ids.used, .shm_tot = shm_pages };
	int max = ipc_max_slot(&shm_ids);

	for (int i = 0; i <= max; i++) {
		struct ipc_object *o = ipc_at(&shm_ids, i);
		if (o)
			info.shm_rss += filemap_resident(container_of(o, struct shm_segment, ipc)->file->inode);
	}
	return put_user(info, buf) ? -EFAULT : max;
}

/* Enclave memory is never swapped: only the mark is kept. */
static long lock_segment(int id, bool lock)
{
	struct ipc_object *o = ipc_find(&shm_ids, id);
	const struct process *p = current_process();
	uint32_t euid = p->cred.euid;

	if (!o)
		return -EINVAL;
	if (!capable(CAP_IPC_LOCK)) {
		if (euid != o->uid && euid != o->cuid)
			return -EPERM;
		if (lock && !p->rlim[RLIMIT_MEMLOCK].cur)
			return -EPERM;
	}
	if (lock)
		o->mode |= SHM_LOCKED;
	else
		o->mode &= ~SHM_LOCKED;
	return 0;
}

/* NULL: it is removed. */
static long change(int id, const struct ipc_perm *perm)
{
	struct ipc_object *o;
	int err = ipc_find_own(&shm_ids, id, &o);
	struct shm_segment *seg;

	if (err)
		return err;
	seg = container_of(o, struct shm_segment, ipc);
	if (!perm) {
		shm_remove(seg);
		return 0;
	}
	err = ipc_perm_set(o, perm);
	if (!err)
		seg->ctime = ipc_now();
	return err;
}

SYSCALL_DEFINE(shmctl, int, id, int, cmd, uaddr_t, buf)
{
	struct shmid_ds ds;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return info_limits(buf);
	case SHM_INFO:
		return info_usage(buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return stat_segment(id, cmd, buf);
	case IPC_SET:
		return get_user(ds, buf) ? -EFAULT : change(id, &ds.perm);
	case IPC_RMID:
		return change(id, NULL);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return lock_segment(id, cmd == SHM_LOCK);
	default:
		return -EINVAL;
	}
}
