/* rest.c: when a vCPU rests, for how long, and who has its threads meanwhile. Cycles are put into the counters; only idle vCPUs
 * are asked, whose use does not grow with the clock of the machine. */
#include "thread/rest.h"
#include "abi/layout.h"
#include "test/unit.h"
#include "thread/thread.h"
#include "tunables.h"

static struct vcpu cpu[3];
struct vcpu *vcpus[VCPU_MAX] = { &cpu[0], &cpu[1], &cpu[2] };
unsigned vcpus_online = 3;

/* Has v, which used so many cycles and waited for so many of them, to rest? */
static bool used(struct vcpu *v, uint64_t busy, uint64_t waited)
{
	v->busy = busy;
	v->lock_waited = waited;
	return rest_due(v);
}

UNIT_TEST(rest, who_waits_too_long)
{
	const uint64_t use = 10 * REST_LOOK_CYCLES;

	cpu[1].running = &unit_thread;
	CHECK(!used(&cpu[0], use, use / REST_SHARE));
	CHECK_EQ(cpu[0].busy + cpu[0].lock_waited, 0); /* looked at, and anew from here */
	CHECK(used(&cpu[0], use, use / REST_SHARE + 1));
	CHECK_EQ(cpu[0].busy + cpu[0].lock_waited, 0);
	CHECK(!used(&cpu[0], REST_LOOK_CYCLES - 1, REST_LOOK_CYCLES - 1)); /* too early to tell: it goes on counting */
	CHECK_EQ(cpu[0].busy, REST_LOOK_CYCLES - 1);
}

UNIT_TEST(rest, longer_each_time)
{
	const uint64_t use = 10 * REST_LOOK_CYCLES;
	nsec_t expect = REST_MIN;

	cpu[1].running = &unit_thread;
	for (int i = 0; i < 12; i++) {
		CHECK(used(&cpu[0], use, use));
		CHECK_EQ(cpu[0].rest, expect);
		CHECK(rest_now(&cpu[0]));
		unit_now += expect - 1;
		CHECK(rest_now(&cpu[0]));
		unit_now++;
		CHECK(!rest_now(&cpu[0]));
		expect = MIN(2 * expect, (nsec_t)REST_MAX);
	}
	CHECK(!used(&cpu[0], use, 0)); /* all is as before */
	CHECK_EQ(cpu[0].rest, 0);
	CHECK(used(&cpu[0], use, use));
	CHECK_EQ(cpu[0].rest, REST_MIN);
	rest_over(&cpu[0]);
	CHECK(!rest_now(&cpu[0]));
	CHECK_EQ(cpu[0].rest, 0);
}

/* It leaves its threads to one that is busy and does not rest itself; without such a one it does not rest. */
UNIT_TEST(rest, heirs)
{
	const uint64_t use = 10 * REST_LOOK_CYCLES;

	CHECK(!rest_heir(&cpu[0]));
	CHECK(!used(&cpu[0], use, use));
	CHECK(!rest_now(&cpu[0]));
	cpu[0].running = &unit_thread;
	CHECK(!rest_heir(&cpu[0]));
	CHECK(rest_heir(&cpu[1]) == &cpu[0]);
	cpu[1].running = &unit_thread;
	cpu[1].rest_until = unit_now + 1;
	CHECK(rest_heir(&cpu[2]) == &cpu[0]);
	CHECK(!rest_heir(&cpu[0]));
	unit_now++;
	CHECK(rest_heir(&cpu[0]) == &cpu[1]);
}

/* Use is what passes between leaving the idle loop and going back to it. */
UNIT_TEST(rest, use)
{
	rest_busy(&cpu[0]);
	cpu[0].running = &unit_thread;
	cpu[0].busy_since -= 1000000;
	rest_idle(&cpu[0]);
	cpu[0].running = NULL;
	CHECK(cpu[0].busy >= 1000000);
	cpu[0].busy_since -= 1UL << 40; /* idle for long */
	rest_busy(&cpu[0]);
	cpu[0].running = &unit_thread;
	rest_idle(&cpu[0]);
	CHECK(cpu[0].busy >= 1000000 && cpu[0].busy < 1UL << 40);
}
