/* pipe_ends.c: the ends of a pipe between enclaves: made, opened once more, handed on to another enclave, given back. See pipe.h.
 *
 * What is left of a record that was read in part is copied to a process that gets the end, and when that ends,
 * it says how far it has read (files.c). The inode knows both ends, as far as they are here: opening /proc/PID/fd/N shares one. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/util.h"
#include "eip/pipe_internal.h"
#include "fs/inode.h"
#include "hostcall/hostcall.h"
#include "hostcall/record.h"
#include "ipc/pipe.h"
#include "linux/errno.h"

int eip_pipe_reserve(struct eip_pipe *e, size_t n)
{
	size_t cap = left(e) + n;
	char *to;

	if (!left(e))
		e->left_at = e->left_end = 0;
	if (e->left_cap - e->left_end >= n)
		return 0;
	to = kmalloc(cap);
	if (!to)
		return -ENOMEM;
	if (left(e))
		memcpy(to, e->left + e->left_at, left(e));
	e->left_end = left(e);
	e->left_at = 0;
	kfree(e->left);
	e->left = to;
	e->left_cap = cap;
	return 0;
}

/* ---- life ---- */

static void pipe_free(struct eip_pipe *e)
{
	if (e->watched)
		net_unwatch_fd(&e->watch, e->fd);
	host_close(e->fd);
	kfree(e->record);
	kfree(e->left);
	kfree(e->seen);
	wipe(e, sizeof(*e));
	kfree(e);
}

void eip_pipe_release(struct file *f)
{
	struct eip_pipe *e = f->priv;

	if (--e->ref)
		return;
	*e->place = NULL;
	pipe_free(e);
}

static void ends_evict(struct inode *inode)
{
	kfree(inode->priv);
}

static struct inode *ends_inode(void)
{
	static const struct inode_ops ops = { .evict = ends_evict };
	struct ends *ends = kzalloc(sizeof(*ends));
	struct inode *inode = ends ? pipe_inode() : NULL;

	if (!inode) {
		kfree(ends);
		return NULL;
	}
	inode->ops = &ops;
	inode->priv = ends;
	return inode;
}

/* Takes over fd, also on failure. */
static struct file *end_create(int fd, const uint8_t *key, unsigned flags, struct inode *inode)
{
	struct eip_pipe *e = kzalloc(sizeof(*e));
	struct file *f = e ? file_alloc(&eip_pipe_ops, flags, NULL, inode) : NULL;

	if (!f) {
		kfree(e);
		host_close(fd);
		return NULL;
	}
	e->ref = 1;
	e->fd = fd;
	memcpy(e->key, key, sizeof(e->key));
	gcm_key_init(&e->gcm, key);
	e->packets = flags & O_DIRECT;
	e->writer = rng_u64();
	waitq_init(&e->waitq);
	waitq_init(&e->idle);
	e->place = &((struct ends *)inode->priv)->end[file_writable(f)];
	*e->place = e;
	f->priv = e;
	return f;
}

int eip_pipe_open(struct inode *inode, struct file *f)
{
	struct ends *ends = inode->priv;
	struct eip_pipe *e = ends->end[file_writable(f)];

	if (!e || (file_readable(f) && file_writable(f)))
		return -ENXIO;
	e->ref++;
	f->ops = &eip_pipe_ops;
	f->priv = e;
	return 0;
}

int eip_pipe_create(unsigned flags, struct file *ends[2])
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	int fds[2], err = inode ? host_record_pair(fds) : -ENOMEM;

	if (!err) {
		rng_bytes(key, sizeof(key));
		ends[0] = end_create(fds[0], key, O_RDONLY | flags, inode);
		ends[1] = end_create(fds[1], key, O_WRONLY | flags, inode);
		if (!ends[0] || !ends[1]) {
			if (ends[0])
				file_put(ends[0]);
			if (ends[1])
				file_put(ends[1]);
			err = -ENOMEM;
		}
		wipe(key, sizeof(key));
	}
	if (inode)
		inode_put(inode);
	return err;
}

/* ---- handing on, and back ---- */

int eip_pipe_pack(const struct file *f, struct pack *p)
{
	const struct eip_pipe *e = f->priv;

	pack_bytes(p, e->key, sizeof(e->key));
	pack_u32(p, f->flags);
	pack_u64(p, (uint64_t)e->pos);
	pack_blob(p, e->left + e->left_at, left(e));
	pack_blob(p, e->seen, e->seen_count * sizeof(*e->seen));
	return e->fd;
}

struct file *eip_pipe_unpack(struct unpack *u, int fd)
{
	struct inode *inode = ends_inode();
	uint8_t key[GCM_KEY_SIZE];
	struct eip_pipe *e;
	struct file *f;
	const void *data;
	size_t n;

	unpack_bytes(u, key, sizeof(key));
	if (!inode) {
		host_close(fd);
		return NULL;
	}
	f = end_create(fd, key, unpack_u32(u), inode);
	wipe(key, sizeof(key));
	inode_put(inode);
	if (!f)
		return NULL;
	e = f->priv;
	e->pos = (loff_t)unpack_u64(u);
	data = unpack_blob(u, &n);
	u->failed |= eip_pipe_reserve(e, n) != 0;
	if (!u->failed && n)
		memcpy(e->left, data, n);
	e->left_end = u->failed ? 0 : n;
	data = unpack_blob(u, &n);
	e->seen = n ? kmalloc(n) : NULL;
	u->failed |= n && !e->seen; /* without it, what was read could be repeated */
	if (e->seen) {
		memcpy(e->seen, data, n);
		e->seen_count = (unsigned)(n / sizeof(*e->seen));
	}
	return f;
}

const void *eip_pipe_left(const struct file *f, loff_t *pos, size_t *n)
{
	const struct eip_pipe *e = f->priv;

	*pos = e->pos;
	*n = left(e);
	return e->left + e->left_at;
}

void eip_pipe_take_back(struct file *f, loff_t came, loff_t pos, const void *data, size_t n)
{
	struct eip_pipe *e = f->priv;

	bool unread = e->pos == came && !e->busy; /* busy: a thread here reads at this moment */

	if (!unread && pos != came)
		log_info("eip: two processes have read a pipe at the same time: %zu bytes are lost", n);
	if (!unread)
		return;
	e->left_at = e->left_end = 0;
	if (eip_pipe_reserve(e, n))
		return;
	memcpy(e->left, data, n);
	e->left_end = n;
	e->pos = pos;
}
