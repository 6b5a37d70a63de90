/* notify.h: the VFS tells here what happens to files; inotify.c passes it on to who watches.
 *
 * Called after something has happened, by the code that did it. Nothing here sleeps, but for notify_gone (it may drop the
 * last watch of an inode whose reference the caller still holds). With no watch anywhere a call costs one test. */
#pragma once
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/fanotify.h"
#include "linux/inotify.h"

extern unsigned notify_watches; /* in the whole system */
extern unsigned fanotify_marks; /* likewise: fanotify.c */

/* Slow paths. */
void notify_inode_(struct inode *i, uint32_t mask, uint32_t cookie, const char *name);
void notify_dentry_(struct dentry *d, uint32_t mask);
void notify_move_(struct inode *from, const char *old_name, struct inode *to, const char *new_name, struct inode *moved,
		  struct inode *replaced);
void notify_gone_(struct inode *i);
void fanotify_tell_(const struct path *p, uint32_t mask);
int fanotify_ask_(const struct path *p, uint32_t mask) must_check;

/* To who watches i; name: of an entry of the directory i, or NULL for i itself. IN_ISDIR is part of mask. */
static inline void notify_inode(struct inode *i, uint32_t mask, const char *name)
{
	if (notify_watches)
		notify_inode_(i, mask, 0, name);
}

/* To who watches the file or its directory. */
static inline void notify_dentry(struct dentry *d, uint32_t mask)
{
	if (notify_watches)
		notify_dentry_(d, mask);
}

static inline void notify_file(struct file *f, uint32_t mask)
{
	if (!f->path.dentry || (f->flags & O_PATH) || f->nonotify)
		return;
	if (notify_watches)
		notify_dentry_(f->path.dentry, mask);
	if (fanotify_marks)
		fanotify_tell_(&f->path, mask);
}

/* f was opened to be executed. */
static inline void notify_exec(struct file *f)
{
	notify_file(f, IN_OPEN);
	if (fanotify_marks)
		fanotify_tell_(&f->path, FAN_OPEN_EXEC);
}

/* A listener may refuse what is about to be done with p (FAN_..._PERM): -EPERM. May sleep. */
static inline int notify_ask(const struct path *p, uint32_t mask)
{
	return fanotify_marks && p->dentry ? fanotify_ask_(p, mask) : 0;
}

static inline uint32_t notify_isdir(const struct inode *i)
{
	return S_ISDIR(i->mode) ? IN_ISDIR : 0;
}

/* `moved` has another name (and directory) now; replaced: what had the new name before, or NULL. */
static inline void notify_move(struct inode *from, const char *old_name, struct inode *to, const char *new_name,
			       struct inode *moved, struct inode *replaced)
{
	if (notify_watches)
		notify_move_(from, old_name, to, new_name, moved, replaced);
}

/* A name lets go of i: if it was the last and nobody has the file open any more, the watches on it end. */
static inline void notify_gone(struct inode *i)
{
	if (notify_watches && !i->nlink && !list_empty(&i->watches))
		notify_gone_(i);
}
