/* account.c: who has used the processor, in the program or in the LibOS.
 *
 * Time is charged where a thread changes sides or vCPUs: on the way in what passed was the program's, on the way out and
 * at switches the LibOS's. Reading the clock twice costs as much as a short system call, so while calls are short only
 * one in SAMPLE_EVERY is measured; the others count what the last measured ones took. Sums are exact, the split of
 * many short calls is an estimate. Time since v->charged_at is nobody's yet; v->charge_user: it is the program's, but
 * for v->unsampled calls. Where reading the clock is a host call only switches are looked at. Lock: giant. */
#include "thread/account.h"
#include "thread/sched.h"
#include "time/calibrate.h"
#include "time/clock.h"

#define SAMPLE_EVERY 17 /* not even: calls often come in pairs */
#define SHORT_CALL_NS 1500UL

/* How much of `passed` was the LibOS's. */
static nsec_t kernel_part(const struct vcpu *v, nsec_t passed)
{
	return v->charge_user ? MIN(passed, v->unsampled * v->call_ns) : passed;
}

static void charge(struct vcpu *v, nsec_t now)
{
	nsec_t passed = now - v->charged_at, kernel = kernel_part(v, passed);

	v->running->stime += kernel;
	v->running->utime += passed - kernel;
	v->charged_at = now;
	v->unsampled = 0;
}

void account_enter_now(struct vcpu *v)
{
	if (!clock_params.mult)
		return;
	charge(v, clock_mono());
	v->charge_user = false;
	v->entered_at = v->charged_at;
}

void account_leave_now(struct vcpu *v)
{
	nsec_t now;

	if (!clock_params.mult)
		return;
	now = clock_mono();
	charge(v, now);
	v->charge_user = true;
	v->call_ns = (3 * v->call_ns + (now - v->entered_at)) / 4;
	v->sample_in = now - v->entered_at < SHORT_CALL_NS ? SAMPLE_EVERY - 1 : 0;
}

void sched_charge(struct vcpu *v)
{
	nsec_t now = clock_mono();

	if (v->running) {
		charge(v, now);
	} else {
		v->idle_ns += now - v->charged_at;
		v->charged_at = now;
	}
	/* What is left of the call that the next thread sleeps in counts like a call. */
	v->entered_at = now;
	v->charge_user = !clock_params.mult || v->sample_in;
	v->unsampled = clock_params.mult && v->sample_in;
}

static nsec_t uncharged(const struct thread *t)
{
	return t->state == THREAD_RUNNING && t->vcpu && t->vcpu->running == t ? clock_mono() - t->vcpu->charged_at : 0;
}

nsec_t thread_cpu_time(struct thread *t)
{
	return t->utime + t->stime + uncharged(t);
}

nsec_t thread_user_time(struct thread *t)
{
	nsec_t passed = uncharged(t);

	return t->utime + (passed ? passed - kernel_part(t->vcpu, passed) : 0);
}
