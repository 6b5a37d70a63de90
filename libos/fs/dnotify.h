/* dnotify.h: F_NOTIFY: signals about what happens in a directory. */
#pragma once
#include "base/types.h"

struct file;
struct inode;

long dnotify_set(struct file *f, int fd, unsigned long events); /* DN_* */
void dnotify_drop_file(struct file *f);
/* Something happened in (or to) the directory; mask: IN_* of linux/inotify.h. Does not sleep. */
void dnotify_tell(struct inode *dir, uint32_t mask);
/* An entry has another name in the same directory. */
void dnotify_renamed(struct inode *dir);
