/* super.c: mounting a host directory. See hostfs.h. */
#include "fs/hostfs/hostfs.h"

#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define STATFS_NAME_MAX 255

static int super_statfs(struct super_block *sb, struct kstatfs *out)
{
	const char *root = host_super(sb)->root;
	struct ocall_statfs a = { 0 };
	int err = host_statfs(*root ? root : "/", &a);

	if (err)
		return err;
	*out = (struct kstatfs){ .type = a.type, .bsize = a.bsize, .frsize = a.bsize, .blocks = a.blocks,
				 .bfree = a.bfree, .bavail = a.bavail, .files = a.files, .ffree = a.ffree,
				 .fsid = sb->dev, .namelen = STATFS_NAME_MAX };
	return 0;
}

static void host_super_put(struct super_block *sb)
{
	struct host_super *hs = host_super(sb);

	kfree(hs->root);
	kfree(hs);
}

static const struct super_ops hostfs_super_ops = { .statfs = super_statfs, .put = host_super_put };

/* Without trailing slashes; "" is the host's root. */
static char *root_copy(const char *dir)
{
	char *s = kstrdup(dir);
	size_t len = s ? strlen(s) : 0;

	while (len && s[len - 1] == '/')
		s[--len] = 0;
	return s;
}

static struct host_super *host_super_alloc(const char *dir)
{
	struct host_super *hs = kzalloc(sizeof(*hs));

	if (!hs)
		return NULL;
	hs->root = root_copy(dir);
	if (!hs->root) {
		kfree(hs);
		return NULL;
	}
	for (size_t i = 0; i < HOSTFS_HASH; i++)
		list_init(&hs->hash[i]);
	list_init(&hs->open_nodes);
	return hs;
}

/* "/." looks through a symbolic link, and says -ENOTDIR for what is no directory. */
static int root_stat(const char *dir, struct host_stat *st)
{
	char path[PATH_MAX];
	int err;

	if (dir[0] != '/')
		return -EINVAL;
	if (snprintf(path, sizeof(path), "%s/.", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	err = host_lstat(path, st);
	return err ? err : S_ISDIR(st->mode) ? 0 : -ENOTDIR;
}

int hostfs_create(const char *host_dir, bool readonly, struct super_block **out)
{
	struct host_super *hs;
	struct super_block *sb;
	struct inode *root;
	struct host_stat st;
	int err = root_stat(host_dir, &st);

	if (err)
		return err;
	hs = host_super_alloc(host_dir);
	sb = hs ? super_alloc("hostfs", &hostfs_super_ops, hs) : NULL;
	if (!sb) {
		kfree(hs ? hs->root : NULL);
		kfree(hs);
		return -ENOMEM;
	}
	hs->root_dev = st.dev;
	sb->readonly = readonly;
	err = hostfs_inode(sb, NULL, "", &st, &root);
	if (!err)
		err = super_set_root(sb, root);
	*out = sb;
	return err;
}

static int hostfs_mount(const char *source, const char *options, struct super_block **out)
{
	return hostfs_create(source, options && strstr(options, "ro") == options, out);
}

const struct fs_type hostfs_type = { "hostfs", hostfs_mount };
