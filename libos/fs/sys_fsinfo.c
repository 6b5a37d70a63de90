/* sys_fsinfo.c: what file systems there are and how they do: sysfs(2), ustat, cachestat. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/filemap.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

static unsigned fs_type_count(void)
{
	unsigned n = 0;

	while (fs_types[n])
		n++;
	return n;
}

static long fs_type_index(uaddr_t uname)
{
	char name[64];
	ssize_t n = strncpy_from_user(name, uname, sizeof(name));

	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	for (unsigned i = 0; fs_types[i]; i++) {
		if (!strcmp(fs_types[i]->name, name))
			return i;
	}
	return -EINVAL;
}

SYSCALL_DEFINE(sysfs, int, option, unsigned long, arg, uaddr_t, buf)
{
	switch (option) {
	case 1:
		return fs_type_index(arg);
	case 2:
		if (arg >= fs_type_count())
			return -EINVAL;
		return copy_to_user(buf, fs_types[arg]->name, strlen(fs_types[arg]->name) + 1);
	case 3:
		return fs_type_count();
	default:
		return -EINVAL;
	}
}

struct ustat {
	int32_t tfree;
	uint64_t tinode;
	char fname[6], fpack[6];
};

SYSCALL_DEFINE(ustat, unsigned, dev, uaddr_t, ubuf)
{
	struct kstatfs k = {0};
	struct ustat u = {0};
	struct mount *m, *found = NULL;
	int err;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->sb->dev == dev)
			found = m;
	}
	if (!found)
		return -EINVAL;
	err = found->sb->ops && found->sb->ops->statfs ? found->sb->ops->statfs(found->sb, &k) : 0;
	if (err)
		return err;
	u.tfree = (int32_t)k.bfree;
	u.tinode = k.ffree;
	return put_user(u, ubuf);
}

struct cachestat_range {
	uint64_t off, len;
};
struct cachestat {
	uint64_t nr_cache, nr_dirty, nr_writeback, nr_evicted, nr_recently_evicted;
};

/* Pages [first, end) of the cache. Nothing is written back in the background and evictions are not recorded. */
static void count_pages(struct inode *inode, uint64_t first, uint64_t end, struct cachestat *out)
{
	struct filemap *map = inode_content(inode)->map;
	struct cpage *page;

	for (uint64_t i = first; map && (page = pagetree_next(&map->pages, &i)) && i < end; i++) {
		out->nr_cache++;
		out->nr_dirty += !!(page->flags & CP_DIRTY);
	}
}

SYSCALL_DEFINE(cachestat, int, fd, uaddr_t, urange, uaddr_t, uout, unsigned, flags)
{
	struct file *f = fd_get(fd, false);
	struct cachestat_range r;
	struct cachestat c = {0};
	uint64_t end = UINT64_MAX, last;
	int err;

	if (!f)
		return -EBADF;
	err = copy_from_user(&r, urange, sizeof(r));
	if (!err && flags)
		err = -EINVAL;
	if (!err && r.len && !__builtin_add_overflow(r.off, r.len - 1, &last))
		end = last / 4096 + 1;
	if (!err && f->inode && S_ISREG(f->inode->mode))
		count_pages(f->inode, r.off / 4096, end, &c);
	file_put(f);
	return err ? err : copy_to_user(uout, &c, sizeof(c));
}
