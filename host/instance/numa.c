/* numa.c: the machine's nodes, and which of them an instance uses. */
#include "numa.h"

#include <errno.h>
#include <fcntl.h>
#include <numaif.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A file of one line, such as "0-3,8\n". -errno when it is not there. */
static int line_read(const char *sysfs, const char *name, char *buf, size_t size)
{
	char path[4096];
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", sysfs, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	buf[n] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

/* The kernel's list format. Numbers from max on are passed over; -EINVAL for what is no list. */
static int list_parse(const char *s, unsigned int max, cpu_set_t *out)
{
	unsigned long from, to;
	char *end;

	CPU_ZERO(out);
	for (; *s; s = *end ? end + 1 : end) {
		from = to = strtoul(s, &end, 10);
		if (end == s)
			return -EINVAL;
		if (*end == '-') {
			s = end + 1;
			to = strtoul(s, &end, 10);
			if (end == s || to < from)
				return -EINVAL;
		}
		if (*end && *end != ',')
			return -EINVAL;
		for (; from <= to && from < max; from++)
			CPU_SET(from, out);
	}
	return 0;
}

static int list_read(const char *sysfs, const char *name, unsigned int max, cpu_set_t *out)
{
	char line[4096] = "";
	int ret = line_read(sysfs, name, line, sizeof(line));

	return ret ? ret : list_parse(line, max, out);
}

/* Every node with processors that are usable. memory: bit for each node that has some. */
static int topology_read(const char *sysfs, const cpu_set_t *usable, struct numa_plan *p)
{
	cpu_set_t online, memory;
	int ret = list_read(sysfs, "online", NUMA_NODES_MAX, &online);

	if (ret == -ENOENT) { /* a kernel without NUMA */
		p->node[p->nodes++] = (struct numa_node){ .cpus = *usable };
		p->memory = 1;
		return 0;
	}
	if (!ret && list_read(sysfs, "has_memory", NUMA_NODES_MAX, &memory))
		memory = online;
	for (unsigned int id = 0; id < NUMA_NODES_MAX && !ret; id++) {
		struct numa_node *n = &p->node[p->nodes];
		char name[32];

		if (!CPU_ISSET(id, &online))
			continue;
		if (CPU_ISSET(id, &memory))
			p->memory |= 1ul << id;
		snprintf(name, sizeof(name), "node%u/cpulist", id);
		ret = list_read(sysfs, name, CPU_SETSIZE, &n->cpus);
		CPU_AND(&n->cpus, &n->cpus, usable);
		n->id = id;
		p->nodes += CPU_COUNT(&n->cpus) > 0;
	}
	return ret;
}

static int refuse(const struct numa_plan *p, const char *words, char err[ENCLAVE_ERR_SIZE])
{
	int n = snprintf(err, ENCLAVE_ERR_SIZE, "--numa %s: expected " NUMA_TEXT "; nodes with processors for us:", words);

	for (unsigned int i = 0; i < p->nodes && n < ENCLAVE_ERR_SIZE; i++)
		n += snprintf(err + n, ENCLAVE_ERR_SIZE - (size_t)n, " %u", p->node[i].id);
	return -EINVAL;
}

/* Leaves node id alone in the plan. */
static bool choose(struct numa_plan *p, unsigned long id)
{
	for (unsigned int i = 0; i < p->nodes; i++) {
		if (p->node[i].id != id)
			continue;
		p->node[0] = p->node[i];
		p->nodes = 1;
		p->memory &= 1ul << id; /* none: such a node's memory is its neighbour's, as the kernel likes */
		return true;
	}
	return false;
}

int numa_plan(const char *words, const char *sysfs, const cpu_set_t *usable, struct numa_plan *p,
	      char err[ENCLAVE_ERR_SIZE])
{
	unsigned long id;
	char *end;
	int ret;

	*p = (struct numa_plan){ .spread = !strcmp(words, "spread") };
	ret = topology_read(sysfs, usable, p);
	if (ret) {
		snprintf(err, ENCLAVE_ERR_SIZE, "--numa: cannot read the nodes in %s: %s", sysfs, strerror(-ret));
		return -EINVAL;
	}
	p->choice = p->memory & (p->memory - 1);
	if (p->spread && p->nodes)
		return 0;
	id = strtoul(words, &end, 10);
	if (*words < '0' || *words > '9' || *end || !choose(p, id))
		return refuse(p, words, err);
	return 0;
}

const cpu_set_t *numa_vcpu(const struct numa_plan *p, unsigned int index)
{
	return &p->node[index % p->nodes].cpus;
}

int numa_apply(const struct numa_plan *p, char err[ENCLAVE_ERR_SIZE])
{
	int ret;

	if (!p->spread && sched_setaffinity(0, sizeof(cpu_set_t), &p->node[0].cpus)) {
		ret = -errno;
		snprintf(err, ENCLAVE_ERR_SIZE, "--numa: cannot run on node %u: %s", p->node[0].id, strerror(-ret));
		return ret;
	}
	/* Where there is but one node with memory, it all comes from there; containers may forbid the call. */
	if (!p->choice || !p->memory)
		return 0;
	if (!syscall(SYS_set_mempolicy, p->spread ? MPOL_INTERLEAVE : MPOL_PREFERRED, &p->memory, NUMA_NODES_MAX + 1))
		return 0;
	ret = -errno;
	snprintf(err, ENCLAVE_ERR_SIZE, "--numa: cannot place memory: %s%s", strerror(-ret),
		 ret == -EPERM ? "; the container forbids set_mempolicy (docker: --cap-add SYS_NICE)" : "");
	return ret;
}
