/* test_numa.c: placement by node, on topologies written into a directory. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "instance/numa.h"

static char dir[] = "/tmp/test-numa-XXXXXX";
static char err[ENCLAVE_ERR_SIZE];
static struct numa_plan plan;

static void setup(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static void put(const char *name, const char *line)
{
	char path[256], *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	slash = strrchr(path, '/');
	*slash = 0;
	mkdir(path, 0755);
	*slash = '/';
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fprintf(f, "%s\n", line);
	fclose(f);
}

/* Two sockets of four processors, numbered by turns as BIOSes like it, and a node of memory alone. */
static void two_sockets(void)
{
	put("online", "0-2");
	put("has_memory", "0-2");
	put("node0/cpulist", "0,2,4,6");
	put("node1/cpulist", "1,3,5,7");
	put("node2/cpulist", "");
}

static cpu_set_t cpus(unsigned int mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < 32; i++)
		if (mask >> i & 1)
			CPU_SET(i, &set);
	return set;
}

static int ask(const char *words, unsigned int usable)
{
	cpu_set_t set = cpus(usable);

	return numa_plan(words, dir, &set, &plan, err);
}

static void expect_vcpu(unsigned int index, unsigned int mask)
{
	cpu_set_t set = cpus(mask);

	cr_assert(CPU_EQUAL(numa_vcpu(&plan, index), &set), "vCPU %u", index);
}

TestSuite(numa, .init = setup, .fini = teardown, .timeout = 60);

Test(numa, a_node)
{
	two_sockets();
	cr_assert_eq(ask("1", 0xff), 0);
	cr_assert(!plan.spread && plan.choice);
	cr_assert_eq(plan.memory, 2ul);
	for (unsigned int i = 0; i < 5; i++)
		expect_vcpu(i, 0xaa);
}

Test(numa, spread_goes_round)
{
	two_sockets();
	cr_assert_eq(ask("spread", 0xff), 0);
	cr_assert_eq(plan.memory, 7ul); /* memory of a node without processors is memory, too */
	cr_assert_eq(plan.nodes, 2);
	expect_vcpu(0, 0x55);
	expect_vcpu(1, 0xaa);
	expect_vcpu(2, 0x55);
}

Test(numa, only_usable_processors)
{
	two_sockets();
	cr_assert_eq(ask("spread", 0x0d), 0);
	cr_assert_eq(plan.nodes, 2);
	expect_vcpu(0, 0x05);
	expect_vcpu(1, 0x08);
	cr_assert_eq(ask("1", 0x05), -EINVAL); /* taskset left us nothing there */
	cr_assert_str_eq(err, "--numa 1: expected the number of a node or \"spread\"; nodes with processors for us: 0");
}

Test(numa, nodes_with_holes)
{
	put("online", "0,3");
	put("has_memory", "3");
	put("node0/cpulist", "0-1");
	put("node3/cpulist", "2-3,8-9");
	cr_assert_eq(ask("3", 0xffff), 0);
	cr_assert_eq(plan.memory, 8ul);
	cr_assert(!plan.choice);
	expect_vcpu(7, 0x30c);
	cr_assert_eq(ask("0", 0xffff), 0);
	cr_assert_eq(plan.memory, 0ul);
	cr_assert_eq(ask("1", 0xffff), -EINVAL);
}

Test(numa, wrong_words)
{
	static const char *const words[] = { "2", "3", "-1", "", "1x", "spreads", "all", " 1", "18446744073709551617" };

	two_sockets();
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		cr_assert_eq(ask(words[i], 0xff), -EINVAL, "%s", words[i]);
		cr_assert_not_null(strstr(err, "nodes with processors for us: 0 1"), "%s", err);
	}
}

Test(numa, damaged_topology)
{
	static const char *const lists[] = { "x", "1-", "3-1", "0,,1", "0;1" };

	two_sockets();
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		put("node1/cpulist", lists[i]);
		cr_assert_eq(ask("0", 0xff), -EINVAL, "%s", lists[i]);
		cr_assert_not_null(strstr(err, "cannot read the nodes"), "%s", err);
	}
	put("node1/cpulist", "1,3,5,7,4000000000");
	cr_assert_eq(ask("1", 0xff), 0);
	put("online", "0-4000000000");
	cr_assert_eq(ask("0", 0xff), -EINVAL); /* names nodes that have no directory */
}

Test(numa, a_kernel_without_nodes)
{
	cr_assert_eq(ask("0", 0x3), 0);
	cr_assert(!plan.choice);
	expect_vcpu(0, 0x3);
	cr_assert_eq(ask("spread", 0x3), 0);
	expect_vcpu(1, 0x3);
	cr_assert_eq(ask("1", 0x3), -EINVAL);
}

/* What is in effect on this machine, whatever it is. */
Test(numa, here)
{
	cpu_set_t usable, now;

	cr_assert_eq(sched_getaffinity(0, sizeof(usable), &usable), 0);
	cr_assert_eq(numa_plan("spread", NUMA_SYSFS, &usable, &plan, err), 0, "%s", err);
	char first[16];
	snprintf(first, sizeof(first), "%u", plan.node[0].id);
	cr_assert_eq(numa_plan(first, NUMA_SYSFS, &usable, &plan, err), 0, "%s", err);
	plan.choice = false; /* a container may forbid to place memory */
	cr_assert_eq(numa_apply(&plan, err), 0, "%s", err);
	cr_assert_eq(sched_getaffinity(0, sizeof(now), &now), 0);
	cr_assert(CPU_EQUAL(&now, &plan.node[0].cpus));
}
