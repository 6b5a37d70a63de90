/* sched.c: threads of all processes on a few vCPUs.
 *
 * Each vCPU has a run queue. A woken thread goes to its waker's queue (the pipe hand-off: the waker is about to sleep, the data
 * is in its cache; a waker by futex or signal often is too, which it has to show: handoff.h). What stays there for long, or is
 * urgent, an idle vCPU takes (idle.c); a vCPU with waiting threads offers them to a parked one after a while (exit_to_user).
 * A vCPU that would mostly wait for the lock rests (rest.c).
 *
 * User code is preempted by ticks, which are asked for only while somebody waits (tick_wanted). Lock: giant. */
#include "thread/sched_internal.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "tunables.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "hostcall/hostcall.h"
#include "net/events.h"
#include "process/process.h"
#include "sync/giant.h"
#include "thread/fpu.h"
#include "thread/handoff.h"
#include "thread/rest.h"
#include "time/clock.h"
#include "time/ktimer.h"
#include "vm/vm.h"

void thread_free(struct thread *t);

volatile uint32_t sched_queue_head[VCPU_MAX];
volatile bool sched_queue_urgent[VCPU_MAX];
volatile unsigned sched_parked_count;

static void queue_changed(struct vcpu *v)
{
	static uint32_t changes;

	changes += 2;
	sched_queue_head[v->index] = list_empty(&v->run_queue) ? 0 : changes | 1;
	if (list_empty(&v->run_queue))
		sched_queue_urgent[v->index] = false;
}

static void enqueue_before(struct vcpu *v, struct thread *t, struct list *next, bool urgent)
{
	bool first = v->run_queue.next == next;

	t->state = THREAD_RUNNABLE;
	t->vcpu = v;
	list_insert_after(&t->run_node, next->prev);
	v->run_count++;
	if (first)
		queue_changed(v);
	if (urgent)
		sched_queue_urgent[v->index] = true;
}

static void enqueue(struct vcpu *v, struct thread *t, bool urgent)
{
	enqueue_before(v, t, &v->run_queue, urgent);
}

/* A real-time thread that wakes comes before the lesser ones, and they make room at once. (A slice's end sends it to
 * the back like everybody.) */
static void enqueue_by_priority(struct vcpu *v, struct thread *t, bool urgent)
{
	struct list *at = v->run_queue.next;

	while (at != &v->run_queue && thread_rt(list_entry(at, struct thread, run_node)) >= thread_rt(t))
		at = at->next;
	enqueue_before(v, t, at, urgent);
	if (v->running && thread_rt(v->running) < thread_rt(t)) {
		v->need_resched = true;
		if (v != this_vcpu())
			host_kick(v->index);
	}
}

static void enqueue_ready(struct vcpu *v, struct thread *t, bool urgent)
{
	if (thread_rt(t))
		enqueue_by_priority(v, t, urgent);
	else
		enqueue(v, t, urgent);
}

void sched_dequeue(struct vcpu *v, struct thread *t)
{
	list_remove(&t->run_node);
	v->run_count--;
	v->passed_over = 0;
	queue_changed(v);
}

void sched_reprioritise(struct thread *t)
{
	struct vcpu *v = t->vcpu;

	if (t->state != THREAD_RUNNABLE)
		return;
	sched_dequeue(v, t);
	enqueue_ready(v, t, false);
}

static bool may_run_on(const struct thread *t, const struct vcpu *v)
{
	return t->affinity & (1UL << v->index);
}

/* Its pages are not in place, and whose are runs: it would only wait elsewhere. */
static bool waits_for_turn(const struct thread *t)
{
	return t->process && t->process->space && !vm_space_resident(t->process->space) &&
	       vm_space_blocked(t->process->space);
}

/* The same, as that one runs here: t's turn comes when it leaves this vCPU, or by a tick. */
static bool waits_for_us(const struct thread *t)
{
	const struct thread *us = this_vcpu()->running;

	return us && us != t && us->process && us->process->space && t->process && t->process->space &&
	       us->state == THREAD_RUNNING && vm_space_resident(us->process->space) &&
	       vm_space_related(us->process->space, t->process->space);
}

/* An allowed parked vCPU is told to come and steal t. */
void sched_offer(struct thread *t)
{
	if (!sched_parked_count || waits_for_turn(t) || waits_for_us(t))
		return;
	for (unsigned i = 0; i < vcpus_online; i++) {
		uint32_t one = 1;

		if (!may_run_on(t, vcpus[i]) || (t->vcpu != vcpus[i] && vcpus[i]->rest))
			continue;
		if (__atomic_compare_exchange_n(&vcpus[i]->parked, &one, 0, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST)) {
			sched_queue_urgent[t->vcpu->index] = true;
			host_unpark(i);
			return;
		}
	}
}

static struct vcpu *home_for(struct thread *t)
{
	struct vcpu *v = this_vcpu();

	if (may_run_on(t, v))
		return v;
	for (unsigned i = 0; i < vcpus_online; i++)
		if (may_run_on(t, vcpus[i]))
			return vcpus[i];
	return v;
}

void thread_wake(struct thread *t, bool sync)
{
	struct vcpu *v;
	bool hurry;

	t->wake_pending = true;
	if (t->state != THREAD_BLOCKED)
		return;
	v = home_for(t);
	/* An idle vCPU that wakes a thread runs it next: nobody has to come for it. */
	hurry = !sync && (v != this_vcpu() || v->running || v->run_count);
	if (hurry && v == this_vcpu() && handoff_expected(v))
		hurry = false;
	enqueue_ready(v, t, hurry);
	if (v != this_vcpu()) {
		if (v->parked)
			sched_offer(t);
		else
			sched_update_tick(v);
	} else if (hurry) {
		sched_offer(t);
	}
}

void thread_start(struct thread *t)
{
	struct vcpu *v = home_for(t);

	assert(t->state == THREAD_NEW);
	enqueue(v, t, true);
	sched_offer(t);
}

struct thread *sched_first_allowed(struct vcpu *from, struct vcpu *to)
{
	struct thread *t;
	unsigned looked_at = 0;

	list_for_each(t, &from->run_queue, run_node) {
		if (may_run_on(t, to) && (from == to || !waits_for_turn(t)))
			return t;
		if (from != to && ++looked_at == STEAL_DEPTH)
			break;
	}
	return NULL;
}

/* Another thread in v's queue whose pages are in place where t's are to come, while that turn is young: relatives that have work at
 * the same time take turns for a handful of it each. */
static struct thread *in_place_instead(struct vcpu *v, const struct thread *t)
{
	struct thread *u;
	unsigned looked_at = 0;

	if (!t->process || !t->process->space || vm_space_resident(t->process->space) || thread_rt(t))
		return NULL;
	list_for_each(u, &v->run_queue, run_node) {
		struct vm_space *s = u->process ? u->process->space : NULL;

		if (s && vm_space_resident(s) && vm_space_related(s, t->process->space) && may_run_on(u, v))
			return vm_space_turn_young(s, TURN_LOOK_NS) ? u : NULL;
		if (++looked_at == STEAL_DEPTH)
			break;
	}
	return NULL;
}

struct thread *sched_pick(struct vcpu *v)
{
	struct thread *t = sched_first_allowed(v, v), *instead = t ? in_place_instead(v, t) : NULL;

	if (instead)
		t = instead;
	if (t)
		sched_dequeue(v, t);
	return t;
}

void sched_load_thread(struct vcpu *v, struct thread *t)
{
	t->state = THREAD_RUNNING;
	t->vcpu = v;
	v->running = t;
	v->kernel_rsp = (uint64_t)t->stack + THREAD_STACK_SIZE;
	if (t->regs) {
		fpu_switch_in(t);
		fs_base_write(t->fs_base);
	}
}

static void save_thread(struct thread *t)
{
	if (!t->regs)
		return;
	if (t->state != THREAD_DEAD)
		fpu_switch_out(t);
	t->fs_base = fs_base_read();
}

void sched_finish_switch(void)
{
	struct vcpu *v = this_vcpu();
	struct thread *dead = v->reap;

	v->reap = NULL;
	if (dead)
		thread_free(dead);
}

/* But for the network: for a vCPU that is about to park on it anyway. */
void sched_poll_local(void)
{
	struct vcpu *v = this_vcpu();

	v->polling = true;
	if (async_pending())
		async_poll();
	if (ktimer_due())
		ktimer_run();
	v->polling = false;
}

/* Another space waits for the turn of the one whose thread goes: in vain for now, if the network has more for that thread,
 * as turns cost more than looking. */
static void leave_space(struct vcpu *v, const struct thread *prev)
{
	struct vm_space *s = prev->process ? prev->process->space : NULL;
	const struct thread *next = v->run_count ? list_first(&v->run_queue, struct thread, run_node) : NULL;

	if (!s)
		return;
	if (prev->state == THREAD_BLOCKED && net_watching && vm_space_turn_young(s, TURN_LOOK_NS) &&
	    (vm_space_wanted(s) || (next && next->process && next->process->space && !vm_space_resident(next->process->space))))
		net_poll();
	if (prev->state != THREAD_RUNNABLE && vm_space_wanted(s))
		vm_space_left(s);
}

/* v is about to rest: what waits in its queue waits in that of a vCPU that is busy. */
static void give_away(struct vcpu *v)
{
	struct vcpu *to = rest_heir(v);
	struct thread *t, *next;

	list_for_each_safe(t, next, &v->run_queue, run_node)
	{
		if (!to || !may_run_on(t, to))
			continue;
		sched_dequeue(v, t);
		enqueue_ready(to, t, false);
	}
	if (to)
		sched_update_tick(to);
}

void schedule(void)
{
	struct vcpu *v = this_vcpu();
	struct thread *prev = v->running, *next;

	assert(prev); /* idle vCPUs wait elsewhere */
	net_send_now();
	sched_poll_local();
	if (net_watching && v->run_count && net_poll_due())
		net_poll(); /* the threads it wakes are more than one: no hand-off */
	leave_space(v, prev);
	if (v->lock_waited && rest_due(v)) /* it reads the clock */
		give_away(v);
	next = sched_pick(v);
	if (next == prev) {
		prev->state = THREAD_RUNNING;
		return;
	}
	sched_charge(v);
	handoff_note(prev, v->charged_at);
	v->switches++;
	if (prev->state == THREAD_DEAD)
		v->reap = prev;
	else if (prev->state == THREAD_BLOCKED)
		prev->nvcsw++;
	else
		prev->nivcsw++;
	save_thread(prev);
	if (next) {
		sched_load_thread(v, next);
		thread_switch_asm(&prev->saved_rsp, next->saved_rsp);
	} else {
		rest_idle(v);
		v->running = NULL;
		thread_switch_asm(&prev->saved_rsp, v->idle_rsp);
	}
	sched_finish_switch();
}

void thread_yield(void)
{
	struct vcpu *v = this_vcpu();

	if (list_empty(&v->run_queue))
		return;
	enqueue(v, v->running, false);
	schedule();
}

bool sched_work_waiting(void)
{
	struct vcpu *v = this_vcpu();
	uint64_t now;

	if (async_pending())
		return true;
	if (ktimer_next() == NSEC_NEVER && !net_watching)
		return false;
	now = __builtin_ia32_rdtsc();
	if (now - v->looked_at < LOOK_CYCLES)
		return false;
	v->looked_at = now;
	return ktimer_due() || (net_watching && net_poll_due());
}

void sched_poll(void)
{
	struct vcpu *v = this_vcpu();

	sched_poll_local();
	v->polling = true;
	if (net_poll_due())
		net_poll();
	v->polling = false;
}

void sched_tick_want(struct vcpu *v, bool wanted)
{
	if (wanted == v->tick_set)
		return;
	v->tick_set = wanted;
	host_want_tick(v->index, wanted);
}

void sched_update_tick(struct vcpu *v)
{
	sched_tick_want(v, v->run_count || ktimer_next() != NSEC_NEVER || net_watching);
}

bool sched_others_run(const struct vcpu *v)
{
	for (unsigned i = 0; i < vcpus_online; i++)
		if (vcpus[i] != v && vcpus[i]->running)
			return true;
	return false;
}

bool sched_alone(void)
{
	return !sched_others_run(this_vcpu());
}

void thread_interrupt(struct thread *t, bool fatal)
{
	if (t->state == THREAD_BLOCKED) {
		if (t->wait_mode == 1 || (fatal && t->wait_mode == 2))
			thread_wake(t, false);
	} else if (t->state == THREAD_RUNNING && t->vcpu != this_vcpu()) {
		t->vcpu->need_resched = true;
		host_kick(t->vcpu->index);
	}
}

void sched_quiesce(struct vm_space *space)
{
	struct vcpu *self = this_vcpu();

	for (unsigned i = 0; i < vcpus_online; i++) {
		struct vcpu *v = vcpus[i];

		if (v == self || !v->user_mode || !v->running || !v->running->process)
			continue;
		if (space && v->running->process->space != space)
			continue;
		v->need_resched = true;
		host_kick(i);
		for (unsigned spins = 1; v->user_mode; spins++) {
			__builtin_ia32_pause();
			if (spins % GIANT_SPINS == 0)
				host_park(20000);
		}
	}
}

bool sched_space_running(const struct vm_space *space)
{
	for (unsigned i = 0; i < vcpus_online; i++) {
		const struct thread *running = vcpus[i]->running, *t;

		if (vcpus[i] != this_vcpu() && running && running->process && running->process->space == space)
			return true;
		list_for_each(t, &vcpus[i]->run_queue, run_node)
			if (t->process && t->process->space == space)
				return true;
	}
	return false;
}

void sched_stats(uint64_t *switches, nsec_t *idle, unsigned *runnable)
{
	*switches = 0;
	*idle = 0;
	*runnable = 0;
	for (unsigned i = 0; i < vcpus_online; i++) {
		*switches += vcpus[i]->switches;
		*idle += vcpus[i]->idle_ns;
		*runnable += vcpus[i]->run_count + (vcpus[i]->running != NULL);
	}
}
