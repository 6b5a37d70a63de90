/* eippipe.c: pipes and event counters between enclaves with a host between their ends that keeps, changes, repeats and swaps
 * records, or writes nonsense into the levels; an end that is handed on; messages that are too short. */
#include "abi/boot.h"
#include "eip/counter.h"
#include "eip/eip.h"
#include "eip/pack.h"
#include "eip/pipe.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "hostcall/hostcall.h"
#include "hostcall/level.h"
#include "hostcall/record.h"
#include "ipc/pipe.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/signal.h"
#include "net/events.h"
#include "test/ipc_env.h"

#define RECORDS 64
#define FULL (4 * 65536)

/* What the host has of the one pipe: descriptor 10 reads, 11 writes. */
static struct {
	uint8_t *data[RECORDS];
	size_t len[RECORDS], bytes;
	unsigned count, ends; /* ends: descriptors that are open */
	unsigned words;       /* that the reading end sent */
} host;

static struct eip_level levels[4] __attribute__((aligned(64)));

static char buf[200000], back[200000];

bool eip_enabled(void)
{
	return true;
}

int host_record_pair(int fds[2])
{
	fds[0] = 10;
	fds[1] = 11;
	host.ends = 2;
	return 0;
}

static void insert(unsigned at, const void *data, size_t n)
{
	CHECK(host.count < RECORDS);
	for (unsigned i = host.count++; i > at; i--) {
		host.data[i] = host.data[i - 1];
		host.len[i] = host.len[i - 1];
	}
	host.data[at] = kmalloc(n);
	memcpy(host.data[at], data, n);
	host.len[at] = n;
	host.bytes += n;
}

static void drop(unsigned at)
{
	host.bytes -= host.len[at];
	kfree(host.data[at]);
	host.count--;
	for (unsigned i = at; i < host.count; i++) {
		host.data[i] = host.data[i + 1];
		host.len[i] = host.len[i + 1];
	}
}

ssize_t host_record_send(int fd, const void *data, size_t n)
{
	if (fd == 10) {
		host.words++;
		return 0;
	}
	CHECK_EQ(fd, 11);
	if (host.bytes + n > FULL || host.count == RECORDS)
		return -EAGAIN;
	insert(host.count, data, n);
	return 0;
}

ssize_t host_records_receive(int fd, void *to, size_t room, size_t want, size_t largest, size_t overhead)
{
	size_t used = 0, content = 0;

	if (fd == 11) {
		used = MIN(room, (size_t)host.words);
		host.words -= (unsigned)used;
		return used ? (ssize_t)used : -EAGAIN;
	}
	CHECK_EQ(fd, 10);
	if (!host.count)
		return host.ends < 2 ? 0 : -EAGAIN;
	do {
		memcpy((char *)to + used, host.data[0], host.len[0]);
		used += host.len[0];
		content += host.len[0] - MIN(overhead, host.len[0]);
		drop(0);
	} while (host.count && content < want && largest <= room - used);
	return (ssize_t)used;
}

void host_close(int fd)
{
	(void)fd;
	host.ends--;
}

int host_poll_now(int fd, unsigned events)
{
	return (int)(events & (fd == 10 && !host.count ? 0 : EPOLLIN | EPOLLOUT));
}

long host_tty(int fd, unsigned cmd, void *to, size_t n)
{
	(void)fd, (void)cmd, (void)to, (void)n;
	return -EINVAL;
}

bool host_range_ok(haddr_t addr, uint64_t len)
{
	return addr && len;
}

long host_record_buffer(int fd, size_t bytes)
{
	CHECK_EQ(fd, 11);
	return (long)bytes * 2;
}

int net_watch_mask(struct net_watch *w, int fd, unsigned events)
{
	(void)w, (void)fd, (void)events;
	return 0;
}

int net_watch_fd(struct net_watch *w, int fd)
{
	(void)w, (void)fd;
	return 0;
}

void net_unwatch_fd(struct net_watch *w, int fd)
{
	(void)w, (void)fd;
}

static void begin(int fd[2], unsigned flags)
{
	struct file *ends[2];

	ipc_env_init();
	CHECK_EQ(eip_pipe_create(flags, ends), 0);
	for (int i = 0; i < 2; i++) {
		fd[i] = fd_install(ends[i], 0, false);
		CHECK(fd[i] >= 0);
	}
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7 + (i >> 8) * 13);
}

static void end(int fd[2])
{
	for (int i = 0; i < 2; i++)
		if (fd[i] >= 0)
			fd_close(fd[i]);
	while (host.count)
		drop(0);
	ipc_env_exit();
}

UNIT_TEST(eippipe, bytes_in_order)
{
	size_t written = 0, got = 0;
	int fd[2];

	begin(fd, O_NONBLOCK);
	while (got < 100000) {
		size_t n = MIN(rng_u64() % 9000 + 1, 100000 - written);
		ssize_t k = n ? fd_write(fd[1], buf + written, n) : -EAGAIN;

		written += k > 0 ? (size_t)k : 0;
		k = fd_read(fd[0], back + got, rng_u64() % 12000 + 1);
		got += k > 0 ? (size_t)k : 0;
	}
	CHECK(!memcmp(buf, back, got));
	CHECK_EQ(fd_read(fd[0], back, 1), -EAGAIN);
	fd_close(fd[1]);
	fd[1] = -1;
	CHECK_EQ(fd_read(fd[0], back, 1), 0);
	end(fd);
}

UNIT_TEST(eippipe, nothing_in_the_clear)
{
	int fd[2];

	begin(fd, O_NONBLOCK);
	memset(buf, 'S', 1000);
	CHECK_EQ(fd_write(fd[1], buf, 1000), 1000);
	for (size_t i = 16; i + 4 <= host.len[0]; i++)
		CHECK(memcmp(host.data[0] + i, "SSSS", 4));
	end(fd);
}

UNIT_TEST(eippipe, changed_records)
{
	for (int bit = 0; bit < 42 * 8; bit += 5) {
		int fd[2];

		begin(fd, O_NONBLOCK);
		CHECK_EQ(fd_write(fd[1], buf, 10), 10);
		CHECK_EQ(host.len[0], 42);
		host.data[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_EQ(fd_read(fd[0], back, 100), -EIO);
		end(fd);
	}
}

UNIT_TEST(eippipe, repeated_swapped_and_cut_records)
{
	int fd[2];

	begin(fd, O_NONBLOCK);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(fd_write(fd[1], buf + i * 10, 10), 10);
	insert(1, host.data[0], host.len[0]);
	CHECK_EQ(fd_read(fd[0], back, 10), 10);
	CHECK(!memcmp(back, buf, 10));
	CHECK_EQ(fd_read(fd[0], back, 1), -EIO); /* the first again */
	insert(0, host.data[1], host.len[1]);    /* the third before the second */
	CHECK_EQ(fd_read(fd[0], back, 10), 10);
	CHECK(!memcmp(back, buf + 20, 10));
	CHECK_EQ(fd_read(fd[0], back, 1), -EIO);
	drop(0);
	CHECK_EQ(fd_write(fd[1], buf, 10), 10);
	host.len[0] -= 3;
	host.bytes -= 3;
	CHECK_EQ(fd_read(fd[0], back, 10), -EIO);
	end(fd);
}

/* One that was read in part goes on where it was, and comes back. */
UNIT_TEST(eippipe, handed_on)
{
	struct pack p = { 0 };
	struct unpack u;
	struct file *f;
	const char *data;
	loff_t pos;
	size_t n;
	int fd[2], other;

	begin(fd, O_NONBLOCK);
	CHECK_EQ(fd_write(fd[1], buf, 100), 100);
	CHECK_EQ(fd_read(fd[0], back, 10), 10);
	CHECK_EQ(eip_pipe_pack(ipc_file(fd[0]), &p), 10);
	u = (struct unpack){ p.data, p.data + p.len, false };
	host.ends++;
	f = eip_pipe_unpack(&u, 10);
	CHECK(f && !u.failed && u.at == u.end);
	other = fd_install(f, 0, false);
	CHECK_EQ(fd_read(other, back + 10, 20), 20);
	CHECK_EQ(fd_write(fd[1], buf + 100, 50), 50);
	CHECK_EQ(fd_read(other, back + 30, 100), 100);
	data = records_data(eip_pipe_in(f));
	n = records_left(eip_pipe_in(f));
	pos = eip_pipe_in(f)->taken;
	CHECK_EQ(pos, 130);
	CHECK_EQ(n, 20);
	records_take_back(eip_pipe_in(ipc_file(fd[0])), 10, pos, data, n);
	CHECK_EQ(fd_read(fd[0], back + 130, 100), 20);
	CHECK(!memcmp(buf, back, 150));
	fd_close(other);
	pack_free(&p);
	end(fd);
}

UNIT_TEST(eippipe, short_messages)
{
	struct pack p = { 0 };
	int fd[2];

	begin(fd, O_NONBLOCK);
	CHECK_EQ(fd_write(fd[1], buf, 100), 100);
	CHECK_EQ(fd_read(fd[0], back, 10), 10);
	CHECK_EQ(eip_pipe_pack(ipc_file(fd[0]), &p), 10);
	for (size_t n = 0; n < p.len; n++) {
		struct unpack u = { p.data, p.data + n, false };
		struct file *f;

		host.ends++;
		f = eip_pipe_unpack(&u, 10);
		CHECK(u.failed);
		if (f)
			file_put(f);
	}
	pack_free(&p);
	end(fd);
}

/* ---- how much there is in a pipe ---- */

static void begin_levels(int fd[2])
{
	memset(levels, 0, sizeof(levels));
	host_level_init((haddr_t)levels, sizeof(levels));
	begin(fd, O_NONBLOCK);
}

static void end_levels(int fd[2])
{
	end(fd);
	host_level_init((haddr_t)levels, 0);
	host.words = 0;
}

UNIT_TEST(eippipe, holds_what_a_pipe_holds)
{
	struct file *out;
	int fd[2];

	begin_levels(fd);
	out = ipc_file(fd[1]);
	CHECK_EQ(fd_write(fd[1], buf, sizeof(buf)), 65536);
	CHECK_EQ(fd_write(fd[1], buf, 1), -EAGAIN);
	CHECK(!(fd_poll(fd[1]) & EPOLLOUT));
	CHECK_EQ(fd_read(fd[0], back, 65536), 65536);
	CHECK(!memcmp(buf, back, 65536));
	CHECK_EQ(host.words, 1); /* to who waits for room */
	CHECK(fd_poll(fd[1]) & EPOLLOUT);
	CHECK_EQ(fd_write(fd[1], buf, 61440), 61440);
	CHECK_EQ(fd_write(fd[1], buf, 4000), 4000);
	CHECK_EQ(fd_write(fd[1], buf, 4096), -EAGAIN); /* whole or not at all */
	CHECK_EQ(eip_pipe_fcntl(out, F_SETPIPE_SZ, 4096), -EBUSY);
	CHECK_EQ(eip_pipe_fcntl(out, F_SETPIPE_SZ, 131072), 131072);
	CHECK_EQ(fd_write(fd[1], buf, 4096), 4096);
	CHECK_EQ(levels[0].used, 61440 + 4000 + 4096);
	end_levels(fd);
	CHECK_EQ(levels[0].users, 0);
}

UNIT_TEST(eippipe, levels_that_lie)
{
	static const uint32_t lies[] = { 0, 1, 4095, 0x7fffffff, 0x80000000, 0xffffffff };
	int fd[2];

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		begin_levels(fd);
		CHECK_EQ(fd_write(fd[1], buf, 10), 10);
		levels[0].used = levels[0].waiting = levels[0].words = lies[i];
		levels[0].size = levels[0].users = levels[0].writers = ~lies[i];
		CHECK(eip_pipe_fcntl(ipc_file(fd[0]), F_GETPIPE_SZ, 0) <= 1 << 20);
		(void)fd_poll(fd[1]);
		CHECK_EQ(fd_read(fd[0], back, 10), 10);
		CHECK(!memcmp(buf, back, 10)); /* nothing but the time is up to the host */
		(void)fd_write(fd[1], buf, 5000);
		while (host.count)
			drop(0);
		end_levels(fd);
	}
}

/* ---- counters ---- */

static struct waitq readers;

static struct eip_counter *counter(uint64_t count)
{
	waitq_init(&readers);
	return eip_counter_create(count, &readers);
}

UNIT_TEST(eippipe, counter)
{
	const uint64_t max = UINT64_MAX - 1;
	struct eip_counter *c = counter(3);
	uint64_t value;

	CHECK_EQ(eip_counter_add(c, 4, max), 0);
	CHECK_EQ(eip_counter_take(c, true, &value), 0);
	CHECK_EQ(value, 1);
	CHECK_EQ(eip_counter_add(c, max - 7, max), 0);
	CHECK_EQ(eip_counter_add(c, max - 1, max), -EAGAIN);
	CHECK_EQ(eip_counter_take(c, false, &value), 0);
	CHECK_EQ(value, max - 1);
	CHECK_EQ(eip_counter_take(c, false, &value), -EAGAIN);
	for (int i = 0; i < 3 * RECORDS; i++) /* the host's queue is full in between */
		CHECK_EQ(eip_counter_add(c, 2, max), 0);
	CHECK_EQ(eip_counter_take(c, false, &value), 0);
	CHECK_EQ(value, 6 * RECORDS);
	eip_counter_free(c);
}

UNIT_TEST(eippipe, counter_of_a_lying_host)
{
	struct eip_counter *c = counter(3);
	uint64_t value;

	insert(1, host.data[0], host.len[0]);
	CHECK_EQ(eip_counter_take(c, false, &value), -EIO); /* twice */
	CHECK_EQ(eip_counter_add(c, 5, UINT64_MAX - 1), 0);
	host.data[0][20] ^= 1;
	CHECK_EQ(eip_counter_take(c, false, &value), -EIO);
	eip_counter_free(c);
}

UNIT_TEST(eippipe, counter_handed_on)
{
	struct eip_counter *c = counter(3), *d;
	struct pack p = { 0 };
	uint64_t value;
	int fds[2];

	eip_counter_pack(c, &p, fds);
	for (size_t n = 0; n <= p.len; n++) {
		struct unpack u = { p.data, p.data + n, false };

		host.ends += 2;
		d = eip_counter_unpack(&u, fds, &readers);
		CHECK_EQ(u.failed, n < p.len);
		if (n == p.len) {
			CHECK_EQ(eip_counter_take(d, false, &value), 0);
			CHECK_EQ(value, 3);
		}
		eip_counter_free(d);
	}
	CHECK_EQ(eip_counter_take(c, false, &value), -EAGAIN);
	eip_counter_free(c);
	pack_free(&p);
}
