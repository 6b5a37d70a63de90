/* proc.c: /proc/sysvipc: one line per object, in the columns ipcs(1) reads. */
#include "abi/layout.h"
#include "fs/file.h"
#include "fs/procfs/procfs.h"
#include "sysv/msg.h"
#include "sysv/sem.h"
#include "sysv/shm.h"

static void shm_line(struct text *out, struct ipc_object *o)
{
	const struct shm_segment *s = container_of(o, struct shm_segment, ipc);

	text_printf(out, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10lu %10lu %10lu %21lu %21lu\n", o->key,
		    o->id, o->mode, s->size, s->cpid, s->lpid, shm_attached(s), o->uid, o->gid, o->cuid, o->cgid,
		    s->atime, s->dtime, s->ctime, filemap_resident(s->file->inode) << PAGE_SHIFT, 0UL);
}

static void sem_line(struct text *out, struct ipc_object *o)
{
	const struct sem_set *s = sem_set_of(o);

	text_printf(out, "%10d %10d  %4o %10u %5u %5u %5u %5u %10lu %10lu\n", o->key, o->id, o->mode, s->count, o->uid,
		    o->gid, o->cuid, o->cgid, s->otime, s->ctime);
}

static void msg_line(struct text *out, struct ipc_object *o)
{
	const struct msg_queue *q = msg_queue_of(o);

	text_printf(out, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10lu %10lu %10lu\n", o->key, o->id,
		    o->mode, q->bytes, q->count, q->lspid, q->lrpid, o->uid, o->gid, o->cuid, o->cgid, q->stime,
		    q->rtime, q->ctime);
}

static void each(struct text *out, const struct ipc_ids *ids, void (*line)(struct text *, struct ipc_object *))
{
	unsigned left = ids->used;

	for (int i = 0; left; i++) {
		struct ipc_object *o = ipc_at(ids, i);
		if (!o)
			continue;
		line(out, o);
		left--;
	}
}

static int show_shm(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      "
			 "atime      dtime      ctime                   rss                  swap\n");
	each(out, &shm_ids, shm_line);
	return 0;
}

static int show_sem(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
	each(out, &sem_ids, sem_line);
	return 0;
}

static int show_msg(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      "
			 "stime      rtime      ctime\n");
	each(out, &msg_ids, msg_line);
	return 0;
}

const struct proc_entry sysvipc_entries[] = {
	PROC_FILE("msg", show_msg),
	PROC_FILE("sem", show_sem),
	PROC_FILE("shm", show_shm),
	{ 0 },
};
