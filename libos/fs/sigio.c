/* sigio.c: SIGIO: who owns a file (F_SETOWN) and how the owner is told that something can be read or written. All files
 * with an owner are in one list, so that objects with several files (pipes) find theirs. */
#include "base/heap.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"

struct list file_owners = LIST_INIT(file_owners);

struct file_owner *file_owner_get(struct file *f)
{
	struct file_owner *o = f->owner;

	if (o)
		return o;
	o = f->owner = kzalloc(sizeof(*o));
	if (!o)
		return NULL;
	o->file = f;
	list_push_back(&file_owners, &o->node);
	return o;
}

void file_owner_free(struct file *f)
{
	if (!f->owner)
		return;
	list_remove(&f->owner->node);
	kfree(f->owner);
	f->owner = NULL;
}

static void sigio_one(struct process *p, const struct file_owner *o, const struct siginfo *info,
		      int sig)
{
	const struct cred *c = &p->cred;

	if (o->euid == 0 || o->euid == c->suid || o->euid == c->uid || o->uid == c->suid ||
	    o->uid == c->uid)
		signal_send_process(p, sig, info);
}

int file_owner_default(struct file *f, int fd)
{
	struct file_owner *o = file_owner_get(f);

	if (!o)
		return -ENOMEM;
	o->fd = fd;
	if (o->id)
		return 0;
	o->type = F_OWNER_PID;
	o->id = current_process()->pid;
	o->uid = current_process()->cred.uid;
	o->euid = current_process()->cred.euid;
	return 0;
}

void file_sigio(struct file *f, unsigned band)
{
	if (f->flags & O_ASYNC)
		file_signal_owner(f, band & EPOLLIN ? POLL_IN : band & EPOLLOUT ? POLL_OUT : POLL_HUP, band);
}

static void tell_owner(const struct file_owner *o, struct siginfo info)
{
	struct process *p;

	if (o->type == F_OWNER_TID) {
		struct thread *t = thread_find(o->id);

		if (t)
			signal_send_thread(t, info.signo, &info);
		return;
	}
	list_for_each(p, &process_all, all_node) {
		if (!p->zombie && (o->type == F_OWNER_PID ? p->pid : p->pgid) == o->id)
			sigio_one(p, o, &info, info.signo);
	}
}

void file_signal_owner(struct file *f, int code, unsigned band)
{
	const struct file_owner *o = f->owner;
	struct siginfo info = {.signo = o && o->sig ? o->sig : SIGIO, .code = SI_KERNEL};

	if (!o || !o->id)
		return;
	if (o->sig) {
		info.code = code;
		info.poll.band = band;
		info.poll.fd = o->fd;
	}
	tell_owner(o, info);
}

void file_sigurg(struct file *f)
{
	if (f->owner && f->owner->id)
		tell_owner(f->owner, (struct siginfo){.signo = SIGURG, .code = SI_KERNEL});
}

void file_sigio_all(const void *priv, unsigned band)
{
	struct file_owner *o;

	list_for_each(o, &file_owners, node) {
		struct file *f = o->file;

		if (f->priv == priv && (band & EPOLLIN ? file_readable(f) : file_writable(f)))
			file_sigio(f, band);
	}
}
