/* sys_statmount.c: what is mounted, as system calls: statmount, listmount, and mount_setattr, which changes
 * it. Mounts are named by their unique number (mount_unique_id), never used again. Giant lock. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/mount.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define SUPPORTED                                                                                  \
	(STATMOUNT_SB_BASIC | STATMOUNT_MNT_BASIC | STATMOUNT_PROPAGATE_FROM |                     \
	 STATMOUNT_MNT_ROOT | STATMOUNT_MNT_POINT | STATMOUNT_FS_TYPE | STATMOUNT_MNT_NS_ID |      \
	 STATMOUNT_MNT_OPTS | STATMOUNT_SB_SOURCE | STATMOUNT_SUPPORTED_MASK)
#define STRINGS_MAX 12288u
#define LIST_CHUNK 64u
#define LIST_MAX 1000000u

static struct mount_ns *my_ns(void)
{
	return current_process()->fs->ns;
}

static struct mount *find_mount(uint64_t id)
{
	struct mount *m;

	list_for_each(m, &mount_all, all_node)
	{
		if (m->ns == my_ns() && mount_unique_id(m) == id)
			return m;
	}
	return NULL;
}

/* Is m at or below the caller's root? */
static bool is_reachable(struct mount *m)
{
	const struct path *root = &current_process()->fs->root;
	struct dentry *at = m->root;

	for (; m != root->mnt; m = m->parent) {
		if (!m->parent)
			return false;
		at = m->mountpoint;
	}
	return dentry_is_below(at, root->dentry);
}

static int request_from_user(struct mnt_id_req *req, uaddr_t ureq)
{
	if (get_user(req->size, ureq))
		return -EFAULT;
	if (req->size < MNT_ID_REQ_SIZE_VER0)
		return -EINVAL;
	if (req->size > 4096)
		return -E2BIG;
	*req = (struct mnt_id_req){.size = req->size};
	if (copy_from_user(req, ureq, MIN((size_t)req->size, sizeof(*req))))
		return -EFAULT;
	if (req->mnt_ns_fd && req->mnt_ns_id)
		return -EINVAL;
	if (req->mnt_ns_fd)
		return fdtable_lookup(current_files(), (int)req->mnt_ns_fd) ? -EINVAL : -EBADF;
	/* Number 0 and the short ones are none of ours. */
	if (req->mnt_id <= UINT32_MAX)
		return -EINVAL;
	return req->mnt_ns_id && req->mnt_ns_id != mount_ns_number(my_ns()) ? -ENOENT : 0;
}

/* The answer while it is made: the strings follow the struct. */
struct answer {
	struct statmount sm;
	char *text;
	uint32_t len;
};

/* Room for a string: its offset in *where. */
static int add_string(struct answer *a, uint32_t *where, const char *s)
{
	size_t n = strlen(s) + 1;

	if (a->len + n > STRINGS_MAX)
		return -EOVERFLOW;
	*where = a->len;
	memcpy(a->text + a->len, s, n);
	a->len += (uint32_t)n;
	return 0;
}

static void fill_super(struct statmount *sm, const struct mount *m)
{
	sm->sb_dev_major = (uint32_t)(m->sb->dev >> 8);
	sm->sb_dev_minor = (uint32_t)(m->sb->dev & 0xff);
	sm->sb_magic = super_magic(m->sb);
	sm->sb_flags = m->sb->readonly ? MS_RDONLY : 0;
}

static uint64_t attributes(const struct mount *m)
{
	static const struct {
		unsigned flag, attr;
	} map[] = {
		{MS_RDONLY, MOUNT_ATTR_RDONLY},	  {MS_NOSUID, MOUNT_ATTR_NOSUID},
		{MS_NODEV, MOUNT_ATTR_NODEV},	  {MS_NOEXEC, MOUNT_ATTR_NOEXEC},
		{MS_NOATIME, MOUNT_ATTR_NOATIME}, {MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
		{MS_STRICTATIME, MOUNT_ATTR_STRICTATIME}, {MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW},
	};
	uint64_t attr = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		attr |= m->flags & map[i].flag ? map[i].attr : 0;
	return attr;
}

static void fill_mount(struct statmount *sm, const struct mount *m)
{
	const struct mount *up = m->parent ? m->parent : m;

	sm->mnt_id = mount_unique_id(m);
	sm->mnt_id_old = (uint32_t)m->id;
	sm->mnt_parent_id = mount_unique_id(up);
	sm->mnt_parent_id_old = (uint32_t)up->id;
	sm->mnt_attr = attributes(m);
	sm->mnt_propagation = (m->group ? MS_SHARED : 0) | (m->master ? MS_SLAVE : 0) |
			      (m->unbindable ? MS_UNBINDABLE : 0);
	if (!sm->mnt_propagation)
		sm->mnt_propagation = MS_PRIVATE;
	sm->mnt_peer_group = (uint64_t)m->group;
	sm->mnt_master = (uint64_t)m->master;
}

static int fill_strings(struct answer *a, struct mount *m, uint64_t mask)
{
	char *buf = kmalloc(PATH_MAX), *name;
	struct path at = {m, m->root};
	int err = buf ? 0 : -ENOMEM;

	if (!err && (mask & STATMOUNT_MNT_ROOT))
		err = dentry_path(m->root, buf, PATH_MAX, &name) ?: add_string(a, &a->sm.mnt_root, name);
	if (!err && (mask & STATMOUNT_MNT_POINT))
		err = path_name(&at, buf, PATH_MAX, &name) ?: add_string(a, &a->sm.mnt_point, name);
	if (!err && (mask & STATMOUNT_FS_TYPE))
		err = add_string(a, &a->sm.fs_type, m->sb->fstype);
	if (!err && (mask & STATMOUNT_SB_SOURCE))
		err = add_string(a, &a->sm.sb_source, m->source);
	if (!err && (mask & STATMOUNT_MNT_OPTS)) {
		mount_show_options(m, buf, PATH_MAX);
		err = add_string(a, &a->sm.mnt_opts, buf);
	}
	kfree(buf);
	return err;
}

static int make_answer(struct answer *a, struct mount *m, uint64_t mask)
{
	int err = fill_strings(a, m, mask);

	if (err)
		return err;
	if (mask & STATMOUNT_SB_BASIC)
		fill_super(&a->sm, m);
	if (mask & STATMOUNT_MNT_BASIC)
		fill_mount(&a->sm, m);
	if (mask & STATMOUNT_MNT_NS_ID)
		a->sm.mnt_ns_id = mount_ns_number(m->ns);
	if (mask & STATMOUNT_SUPPORTED_MASK)
		a->sm.supported_mask = SUPPORTED;
	a->sm.mask = mask & SUPPORTED;
	a->sm.size = (uint32_t)sizeof(a->sm) + a->len;
	return 0;
}

static int put_answer(const struct answer *a, uaddr_t ubuf, size_t size)
{
	if (a->len && size < a->sm.size)
		return -EOVERFLOW;
	if (copy_to_user(ubuf, &a->sm, MIN(size, sizeof(a->sm))))
		return -EFAULT;
	return a->len ? copy_to_user(ubuf + sizeof(a->sm), a->text, a->len) : 0;
}

SYSCALL_DEFINE(statmount, uaddr_t, ureq, uaddr_t, ubuf, size_t, size, unsigned, flags)
{
	struct mnt_id_req req;
	struct answer a = {0};
	struct mount *m;
	int err;

	if (flags)
		return -EINVAL;
	err = request_from_user(&req, ureq);
	if (err)
		return err;
	m = find_mount(req.mnt_id);
	if (!m)
		return -ENOENT;
	if (!is_reachable(m) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	a.text = kmalloc(STRINGS_MAX);
	if (!a.text)
		return -ENOMEM;
	err = make_answer(&a, m, req.param);
	if (!err)
		err = put_answer(&a, ubuf, size);
	kfree(a.text);
	return err;
}

static bool is_under(const struct mount *m, const struct mount *top)
{
	for (m = m->parent; m && m != top; m = m->parent)
		;
	return m;
}

/* The mount with the next number after (before, if reverse) id below top. */
static struct mount *next_under(struct mount *top, uint64_t id, bool reverse)
{
	struct mount *m, *best = NULL;

	list_for_each(m, &mount_all, all_node)
	{
		uint64_t n = mount_unique_id(m);

		if (!is_under(m, top) || !is_reachable(m) || (reverse ? id && n >= id : n <= id))
			continue;
		if (!best || (n < mount_unique_id(best)) != reverse)
			best = m;
	}
	return best;
}

static long list_under(struct mount *top, uint64_t last, uaddr_t uids, size_t n, bool reverse)
{
	uint64_t ids[LIST_CHUNK];
	size_t done = 0, have;
	struct mount *m;

	do {
		for (have = 0; have < MIN(n - done, (size_t)LIST_CHUNK); have++) {
			m = next_under(top, last, reverse);
			if (!m)
				break;
			last = ids[have] = mount_unique_id(m);
		}
		if (have && copy_to_user(uids + done * sizeof(*ids), ids, have * sizeof(*ids)))
			return -EFAULT;
		done += have;
	} while (have == LIST_CHUNK);
	return (long)done;
}

SYSCALL_DEFINE(listmount, uaddr_t, ureq, uaddr_t, uids, size_t, n, unsigned, flags)
{
	struct mnt_id_req req;
	struct mount *top;
	int err;

	if (flags & ~LISTMOUNT_REVERSE)
		return -EINVAL;
	if (n > LIST_MAX)
		return -EOVERFLOW;
	if (n && clear_user(uids, 8))
		return -EFAULT;
	err = request_from_user(&req, ureq);
	if (err)
		return err;
	if (req.param && req.param <= UINT32_MAX)
		return -EINVAL;
	top = req.mnt_id == LSMT_ROOT ? current_process()->fs->root.mnt : find_mount(req.mnt_id);
	if (!top)
		return -ENOENT;
	if (!is_reachable(top) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return list_under(top, req.param, uids, n, flags & LISTMOUNT_REVERSE);
}

struct mount_attr {
	uint64_t set, clr, propagation, userns_fd;
};
#define MOUNT_ATTRS                                                                                \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |            \
	 MOUNT_ATTR_ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)

/* The MS_ flags of attributes. The two times that are not "relative" exclude each other. */
static unsigned flags_of(uint64_t attr)
{
	unsigned f = 0;

	f |= attr & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0;
	f |= attr & MOUNT_ATTR_NOSUID ? MS_NOSUID : 0;
	f |= attr & MOUNT_ATTR_NODEV ? MS_NODEV : 0;
	f |= attr & MOUNT_ATTR_NOEXEC ? MS_NOEXEC : 0;
	f |= attr & MOUNT_ATTR_NODIRATIME ? MS_NODIRATIME : 0;
	f |= attr & MOUNT_ATTR_NOSYMFOLLOW ? MS_NOSYMFOLLOW : 0;
	f |= attr & MOUNT_ATTR_NOATIME ? MS_NOATIME : 0;
	f |= attr & MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME : 0;
	return f;
}

static int check_attr(const struct mount_attr *a)
{
	unsigned type = (unsigned)a->propagation;

	if (a->propagation & ~(uint64_t)(MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		return -EINVAL;
	if (type & (type - 1))
		return -EINVAL;
	if ((a->set | a->clr) & ~(uint64_t)MOUNT_ATTRS) /* an idmap asks for a file system that can */
		return -EINVAL;
	/* To set a kind of access time, clear what was there: all of the field. */
	if ((a->clr & MOUNT_ATTR_ATIME) && (a->clr & MOUNT_ATTR_ATIME) != MOUNT_ATTR_ATIME)
		return -EINVAL;
	if (!(a->clr & MOUNT_ATTR_ATIME) && (a->set & MOUNT_ATTR_ATIME))
		return -EINVAL;
	return (a->set & MOUNT_ATTR_ATIME) == MOUNT_ATTR_ATIME ? -EINVAL : 0;
}

static int change_attr(struct mount *top, const struct mount_attr *a, bool recursive)
{
	struct mount *m;

	list_for_each(m, &mount_all, all_node)
	{
		if (m != top && !(recursive && is_under(m, top)))
			continue;
		m->flags &= ~flags_of(a->clr & ~(uint64_t)MOUNT_ATTR_ATIME);
		if (a->clr & MOUNT_ATTR_ATIME)
			m->flags &= ~(MS_NOATIME | MS_STRICTATIME);
		m->flags |= flags_of(a->set);
	}
	return a->propagation ? mount_set_propagation(top, (unsigned)a->propagation | (recursive ? MS_REC : 0),
						      recursive)
			      : 0;
}

SYSCALL_DEFINE(mount_setattr, int, dirfd, uaddr_t, uname, unsigned, flags, uaddr_t, uattr, size_t, size)
{
	unsigned look = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct mount_attr a;
	struct path p;
	int err;

	if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	if (size < sizeof(a))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&a, uattr, sizeof(a)))
		return -EFAULT;
	if (!a.set && !a.clr && !a.propagation)
		return 0;
	err = check_attr(&a);
	if (!err)
		err = user_path_at(dirfd, uname, look, &p);
	if (err)
		return err;
	err = p.dentry == p.mnt->root ? change_attr(p.mnt, &a, flags & AT_RECURSIVE) : -EINVAL;
	path_put(&p);
	return err;
}
