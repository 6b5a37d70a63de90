/* numa.h: where on a machine of several nodes an instance has its memory and its vCPUs.
 *
 * "NODE" (a number): every thread of the process runs on that node's processors, and memory comes from it while it has some
 * (MPOL_PREFERRED: a full node must not kill the enclave). "spread": memory by turns from all nodes that have some
 * (MPOL_INTERLEAVE), vCPU i on the i-th node that has processors, round and round. With real SGX the driver takes EPC pages
 * from the node of the processor that asks, which NODE follows and spread cannot tell.
 *
 * No libnuma here: its constructor reads some ten files at each start, also of each process with an enclave of its own,
 * and it takes no topology but this machine's, so that no test could show it another. Source: set_mempolicy(2), numa(7),
 * Documentation/ABI/stable/sysfs-devices-node of Linux. */
#pragma once
#include <sched.h>
#include <stdbool.h>

#include "enclave/enclave.h"

#define NUMA_SYSFS	"/sys/devices/system/node"
#define NUMA_NODES_MAX 64
#define NUMA_TEXT	"the number of a node or \"spread\""

struct numa_node {
	unsigned int id;
	cpu_set_t cpus; /* of it, that this process may use */
};

struct numa_plan {
	bool spread;
	unsigned int nodes;	  /* in node[]: the chosen one, or all that have processors */
	struct numa_node node[NUMA_NODES_MAX];
	unsigned long memory;	  /* bit N: memory from node N */
	bool choice;		  /* there are several nodes with memory */
};

/* Reads the topology below sysfs (NUMA_SYSFS); a kernel without it has node 0 only. usable: the processors the process
 * may use. 0, or -EINVAL and a line in err that names what there is. */
int numa_plan(const char *words, const char *sysfs, const cpu_set_t *usable, struct numa_plan *p,
	      char err[ENCLAVE_ERR_SIZE]);
/* The processors of vCPU index. */
const cpu_set_t *numa_vcpu(const struct numa_plan *p, unsigned int index);
/* For the calling thread and all that it will start; the memory of what it will map. -errno and a line in err. */
int numa_apply(const struct numa_plan *p, char err[ENCLAVE_ERR_SIZE]);
