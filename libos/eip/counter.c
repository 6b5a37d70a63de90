/* counter.c: a counter that is nobody's: what was added waits as sealed records (records.h) in a pair of host sockets of which
 * each enclave that has the event descriptor has both ends. Who takes fetches all records and puts back what he leaves. When the
 * host's queue is full, who adds takes what is there and puts it back as one. */
#include "eip/counter.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/util.h"
#include "eip/records.h"
#include "hostcall/hostcall.h"
#include "hostcall/record.h"
#include "ipc/poll.h"
#include "linux/errno.h"
#include "net/events.h"

struct eip_counter {
	struct records_in in;
	struct records_out out;
	int fds[2]; /* to read, to write */
	uint8_t key[GCM_KEY_SIZE];
	struct waitq *readers;
	struct net_watch watch;
};

static void changed(struct net_watch *w, unsigned state)
{
	if (state & EPOLLIN)
		waitq_wake_all(container_of(w, struct eip_counter, watch)->readers, EPOLLIN | EPOLLRDNORM);
}

static int put(struct eip_counter *c, uint64_t value)
{
	int err = records_seal_bytes(&c->out, &value, sizeof(value));

	return err ? err : records_send(&c->out, sizeof(value));
}

/* *sum: what was there; it is not there any more. 0, -EIO, -ENOMEM. */
static int fetch(struct eip_counter *c, uint64_t *sum)
{
	ssize_t n;

	do
		n = records_fetch(&c->in, RECORD_MAX);
	while (n > 0);
	for (*sum = 0; records_left(&c->in) >= sizeof(*sum); records_take(&c->in, sizeof(*sum))) {
		uint64_t value;

		memcpy(&value, records_data(&c->in), sizeof(value));
		*sum += value;
	}
	return n == -EAGAIN || !n ? 0 : (int)n;
}

int eip_counter_add(struct eip_counter *c, uint64_t value, uint64_t max)
{
	uint64_t sum = 0;
	int err = value <= max / 2 ? put(c, value) : -EAGAIN, again;

	if (err != -EAGAIN)
		return err;
	err = fetch(c, &sum);
	if (!err && (sum > max || value > max - sum)) {
		value = 0;
		err = -EAGAIN;
	}
	again = sum + value ? put(c, sum + value) : 0;
	return err ? err : again;
}

int eip_counter_take(struct eip_counter *c, bool one, uint64_t *value)
{
	uint64_t sum;
	int err = fetch(c, &sum);

	if (err || !sum)
		return err ? err : -EAGAIN;
	*value = one ? 1 : sum;
	return sum == *value ? 0 : put(c, sum - *value);
}

bool eip_counter_ready(const struct eip_counter *c)
{
	int now = host_poll_now(c->fds[0], EPOLLIN);

	return now > 0 && now & EPOLLIN;
}

/* Takes over fds, also on failure. */
static struct eip_counter *counter_open(const int fds[2], const uint8_t *key, struct waitq *readers)
{
	struct eip_counter *c = kzalloc(sizeof(*c));

	if (c)
		c->watch.event = changed;
	if (!c || net_watch_fd(&c->watch, fds[0])) {
		kfree(c);
		host_close(fds[0]);
		host_close(fds[1]);
		return NULL;
	}
	memcpy(c->fds, fds, sizeof(c->fds));
	memcpy(c->key, key, sizeof(c->key));
	c->readers = readers;
	records_in_init(&c->in, fds[0], key, false);
	records_out_init(&c->out, fds[1], key);
	return c;
}

struct eip_counter *eip_counter_create(uint64_t count, struct waitq *readers)
{
	uint8_t key[GCM_KEY_SIZE];
	struct eip_counter *c;
	int fds[2];

	if (host_record_pair(fds))
		return NULL;
	rng_bytes(key, sizeof(key));
	c = counter_open(fds, key, readers);
	wipe(key, sizeof(key));
	if (c && count && put(c, count)) {
		eip_counter_free(c);
		return NULL;
	}
	return c;
}

void eip_counter_free(struct eip_counter *c)
{
	net_unwatch_fd(&c->watch, c->fds[0]);
	host_close(c->fds[0]);
	host_close(c->fds[1]);
	records_in_free(&c->in);
	records_out_free(&c->out);
	wipe(c, sizeof(*c));
	kfree(c);
}

void eip_counter_pack(const struct eip_counter *c, struct pack *p, int fds[2])
{
	memcpy(fds, c->fds, sizeof(c->fds));
	pack_bytes(p, c->key, sizeof(c->key));
	records_in_pack(&c->in, p);
}

struct eip_counter *eip_counter_unpack(struct unpack *u, const int fds[2], struct waitq *readers)
{
	uint8_t key[GCM_KEY_SIZE];
	struct eip_counter *c;

	unpack_bytes(u, key, sizeof(key));
	c = counter_open(fds, key, readers);
	wipe(key, sizeof(key));
	if (c)
		records_in_unpack(&c->in, u);
	return c;
}
