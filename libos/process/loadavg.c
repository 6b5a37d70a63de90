/* loadavg.c: load averages, for /proc/loadavg and sysinfo(2). Nothing samples while nobody looks: the load now stands
 * for the time since the last look. */
#include "process/loadavg.h"
#include "base/string.h"
#include "process/process.h"
#include "sync/waitq.h"
#include "time/clock.h"

static unsigned load_now(void)
{
	const struct process *p;
	const struct thread *t;
	unsigned n = 0;

	list_for_each(p, &process_all, all_node) {
		if (p->stopped)
			continue;
		list_for_each(t, &p->threads, in_process)
			n += t->state != THREAD_BLOCKED || t->wait_mode == WAIT_UNINTERRUPTIBLE;
	}
	return n;
}

void load_average(uint64_t load[3])
{
	static const uint64_t decay[3] = { 1884, 2014, 2037 }; /* e^-5s/1min and so on, as Linux */
	static uint64_t average[3];
	static nsec_t last;
	nsec_t steps = (clock_boot() - last) / (5 * NSEC_PER_SEC);
	uint64_t now = steps ? (uint64_t)load_now() << LOAD_SHIFT : 0;

	last += steps * 5 * NSEC_PER_SEC;
	steps = MIN(steps, (nsec_t)1000);
	while (steps--) {
		for (int i = 0; i < 3; i++)
			average[i] = (average[i] * decay[i] + now * (2048 - decay[i])) >> LOAD_SHIFT;
	}
	memcpy(load, average, sizeof(average));
}
