/* async.c: blocking host calls on the host's worker threads; see async.h.
 *
 * A slot is FREE, or belongs to a waiting thread, to a watch, or to nobody any more (abandoned: the host
 * still has to finish it). The LibOS keeps its own record of every slot; from the shared one it reads
 * only the state word and, once that says DONE, the arguments, once. */
#include "hostcall/async.h"
#include "abi/hostctl.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "hostcall/internal.h"
#include "linux/errno.h"
#include "signal/signal.h"
#include "sync/waitq.h"
#include "thread/thread.h"

enum owner { SLOT_FREE, SLOT_THREAD, SLOT_WATCH, SLOT_ABANDONED };

static struct slot {
	enum owner owner;
	bool done;
	struct waitq wait;
	void (*watch_done)(void *arg, int revents);
	void *watch_arg;
} slots[ASYNC_SLOTS];
static struct waitq free_wait = WAITQ_INIT(free_wait);
static haddr_t slots_base, data_base;
static uint32_t seen_seq;

static struct async_slot *shared_slot(unsigned i)
{
	return (struct async_slot *)(slots_base + i * sizeof(struct async_slot));
}

static haddr_t slot_data(unsigned i)
{
	return data_base + (haddr_t)i * ASYNC_DATA_SIZE;
}

void async_init(haddr_t slot_area, haddr_t data, haddr_t control)
{
	slots_base = slot_area;
	data_base = data;
	host_control = (struct host_control *)control;
	for (unsigned i = 0; i < ASYNC_SLOTS; i++)
		waitq_init(&slots[i].wait);
}

static int slot_find(void)
{
	for (int i = 0; i < ASYNC_SLOTS; i++)
		if (slots[i].owner == SLOT_FREE)
			return i;
	return -1;
}

static void slot_release(int i)
{
	slots[i].owner = SLOT_FREE;
	waitq_wake(&free_wait, 1, 0);
}

static void slot_submit(int i, enum ocall_nr nr, const void *args, size_t size)
{
	struct async_slot *s = shared_slot((unsigned)i);
	struct ocall_submit a = { 0 };

	slots[i].done = false;
	copy_to_host((haddr_t)s->args, args, size);
	s->nr = (uint32_t)nr;
	__atomic_store_n(&s->state, ASYNC_SUBMITTED, __ATOMIC_RELEASE);
	__atomic_add_fetch(&host_control->submit_seq, 1, __ATOMIC_SEQ_CST);
	(void)ocall_run(OCALL_SUBMIT, &a, sizeof(a), 0);
}

static void slot_cancel(int i)
{
	struct ocall_cancel a = { .slot = (uint64_t)i };

	(void)ocall_run(OCALL_CANCEL, &a, sizeof(a), 0);
}

static void watch_finish(int i)
{
	void (*done)(void *, int) = slots[i].watch_done;
	void *arg = slots[i].watch_arg;
	struct ocall_poll a;

	copy_from_host(&a, (haddr_t)shared_slot((unsigned)i)->args, sizeof(a));
	slot_release(i);
	done(arg, (int)ocall_check(a.ret, 0xffff));
}

bool async_pending(void)
{
	return host_control && host_control->done_seq != seen_seq;
}

void async_poll(void)
{
	seen_seq = host_control->done_seq;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (int i = 0; i < ASYNC_SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->owner == SLOT_FREE || s->done || shared_slot((unsigned)i)->state != ASYNC_DONE)
			continue;
		s->done = true;
		if (s->owner == SLOT_THREAD)
			waitq_wake_all(&s->wait, 0);
		else if (s->owner == SLOT_WATCH)
			watch_finish(i);
		else
			slot_release(i);
	}
}

static int slot_take(enum wait_mode mode)
{
	int i;

	while ((i = slot_find()) < 0) {
		int err = waitq_wait(&free_wait, mode, NSEC_NEVER);

		if (err)
			return -ERESTARTSYS;
	}
	return i;
}

static long slot_collect(int i, const struct async_call *c)
{
	int64_t ret;
	long n;

	copy_from_host(c->args, (haddr_t)shared_slot((unsigned)i)->args, c->args_size);
	memcpy(&ret, (char *)c->args + c->args_size - sizeof(ret), sizeof(ret));
	n = ocall_check(ret, c->ret_max ? c->ret_max : c->data ? (int64_t)MAX(c->in_max, c->out_len) : INT32_MAX);
	if (n > 0 && c->in_max)
		copy_from_host(c->data, slot_data((unsigned)i), MIN((size_t)n, c->in_max));
	slot_release(i);
	return n;
}

long async_run(const struct async_call *c)
{
	enum wait_mode mode = c->unbreakable ? WAIT_UNINTERRUPTIBLE : WAIT_INTERRUPTIBLE;
	int i = slot_take(mode);
	bool cancelled = false;
	uint64_t where;
	long n;

	if (i < 0)
		return i;
	assert(c->args_size <= ASYNC_ARGS_SIZE && c->out_len <= ASYNC_DATA_SIZE && c->in_max <= ASYNC_DATA_SIZE);
	where = slot_data((unsigned)i);
	if (c->data_field != (size_t)-1)
		memcpy((char *)c->args + c->data_field, &where, sizeof(where));
	if (c->out_len)
		copy_to_host(where, c->data, c->out_len);
	slots[i].owner = SLOT_THREAD;
	slot_submit(i, c->nr, c->args, c->args_size);
	while (!slots[i].done) {
		int err = waitq_wait(&slots[i].wait, cancelled ? WAIT_UNINTERRUPTIBLE : mode, NSEC_NEVER);

		if (err && !cancelled) {
			cancelled = true;
			slot_cancel(i);
		}
	}
	n = slot_collect(i, c);
	return !c->unbreakable && (n == -EINTR || n == -ECANCELED) ? -ERESTARTSYS : n;
}

/* Small transfers that the host says will not block are done at once, without a worker. */
#define DIRECT_MAX 4096
#define HOST_POLL_IN 1u
#define HOST_POLL_OUT 4u

ssize_t host_read(int fd, void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = MIN(n, (size_t)ASYNC_DATA_SIZE) };
	struct async_call c = { .nr = OCALL_READ, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_rw, buf), .data = buf,
				.in_max = MIN(n, (size_t)ASYNC_DATA_SIZE) };
	size_t max;
	long got;

	if (host_poll_now(fd, HOST_POLL_IN) <= 0)
		return async_run(&c);
	a.buf = ocall_data(&max);
	got = ocall_run(OCALL_READ, &a, sizeof(a), (int64_t)c.in_max);
	if (got > 0)
		copy_from_host(buf, ocall_data(&max), (size_t)got);
	return got;
}

ssize_t host_write(int fd, const void *buf, size_t n)
{
	struct ocall_rw a = { .fd = fd, .len = MIN(n, (size_t)ASYNC_DATA_SIZE) };
	struct async_call c = { .nr = OCALL_WRITE, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_rw, buf), .data = (void *)buf,
				.out_len = MIN(n, (size_t)ASYNC_DATA_SIZE) };
	size_t max;

	if (n > DIRECT_MAX || !(host_poll_now(fd, HOST_POLL_OUT) & (int)HOST_POLL_OUT))
		return async_run(&c);
	a.buf = ocall_data(&max);
	copy_to_host(a.buf, buf, n);
	return ocall_run(OCALL_WRITE, &a, sizeof(a), (int64_t)n);
}

ssize_t host_wait_request(struct host_request *buf, size_t size)
{
	struct ocall_request a = { .size = MIN(size, (size_t)ASYNC_DATA_SIZE) };
	struct async_call c = { .nr = OCALL_REQUEST, .args = &a, .args_size = sizeof(a),
				.data_field = offsetof(struct ocall_request, buf), .data = buf,
				.in_max = MIN(size, (size_t)ASYNC_DATA_SIZE) };
	long n = async_run(&c);

	if (n < 0)
		return n;
	if ((size_t)n < sizeof(*buf) || buf->strings_len != (size_t)n - sizeof(*buf))
		return -EIO;
	if (buf->strings_len && buf->strings[buf->strings_len - 1])
		return -EIO;
	return n;
}

int host_watch(int fd, unsigned events, void (*done)(void *arg, int revents), void *arg)
{
	struct ocall_poll a = { .fd = fd, .events = events, .timeout_ns = -1 };
	int i = slot_find();

	if (i < 0)
		return -ENOMEM;
	slots[i].owner = SLOT_WATCH;
	slots[i].watch_done = done;
	slots[i].watch_arg = arg;
	slot_submit(i, OCALL_POLL, &a, sizeof(a));
	return i;
}

void host_watch_cancel(int handle)
{
	assert(handle >= 0 && handle < ASYNC_SLOTS && slots[handle].owner == SLOT_WATCH);
	slots[handle].owner = SLOT_ABANDONED;
	slot_cancel(handle);
}

void host_exited(uint64_t request_id, int wait_status, int pid)
{
	struct ocall_exited a = { .request_id = request_id, .status = wait_status, .pid = pid };

	(void)ocall_run(OCALL_EXITED, &a, sizeof(a), 0);
}
