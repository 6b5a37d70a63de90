/* vcpu.c: parking and waking vCPUs, and the tick thread.
 *
 * A park consumes the vCPU's token or sleeps until there is one, so an unpark is never lost. Of the vCPUs that
 * would look at sockets one at a time sleeps on those: what arrives wakes just it, with no thread in between. The tick thread
 * interrupts each vCPU whose tick_wanted word is set, every TICK_NS, and sleeps when nobody has wanted ticks for a
 * while. */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "net.h"
#include "ocall.h"

#define TICK_NS 2000000
#define TICK_IDLE_LIMIT 64

static struct host_vcpu *net_sleeper; /* waits for events of sockets instead of its token; atomic */

static long futex_wait(volatile uint32_t *word, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);
}

static void futex_wake(volatile uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool net_role_take(struct host_vcpu *v)
{
	struct host_vcpu *none = NULL;

	return __atomic_compare_exchange_n(&net_sleeper, &none, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void sleep_on_token(struct host_vcpu *v, uint64_t timeout_ns)
{
	struct timespec ts = { (time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000) };

	if (!__atomic_load_n(&v->token, __ATOMIC_SEQ_CST))
		futex_wait(&v->token, 0, timeout_ns == UINT64_MAX ? NULL : &ts);
}

static int64_t sleep_on_net(struct host_vcpu *v, const struct ocall_park *a)
{
	bool woken = __atomic_load_n(&v->token, __ATOMIC_SEQ_CST);
	int64_t n = net_events((struct net_event *)a->buf, a->events, woken ? 0 : a->timeout_ns, a->spin_ns);

	__atomic_store_n(&net_sleeper, NULL, __ATOMIC_SEQ_CST);
	return n;
}

void ocall_park(struct ocall_host *h, struct ocall_park *a)
{
	struct host_vcpu *v = &h->vcpus[a->vcpu < h->vcpu_count ? a->vcpu : 0];

	a->ret = 0;
	if (a->events && !a->timeout_ns) {
		a->ret = net_events((struct net_event *)a->buf, a->events, 0, 0);
		return;
	}
	__atomic_store_n(&v->parked, 1, __ATOMIC_SEQ_CST);
	if (a->events && net_role_take(v))
		a->ret = sleep_on_net(v, a);
	else
		sleep_on_token(v, a->timeout_ns);
	__atomic_store_n(&v->parked, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->token, 0, __ATOMIC_SEQ_CST);
}

/* Who sleeps on sockets looks at its token after it took the role, so one side sees the other. */
static void unpark(struct host_vcpu *v)
{
	__atomic_store_n(&v->token, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&net_sleeper, __ATOMIC_SEQ_CST) == v)
		net_wake();
	else
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
