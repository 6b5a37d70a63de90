/* inet_hand.c: internet sockets that pass to another enclave: both have a descriptor of the same socket of the host.
 *
 * What the host knows (options, addresses, state) needs no passing. Bytes that were read ahead are copied: of the two
 * processes usually one goes on with the connection. */
#include "net/inet_hand.h"
#include "base/heap.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "net/inet.h"

struct handed {
	int32_t family, type, protocol;
	uint32_t flags;
	nsec_t rcv_timeout, snd_timeout;
	struct linger linger;
	uint64_t options; /* struct socket.flags */
	struct loop_addr bound;
	struct sock_name peer, to;
	bool listening, is_bound, on_host, device, host_only;
};

int inet_hand_out(const struct file *f, struct pack *p)
{
	struct socket *sock = file_socket(f);
	struct inet_sock *s = sock && (sock->family == AF_INET || sock->family == AF_INET6) ? inet_of(sock) : NULL;
	struct ocall_net_op a = { .op = NET_DESCRIPTOR };
	struct handed h;
	long fd;

	if (!s || s->no_host || s->loop)
		return -1;
	a.id = s->id;
	inet_later_finish(s);
	fd = host_net_op(&a);
	if (fd < 0)
		return -1;
	h = (struct handed){
		.family = sock->family, .type = sock->type, .protocol = sock->protocol, .flags = f->flags,
		.rcv_timeout = sock->rcv_timeout, .snd_timeout = sock->snd_timeout, .linger = sock->linger,
		.options = sock->flags, .bound = s->bound, .peer = s->peer, .to = s->to, .listening = sock->listening,
		.is_bound = s->is_bound, .on_host = s->on_host, .device = s->device, .host_only = s->host_only,
	};
	pack_bytes(p, &h, sizeof(h));
	pack_blob(p, s->kept, s->kept_len);
	return (int)fd;
}

static void fill(struct inet_sock *s, const struct handed *h)
{
	s->sock.rcv_timeout = h->rcv_timeout;
	s->sock.snd_timeout = h->snd_timeout;
	s->sock.linger = h->linger;
	s->sock.flags = h->options;
	s->sock.listening = h->listening;
	s->bound = h->bound;
	s->peer = h->peer;
	s->to = h->to;
	s->is_bound = h->is_bound;
	s->on_host = h->on_host;
	s->device = h->device;
	s->host_only = h->host_only;
}

struct file *inet_take_over(struct unpack *u, int fd)
{
	struct inet_sock *s = NULL;
	struct file *f = NULL;
	struct handed h;
	const void *kept;
	char *buf;
	size_t n;

	unpack_bytes(u, &h, sizeof(h));
	kept = unpack_blob(u, &n);
	if (u->failed || inet_adopt(h.family, h.type, h.protocol, fd, &s)) {
		host_close(fd);
		return NULL;
	}
	fill(s, &h);
	buf = n ? kmalloc(n) : NULL;
	u->failed |= n && !buf;
	if (buf) {
		memcpy(buf, kept, n);
		inet_kept_set(s, buf, n);
	}
	return socket_open_file(&s->sock, h.flags, &f) ? NULL : f;
}
