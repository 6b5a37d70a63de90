/* records.c: see records.h. */
#include "eip/records.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/util.h"
#include "hostcall/record.h"
#include "linux/errno.h"

#define RECORD_ROOM (sizeof(struct record_head) + RECORD_MAX + GCM_TAG_SIZE)
#define RECORDS_ROOM (2 * RECORD_ROOM)

struct record_head {
	uint64_t writer;
	uint32_t seq, len;
};

struct writer_seen {
	uint64_t writer;
	uint32_t seq; /* last */
};

static void nonce_of(const struct record_head *h, uint8_t nonce[GCM_NONCE_SIZE])
{
	memcpy(nonce, &h->writer, sizeof(h->writer));
	memcpy(nonce + sizeof(h->writer), &h->seq, sizeof(h->seq));
}

/* ---- reading ---- */

void records_in_init(struct records_in *in, int fd, const uint8_t key[GCM_KEY_SIZE], bool one)
{
	in->fd = fd;
	in->one = one;
	gcm_key_init(&in->gcm, key);
}

void records_in_free(struct records_in *in)
{
	kfree(in->buf);
	kfree(in->left);
	kfree(in->seen);
	wipe(in, sizeof(*in));
}

/* Has the writer not sent this or a later record before? Then it is noted. */
static bool is_new(struct records_in *in, const struct record_head *h)
{
	struct writer_seen *more;

	for (unsigned i = 0; i < in->seen_count; i++) {
		struct writer_seen *s = &in->seen[i];

		if (s->writer != h->writer)
			continue;
		if (h->seq <= s->seq)
			return false;
		s->seq = h->seq;
		return true;
	}
	more = krealloc(in->seen, (in->seen_count + 1) * sizeof(*more));
	if (!more)
		return false;
	in->seen = more;
	more[in->seen_count++] = (struct writer_seen){ h->writer, h->seq };
	return true;
}

static int left_ensure(struct records_in *in, size_t n)
{
	size_t left = records_left(in), cap = left + n;
	char *to;

	if (!left)
		in->left_at = in->left_end = 0;
	if (in->left_cap - in->left_end >= n)
		return 0;
	to = kmalloc(cap);
	if (!to)
		return -ENOMEM;
	if (left)
		memcpy(to, records_data(in), left);
	in->left_end = left;
	in->left_at = 0;
	kfree(in->left);
	in->left = to;
	in->left_cap = cap;
	return 0;
}

/* The record at `at`, of which n bytes can be there. What it takes, or -errno. */
static ssize_t open_record(struct records_in *in, const char *at, size_t n)
{
	const size_t rest = sizeof(struct record_head) + GCM_TAG_SIZE;
	uint8_t nonce[GCM_NONCE_SIZE];
	struct record_head h = { 0 };

	if (n >= rest)
		memcpy(&h, at, sizeof(h));
	if (n < rest || h.len > n - rest)
		return -EIO;
	if (left_ensure(in, h.len))
		return -ENOMEM;
	nonce_of(&h, nonce);
	if (!gcm_open(&in->gcm, nonce, &h, sizeof(h), at + sizeof(h), h.len, in->left + in->left_end,
		      (const uint8_t *)at + sizeof(h) + h.len))
		return -EIO;
	if (!is_new(in, &h))
		return -EIO;
	in->left_end += h.len;
	in->have = true;
	return (ssize_t)(rest + h.len);
}

static ssize_t open_records(struct records_in *in, size_t n)
{
	ssize_t count = 0;

	for (size_t at = 0; at < n; count++) {
		ssize_t used = open_record(in, in->buf + at, n - at);

		if (used < 0)
			return used;
		at += (size_t)used;
	}
	return count;
}

ssize_t records_fetch(struct records_in *in, size_t want)
{
	ssize_t n;

	if (in->failed) { /* what came before it has been taken */
		in->failed = false;
		return -EIO;
	}
	if (!in->buf)
		in->buf = kmalloc(RECORDS_ROOM);
	if (!in->buf)
		return -ENOMEM;
	want = in->one ? 1 : MIN(want, RECORD_MAX);
	n = host_records_receive(in->fd, in->buf, in->one ? RECORD_ROOM : RECORDS_ROOM, want, RECORD_ROOM,
				 RECORD_ROOM - RECORD_MAX);
	if (n <= 0)
		return n;
	n = open_records(in, (size_t)n);
	if (n == -EIO) {
		log_error("eip: the host tampered with what passes between enclaves");
		in->failed = in->have && records_left(in);
	}
	return n;
}

void records_take(struct records_in *in, size_t n)
{
	in->taken += (loff_t)n;
	in->left_at = in->one ? in->left_end : in->left_at + n;
	in->have = false;
}

int records_append(struct records_in *in, const void *data, size_t n)
{
	if (!n)
		return 0;
	if (left_ensure(in, n))
		return -ENOMEM;
	memcpy(in->left + in->left_end, data, n);
	in->left_end += n;
	in->have = true;
	return 0;
}

static int put_back(struct records_in *in, const void *data, size_t n)
{
	in->left_at = in->left_end = 0;
	in->have = false;
	return records_append(in, data, n);
}

void records_take_back(struct records_in *in, loff_t came, loff_t taken, const void *data, size_t n)
{
	bool unread = in->taken == came && !in->busy;

	if (!unread && taken != came)
		log_info("eip: two processes have read the same pipe or socket at the same time: %zu bytes are lost", n);
	if (unread && !put_back(in, data, n))
		in->taken = taken;
}

void records_in_pack(const struct records_in *in, struct pack *p)
{
	pack_u32(p, in->have);
	pack_u64(p, (uint64_t)in->taken);
	pack_blob(p, records_data(in), records_left(in));
	pack_blob(p, in->seen, in->seen_count * sizeof(*in->seen));
}

void records_in_unpack(struct records_in *in, struct unpack *u)
{
	bool have = unpack_u32(u);
	const void *data;
	size_t n;

	in->taken = (loff_t)unpack_u64(u);
	data = unpack_blob(u, &n);
	u->failed |= put_back(in, data, n) != 0;
	in->have = have;
	data = unpack_blob(u, &n);
	in->seen = n ? kmalloc(n) : NULL;
	u->failed |= n && !in->seen;
	if (in->seen) {
		memcpy(in->seen, data, n);
		in->seen_count = (unsigned)(n / sizeof(*in->seen));
	}
}

/* ---- writing ---- */

void records_out_init(struct records_out *out, int fd, const uint8_t key[GCM_KEY_SIZE])
{
	out->fd = fd;
	out->writer = rng_u64();
	gcm_key_init(&out->gcm, key);
}

void records_out_free(struct records_out *out)
{
	kfree(out->buf);
	wipe(out, sizeof(*out));
}

int records_seal_bytes(struct records_out *out, const void *data, size_t n)
{
	uint8_t nonce[GCM_NONCE_SIZE];
	struct record_head h;

	if (!out->buf)
		out->buf = kmalloc(RECORD_ROOM);
	if (!out->buf)
		return -ENOMEM;
	if (++out->seq == 0) { /* never a nonce twice */
		out->writer = rng_u64();
		out->seq = 1;
	}
	h = (struct record_head){ out->writer, out->seq, (uint32_t)n };
	memcpy(out->buf, &h, sizeof(h));
	nonce_of(&h, nonce);
	gcm_seal(&out->gcm, nonce, &h, sizeof(h), data, n, out->buf + sizeof(h), (uint8_t *)out->buf + sizeof(h) + n);
	return 0;
}

ssize_t records_seal(struct records_out *out, struct iov_iter *from, size_t n, char *plain)
{
	ssize_t got = copy_from_iter(plain, n, from);
	int err;

	if (got <= 0)
		return got ? got : -EFAULT;
	err = records_seal_bytes(out, plain, (size_t)got);
	return err ? err : got;
}

int records_send(struct records_out *out, size_t n)
{
	int err = (int)host_record_send(out->fd, out->buf, sizeof(struct record_head) + n + GCM_TAG_SIZE);

	if (err == -ENOBUFS)
		return -EAGAIN;
	return err < 0 ? err : 0;
}
