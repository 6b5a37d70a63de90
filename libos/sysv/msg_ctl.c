/* msg_ctl.c: msgctl(2). */
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "sysv/msg.h"

static long stat_queue(int id, int cmd, uaddr_t buf)
{
	struct msqid_ds ds = { 0 };
	const struct msg_queue *q;
	struct ipc_object *o;
	int err = ipc_stat_target(&msg_ids, id, cmd != IPC_STAT, cmd == MSG_STAT_ANY, &o);

	if (err)
		return err;
	q = msg_queue_of(o);
	ipc_perm_fill(o, &ds.perm);
	ds.stime = q->stime;
	ds.rtime = q->rtime;
	ds.ctime = q->ctime;
	ds.cbytes = q->bytes;
	ds.qnum = q->count;
	ds.qbytes = q->limit;
	ds.lspid = q->lspid;
	ds.lrpid = q->lrpid;
	id = cmd == IPC_STAT ? 0 : o->id;
	return put_user(ds, buf) ? -EFAULT : id;
}

static long info(int cmd, uaddr_t buf)
{
	struct msginfo mi = {
		.msgmni = (int32_t)msg_ids.limit,
		.msgmax = (int32_t)msg_max_bytes,
		.msgmnb = (int32_t)msg_queue_bytes,
		.msgssz = MSGSSZ,
		.msgseg = MSGSEG,
		.msgpool = (int32_t)(msg_ids.limit * msg_queue_bytes / 1024),
		.msgmap = (int32_t)msg_queue_bytes,
		.msgtql = (int32_t)msg_queue_bytes,
	};
	int max = ipc_max_slot(&msg_ids);

	if (cmd == MSG_INFO) {
		mi.msgpool = (int32_t)msg_ids.used;
		mi.msgmap = (int32_t)msg_total_count;
		mi.msgtql = (int32_t)msg_total_bytes;
	}
	return put_user(mi, buf) ? -EFAULT : max;
}

static long set_queue(struct msg_queue *q, const struct msqid_ds *ds)
{
	int err;

	if (ds->qbytes > msg_queue_bytes && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	err = ipc_perm_set(&q->ipc, &ds->perm);
	if (err)
		return err;
	q->limit = ds->qbytes;
	q->ctime = ipc_now();
	/* There may be room now, and some may not be allowed to wait any more. */
	waitq_wake_all(&q->senders, 0);
	waitq_wake_all(&q->receivers, 0);
	return 0;
}

static long change(int id, const struct msqid_ds *ds)
{
	struct ipc_object *o;
	int err = ipc_find_own(&msg_ids, id, &o);

	if (err)
		return err;
	if (ds)
		return set_queue(msg_queue_of(o), ds);
	msg_remove(msg_queue_of(o));
	return 0;
}

SYSCALL_DEFINE(msgctl, int, id, int, cmd, uaddr_t, buf)
{
	struct msqid_ds ds;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return info(cmd, buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return stat_queue(id, cmd, buf);
	case IPC_SET:
		return get_user(ds, buf) ? -EFAULT : change(id, &ds);
	case IPC_RMID:
		return change(id, NULL);
	default:
		return -EINVAL;
	}
}
