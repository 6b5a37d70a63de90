/* idle.c: a vCPU without a thread to run. It spins briefly and watches the others' queues without the lock: what stays at the
 * head of one for STEAL_AGE it takes; what is marked urgent (new threads, offered ones) at once. Then it parks in the host until
 * somebody unparks it, a timer is due, or a host call completes. While sockets of the host are watched, one idle vCPU
 * parks on them, as nobody else would see what arrives. Lock: giant, but where a function says it drops it. */
#include "net/events.h"
#include "hostcall/async.h"
#include "hostcall/hostcall.h"
#include "sync/giant.h"
#include "thread/rest.h"
#include "thread/sched_internal.h"
#include "time/clock.h"
#include "time/ktimer.h"
#include "tunables.h"

static volatile uint32_t net_parker; /* index + 1 of the idle vCPU that parks on sockets; atomic */

struct idle_watch { /* of one idle vCPU: which head it has seen in each queue, and since when */
	uint32_t head[VCPU_MAX];
	uint64_t since[VCPU_MAX];
};

/* Has queue i something that an idle vCPU should take now? */
static bool worth_stealing(struct idle_watch *w, unsigned i, uint64_t now)
{
	uint32_t head = sched_queue_head[i];

	if (!head || head != w->head[i]) {
		w->head[i] = head;
		w->since[i] = now;
		return head && sched_queue_urgent[i] && !this_vcpu()->rest;
	}
	if (this_vcpu()->rest)
		return now - w->since[i] >= REST_AGE_CYCLES;
	return sched_queue_urgent[i] || now - w->since[i] >= STEAL_AGE_CYCLES;
}

static struct thread *steal(struct vcpu *v, struct idle_watch *w)
{
	uint64_t now = __builtin_ia32_rdtsc();

	for (unsigned i = 0; i < vcpus_online; i++) {
		struct vcpu *from = vcpus[i];
		struct thread *t;

		if (from == v || !worth_stealing(w, i, now))
			continue;
		t = sched_first_allowed(from, v);
		if (!t) {
			w->since[i] = now;
			sched_queue_urgent[i] = false;
			continue;
		}
		sched_dequeue(from, t);
		return t;
	}
	return NULL;
}

/* Spins without the lock until something may be runnable; false when it is time to park. */
static bool idle_spin(struct vcpu *v, struct idle_watch *w)
{
	uint64_t end = __builtin_ia32_rdtsc() + IDLE_SPIN_CYCLES;

	for (uint64_t now = __builtin_ia32_rdtsc(); now < end; now = __builtin_ia32_rdtsc()) {
		if (sched_queue_head[v->index] || async_pending() || ktimer_due())
			return true;
		for (unsigned i = 0; i < vcpus_online; i++)
			if (i != v->index && worth_stealing(w, i, now))
				return true;
		__builtin_ia32_pause();
	}
	return false;
}

/* Threads that wait in another vCPU's queue are not looked for here: their vCPU offers them on its way back to user
 * code, which a tick brings about if nothing else does. */
static void idle_park(struct vcpu *v, struct net_fetch *net, nsec_t spin)
{
	nsec_t next, now;

	__atomic_store_n(&v->parked, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&sched_parked_count, 1, __ATOMIC_SEQ_CST);
	next = ktimer_next();
	now = clock_mono();
	if (!net && now < v->net_rest_until)
		next = MIN(next, v->net_rest_until);
	if (v->rest)
		next = MIN(next, MAX(v->rest_until, now + REST_MIN));
	next = next == NSEC_NEVER ? NSEC_NEVER : next > now ? next - now : 0;
	if (!async_pending() && !sched_queue_head[v->index] && next) {
		if (net)
			net_fetch_sleep(net, next, spin);
		else
			host_park(next);
	}
	__atomic_store_n(&v->parked, 0, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&sched_parked_count, 1, __ATOMIC_SEQ_CST);
}

static bool net_parker_become(const struct vcpu *v)
{
	uint32_t none = 0;

	if (!net_watching || (clock_mono() < v->net_rest_until && sched_others_run(v)))
		return false;
	return __atomic_compare_exchange_n(&net_parker, &none, v->index + 1, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* What arrived may be for a thread that runs anyhow and would have seen it: then this vCPU was woken in vain, and leaves
 * looking to the busy ones for a while. */
static void net_parker_done(struct vcpu *v, struct net_fetch *net)
{
	bool any = net->count;

	net_fetch_take(net);
	if (!any)
		return;
	v->net_rest = v->run_count ? NET_REST_MIN : MIN(2 * MAX(v->net_rest, NET_REST_MIN), NET_REST_MAX);
	if (!v->run_count)
		v->net_rest_until = clock_mono() + v->net_rest;
}

/* Without the lock. When the last waits were short, as with a client that answers at once, the next one will be, and
 * shorter than falling asleep and being woken. */
static void park_on_net(struct vcpu *v, struct net_fetch *net)
{
	bool spin = v->net_short == NET_SHORT_SURE && !sched_others_run(v);
	nsec_t start = clock_mono();

	idle_park(v, net, spin ? NET_SPIN : 0);
	if (!net->count || clock_mono() - start >= NET_SHORT)
		v->net_short = 0;
	else if (v->net_short < NET_SHORT_SURE)
		v->net_short++;
}

/* The lock is held before and after, not between. */
static void idle_wait(struct vcpu *v, struct idle_watch *watch)
{
	struct net_fetch net;

	if (!sched_others_run(v))
		rest_over(v);
	if (!net_parker_become(v)) {
		/* when all wait for the network, nothing else comes */
		bool spin = (!net_watching || sched_others_run(v)) && !v->rest;
		giant_unlock();
		if (!spin || !idle_spin(v, watch))
			idle_park(v, NULL, 0);
		giant_lock();
		return;
	}
	net_fetch_start(&net);
	giant_unlock();
	park_on_net(v, &net);
	__atomic_store_n(&net_parker, 0, __ATOMIC_SEQ_CST);
	giant_lock();
	net_parker_done(v, &net);
}

void sched_idle_loop(struct vcpu *v)
{
	struct idle_watch watch = { 0 };

	for (;;) {
		struct thread *next;

		sched_poll_local();
		next = sched_pick(v);
		if (!next && !rest_now(v) && !rest_due(v))
			next = steal(v, &watch);
		if (next) {
			sched_charge(v);
			rest_busy(v);
			v->switches++;
			sched_load_thread(v, next);
			thread_switch_asm(&v->idle_rsp, next->saved_rsp);
			sched_finish_switch();
			continue;
		}
		sched_tick_want(v, false); /* it knows until when to sleep, and who has work for it wakes it */
		idle_wait(v, &watch);
	}
}
