/* inode.c: inodes and super blocks: lifetime, permission, times.
 *
 * inode_put of the last reference frees the pages (written back first where the fs can), tells the
 * fs (ops->evict) and frees the object. A super block lives as long as a mount of it (mount.c). */
#include "fs/inode.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "process/process.h"
#include "time/clock.h"

static uint64_t next_dev = 1;

struct timespec64 inode_now(void)
{
	nsec_t now = clock_real();

	return (struct timespec64){(int64_t)(now / NSEC_PER_SEC), (int64_t)(now % NSEC_PER_SEC)};
}

struct inode *inode_alloc(struct super_block *sb, uint32_t mode)
{
	static const struct inode_ops no_ops;
	struct inode *i = kzalloc(sizeof(*i));

	if (!i)
		return NULL;
	i->ref = 1;
	i->ops = &no_ops; /* pipes and sockets keep these */
	i->sb = sb;
	i->ino = ++sb->next_ino;
	i->mode = mode;
	i->nlink = 1;
	i->seals = F_SEAL_SEAL;
	i->atime = i->mtime = i->ctime = i->btime = inode_now();
	list_init(&i->locks);
	list_init(&i->leases);
	list_init(&i->dentries);
	list_init(&i->watches);
	return i;
}

struct inode *inode_get(struct inode *i)
{
	i->ref++;
	return i;
}

void inode_put(struct inode *i)
{
	struct inode *data;

	assert(i->ref > 0);
	if (i->ref > 1) {
		i->ref--;
		return;
	}
	filemap_free(i); /* may sleep to write back: the reference still counts */
	if (--i->ref)
		return;
	if (i->ops && i->ops->evict)
		i->ops->evict(i);
	if (i->sites)
		i->sites->drop(i->sites);
	data = i->data;
	kfree(i);
	if (data)
		inode_put(data);
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
	return cred->fsgid == gid || cred_in_groups(cred, gid);
}

static bool cred_capable(const struct cred *cred, int cap)
{
	return cred->cap_effective >> cap & 1;
}

static bool override_allowed(const struct inode *i, int mask, const struct cred *cred)
{
	bool search = cred_capable(cred, CAP_DAC_READ_SEARCH);

	if (S_ISDIR(i->mode))
		return cred_capable(cred, CAP_DAC_OVERRIDE) || (!(mask & W_OK) && search);
	if ((!(mask & X_OK) || (i->mode & 0111)) && cred_capable(cred, CAP_DAC_OVERRIDE))
		return true;
	return mask == R_OK && search;
}

int inode_permission_as(struct inode *i, int mask, const struct cred *cred)
{
	uint32_t bits = i->mode;

	if (cred->fsuid == i->uid)
		bits >>= 6;
	else if (cred_in_group(cred, i->gid))
		bits >>= 3;
	if (!((uint32_t)mask & ~bits & 7))
		return 0;
	return override_allowed(i, mask, cred) ? 0 : -EACCES;
}

int inode_permission(struct inode *i, int mask)
{
	struct process *p = current_process();

	if ((mask & W_OK) && (i->fsflags & FS_IMMUTABLE_FL))
		return -EPERM;
	return p ? inode_permission_as(i, mask, &p->cred) : 0; /* boot threads may do all */
}

void inode_getattr_default(struct inode *i, struct kstat *st)
{
	uint64_t size = inode_size(i);

	*st = (struct kstat){
		.dev = i->sb->dev,
		.ino = i->ino,
		.mode = i->mode,
		.nlink = i->nlink,
		.uid = i->uid,
		.gid = i->gid,
		.rdev = i->rdev,
		.size = size,
		.blksize = 4096,
		.blocks = (size + 511) / 512,
		.atime = i->atime,
		.mtime = i->mtime,
		.ctime = i->ctime,
		.btime = i->btime,
	};
}

int inode_getattr(struct inode *i, struct kstat *st)
{
	int err = 0;

	if (i->ops && i->ops->getattr)
		err = i->ops->getattr(i, st);
	else
		inode_getattr_default(i, st);
	st->attributes = (i->fsflags & FS_IMMUTABLE_FL ? STATX_ATTR_IMMUTABLE : 0) |
			 (i->fsflags & FS_APPEND_FL ? STATX_ATTR_APPEND : 0) |
			 (i->fsflags & FS_NODUMP_FL ? STATX_ATTR_NODUMP : 0);
	return err;
}

void inode_touch(struct inode *i, unsigned attr_bits)
{
	struct timespec64 now = inode_now();

	for (;; i = i->data) {
		if (attr_bits & ATTR_ATIME)
			i->atime = now;
		if (attr_bits & ATTR_MTIME)
			i->mtime = now;
		if (attr_bits & ~ATTR_ATIME)
			i->ctime = now;
		if (!i->data)
			return;
	}
}

void inode_init_owner(struct inode *i, const struct inode *dir, uint32_t mode)
{
	struct process *p = current_process();

	i->uid = p ? p->cred.fsuid : 0;
	i->gid = p ? p->cred.fsgid : 0;
	if (dir->mode & S_ISGID) {
		i->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | 0010)) == (S_ISGID | 0010) && p &&
			 !cred_in_group(&p->cred, i->gid) && !cred_capable(&p->cred, CAP_FSETID))
			mode &= ~(uint32_t)S_ISGID;
	}
	i->mode = mode;
}

int inode_setattr_default(struct inode *i, const struct iattr *attr)
{
	if (attr->valid & ATTR_MODE)
		i->mode = (i->mode & S_IFMT) | (attr->mode & 07777);
	if (attr->valid & ATTR_UID)
		i->uid = attr->uid;
	if (attr->valid & ATTR_GID)
		i->gid = attr->gid;
	if (attr->valid & ATTR_SIZE)
		filemap_truncate(i, attr->size);
	if (attr->valid & ATTR_ATIME)
		i->atime = attr->atime;
	if (attr->valid & ATTR_MTIME)
		i->mtime = attr->mtime;
	i->ctime = inode_now();
	return 0;
}

struct super_block *super_alloc(const char *fstype, const struct super_ops *ops, void *priv)
{
	struct super_block *sb = kzalloc(sizeof(*sb));

	if (!sb)
		return NULL;
	sb->fstype = fstype;
	sb->ops = ops;
	sb->ref = 1;
	sb->dev = MKDEV(0, next_dev++);
	sb->priv = priv;
	return sb;
}

int super_set_root(struct super_block *sb, struct inode *root)
{
	sb->root = dentry_detached(sb, NULL, "/", root);
	if (!sb->root)
		return -ENOMEM;
	sb->root->unhashed = false;
	return 0;
}

struct super_block *super_get(struct super_block *sb)
{
	sb->ref++;
	return sb;
}

void super_put(struct super_block *sb)
{
	assert(sb->ref > 0);
	if (--sb->ref)
		return;
	dcache_drop_super(sb);
	if (sb->root)
		dentry_put(sb->root);
	if (sb->ops && sb->ops->put)
		sb->ops->put(sb);
	kfree(sb);
}
