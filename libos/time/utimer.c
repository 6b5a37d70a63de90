/* utimer.c: process timers on wall and CPU clocks; see utimer.h. Lock: giant. */
#include "time/utimer.h"
#include "process/process.h"

#define CPU_POLL_NS 1000000UL /* a CPU timer is late by this at most while its process runs */

static void look_again(struct utimer *u, nsec_t now)
{
	nsec_t left = u->expires - now;

	if (!u->cpu.tid)
		left /= vcpu_count();
	ktimer_arm(&u->ktimer, clock_mono() + MAX(left, CPU_POLL_NS));
}

static void fire(struct ktimer *k)
{
	struct utimer *u = container_of(k, struct utimer, ktimer);
	nsec_t now;

	if (u->on_cpu) {
		if (!cpu_clock_read(&u->cpu, &now)) {
			u->armed = false;
			return;
		}
		if (now < u->expires) {
			look_again(u, now);
			return;
		}
	}
	u->armed = false;
	u->expire(u);
}

void utimer_init(struct utimer *u, void (*expire)(struct utimer *u), const struct cpu_clock *cpu)
{
	*u = (struct utimer){ .expire = expire, .on_cpu = cpu != NULL };
	if (cpu)
		u->cpu = *cpu;
	ktimer_init(&u->ktimer, fire);
}

nsec_t utimer_now(const struct utimer *u)
{
	nsec_t now;

	if (!u->on_cpu)
		return clock_mono();
	return cpu_clock_read(&u->cpu, &now) ? now : NSEC_NEVER - 1;
}

void utimer_arm(struct utimer *u, nsec_t expires)
{
	nsec_t now = u->on_cpu ? utimer_now(u) : 0;

	u->armed = true;
	u->expires = expires;
	if (u->on_cpu && now < expires)
		look_again(u, now);
	else
		ktimer_arm(&u->ktimer, u->on_cpu ? clock_mono() : expires);
}

void utimer_disarm(struct utimer *u)
{
	u->armed = false;
	ktimer_cancel(&u->ktimer);
}

uint64_t utimer_forward(struct utimer *u)
{
	nsec_t now = utimer_now(u);
	uint64_t n;

	if (now < u->expires)
		return 0;
	n = (now - u->expires) / u->interval + 1;
	u->expires += n * u->interval;
	return n;
}

nsec_t utimer_remaining(const struct utimer *u)
{
	nsec_t now;

	if (!u->armed)
		return 0;
	now = utimer_now(u);
	return u->expires > now ? u->expires - now : 1;
}
