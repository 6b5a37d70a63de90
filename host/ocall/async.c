/* async.c: worker threads for calls that may block. As many as there are blocked calls, made on demand;
 * an idle worker waits for the next submission. Every submission takes one worker off `idle` or makes one: two that
 * come before a woken worker runs must not count on the same one, as its call may block for ever. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "ocall.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work;
	unsigned idle, woken, total; /* woken: no longer idle, but still in pthread_cond_wait */
	pthread_t runner[ASYNC_SLOTS]; /* who executes a slot */
	struct ocall_host *host;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER };

static int cancel_signal(void)
{
	return SIGRTMIN + 9;
}

static void cancel_handler(int sig)
{
	(void)sig;
}

static struct async_slot *slot_at(unsigned i)
{
	char *base = pool.host->shared + (size_t)pool.host->vcpu_count * SHARED_VCPU_SLICE;

	return (struct async_slot *)base + i;
}

/* Lock held. A submitted slot made RUNNING, or -1. */
static int slot_claim(void)
{
	for (unsigned i = 0; i < ASYNC_SLOTS; i++) {
		uint32_t want = ASYNC_SUBMITTED;

		if (__atomic_compare_exchange_n(&slot_at(i)->state, &want, ASYNC_RUNNING, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			pool.runner[i] = pthread_self();
			return (int)i;
		}
	}
	return -1;
}

static void slot_run(unsigned i)
{
	struct async_slot *s = slot_at(i);

	ocall_dispatch(pool.host, s->nr, (uint64_t)s->args);
	pthread_mutex_lock(&pool.lock);
	__atomic_store_n(&s->state, ASYNC_DONE, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&pool.lock);
	__atomic_add_fetch(&pool.host->control->done_seq, 1, __ATOMIC_SEQ_CST);
	vcpu_notify(pool.host);
}

static void *worker_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		int i = slot_claim();

		if (i < 0) {
			pool.idle++;
			while (!pool.woken)
				pthread_cond_wait(&pool.work, &pool.lock);
			pool.woken--;
			continue;
		}
		pthread_mutex_unlock(&pool.lock);
		slot_run((unsigned)i);
		pthread_mutex_lock(&pool.lock);
	}
	return NULL;
}

static void worker_create(void)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (!pthread_create(&t, &attr, worker_main, NULL))
		pool.total++;
	pthread_attr_destroy(&attr);
}

void ocall_submit(struct ocall_host *h, struct ocall_submit *a)
{
	(void)h;
	pthread_mutex_lock(&pool.lock);
	if (pool.idle) {
		pool.idle--;
		pool.woken++;
		pthread_cond_signal(&pool.work);
	} else if (pool.total < ASYNC_SLOTS) {
		worker_create();
	}
	pthread_mutex_unlock(&pool.lock);
	a->ret = 0;
}

/* The signal may come before the worker sleeps in its system call, so it is repeated until the slot is done;
 * what cannot be interrupted finishes by itself later. */
void ocall_cancel(struct ocall_host *h, struct ocall_cancel *a)
{
	(void)h;
	a->ret = a->slot < ASYNC_SLOTS ? 0 : -EINVAL;
	for (int tries = 0; !a->ret && tries < 50; tries++) {
		struct timespec pause = { 0, 100000 };
		uint32_t state;

		pthread_mutex_lock(&pool.lock);
		state = slot_at((unsigned)a->slot)->state;
		if (state == ASYNC_RUNNING)
			pthread_kill(pool.runner[a->slot], cancel_signal());
		pthread_mutex_unlock(&pool.lock);
		if (state != ASYNC_RUNNING && state != ASYNC_SUBMITTED)
			return;
		nanosleep(&pause, NULL);
	}
}

int async_start(struct ocall_host *h)
{
	struct sigaction sa = { .sa_handler = cancel_handler };

	pool.host = h;
	sigemptyset(&sa.sa_mask);
	return sigaction(cancel_signal(), &sa, NULL) ? -errno : 0;
}
