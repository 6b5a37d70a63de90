/* unix_control.c: what travels beside the bytes: descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS).
 *
 * A pack holds references on its files. Freeing one may release a socket whose queue holds further packs, and so on as
 * deep as a program likes: so packs to be freed go on a list that the first freer works off, without recursion.
 * Sockets that are only reachable through each other's queues are not found; the limit on descriptors in
 * flight bounds that. */
#include "base/heap.h"
#include "base/string.h"
#include "net/unix.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/pidfd.h"
#include "signal/signal.h"

static unsigned in_flight;
static struct list doomed = LIST_INIT(doomed);
static bool freeing;
struct list fd_packs_queued = LIST_INIT(fd_packs_queued);

static struct fd_pack *pack_alloc(void)
{
	struct fd_pack *pack = kmalloc(sizeof(*pack));

	if (pack) {
		pack->count = 0;
		pack->holder = NULL;
		list_init(&pack->node);
	}
	return pack;
}

static void pack_add(struct fd_pack *pack, struct file *f)
{
	pack->files[pack->count++] = f;
	in_flight++;
}

void fd_pack_free(struct fd_pack *pack)
{
	if (!pack)
		return;
	list_push_back(&doomed, &pack->node);
	if (freeing)
		return;
	freeing = true;
	while (!list_empty(&doomed)) {
		pack = list_first(&doomed, struct fd_pack, node);
		list_remove(&pack->node);
		in_flight -= pack->count;
		for (unsigned i = 0; i < pack->count; i++)
			file_put(pack->files[i]);
		kfree(pack);
	}
	freeing = false;
}

void fd_pack_enqueue(struct fd_pack *pack, struct unix_sock *holder)
{
	pack->holder = holder;
	list_push_back(&fd_packs_queued, &pack->node);
}

void fd_pack_dequeue(struct fd_pack *pack)
{
	pack->holder = NULL;
	list_remove(&pack->node);
	list_init(&pack->node);
}

bool fd_pack_freeing(void)
{
	return freeing;
}

struct fd_pack *fd_pack_copy(const struct fd_pack *pack)
{
	struct fd_pack *copy = pack_alloc();

	for (unsigned i = 0; copy && i < pack->count; i++)
		pack_add(copy, file_get(pack->files[i]));
	return copy;
}

static int read_rights(struct scm *scm, const char *data, size_t len)
{
	size_t n = len / sizeof(int32_t);

	if (!n)
		return 0;
	if (!scm->fds)
		scm->fds = pack_alloc();
	if (!scm->fds)
		return -ENOMEM;
	if (n > SCM_MAX_FD - scm->fds->count)
		return -EINVAL;
	if (in_flight + n > current_process()->rlim[RLIMIT_NOFILE].cur)
		return -ETOOMANYREFS;
	for (size_t i = 0; i < n; i++) {
		struct file *f;
		int32_t fd;

		memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
		f = fd_get(fd, true);
		if (!f)
			return -EBADF;
		pack_add(scm->fds, f);
	}
	return 0;
}

static bool is_own_id(uint32_t id, uint32_t real, uint32_t effective, uint32_t saved)
{
	return id == real || id == effective || id == saved;
}

static int read_credentials(struct scm *scm, const char *data, size_t len)
{
	const struct process *p = current_process();
	const struct cred *c = &p->cred;
	struct ucred cred;

	if (len != sizeof(cred))
		return -EINVAL;
	memcpy(&cred, data, sizeof(cred));
	if ((cred.pid != p->pid && !capable(CAP_SYS_ADMIN)) ||
	    (!is_own_id(cred.uid, c->uid, c->euid, c->suid) && !capable(CAP_SETUID)) ||
	    (!is_own_id(cred.gid, c->gid, c->egid, c->sgid) && !capable(CAP_SETGID)))
		return -EPERM;
	if (!process_find(cred.pid))
		return -ESRCH;
	scm->cred = cred;
	return 0;
}

static int read_one(struct scm *scm, const struct cmsghdr *h, const char *data)
{
	size_t len = h->len - sizeof(*h);

	if (h->level != SOL_SOCKET)
		return 0;
	switch (h->type) {
	case SCM_RIGHTS:
		return read_rights(scm, data, len);
	case SCM_CREDENTIALS:
		return read_credentials(scm, data, len);
	default:
		return -EINVAL;
	}
}

static int read_all(struct scm *scm, const char *buf, size_t len)
{
	struct cmsghdr h;
	int err = 0;

	for (size_t at = 0; !err && at + sizeof(h) <= len; at += CMSG_ALIGN(h.len)) {
		memcpy(&h, buf + at, sizeof(h));
		if (h.len < sizeof(h) || h.len > len - at)
			return -EINVAL;
		err = read_one(scm, &h, buf + at + sizeof(h));
	}
	return err;
}

int scm_read(struct scm *scm, const struct msg_io *io)
{
	return read_all(scm, io->control, io->control_len);
}

/* One descriptor into the caller's table and memory. */
static int give_file(struct file *f, uaddr_t where, bool cloexec)
{
	int fd = fd_install(file_get(f), 0, cloexec);

	if (fd < 0) {
		file_put(f);
		return fd;
	}
	if (put_user((int32_t)fd, where)) {
		(void)fd_close(fd);
		return -EFAULT;
	}
	return 0;
}

static void write_rights(struct scm *scm, struct msg_io *io)
{
	size_t room = io->out.left > sizeof(struct cmsghdr) ? (io->out.left - sizeof(struct cmsghdr)) / sizeof(int32_t) : 0;
	struct cmsghdr h = { .level = SOL_SOCKET, .type = SCM_RIGHTS };
	uaddr_t data = io->out.at + sizeof(h);
	size_t n = 0;

	while (n < MIN(room, (size_t)scm->fds->count) &&
	       !give_file(scm->fds->files[n], data + n * sizeof(int32_t), io->flags & MSG_CMSG_CLOEXEC))
		n++;
	if (n < scm->fds->count)
		io->out_flags |= MSG_CTRUNC;
	h.len = sizeof(h) + n * sizeof(int32_t);
	if (n && !copy_to_user(io->out.at, &h, sizeof(h)))
		control_advance(&io->out, h.len);
}

/* -errno in its place when there is none. */
static void write_pidfd(const struct scm *scm, struct msg_io *io)
{
	struct process *p = process_find(scm->cred.pid);
	int32_t fd;

	if (io->out.left < CMSG_ALIGN(sizeof(struct cmsghdr)) + sizeof(fd)) {
		io->out_flags |= MSG_CTRUNC;
		return;
	}
	fd = p ? pidfd_create(p, 0) : -ESRCH;
	control_put(io, SOL_SOCKET, SCM_PIDFD, &fd, sizeof(fd));
}

void scm_write(struct unix_sock *s, struct scm *scm, struct msg_io *io)
{
	if (scm->has_cred && s->sk.passcred)
		control_put(io, SOL_SOCKET, SCM_CREDENTIALS, &scm->cred, sizeof(scm->cred));
	if (scm->has_cred && s->sk.passpidfd)
		write_pidfd(scm, io);
	if (!scm->fds)
		return;
	write_rights(scm, io);
	fd_pack_free(scm->fds);
	scm->fds = NULL;
}
