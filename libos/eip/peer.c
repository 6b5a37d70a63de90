/* peer.c: neighbours: what is sent to them and received from them. See peer.h. */
#include "eip/peer.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "process/internal.h"
#include "thread/thread.h"

struct outgoing {
	struct list node;
	enum eip_type type;
	size_t len;
	char body[];
};

struct list eip_peers = LIST_INIT(eip_peers);
struct eip_peer *eip_parent;

struct eip_peer *eip_peer_create(struct eip_link *link, bool up)
{
	struct eip_peer *peer = kzalloc(sizeof(*peer));

	if (!peer)
		return NULL;
	peer->link = link;
	peer->up = up;
	list_init(&peer->out);
	waitq_init(&peer->out_wait);
	list_push_back(&eip_peers, &peer->node);
	if (up)
		eip_parent = peer;
	return peer;
}

void eip_peer_free(struct eip_peer *peer)
{
	struct outgoing *o, *tmp;

	list_for_each_safe(o, tmp, &peer->out, node) {
		list_remove(&o->node);
		kfree(o);
	}
	list_remove(&peer->node);
	pack_free(&peer->partial);
	kfree(peer->pids);
	kfree(peer->files);
	eip_link_close(peer->link);
	kfree(peer);
}

static void peer_thread_done(struct eip_peer *peer)
{
	if (--peer->threads)
		return;
	eip_peer_free(peer);
	eip_stop_if_done();
}

/* ---- sending ---- */

static void sender_main(void *arg)
{
	struct eip_peer *peer = arg;

	while (!peer->gone || !list_empty(&peer->out)) {
		struct outgoing *o;

		if (list_empty(&peer->out)) {
			eip_stop_if_done();
			while (list_empty(&peer->out) && !peer->gone)
				if (waitq_wait(&peer->out_wait, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
					break;
			continue;
		}
		o = list_first(&peer->out, struct outgoing, node);
		if (eip_link_send(peer->link, o->type, o->body, o->len))
			peer->gone = true; /* the receiver learns of it by itself */
		list_remove(&o->node);
		kfree(o);
	}
	peer_thread_done(peer);
}

static void post_part(struct eip_peer *peer, enum eip_type type, const void *body, size_t len)
{
	struct outgoing *o = kmalloc(sizeof(*o) + len);

	if (!o) {
		log_error("eip: no memory for a message (%d) to another enclave: it is lost", type);
		return;
	}
	o->type = type;
	o->len = len;
	if (len)
		memcpy(o->body, body, len);
	list_push_back(&peer->out, &o->node);
}

void eip_post(struct eip_peer *peer, enum eip_type type, const void *body, size_t len)
{
	if (peer->gone)
		return;
	for (; len > EIP_MESSAGE_MAX; len -= EIP_MESSAGE_MAX, body = (const char *)body + EIP_MESSAGE_MAX)
		post_part(peer, EIP_PART, body, EIP_MESSAGE_MAX);
	post_part(peer, type, body, len);
	waitq_wake_all(&peer->out_wait, 0);
}

void eip_post_pack(struct eip_peer *peer, enum eip_type type, struct pack *p)
{
	if (p->failed)
		log_error("eip: no memory for a message (%d) to another enclave: it is lost", type);
	else
		eip_post(peer, type, p->data, p->len);
	pack_free(p);
}

int eip_send_pack(struct eip_link *link, enum eip_type type, struct pack *p)
{
	const uint8_t *at = p->data;
	size_t len = p->len;
	int err = p->failed ? -ENOMEM : 0;

	for (; !err && len > EIP_MESSAGE_MAX; len -= EIP_MESSAGE_MAX, at += EIP_MESSAGE_MAX)
		err = eip_link_send(link, EIP_PART, at, EIP_MESSAGE_MAX);
	if (!err)
		err = eip_link_send(link, type, at, len);
	pack_free(p);
	return err;
}

/* ---- receiving ---- */

int eip_receive(struct eip_link *link, struct pack *partial, struct eip_message *out)
{
	for (;;) {
		int err = eip_link_recv(link, out);

		if (err)
			return err;
		if (out->type != EIP_PART && !partial->len)
			return 0;
		pack_bytes(partial, out->body, out->len);
		kfree(out->body);
		if (partial->failed)
			return -ENOMEM;
		if (out->type == EIP_PART)
			continue;
		out->body = partial->data;
		out->len = partial->len;
		*partial = (struct pack){ 0 };
		return 0;
	}
}

static void act(struct eip_peer *peer, const struct eip_message *m)
{
	struct unpack u = { m->body, (const uint8_t *)m->body + m->len, false };

	switch (m->type) {
	case EIP_EXIT:
		eip_exit_received(peer, &u);
		break;
	case EIP_STATE:
		eip_state_received(peer, &u);
		break;
	case EIP_IDENTITY:
		eip_identity_received(peer, &u);
		break;
	case EIP_ORPHAN:
		eip_orphan_received(peer, &u);
		break;
	case EIP_ADOPT:
		eip_adopt_received(peer, &u);
		break;
	case EIP_PASSED:
		eip_passed_received(peer, &u);
		break;
	case EIP_ASK:
		eip_ask_received(peer, &u);
		break;
	case EIP_ANSWER:
		eip_answer_received(peer, &u);
		break;
	case EIP_TTY:
		eip_tty_received(peer, &u);
		break;
	case EIP_PIDS:
		eip_pids_received(peer, &u);
		break;
	case EIP_PIDS_FREE:
		eip_pids_freed(peer, &u);
		break;
	default:
		u.failed = true;
	}
	if (u.failed)
		log_error("eip: a message (%u, %zu bytes) from another enclave makes no sense", m->type, m->len);
}

void eip_peer_receive(struct eip_peer *peer)
{
	struct eip_message m;
	int err;

	while (!(err = eip_receive(peer->link, &peer->partial, &m))) {
		act(peer, &m);
		kfree(m.body);
	}
	if (err != -EPIPE)
		log_error("eip: the host tampered with a connection between enclaves (error %d)", -err);
	peer->gone = true;
	list_remove(&peer->node);
	waitq_wake_all(&peer->out_wait, 0);
	eip_queries_gone(peer);
	eip_peer_gone(peer);
}

static void receiver_main(void *arg)
{
	struct eip_peer *peer = arg;

	eip_peer_receive(peer);
	peer_thread_done(peer);
}

int eip_peer_prepare(struct eip_peer *peer)
{
	peer->sender = thread_spawn_kernel("eip-send", sender_main, peer);
	if (peer->sender && !peer->up)
		peer->receiver = thread_spawn_kernel("eip-receive", receiver_main, peer);
	if (peer->sender && (peer->up || peer->receiver))
		return 0;
	if (peer->sender)
		thread_free(peer->sender);
	return -ENOMEM;
}

void eip_peer_start(struct eip_peer *peer)
{
	peer->threads = peer->up ? 1 : 2;
	thread_start(peer->sender);
	if (peer->receiver)
		thread_start(peer->receiver);
}
