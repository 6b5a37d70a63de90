/* pair.c: connected local sockets (socketpair(2), mostly) that several enclaves have open.
 *
 * A connection within one enclave is a pair of queues (net/unix*.c). When one of its ends is first handed on, both become ends of
 * a pair of host sockets that carries sealed records, each direction under a key of its own: `far` is set, and the socket's
 * operations are those here. Bytes that were queued stay where they were, as read ahead; whole messages go ahead by
 * the host; descriptors in them are gone. Who waits in a call on the queues starts it again. Shutdown and closing
 * are the host's to tell, as ends of pipes are. */
#include "eip/pair.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/util.h"
#include "hostcall/hostcall.h"
#include "hostcall/record.h"
#include "linux/errno.h"
#include "linux/socket.h"
#include "linux/termios.h"
#include "net/events.h"
#include "net/unix.h"
#include "signal/signal.h"

#define SHUT_READ 0
#define SHUT_WRITE 1

enum { KEY_IN, KEY_OUT };

struct eip_pair { /* one end */
	struct records_in in;
	struct records_out out;
	struct socket *sk;
	int fd;
	uint8_t key[2][GCM_KEY_SIZE];
	struct net_watch watch;
	bool writing; /* somebody is, as in.busy: reading; idle is woken when it ends */
	struct waitq idle;
};

static const struct socket_ops pair_ops;

static struct eip_pair *pair_of(struct socket *sk)
{
	return unix_of(sk)->far;
}

struct records_in *eip_pair_in(const struct file *f)
{
	struct socket *sk = file_socket(f);

	return sk && sk->ops == &pair_ops ? &pair_of(sk)->in : NULL;
}

static void changed(struct net_watch *w, unsigned state)
{
	struct socket *sk = container_of(w, struct eip_pair, watch)->sk;

	socket_wake(sk, &sk->readable, state);
	if (!waitq_empty(&sk->writable))
		waitq_wake_all(&sk->writable, state);
}

static int turn_take(struct eip_pair *e, bool *turn)
{
	while (*turn)
		if (waitq_wait(&e->idle, WAIT_INTERRUPTIBLE, NSEC_NEVER))
			return -ERESTARTSYS;
	*turn = true;
	return 0;
}

static void turn_give(struct eip_pair *e, bool *turn)
{
	*turn = false;
	if (!waitq_empty(&e->idle))
		waitq_wake_all(&e->idle, 0);
}

/* ---- sending ---- */

static int send_record(struct socket *sk, const struct msg_io *io, size_t n, nsec_t deadline)
{
	for (;;) {
		int err = records_send(&pair_of(sk)->out, n);

		if (err != -EAGAIN)
			return err;
		err = socket_wait(&sk->writable, io->nonblock, deadline);
		if (err)
			return err;
	}
}

static ssize_t send_bytes(struct socket *sk, struct msg_io *io, char *plain, nsec_t deadline)
{
	struct eip_pair *e = pair_of(sk);
	size_t done = 0;

	do {
		ssize_t n = io->iter->count ? records_seal(&e->out, io->iter, MIN(io->iter->count, RECORD_MAX), plain)
					    : records_seal_bytes(&e->out, plain, 0);
		int err = n < 0 ? (int)n : send_record(sk, io, (size_t)n, deadline);

		if (err)
			return done ? (ssize_t)done : err;
		done += (size_t)n;
	} while (io->iter->count);
	return (ssize_t)done;
}

/* Credentials travel with the connection, descriptors not at all. */
static int check_control(const struct msg_io *io)
{
	struct scm scm = { .cred = unix_current_cred() };
	int err = io->control_len ? scm_read(&scm, io) : 0;

	if (!err && scm.fds) {
		log_info("eip: descriptors cannot be sent to another enclave");
		err = -EOPNOTSUPP;
	}
	if (scm.fds)
		fd_pack_free(scm.fds);
	return err;
}

static int check_send(const struct socket *sk, const struct msg_io *io)
{
	if (io->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (io->name && io->name->len)
		return -EISCONN;
	if (sk->type != SOCK_STREAM && (io->iter->count + 32 > sk->sndbuf || io->iter->count > RECORD_MAX))
		return -EMSGSIZE;
	return check_control(io);
}

static ssize_t pair_sendmsg(struct socket *sk, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(sk->snd_timeout);
	struct eip_pair *e = pair_of(sk);
	char *plain;
	ssize_t n = check_send(sk, io);

	if (!n && sk->type == SOCK_STREAM && !io->iter->count)
		return 0;
	if (!n)
		n = turn_take(e, &e->writing);
	if (n)
		return n;
	plain = kmalloc(MIN(io->iter->count, RECORD_MAX) + 1);
	n = plain ? send_bytes(sk, io, plain, deadline) : -ENOMEM;
	kfree(plain);
	turn_give(e, &e->writing);
	if (n == -ECONNRESET)
		n = -EPIPE;
	if (n == -EPIPE && sk->type == SOCK_DGRAM)
		return -ECONNREFUSED;
	return n == -EPIPE && sk->type == SOCK_STREAM ? socket_pipe_error(io) : n;
}

/* ---- receiving ---- */

static bool has_some(const struct eip_pair *e)
{
	return e->in.one ? e->in.have : records_left(&e->in) != 0;
}

/* With the turn, and again on return: 1: something is there; 0: the end; or -errno, without it. */
static ssize_t await(struct socket *sk, const struct msg_io *io, size_t want, nsec_t deadline)
{
	struct eip_pair *e = pair_of(sk);

	for (;;) {
		bool enough = e->in.one ? e->in.have : records_left(&e->in) >= want;
		ssize_t n = enough ? 1 : records_fetch(&e->in, want - records_left(&e->in));

		if (has_some(e))
			return 1;
		if (sk->type == SOCK_DGRAM && (!n || n == -ECONNRESET))
			n = -EAGAIN; /* nobody may send any more, but nobody is told */
		if (!n)
			return 0;
		turn_give(e, &e->in.busy);
		if (n == -EAGAIN)
			n = socket_wait(&sk->readable, io->nonblock, deadline);
		if (!n)
			n = turn_take(e, &e->in.busy);
		if (n)
			return n;
	}
}

static ssize_t take_stream(struct eip_pair *e, struct msg_io *io)
{
	ssize_t n = copy_to_iter(records_data(&e->in), MIN(records_left(&e->in), io->iter->count), io->iter);

	if (n > 0 && !(io->flags & MSG_PEEK))
		records_take(&e->in, (size_t)n);
	return n;
}

static ssize_t take_packet(struct eip_pair *e, struct msg_io *io)
{
	size_t len = records_left(&e->in), want = MIN(len, io->iter->count);
	ssize_t n = want ? copy_to_iter(records_data(&e->in), want, io->iter) : 0;

	if (n < 0)
		return n;
	if (want < len)
		io->out_flags |= MSG_TRUNC;
	if (io->flags & MSG_TRUNC)
		n = (ssize_t)len;
	if (!(io->flags & MSG_PEEK))
		records_take(&e->in, len);
	return n;
}

static ssize_t receive(struct socket *sk, struct msg_io *io, nsec_t deadline)
{
	struct eip_pair *e = pair_of(sk);
	bool all = sk->type == SOCK_STREAM && (io->flags & MSG_WAITALL) && !(io->flags & MSG_PEEK);
	ssize_t done = 0, n = turn_take(e, &e->in.busy);

	if (n)
		return n;
	do {
		n = await(sk, io, io->iter->count, deadline);
		if (n < 0)
			return done ? done : n;
		if (n)
			n = e->in.one ? take_packet(e, io) : take_stream(e, io);
		if (n > 0)
			done += n;
	} while (n > 0 && all && io->iter->count);
	turn_give(e, &e->in.busy);
	return done ? done : n;
}

static ssize_t pair_recvmsg(struct socket *sk, struct msg_io *io)
{
	nsec_t deadline = socket_deadline(sk->rcv_timeout);
	struct unix_sock *s = unix_of(sk);
	struct scm scm = { .cred = s->peer_id.cred, .has_cred = true };
	ssize_t n;

	if (io->flags & MSG_OOB)
		return sk->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
	if (sk->type == SOCK_STREAM && !io->iter->count)
		return 0;
	n = receive(sk, io, deadline);
	scm_write(s, &scm, io);
	return n;
}

/* ---- the rest of a socket ---- */

static int pair_getname(struct socket *sk, bool peer, struct sock_name *name)
{
	if (!peer || unix_of(sk)->peer)
		return unix_getname(sk, peer, name);
	name->len = sizeof(name->addr.family);
	name->addr.family = AF_UNIX;
	return 0;
}

static int pair_connect(struct socket *sk, const struct sock_name *name, bool nonblock)
{
	(void)sk, (void)name, (void)nonblock;
	return -EISCONN;
}

static int pair_listen(struct socket *sk, int backlog)
{
	(void)backlog;
	return sk->type == SOCK_DGRAM ? -EOPNOTSUPP : -EINVAL;
}

static int pair_shutdown(struct socket *sk, bool read, bool write)
{
	int fd = pair_of(sk)->fd, err = 0;

	if (read)
		err = host_shutdown(fd, SHUT_READ);
	if (write && !err)
		err = host_shutdown(fd, SHUT_WRITE);
	changed(&pair_of(sk)->watch, EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLOUT | EPOLLHUP);
	return err;
}

static int pair_getsockopt(struct socket *sk, int level, int opt, void *val, unsigned *size)
{
	return unix_ops.getsockopt(sk, level, opt, val, size);
}

static unsigned pair_poll(struct socket *sk, struct poll_table *pt)
{
	struct eip_pair *e = pair_of(sk);
	int now = host_poll_now(e->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
	unsigned events = sk->err ? EPOLLERR : 0, ready = now < 0 ? EPOLLERR : (unsigned)now;

	poll_wait(pt, &sk->readable);
	poll_wait(pt, &sk->writable);
	if (has_some(e) || ready & EPOLLIN)
		events |= EPOLLIN | EPOLLRDNORM;
	if (ready & EPOLLOUT)
		events |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return events | (ready & (EPOLLHUP | EPOLLERR | EPOLLRDHUP));
}

static long pair_ioctl(struct socket *sk, unsigned cmd, uaddr_t arg)
{
	struct eip_pair *e = pair_of(sk);
	long err;

	if (cmd == SIOCOUTQ)
		return put_user(0, arg);
	if (cmd != SIOCINQ)
		return -ENOIOCTLCMD;
	err = turn_take(e, &e->in.busy);
	if (err)
		return err;
	while (!(e->in.one && e->in.have) && records_left(&e->in) < sk->rcvbuf && records_fetch(&e->in, RECORD_MAX) > 0)
		;
	turn_give(e, &e->in.busy);
	return put_user((int)records_left(&e->in), arg);
}

static void end_free(struct eip_pair *e)
{
	net_unwatch_fd(&e->watch, e->fd);
	host_close(e->fd);
	records_in_free(&e->in);
	records_out_free(&e->out);
	wipe(e, sizeof(*e));
	kfree(e);
}

static void pair_release(struct socket *sk)
{
	struct unix_sock *s = unix_of(sk);

	end_free(s->far);
	s->far = NULL;
	unix_ops.release(sk);
}

static const struct socket_ops pair_ops = {
	.connect = pair_connect, .listen = pair_listen, .getname = pair_getname, .sendmsg = pair_sendmsg,
	.recvmsg = pair_recvmsg, .shutdown = pair_shutdown, .getsockopt = pair_getsockopt, .poll = pair_poll,
	.ioctl = pair_ioctl, .release = pair_release,
};

/* ---- becoming one ---- */

/* Takes over fd, also on failure. */
static struct eip_pair *end_create(struct unix_sock *s, int fd, const uint8_t *in, const uint8_t *out)
{
	struct eip_pair *e = kzalloc(sizeof(*e));

	if (e) {
		e->watch.event = changed;
		e->sk = &s->sk;
		e->fd = fd;
		waitq_init(&e->idle);
	}
	if (!e || net_watch_fd(&e->watch, fd)) {
		kfree(e);
		host_close(fd);
		return NULL;
	}
	memcpy(e->key[KEY_IN], in, GCM_KEY_SIZE);
	memcpy(e->key[KEY_OUT], out, GCM_KEY_SIZE);
	records_in_init(&e->in, fd, in, s->sk.type != SOCK_STREAM);
	records_out_init(&e->out, fd, out);
	return e;
}

/* What waits to be read at s, whose other end is `from`. */
static void move_queue(struct unix_sock *s, struct eip_pair *to, struct eip_pair *from)
{
	struct message *m;
	int err = 0;

	list_for_each(m, &s->queue, node) {
		if (m->fds)
			log_info("eip: descriptors on their way between local sockets are lost");
		if (!to->in.one)
			err = records_append(&to->in, m->data + m->off, m->len - m->off);
		else
			err = records_seal_bytes(&from->out, m->data, m->len) ? -ENOMEM : records_send(&from->out, m->len);
		if (err)
			log_error("eip: %zu bytes on their way between local sockets are lost", m->len);
	}
	unix_queue_purge(s);
}

static void become_far(struct unix_sock *s, struct eip_pair *e)
{
	bool read = s->shut_read, write = s->shut_write;

	s->far = e;
	s->sk.ops = &pair_ops;
	if (read || write)
		(void)pair_shutdown(&s->sk, read, write);
	waitq_wake_all(&s->sk.readable, 0);
	waitq_wake_all(&s->sk.writable, 0);
	waitq_wake_all(&s->space, 0);
}

/* Both ends get what the other sends. a has a file; b may have none any more, then it is over at once. */
static int ends_create(struct unix_sock *a, struct unix_sock *b, struct eip_pair *out[2])
{
	uint8_t key[2][GCM_KEY_SIZE];
	int fds[2], err = host_record_pair(fds);

	if (err)
		return err;
	rng_bytes(key, sizeof(key));
	out[0] = end_create(a, fds[0], key[0], key[1]);
	out[1] = end_create(b, fds[1], key[1], key[0]);
	wipe(key, sizeof(key));
	if (out[0] && out[1])
		return 0;
	if (out[0])
		end_free(out[0]);
	if (out[1])
		end_free(out[1]);
	return -ENOMEM;
}

static int go_far(struct unix_sock *a, struct unix_sock *b)
{
	struct eip_pair *end[2] = { NULL, NULL };
	int err;

	while (a->busy || b->busy) { /* somebody copies what he took */
		struct unix_sock *s = a->busy ? a : b;

		if (waitq_wait(&s->idle, WAIT_KILLABLE, NSEC_NEVER))
			return -EINTR;
	}
	if (a->far)
		return 0;
	err = ends_create(a, b, end);
	if (err)
		return err;
	move_queue(a, end[0], end[1]);
	move_queue(b, end[1], end[0]);
	become_far(a, end[0]);
	if (b->dead)
		end_free(end[1]);
	else
		become_far(b, end[1]);
	return 0;
}

void eip_pair_prepare(struct file *f)
{
	struct unix_sock *s = file_unix_sock(f), *peer = s ? s->peer : NULL;
	int err;

	if (!peer || s->state != UNIX_CONNECTED || peer->listener || (peer->peer != s && !peer->dead))
		return;
	unix_get(peer);
	err = go_far(s, peer);
	unix_put(peer);
	if (err)
		log_info("eip: a local socket cannot be handed on: error %d", -err);
}

/* ---- handing on ---- */

struct handed {
	int32_t type;
	uint32_t flags;
	nsec_t rcv_timeout, snd_timeout;
	struct ucred peer;
	uint64_t options; /* struct socket.flags */
	uint8_t key[2][GCM_KEY_SIZE];
	bool passcred;
};

int eip_pair_pack(const struct file *f, struct pack *p)
{
	struct socket *sk = file_socket(f);
	struct eip_pair *e = pair_of(sk);
	struct handed h = {
		.type = sk->type, .flags = f->flags, .rcv_timeout = sk->rcv_timeout, .snd_timeout = sk->snd_timeout,
		.peer = unix_of(sk)->peer_id.cred, .options = sk->flags, .passcred = sk->passcred,
	};

	memcpy(h.key, e->key, sizeof(h.key));
	pack_bytes(p, &h, sizeof(h));
	wipe(&h, sizeof(h));
	records_in_pack(&e->in, p);
	return e->fd;
}

static struct unix_sock *unpack_socket(const struct handed *h, int fd)
{
	struct unix_sock *s = unix_alloc(h->type);

	if (!s) {
		host_close(fd);
		return NULL;
	}
	s->far = end_create(s, fd, h->key[KEY_IN], h->key[KEY_OUT]);
	if (!s->far) {
		unix_ops.release(&s->sk);
		return NULL;
	}
	s->sk.ops = &pair_ops;
	s->state = UNIX_CONNECTED;
	s->peer_id.cred = h->peer;
	s->peer_id.known = true;
	s->sk.rcv_timeout = h->rcv_timeout;
	s->sk.snd_timeout = h->snd_timeout;
	s->sk.flags = h->options;
	s->sk.passcred = h->passcred;
	return s;
}

struct file *eip_pair_unpack(struct unpack *u, int fd)
{
	struct unix_sock *s;
	struct handed h;
	struct file *f;

	unpack_bytes(u, &h, sizeof(h));
	if (u->failed || (h.type != SOCK_STREAM && h.type != SOCK_DGRAM && h.type != SOCK_SEQPACKET)) {
		u->failed = true;
		host_close(fd);
		return NULL;
	}
	s = unpack_socket(&h, fd);
	wipe(&h.key, sizeof(h.key));
	if (!s)
		return NULL;
	records_in_unpack(&s->far->in, u);
	return socket_open_file(&s->sk, h.flags, &f) ? NULL : f;
}
