/* eiplink.c: two ends of a link in one program, with a host between them that flips, drops, repeats, swaps and reflects. The
 * processor is played here too: REPORTs under a key that depends on the enclave they are for. */
#include "base/heap.h"
#include "base/string.h"
#include "crypto/cmac.h"
#include "eip/internal.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "test/unit.h"

#define PIPE_SIZE 0x20000

/* What one end wrote and the other has not read yet. */
struct pipe {
	uint8_t data[PIPE_SIZE];
	size_t in, out;
	bool cut; /* a read of nothing is the end of the stream */
};

static struct pipe down, up; /* from the parent, from the child */
static struct eip_link *parent, *child;
static struct sgx_report processor = { .attributes = 5, .xfrm = 7, .mrenclave = { 1, 2, 3 }, .mrsigner = { 4 } };

static void report_key(const uint8_t mrenclave[32], uint64_t attributes, const uint8_t keyid[32], uint8_t key[16])
{
	static const uint8_t fuse[16] = "fuse";
	uint8_t in[72];

	memcpy(in, mrenclave, 32);
	memcpy(in + 32, &attributes, 8);
	memcpy(in + 40, keyid, 32);
	aes128_cmac(fuse, in, sizeof(in), key);
}

void enclu_ereport(const struct sgx_targetinfo *target, const uint8_t data[64], struct sgx_report *out)
{
	uint8_t key[16];

	*out = processor;
	memcpy(out->data, data, 64);
	memset(out->keyid, 0x77, sizeof(out->keyid));
	report_key(target->mrenclave, target->attributes, out->keyid, key);
	aes128_cmac(key, out, SGX_REPORT_MACED, out->mac);
}

int enclu_egetkey(const struct sgx_keyrequest *request, uint8_t key[16])
{
	CHECK_EQ(request->keyname, SGX_KEY_REPORT);
	report_key(processor.mrenclave, processor.attributes, request->keyid, key);
	return 0;
}

void host_close(int fd)
{
	(void)fd;
}

static int pipe_write(struct eip_stream *s, const void *buf, size_t n)
{
	struct pipe *p = s->fd ? &up : &down;

	if (p->cut)
		return -EPIPE;
	CHECK(p->in + n <= PIPE_SIZE);
	memcpy(p->data + p->in, buf, n);
	p->in += n;
	return 0;
}

/* Odd pieces: what a stream may do. */
static ssize_t pipe_read(struct eip_stream *s, void *buf, size_t n)
{
	struct pipe *p = s->fd ? &down : &up;
	size_t k = MIN(MIN(n, p->in - p->out), (size_t)1021);

	memcpy(buf, p->data + p->out, k);
	p->out += k;
	if (p->out == p->in)
		p->in = p->out = 0;
	return (ssize_t)k;
}

static void ends_create(void)
{
	struct eip_stream a = { pipe_write, pipe_read, 0 }, b = { pipe_write, pipe_read, 1 };

	memset(&down, 0, sizeof(down));
	memset(&up, 0, sizeof(up));
	parent = link_create(&a);
	child = link_create(&b);
	CHECK(parent && child);
}

static void ends_free(void)
{
	eip_link_close(parent);
	eip_link_close(child);
}

static void connected(void)
{
	ends_create();
	CHECK_EQ(link_parent_begin(parent), 0);
	CHECK_EQ(link_child_answer(child), 0);
	CHECK_EQ(link_parent_finish(parent), 0);
	CHECK_EQ(link_child_finish(child), 0);
	CHECK_EQ(down.in + up.in, 0);
}

static void expect(struct eip_link *l, uint32_t type, const void *body, size_t len)
{
	struct eip_message m;

	CHECK_EQ(eip_link_recv(l, &m), 0);
	CHECK_EQ(m.type, type);
	CHECK_EQ(m.len, len);
	CHECK(len ? !memcmp(m.body, body, len) : !m.body);
	kfree(m.body);
}

UNIT_TEST(eiplink, messages_both_ways)
{
	static uint8_t body[70000];
	struct eip_message m;

	connected();
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * i >> 3);
	for (size_t n = 0; n < sizeof(body); n = n * 3 + 1) {
		CHECK_EQ(eip_link_send(parent, 7, body, n), 0);
		CHECK_EQ(eip_link_send(child, 8, body + 1, n / 2), 0);
		expect(child, 7, body, n);
		expect(parent, 8, body + 1, n / 2);
	}
	for (uint32_t i = 0; i < 100; i++)
		CHECK_EQ(eip_link_send(parent, i, &i, sizeof(i)), 0);
	for (uint32_t i = 0; i < 100; i++)
		expect(child, i, &i, sizeof(i));
	CHECK_EQ(eip_link_send(parent, 1, body, EIP_MESSAGE_MAX + 1), -EMSGSIZE);
	CHECK_EQ(eip_link_recv(child, &m), -EPIPE); /* nothing there is the end of this stream */
	CHECK_EQ(eip_link_recv(child, &m), -EPIPE);
	ends_free();
}

/* What is said is nowhere to be read. */
UNIT_TEST(eiplink, sealed)
{
	static const char secret[] = "a secret that is long enough to be found";

	connected();
	CHECK_EQ(eip_link_send(parent, 7, secret, sizeof(secret)), 0);
	for (size_t i = 0; i + 8 < down.in; i++)
		CHECK(memcmp(down.data + i, secret, 8));
	expect(child, 7, secret, sizeof(secret));
	ends_free();
}

static void refused(struct eip_link *l)
{
	struct eip_message m;

	CHECK_EQ(eip_link_recv(l, &m), -EBADMSG);
	CHECK(!m.body);
	CHECK_EQ(eip_link_recv(l, &m), -EBADMSG); /* for good */
	CHECK_EQ(eip_link_send(l, 1, NULL, 0), -EPIPE);
}

/* Every bit of a record: its length, type, body and tag. */
UNIT_TEST(eiplink, flipped_records)
{
	for (size_t bit = 0; bit < 8 * (4 + 5 + 4 + 16); bit++) {
		struct eip_message m;
		int err;

		connected();
		CHECK_EQ(eip_link_send(parent, 7, "hello", 5), 0);
		down.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		err = eip_link_recv(child, &m);
		CHECK_EQ(err, -EBADMSG);
		CHECK(!m.body);
		ends_free();
	}
}

/* Three records of one size: left out, twice, in another order, cut. */
UNIT_TEST(eiplink, moved_records)
{
	static uint8_t copy[3][29];
	static const int orders[][4] = { { 1, 2, -1 }, { 0, 0, 1, -1 }, { 0, 2, 1, -1 }, { 0, 2, -1 }, { 0, 1, 1, -1 } };
	static const int good[] = { 0, 1, 1, 1, 2 };

	for (size_t o = 0; o < ARRAY_SIZE(orders); o++) {
		connected();
		for (uint32_t i = 0; i < 3; i++)
			CHECK_EQ(eip_link_send(parent, i, "hello", 5), 0);
		CHECK_EQ(down.in, sizeof(copy));
		memcpy(copy, down.data, sizeof(copy));
		down.in = 0;
		for (const int *i = orders[o]; *i >= 0; i++, down.in += sizeof(copy[0]))
			memcpy(down.data + down.in, copy[*i], sizeof(copy[0]));
		for (int i = 0; i < good[o]; i++)
			expect(child, (uint32_t)i, "hello", 5);
		refused(child);
		ends_free();
	}
	for (size_t keep = 1; keep < 29; keep++) {
		connected();
		CHECK_EQ(eip_link_send(parent, 7, "hello", 5), 0);
		down.in = keep;
		refused(child);
		ends_free();
	}
}

/* Our own records come back as the other's. */
UNIT_TEST(eiplink, reflected_records)
{
	connected();
	CHECK_EQ(eip_link_send(parent, 7, "hello", 5), 0);
	memcpy(&up, &down, sizeof(up));
	refused(parent);
	ends_free();
}

/* Every bit that is sent before there are keys matters, to one side at least, and nobody talks to anybody then. */
UNIT_TEST(eiplink, flipped_greetings)
{
	size_t hello = 40, answer = 40 + SGX_REPORT_SIZE;

	for (size_t bit = 0; bit < 8 * (hello + answer + SGX_REPORT_SIZE); bit += bit < 640 ? 1 : 7) {
		size_t at = bit / 8;
		struct eip_message m;
		int err;

		ends_create();
		CHECK_EQ(link_parent_begin(parent), 0);
		if (at < hello)
			down.data[at] ^= (uint8_t)(1 << bit % 8);
		err = link_child_answer(child);
		if (!err && at >= hello && at < hello + answer)
			up.data[at - hello] ^= (uint8_t)(1 << bit % 8);
		if (!err)
			err = link_parent_finish(parent);
		if (!err && at >= hello + answer)
			down.data[at - hello - answer] ^= (uint8_t)(1 << bit % 8);
		if (!err)
			err = link_child_finish(child);
		CHECK_EQ(err, -EACCES);
		CHECK(eip_link_recv(at < hello + answer && at >= hello ? parent : child, &m) < 0);
		ends_free();
	}
}

/* The greeting of one link in another: keys are of one link. And the child's greeting is not the parent's. */
UNIT_TEST(eiplink, replayed_greetings)
{
	static struct pipe old;

	ends_create();
	CHECK_EQ(link_parent_begin(parent), 0);
	CHECK_EQ(link_child_answer(child), 0);
	old = up;
	ends_free();
	ends_create();
	CHECK_EQ(link_parent_begin(parent), 0);
	up = old;
	CHECK_EQ(link_parent_finish(parent), -EACCES);
	ends_free();
	/* Two parents led to each other. */
	ends_create();
	CHECK_EQ(link_parent_begin(parent), 0);
	CHECK_EQ(link_parent_begin(child), 0);
	CHECK(link_parent_finish(parent) < 0);
	ends_free();
	/* The child's REPORT sent back to it. */
	ends_create();
	CHECK_EQ(link_parent_begin(parent), 0);
	CHECK_EQ(link_child_answer(child), 0);
	memcpy(down.data, up.data + 40, SGX_REPORT_SIZE);
	down.in = SGX_REPORT_SIZE;
	CHECK_EQ(link_child_finish(child), -EACCES);
	ends_free();
}

/* Another program, a debug enclave, another processor: all have a good REPORT, but not for this enclave or not of it. */
UNIT_TEST(eiplink, strangers)
{
	struct sgx_report real = processor;

	connected(); /* both know what they are themselves before that changes */
	ends_free();
	for (int what = 0; what < 4; what++) {
		ends_create();
		CHECK_EQ(link_parent_begin(parent), 0);
		if (what == 0)
			processor.mrenclave[0] ^= 1;
		else if (what == 1)
			processor.attributes |= 2;
		else if (what == 2)
			processor.isvsvn++;
		else
			processor.miscselect++;
		CHECK_EQ(link_child_answer(child), 0);
		processor = real;
		CHECK_EQ(link_parent_finish(parent), -EACCES);
		ends_free();
	}
}

UNIT_TEST(eiplink, closed_while_greeting)
{
	ends_create();
	CHECK_EQ(link_child_answer(child), -EPIPE);
	CHECK_EQ(link_parent_begin(parent), 0);
	CHECK_EQ(link_parent_finish(parent), -EPIPE);
	ends_free();
	ends_create();
	down.cut = true;
	CHECK_EQ(link_parent_begin(parent), -EPIPE);
	ends_free();
}

/* A key that makes the shared secret zero, from a host that has no REPORT for it anyway. */
UNIT_TEST(eiplink, weak_key)
{
	struct eip_attest a;
	struct gcm_key one, two;

	attest_begin(&a, EIP_PARENT);
	CHECK_EQ(attest_keys(&a, &one, &two), -EACCES);
}

UNIT_TEST(eiplink, no_memory)
{
	struct eip_message m;

	connected();
	unit_alloc_fail_after = 0;
	CHECK_EQ(eip_link_send(parent, 7, "hello", 5), -ENOMEM);
	unit_alloc_fail_after = -1;
	CHECK_EQ(eip_link_send(parent, 7, "hello", 5), 0);
	unit_alloc_fail_after = 0;
	CHECK_EQ(eip_link_recv(child, &m), -ENOMEM);
	unit_alloc_fail_after = -1;
	ends_free();
}
