/* dnotify.c: F_NOTIFY: the owner of an open directory gets a signal when something in it changes.
 *
 * The oldest of Linux' three ways to watch. Fed by the same calls as inotify; a watch counts in notify_watches,
 * so that they come. All watches are in one list: there are never many. Giant lock. */
#include "fs/dnotify.h"
#include "base/heap.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/notify.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "process/process.h"

struct watch {
	struct list node;
	struct file *file;
	uint32_t events; /* DN_* */
};

static struct list watches = LIST_INIT(watches);

static const struct {
	uint32_t in, dn;
} event_map[] = {
	{ IN_ACCESS, DN_ACCESS },
	{ IN_MODIFY, DN_MODIFY },
	{ IN_ATTRIB, DN_ATTRIB },
	{ IN_CREATE | IN_MOVED_TO, DN_CREATE },
	{ IN_DELETE | IN_MOVED_FROM, DN_DELETE },
};

static struct watch *watch_of(const struct file *f)
{
	struct watch *w;

	list_for_each(w, &watches, node) {
		if (w->file == f)
			return w;
	}
	return NULL;
}

static void watch_end(struct watch *w)
{
	list_remove(&w->node);
	kfree(w);
	notify_watches--;
}

void dnotify_drop_file(struct file *f)
{
	struct watch *w = list_empty(&watches) ? NULL : watch_of(f);

	if (w)
		watch_end(w);
}

long dnotify_set(struct file *f, int fd, unsigned long events)
{
	struct watch *w = watch_of(f);
	int err;

	if (!(events & DN_ALL_EVENTS)) {
		dnotify_drop_file(f);
		return 0;
	}
	if (!f->inode || !S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	err = file_owner_default(f, fd);
	if (err)
		return err;
	if (!w) {
		w = kzalloc(sizeof(*w));
		if (!w)
			return -ENOMEM;
		w->file = f;
		list_push_back(&watches, &w->node);
		notify_watches++;
	}
	w->events |= (uint32_t)events & (DN_ALL_EVENTS | DN_MULTISHOT);
	return 0;
}

static void tell(struct inode *dir, uint32_t events)
{
	struct watch *w, *next;

	list_for_each_safe(w, next, &watches, node) {
		if (w->file->inode != dir || !(w->events & events))
			continue;
		file_signal_owner(w->file, POLL_MSG, EPOLLIN | EPOLLRDNORM | EPOLLMSG);
		if (w->events & DN_MULTISHOT)
			continue;
		w->events &= ~events;
		if (!w->events)
			watch_end(w);
	}
}

void dnotify_tell(struct inode *dir, uint32_t mask)
{
	uint32_t events = 0;

	if (list_empty(&watches) || !S_ISDIR(dir->mode))
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(event_map); i++)
		events |= mask & event_map[i].in ? event_map[i].dn : 0;
	if (events)
		tell(dir, events);
}

void dnotify_renamed(struct inode *dir)
{
	tell(dir, DN_RENAME);
}
