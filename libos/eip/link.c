/* link.c: messages over a stream that the host carries.
 *
 * On the stream, first what both sides need to know each other (attest.c): the parent's key; the child's key and REPORT;
 * the parent's REPORT. Then records:
 *
 *   length of the body (4 bytes)   authenticated
 *   body, type (4 bytes)           sealed with AES-256-GCM; the nonce is the count of records in this direction
 *   tag (16 bytes)
 *
 * A record that the host changed, left out, repeated or moved does not open. */
#include "eip/link.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/util.h"
#include "eip/internal.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define HELLO_MAGIC 0x314b4c4e50494530UL
#define TYPE_SIZE sizeof(uint32_t)

struct hello { /* of the parent */
	uint64_t magic;
	uint8_t public[X25519_SIZE];
};

struct answer { /* of the child */
	uint64_t magic;
	uint8_t public[X25519_SIZE];
	uint8_t report[SGX_REPORT_SIZE];
};

struct eip_link *link_create(const struct eip_stream *s)
{
	struct eip_link *l = kzalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->stream = *s;
	waitq_init(&l->send_turn);
	return l;
}

/* Exactly n bytes. -EPIPE if the stream ends before the first of a record, -EBADMSG later. */
static int read_full(struct eip_link *l, void *buf, size_t n, bool begun)
{
	uint8_t *p = buf;

	while (n) {
		size_t k = MIN(n, (size_t)(l->end - l->at));
		bool past = n >= LINK_READ_AHEAD && !k; /* straight to its place */
		ssize_t got;

		if (k) {
			memcpy(p, l->ahead + l->at, k);
			l->at += (unsigned)k;
		} else {
			got = past ? l->stream.read(&l->stream, p, n) : l->stream.read(&l->stream, l->ahead, LINK_READ_AHEAD);
			if (got <= 0)
				return begun ? -EBADMSG : -EPIPE;
			k = past ? (size_t)got : 0;
			l->at = 0;
			l->end = past ? 0 : (unsigned)got;
		}
		p += k;
		n -= k;
		begun |= k != 0;
	}
	return 0;
}

static int link_fail(struct eip_link *l, int err)
{
	if (err && !l->broken)
		l->broken = err;
	return err;
}

int link_parent_begin(struct eip_link *l)
{
	struct hello h = { .magic = HELLO_MAGIC };

	attest_begin(&l->attest, EIP_PARENT);
	memcpy(h.public, l->attest.public[EIP_PARENT], sizeof(h.public));
	return link_fail(l, l->stream.write(&l->stream, &h, sizeof(h)) ? -EPIPE : 0);
}

int link_child_answer(struct eip_link *l)
{
	struct answer a = { .magic = HELLO_MAGIC };
	struct hello h;
	int err = read_full(l, &h, sizeof(h), false);

	if (!err && h.magic != HELLO_MAGIC)
		err = -EACCES;
	if (err)
		return link_fail(l, err);
	attest_begin(&l->attest, EIP_CHILD);
	memcpy(l->attest.public[EIP_PARENT], h.public, sizeof(h.public));
	memcpy(a.public, l->attest.public[EIP_CHILD], sizeof(a.public));
	attest_report(&l->attest, a.report);
	return link_fail(l, l->stream.write(&l->stream, &a, sizeof(a)) ? -EPIPE : 0);
}

int link_parent_finish(struct eip_link *l)
{
	uint8_t report[SGX_REPORT_SIZE];
	struct answer a;
	int err = read_full(l, &a, sizeof(a), false);

	if (!err && a.magic != HELLO_MAGIC)
		err = -EACCES;
	if (err)
		return link_fail(l, err);
	memcpy(l->attest.public[EIP_CHILD], a.public, sizeof(a.public));
	err = attest_check(&l->attest, a.report);
	if (!err) {
		attest_report(&l->attest, report);
		err = l->stream.write(&l->stream, report, sizeof(report)) ? -EPIPE : 0;
	}
	if (!err)
		err = attest_keys(&l->attest, &l->send_key, &l->recv_key);
	return link_fail(l, err);
}

int link_child_finish(struct eip_link *l)
{
	uint8_t report[SGX_REPORT_SIZE];
	int err = read_full(l, report, sizeof(report), false);

	if (!err)
		err = attest_check(&l->attest, report);
	if (!err)
		err = attest_keys(&l->attest, &l->send_key, &l->recv_key);
	return link_fail(l, err);
}

static void nonce_of(uint64_t count, uint8_t nonce[GCM_NONCE_SIZE])
{
	memset(nonce, 0, GCM_NONCE_SIZE);
	memcpy(nonce, &count, sizeof(count));
}

/* The record of a message, at buf. */
static void record_seal(struct eip_link *l, uint8_t *buf, uint32_t type, const void *body, size_t len)
{
	uint32_t head = (uint32_t)len;
	uint8_t *text = buf + sizeof(head), nonce[GCM_NONCE_SIZE];

	memcpy(buf, &head, sizeof(head));
	if (len)
		memcpy(text, body, len);
	memcpy(text + len, &type, TYPE_SIZE);
	nonce_of(l->sent++, nonce);
	gcm_seal(&l->send_key, nonce, buf, sizeof(head), text, len + TYPE_SIZE, text, text + len + TYPE_SIZE);
}

int eip_link_send(struct eip_link *l, uint32_t type, const void *body, size_t len)
{
	size_t size = sizeof(uint32_t) + len + TYPE_SIZE + GCM_TAG_SIZE;
	uint8_t *buf;
	int err;

	if (len > EIP_MESSAGE_MAX)
		return -EMSGSIZE;
	buf = kmalloc(size);
	if (!buf)
		return -ENOMEM;
	while (l->sending)
		if (waitq_wait(&l->send_turn, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			continue;
	err = l->broken ? -EPIPE : 0;
	if (!err) {
		l->sending = true;
		record_seal(l, buf, type, body, len);
		err = link_fail(l, l->stream.write(&l->stream, buf, size) ? -EPIPE : 0);
		l->sending = false;
	}
	waitq_wake(&l->send_turn, 1, 0);
	kfree(buf);
	return err;
}

/* Opens the sealed text and tag that follow a head; the type is behind the body. */
static bool record_open(struct eip_link *l, const uint32_t *head, uint8_t *text, uint32_t *type)
{
	uint8_t nonce[GCM_NONCE_SIZE];
	size_t n = *head + TYPE_SIZE;

	nonce_of(l->received, nonce);
	if (!gcm_open(&l->recv_key, nonce, head, sizeof(*head), text, n, text, text + n))
		return false;
	l->received++;
	memcpy(type, text + *head, TYPE_SIZE);
	return true;
}

int eip_link_recv(struct eip_link *l, struct eip_message *out)
{
	uint32_t head;
	uint8_t *text;
	int err = l->broken ? l->broken : read_full(l, &head, sizeof(head), false);

	*out = (struct eip_message){ 0 };
	if (!err && head > EIP_MESSAGE_MAX)
		err = -EBADMSG;
	if (err)
		return link_fail(l, err);
	text = kmalloc(head + TYPE_SIZE + GCM_TAG_SIZE);
	if (!text)
		return link_fail(l, -ENOMEM); /* the record's rest would be in the way of all others */
	err = read_full(l, text, head + TYPE_SIZE + GCM_TAG_SIZE, true);
	if (!err && !record_open(l, &head, text, &out->type))
		err = -EBADMSG;
	if (err || !head) {
		kfree(text);
		return link_fail(l, err);
	}
	out->len = head;
	out->body = text;
	return 0;
}

void eip_link_close(struct eip_link *l)
{
	host_close(l->stream.fd);
	wipe(l, sizeof(*l));
	kfree(l);
}

