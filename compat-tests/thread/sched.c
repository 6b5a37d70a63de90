/*
 * Scheduling calls: yield, affinity masks that are real and inherited, getcpu, policies and
 * priorities and their errors.
 */
#include "threads.h"
#include <sys/resource.h>

TEST(yield)
{
	for (int i = 0; i < 1000; i++)
		EXPECT_OK(sched_yield());
}

TEST(affinity)
{
	cpu_set_t all, one, got;
	int cpu = 0;

	EXPECT_OK(sched_getaffinity(0, sizeof(all), &all));
	EXPECT_GE(CPU_COUNT(&all), 1);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	EXPECT_OK(sched_setaffinity(0, sizeof(one), &one));
	EXPECT_OK(sched_getaffinity(0, sizeof(got), &got));
	EXPECT(CPU_EQUAL(&got, &one));
	EXPECT_EQ(sched_getcpu(), cpu);
	EXPECT_OK(sched_setaffinity(0, sizeof(all), &all));
	EXPECT_OK(sched_getaffinity(0, sizeof(got), &got));
	EXPECT(CPU_EQUAL(&got, &all));
}

TEST(online_cpus)
{
	cpu_set_t all;

	EXPECT_OK(sched_getaffinity(0, sizeof(all), &all));
	EXPECT_GE(sysconf(_SC_NPROCESSORS_ONLN), 1);
	EXPECT_GE(sysconf(_SC_NPROCESSORS_ONLN), CPU_COUNT(&all));
	EXPECT_GE(sysconf(_SC_NPROCESSORS_CONF), sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(affinity_errors)
{
	cpu_set_t none;

	CPU_ZERO(&none);
	EXPECT_ERRNO(sched_setaffinity(0, sizeof(none), &none), EINVAL);
	EXPECT_ERRNO(sched_getaffinity(0x3ffffff, sizeof(none), &none), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, 1, &none), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, 8 * sizeof(long), (void *)8), EFAULT);
}

static void *affinity_of_thread(void *arg)
{
	cpu_set_t got;

	EXPECT_EQ(sched_getaffinity(0, sizeof(got), &got), 0);
	EXPECT(CPU_EQUAL(&got, (cpu_set_t *)arg));
	return NULL;
}

ROLE(affinity_of_child)
{
	cpu_set_t got;

	EXPECT_OK(sched_getaffinity(0, sizeof(got), &got));
	return CPU_COUNT(&got);
}

TEST(affinity_is_inherited)
{
	cpu_set_t all, one;
	int cpu = 0;

	EXPECT_OK(sched_getaffinity(0, sizeof(all), &all));
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	EXPECT_OK(sched_setaffinity(0, sizeof(one), &one));
	thread_join(thread_start(affinity_of_thread, &one));
	EXPECT_EXIT(spawn_self("affinity_of_child"), 1);
	EXPECT_OK(sched_setaffinity(0, sizeof(all), &all));
}

TEST(getcpu)
{
	unsigned int cpu = 999999, node = 999999;

	EXPECT_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	EXPECT_LT(cpu, sysconf(_SC_NPROCESSORS_CONF));
	EXPECT_LT(node, 1024);
	EXPECT_GE(sched_getcpu(), 0);
	EXPECT_OK(syscall(SYS_getcpu, NULL, NULL, NULL));
}

TEST(policies)
{
	struct sched_param p = { .sched_priority = 77 };

	EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
	EXPECT_OK(sched_getparam(0, &p));
	EXPECT_EQ(p.sched_priority, 0);
	EXPECT_OK(sched_setscheduler(0, SCHED_OTHER, &p));
	p.sched_priority = 1;
	EXPECT_ERRNO(sched_setscheduler(0, SCHED_OTHER, &p), EINVAL);
	EXPECT_ERRNO(sched_setscheduler(0, 99, &p), EINVAL);
	EXPECT_ERRNO(sched_getscheduler(0x3ffffff), ESRCH);
	EXPECT_ERRNO(sched_getscheduler(-1), EINVAL);
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	EXPECT_ERRNO(sched_get_priority_max(99), EINVAL);
}
