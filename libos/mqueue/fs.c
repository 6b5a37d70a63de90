/* fs.c: the file system of message queues: one directory, each file a queue. mq_open finds queues here without a mount;
 * mounted (at /dev/mqueue) it shows them to ls, cat and rm. A queue lives while it has a name or is open. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "ipc/poll.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "mqueue/mqueue.h"
#include "process/process.h"

#define MQUEUE_MAGIC 0x19800202
#define SHOWN_SIZE 80	      /* st_size of every queue */
#define NODE_CHARGE 96	      /* bytes per message besides its content, as RLIMIT_MSGQUEUE counts them */
#define MSG_HARD_MAX 65536    /* for those who may exceed the limits */
#define SIZE_HARD_MAX 16777216

uint64_t mq_queues_max = 256, mq_msg_max = 10, mq_msg_default = 10, mq_size_max = 8192, mq_size_default = 8192;

static struct list queues = LIST_INIT(queues);
static unsigned queue_count;
static struct mount *mq_mount; /* in no tree */

static struct mqueue *find(const char *name)
{
	struct mqueue *q;

	list_for_each(q, &queues, node) {
		if (!strcmp(q->name, name))
			return q;
	}
	return NULL;
}

static void evict(struct inode *inode)
{
	struct mqueue *q = inode->priv;

	mq_free_messages(q);
	queue_count--;
	kfree(q);
}

/* The content in one line. */
static ssize_t queue_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	const struct mqueue *q = f->inode->priv;
	const struct mq_notify *n = &q->notify;
	bool told = n->process != NULL;
	char line[SHOWN_SIZE];
	int len = snprintf(line, sizeof(line), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", (unsigned long)q->bytes,
			   told ? n->how : 0, told && n->how == SIGEV_SIGNAL ? n->signo : 0, told ? n->pid : 0);
	ssize_t done;

	if (*pos >= len)
		return 0;
	done = copy_to_iter(line + *pos, MIN(to->count, (size_t)(len - *pos)), to);
	*pos += MAX(done, 0);
	return done;
}

static unsigned queue_poll(struct file *f, struct poll_table *pt)
{
	struct mqueue *q = f->inode->priv;

	poll_wait(pt, &q->poll);
	return (q->count ? EPOLLIN | EPOLLRDNORM : 0) | (q->count < q->max_messages ? EPOLLOUT | EPOLLWRNORM : 0);
}

static int queue_flush(struct file *f)
{
	mq_notify_drop(f->inode->priv, current_process());
	return 0;
}

static const struct file_ops queue_ops = {
	.name = "mqueue", .read = queue_read, .poll = queue_poll, .flush = queue_flush, .lseek = file_lseek_regular,
};
static const struct inode_ops queue_inode_ops = { .setattr = inode_setattr_default, .evict = evict };

struct mqueue *mq_of_file(const struct file *f)
{
	return f->ops == &queue_ops ? f->inode->priv : NULL;
}

/* What RLIMIT_MSGQUEUE says of one more queue of this size. */
static int charge(struct mqueue *q)
{
	const struct process *p = current_process();
	uint64_t used = 0;
	const struct mqueue *other;

	q->owner = p->cred.uid;
	q->charge = (uint64_t)q->max_messages * ((uint64_t)q->max_size + NODE_CHARGE);
	list_for_each(other, &queues, node)
		used += other->owner == q->owner ? other->charge : 0;
	return used + q->charge > p->rlim[RLIMIT_MSGQUEUE].cur ? -EMFILE : 0;
}

static int check_attr(const struct mq_attr *a)
{
	bool may = capable(CAP_SYS_RESOURCE);

	if (a->maxmsg <= 0 || a->msgsize <= 0)
		return -EINVAL;
	if (a->maxmsg > (int64_t)(may ? MSG_HARD_MAX : mq_msg_max))
		return -EINVAL;
	return a->msgsize > (int64_t)(may ? SIZE_HARD_MAX : mq_size_max) ? -EINVAL : 0;
}

static struct mqueue *queue_alloc(const char *name, const struct mq_attr *attr)
{
	struct mqueue *q = kzalloc(sizeof(*q));

	if (!q)
		return NULL;
	strlcpy(q->name, name, sizeof(q->name));
	q->max_messages = attr ? attr->maxmsg : (int64_t)MIN(mq_msg_max, mq_msg_default);
	q->max_size = attr ? attr->msgsize : (int64_t)MIN(mq_size_max, mq_size_default);
	list_init(&q->messages);
	list_init(&q->receivers);
	list_init(&q->senders);
	waitq_init(&q->poll);
	return q;
}

int mq_create(const char *name, uint32_t mode, const struct mq_attr *attr, struct inode **out)
{
	struct inode *dir = mq_mount->sb->root->inode, *inode;
	int err = attr ? check_attr(attr) : 0;
	struct mqueue *q;

	if (!err && queue_count >= mq_queues_max && !capable(CAP_SYS_RESOURCE))
		err = -ENOSPC;
	if (err)
		return err;
	q = queue_alloc(name, attr);
	err = q ? charge(q) : -ENOMEM;
	inode = err ? NULL : inode_alloc(dir->sb, S_IFREG);
	if (!inode) {
		kfree(q);
		return err ? err : -ENOMEM;
	}
	inode_init_owner(inode, dir, S_IFREG | (mode & 07777));
	inode->ops = &queue_inode_ops;
	inode->fops = &queue_ops;
	inode->size = SHOWN_SIZE;
	inode->priv = q;
	q->inode = inode;
	queue_count++;
	list_push_back(&queues, &q->node); /* the name's reference */
	inode_touch(dir, ATTR_MTIME);
	*out = inode_get(inode);
	return 0;
}

static int dir_lookup(struct inode *dir, const char *name, struct inode **out)
{
	struct mqueue *q = find(name);

	(void)dir;
	if (!q)
		return -ENOENT;
	*out = inode_get(q->inode);
	return 0;
}

static int dir_create(struct inode *dir, const char *name, uint32_t mode, uint64_t rdev, struct inode **out)
{
	(void)dir, (void)rdev;
	if (!S_ISREG(mode))
		return -EPERM;
	return find(name) ? -EEXIST : mq_create(name, mode, NULL, out);
}

static int dir_unlink(struct inode *dir, const char *name, struct inode *victim)
{
	struct mqueue *q = victim->priv;

	(void)name;
	if (list_empty(&q->node))
		return -ENOENT;
	list_remove(&q->node);
	victim->nlink = 0;
	inode_touch(dir, ATTR_MTIME);
	inode_put(victim);
	return 0;
}

static int dir_iterate(struct file *f, struct dir_context *ctx)
{
	struct mqueue *q;
	loff_t at = 0;

	(void)f;
	list_for_each(q, &queues, node) {
		if (at++ < ctx->pos)
			continue;
		if (!ctx->emit(ctx, q->name, strlen(q->name), q->inode->ino, MODE_TO_DT(S_IFREG)))
			return 0;
		ctx->pos = at;
	}
	return 0;
}

static loff_t dir_lseek(struct file *f, loff_t off, int whence)
{
	return whence == SEEK_SET && off >= 0 ? (f->pos = off) : -EINVAL;
}

static const struct file_ops dir_ops = { .name = "mqueue-dir", .iterate = dir_iterate, .lseek = dir_lseek };
static const struct inode_ops dir_inode_ops = {
	.lookup = dir_lookup, .create = dir_create, .unlink = dir_unlink, .setattr = inode_setattr_default,
};

static int mq_statfs(struct super_block *sb, struct kstatfs *out)
{
	*out = (struct kstatfs){
		.type = MQUEUE_MAGIC, .bsize = PAGE_SIZE, .frsize = PAGE_SIZE, .namelen = MQ_NAME_MAX, .fsid = sb->dev,
	};
	return 0;
}

static const struct super_ops mq_super_ops = { .statfs = mq_statfs };

static int super_make(struct super_block **out)
{
	struct super_block *sb = super_alloc("mqueue", &mq_super_ops, NULL);
	struct inode *root = sb ? inode_alloc(sb, S_IFDIR | 01777) : NULL;
	int err;

	if (!root) {
		if (sb)
			super_put(sb);
		return -ENOMEM;
	}
	root->nlink = 2;
	root->ops = &dir_inode_ops;
	root->fops = &dir_ops;
	err = super_set_root(sb, root);
	if (err)
		super_put(sb);
	else
		*out = sb;
	return err;
}

/* There is one directory of queues, made when it is first needed. */
static int ensure(void)
{
	struct super_block *sb;
	int err;

	if (mq_mount)
		return 0;
	err = super_make(&sb);
	if (err)
		return err;
	mq_mount = mount_internal(sb);
	if (!mq_mount)
		super_put(sb);
	return mq_mount ? 0 : -ENOMEM;
}

int mq_root(struct path *out)
{
	int err = ensure();

	if (err)
		return err;
	*out = (struct path){ mq_mount, mq_mount->root };
	path_get(out);
	return 0;
}

static int mqueue_mount(const char *source, const char *options, struct super_block **out)
{
	int err = ensure();

	(void)source, (void)options;
	if (!err)
		*out = super_get(mq_mount->sb);
	return err;
}

const struct fs_type mqueue_type = { "mqueue", mqueue_mount };
