/* pid.c: the table of process and thread numbers.
 *
 * A hash table of entries, one per number in use. Numbers are given out in rising order and start
 * again at 2 after PID_MAX, so that a number is not used again soon. Invariant: an entry exists
 * exactly while it has a thread, a process or a hold. */
#include "process/pid.h"
#include "base/heap.h"
#include "base/log.h"
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

unsigned thread_total(void)
{
	return threads;
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
	kfree(e);
}

static kpid_t id_next(void)
{
	do {
		if (++pid_last >= PID_MAX)
			pid_last = PID_RESTART;
	} while (entry_find((kpid_t)pid_last));
	return (kpid_t)pid_last;
}

kpid_t tid_alloc(struct thread *t)
{
	struct pid_entry *e;

	if (threads >= thread_limit)
		return -EAGAIN;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -EAGAIN;
	e->id = id_next();
	e->thread = t;
	e->next = buckets[(unsigned)e->id % PID_BUCKETS];
	buckets[(unsigned)e->id % PID_BUCKETS] = e;
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
	struct pid_entry *e = entry_find(pid);

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
	struct pid_entry *e = entry_find(id);

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
