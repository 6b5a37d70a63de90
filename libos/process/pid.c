/* pid.c: the table of process and thread numbers.
 *
 * A hash table of entries, one per number in use. Numbers are given out in rising order and start
 * again at 2 after PID_MAX, so that a number is not used again soon. Invariant: an entry exists
 * exactly while it has a thread, a process or a hold. */
#include "process/pid.h"
#include "base/heap.h"
#include "base/log.h"
#include "eip/eip.h"
#include "linux/errno.h"
#include "process/process.h"

#define PID_BUCKETS 2048
#define PID_RESTART 2

struct pid_entry {
	struct pid_entry *next;
	kpid_t id;
	unsigned holds;
	struct thread *thread;
	struct process *process;
};

unsigned thread_limit = 4096;
static struct pid_entry *buckets[PID_BUCKETS];
uint64_t pid_last; /* given last; /proc/sys/kernel/ns_last_pid may set it */
static unsigned threads;
static uint64_t range_first, range_end = PID_MAX; /* what this enclave gives out */
static unsigned range_used; /* of those */

unsigned thread_total(void)
{
	return threads;
}

static bool in_range(kpid_t id)
{
	return (uint64_t)id >= range_first && (uint64_t)id < range_end;
}

static struct pid_entry *entry_find(kpid_t id)
{
	struct pid_entry *e = buckets[(unsigned)id % PID_BUCKETS];

	while (e && e->id != id)
		e = e->next;
	return e;
}

static void entry_drop_if_unused(struct pid_entry *e)
{
	struct pid_entry **link = &buckets[(unsigned)e->id % PID_BUCKETS];

	if (e->thread || e->process || e->holds)
		return;
	while (*link != e)
		link = &(*link)->next;
	*link = e->next;
	range_used -= in_range(e->id);
	kfree(e);
}

void pid_set_range(uint64_t first, uint64_t end)
{
	range_first = first;
	range_end = end;
	range_used = 0;
	for (unsigned i = 0; i < PID_BUCKETS; i++)
		for (const struct pid_entry *e = buckets[i]; e; e = e->next)
			range_used += in_range(e->id);
	pid_last = first ? first - 1 : pid_last;
}

/* 0: all are in use, which happens only where the range is a part of all numbers. */
static kpid_t id_next(void)
{
	uint64_t tries = range_end - range_first;

	do {
		if (++pid_last >= range_end || pid_last < range_first)
			pid_last = MAX(range_first, (uint64_t)PID_RESTART);
		if (!tries--)
			return 0;
	} while (entry_find((kpid_t)pid_last));
	if (range_used > (range_end - range_first) / 2)
		eip_pids_low();
	return (kpid_t)pid_last;
}

static struct pid_entry *entry_create(kpid_t id)
{
	struct pid_entry *e = kzalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->id = id;
	range_used += in_range(id);
	e->next = buckets[(unsigned)id % PID_BUCKETS];
	buckets[(unsigned)id % PID_BUCKETS] = e;
	return e;
}

/* Numbers of processes in other enclaves come into use without a thread. */
static struct pid_entry *entry_get(kpid_t id)
{
	struct pid_entry *e = entry_find(id);

	return e ? e : entry_create(id);
}

kpid_t tid_alloc(struct thread *t)
{
	kpid_t id = threads < thread_limit ? id_next() : 0;
	struct pid_entry *e = id ? entry_create(id) : NULL;

	if (!e)
		return -EAGAIN;
	e->thread = t;
	t->tid = e->id;
	threads++;
	return e->id;
}

void tid_free(kpid_t tid)
{
	struct pid_entry *e = entry_find(tid);

	assert(e && e->thread);
	e->thread = NULL;
	threads--;
	entry_drop_if_unused(e);
}

struct thread *thread_find(kpid_t tid)
{
	struct pid_entry *e = entry_find(tid);

	return e ? e->thread : NULL;
}

void tid_take_over(struct thread *t, kpid_t pid)
{
	struct pid_entry *e = entry_find(pid);

	assert(e && !e->thread);
	tid_free(t->tid);
	e->thread = t;
	t->tid = pid;
	threads++;
}

struct process *process_find(kpid_t pid)
{
	struct pid_entry *e = entry_find(pid);

	return e ? e->process : NULL;
}

void pid_attach(kpid_t pid, struct process *p)
{
	struct pid_entry *e = entry_get(pid);

	assert(e && !e->process);
	e->process = p;
}

void pid_detach(kpid_t pid)
{
	struct pid_entry *e = entry_find(pid);

	assert(e && e->process);
	e->process = NULL;
	entry_drop_if_unused(e);
}

void pid_hold(kpid_t id)
{
	struct pid_entry *e = entry_get(id);

	assert(e);
	e->holds++;
}

void pid_release(kpid_t id)
{
	struct pid_entry *e = entry_find(id);

	assert(e && e->holds);
	e->holds--;
	entry_drop_if_unused(e);
}
