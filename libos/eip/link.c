/* link.c: messages over a host stream. On the stream: records, each a head and a sealed body. */
#include "eip/link.h"
#include "abi/boot.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/internal.h"
#include "entry/config.h"
#include "entry/enclu.h"
#include "entry/start.h"
#include "hostcall/eip.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "sync/waitq.h"

#define READ_AHEAD 0x4000u

struct record_head {
	uint32_t len; /* of the body */
	uint32_t type;
};

struct eip_link {
	struct eip_stream stream;
	int broken;   /* 0 or the -errno of all further calls */
	int host_pid;
	bool sending;
	struct waitq send_turn;
	unsigned at, end; /* bytes read ahead */
	uint8_t ahead[READ_AHEAD];
};

static struct eip_link *parent;

bool eip_enabled(void)
{
	return config_get()->flags & CONFIG_EIP;
}

static int host_stream_write_to(struct eip_stream *s, const void *buf, size_t n)
{
	return host_stream_write(s->fd, buf, n);
}

static ssize_t host_stream_read_from(struct eip_stream *s, void *buf, size_t n)
{
	return host_stream_read(s->fd, buf, n);
}

static struct eip_link *link_create(int fd)
{
	struct eip_link *l = kzalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->stream = (struct eip_stream){ host_stream_write_to, host_stream_read_from, fd };
	waitq_init(&l->send_turn);
	return l;
}

/* Exactly n bytes. -EPIPE if the stream ends before the first, -EBADMSG later. */
static int read_full(struct eip_link *l, void *buf, size_t n, bool begun)
{
	char *p = buf;

	while (n) {
		size_t k = MIN(n, (size_t)(l->end - l->at));
		ssize_t got;

		if (k) {
			memcpy(p, l->ahead + l->at, k);
			l->at += (unsigned)k;
			p += k;
			n -= k;
			begun = true;
			continue;
		}
		got = n >= READ_AHEAD ? l->stream.read(&l->stream, p, n) : l->stream.read(&l->stream, l->ahead, READ_AHEAD);
		if (got <= 0)
			return begun ? -EBADMSG : -EPIPE;
		if (n >= READ_AHEAD) {
			p += got;
			n -= (size_t)got;
			begun = true;
		} else {
			l->at = 0;
			l->end = (unsigned)got;
		}
	}
	return 0;
}

static int link_fail(struct eip_link *l, int err)
{
	if (err != -ENOMEM && !l->broken)
		l->broken = err;
	return err;
}

int eip_link_send(struct eip_link *l, uint32_t type, const void *body, size_t len)
{
	struct record_head h = { (uint32_t)len, type };
	int err;

	if (len > EIP_MESSAGE_MAX)
		return -EMSGSIZE;
	while (l->sending)
		if (waitq_wait(&l->send_turn, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			continue;
	if (l->broken)
		return -EPIPE;
	l->sending = true;
	err = l->stream.write(&l->stream, &h, sizeof(h));
	if (!err && len)
		err = l->stream.write(&l->stream, body, len);
	l->sending = false;
	waitq_wake(&l->send_turn, 1, 0);
	return err ? link_fail(l, -EPIPE) : 0;
}

int eip_link_recv(struct eip_link *l, struct eip_message *out)
{
	struct record_head h;
	int err = l->broken ? l->broken : read_full(l, &h, sizeof(h), false);

	*out = (struct eip_message){ 0 };
	if (!err && h.len > EIP_MESSAGE_MAX)
		err = -EBADMSG;
	if (err)
		return link_fail(l, err);
	if (h.len) {
		out->body = kmalloc(h.len);
		if (!out->body)
			return link_fail(l, -ENOMEM);
		err = read_full(l, out->body, h.len, true);
	}
	if (err) {
		kfree(out->body);
		out->body = NULL;
		return link_fail(l, err);
	}
	out->type = h.type;
	out->len = h.len;
	return 0;
}

void eip_link_close(struct eip_link *l)
{
	host_close(l->stream.fd);
	memset(l, 0, sizeof(*l));
	kfree(l);
}

int eip_link_host_pid(const struct eip_link *l)
{
	return l->host_pid;
}

int eip_link_spawn(const int *host_fds, unsigned int n, struct eip_link **out)
{
	struct eip_link *l;
	int pid, fd;

	if (n > EIP_FDS_MAX)
		return -EINVAL;
	fd = host_eip_spawn(host_fds, n, &pid);
	if (fd < 0)
		return fd == -ENOMEM ? fd : -EAGAIN;
	l = link_create(fd);
	if (!l) {
		host_close(fd);
		return -ENOMEM;
	}
	l->host_pid = pid;
	*out = l;
	return 0;
}

struct eip_link *eip_link_parent(void)
{
	return parent;
}

int eip_link_inherited(unsigned int i)
{
	return boot_inherited(i);
}

void eip_boot(void)
{
	int fd = boot_parent_link();

	if (!eip_enabled() || fd < 0)
		return;
	host_eip_mark(EIP_MARK_BOOTED);
	parent = link_create(fd);
	if (!parent)
		panic("no memory for the link to the parent enclave");
	host_eip_mark(EIP_MARK_ATTESTED);
}

void eip_running(void)
{
	if (parent)
		host_eip_mark(EIP_MARK_RUNNING);
}
