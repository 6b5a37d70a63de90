/* vcpu.c: parking and waking vCPUs, and the tick thread.
 *
 * A park consumes the vCPU's token or sleeps until there is one, so an unpark is never lost. The tick thread
 * interrupts each vCPU whose tick_wanted word is set, every TICK_NS, and sleeps when nobody has wanted ticks for a
 * while. */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ocall.h"

#define TICK_NS 2000000
#define TICK_IDLE_LIMIT 64

static long futex_wait(volatile uint32_t *word, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);
}

static void futex_wake(volatile uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void ocall_park(struct ocall_host *h, struct ocall_park *a)
{
	struct host_vcpu *v = &h->vcpus[a->vcpu < h->vcpu_count ? a->vcpu : 0];
	struct timespec ts = { (time_t)(a->timeout_ns / 1000000000), (long)(a->timeout_ns % 1000000000) };

	__atomic_store_n(&v->parked, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&v->token, __ATOMIC_SEQ_CST))
		futex_wait(&v->token, 0, a->timeout_ns == UINT64_MAX ? NULL : &ts);
	__atomic_store_n(&v->parked, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->token, 0, __ATOMIC_SEQ_CST);
	a->ret = 0;
}

static void unpark(struct host_vcpu *v)
{
	__atomic_store_n(&v->token, 1, __ATOMIC_SEQ_CST);
	futex_wake(&v->token);
}

void ocall_unpark(struct ocall_host *h, struct ocall_unpark *a)
{
	a->ret = a->vcpu < h->vcpu_count ? 0 : -EINVAL;
	if (!a->ret)
		unpark(&h->vcpus[a->vcpu]);
}

static void interrupt(struct host_vcpu *v)
{
	struct enclave_thread *t = __atomic_load_n(&v->thread, __ATOMIC_ACQUIRE);

	if (t)
		enclave_interrupt(t);
}

void ocall_kick(struct ocall_host *h, struct ocall_kick *a)
{
	a->ret = a->vcpu < h->vcpu_count ? 0 : -EINVAL;
	if (!a->ret)
		interrupt(&h->vcpus[a->vcpu]);
}

void vcpu_notify(struct ocall_host *h)
{
	for (uint32_t i = 0; i < h->vcpu_count; i++) {
		if (__atomic_load_n(&h->vcpus[i].parked, __ATOMIC_SEQ_CST)) {
			unpark(&h->vcpus[i]);
			return;
		}
	}
	/* Everybody runs. One of them may be about to park: a token makes it come back at once. */
	unpark(&h->vcpus[0]);
	interrupt(&h->vcpus[0]);
}

static bool tick_all(struct ocall_host *h)
{
	bool any = false;

	for (uint32_t i = 0; i < h->vcpu_count; i++) {
		if (!h->control->tick_wanted[i])
			continue;
		any = true;
		interrupt(&h->vcpus[i]);
	}
	return any;
}

static void *tick_main(void *arg)
{
	struct ocall_host *h = arg;
	struct timespec period = { 0, TICK_NS };

	for (int idle = 0;;) {
		nanosleep(&period, NULL);
		idle = tick_all(h) ? 0 : idle + 1;
		if (idle < TICK_IDLE_LIMIT)
			continue;
		__atomic_store_n(&h->control->tick_asleep, 1, __ATOMIC_SEQ_CST);
		if (!tick_all(h))
			futex_wait(&h->control->tick_asleep, 1, NULL);
		__atomic_store_n(&h->control->tick_asleep, 0, __ATOMIC_SEQ_CST);
		idle = 0;
	}
	return NULL;
}

void ocall_tick(struct ocall_host *h, struct ocall_tick *a)
{
	__atomic_store_n(&h->control->tick_asleep, 0, __ATOMIC_SEQ_CST);
	futex_wake(&h->control->tick_asleep);
	a->ret = 0;
}

int tick_start(struct ocall_host *h)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, tick_main, h);

	if (!err)
		pthread_detach(t);
	return -err;
}
