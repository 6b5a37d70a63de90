/* anonfd.c: the way from an object to its first descriptor. */
#include "ipc/anonfd.h"
#include "base/heap.h"
#include "linux/errno.h"

long anonfd_install(const struct file_ops *ops, void *priv, unsigned flags)
{
	struct file *f = priv ? file_alloc(ops, O_RDWR | (flags & O_NONBLOCK), NULL, NULL) : NULL;
	int fd;

	if (!f) {
		kfree(priv);
		return -ENOMEM;
	}
	f->priv = priv;
	fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}
