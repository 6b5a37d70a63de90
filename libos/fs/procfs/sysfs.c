/* sysfs.c: see sysfs.h. Same tables as procfs. */
#include "fs/procfs/sysfs.h"

#include "abi/layout.h"
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"
#include "vm/vm.h"

static int show_cpus(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_cpu_list(out, cpu_mask_all());
	text_add(out, "\n", 1);
	return 0;
}

static int show_offline(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_add(out, "\n", 1);
	return 0;
}

static int show_cpu_max(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "%u\n", vcpu_count() - 1);
	return 0;
}

static int show_zero(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "0\n");
	return 0;
}

static int show_one(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "1\n");
	return 0;
}

static int show_cpu_mask(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "%lx\n", cpu_mask_all());
	return 0;
}

static int show_thp(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "always madvise [never]\n");
	return 0;
}

/* at->fd carries the number of the CPU. */
static int show_this_cpu(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%d\n", at->fd);
	return 0;
}

static int show_this_mask(struct text *out, const struct proc_at *at)
{
	text_printf(out, "%lx\n", 1UL << at->fd);
	return 0;
}

static const struct proc_entry topology_entries[] = {
	PROC_FILE("core_id", show_this_cpu),
	PROC_FILE("physical_package_id", show_zero),
	PROC_FILE("thread_siblings", show_this_mask),
	PROC_FILE("thread_siblings_list", show_this_cpu),
	PROC_FILE("core_siblings", show_cpu_mask),
	PROC_FILE("core_siblings_list", show_cpus),
	{ 0 },
};

static const struct proc_entry cpu_n_entries[] = {
	PROC_FILE("online", show_one), PROC_DIR("topology", topology_entries), { 0 },
};

static const struct proc_entry cpu_n = { .name = "cpuN", .mode = S_IFDIR | 0555, .children = cpu_n_entries };

static int cpu_next(const struct proc_at *at, int from)
{
	(void)at;
	return from < (int)vcpu_count() ? from : -1;
}

static const struct proc_entry *cpu_child(struct proc_at *at, int number)
{
	at->fd = number;
	return number < (int)vcpu_count() ? &cpu_n : NULL;
}

static const struct proc_dir cpu_dir = { cpu_next, cpu_child };

static const struct proc_entry cpu_entries[] = {
	PROC_FILE("online", show_cpus),       PROC_FILE("possible", show_cpus),
	PROC_FILE("present", show_cpus),      PROC_FILE("offline", show_offline),
	PROC_FILE("kernel_max", show_cpu_max), { 0 },
};

static void node_line(struct text *out, const char *name, uint64_t bytes)
{
	size_t start = out->len;

	text_printf(out, "Node 0 %s:", name);
	text_pad(out, start, 23);
	text_printf(out, "%8lu kB\n", bytes / 1024);
}

static int show_node_meminfo(struct text *out, const struct proc_at *at)
{
	struct vm_global_stats vm;

	(void)at;
	vm_global_stats(&vm);
	node_line(out, "MemTotal", vm.total);
	node_line(out, "MemFree", vm.free);
	node_line(out, "MemUsed", vm.total - vm.free);
	node_line(out, "FilePages", filemap_total_pages() * PAGE_SIZE + vm.parked);
	return 0;
}

static const struct proc_entry node0_entries[] = {
	PROC_FILE("meminfo", show_node_meminfo), PROC_FILE("cpulist", show_cpus), PROC_FILE("cpumap", show_cpu_mask), { 0 },
};

static const struct proc_entry node_entries[] = {
	PROC_FILE("online", show_zero), PROC_FILE("possible", show_zero), PROC_FILE("has_cpu", show_zero),
	PROC_FILE("has_memory", show_zero), PROC_FILE("has_normal_memory", show_zero),
	PROC_DIR("node0", node0_entries), { 0 },
};

static const struct proc_entry system_entries[] = {
	{ .name = "cpu", .mode = S_IFDIR | 0555, .children = cpu_entries, .dir = &cpu_dir, .prefix = "cpu" },
	PROC_DIR("node", node_entries),
	{ 0 },
};

static const struct proc_entry thp_entries[] = {
	PROC_FILE("enabled", show_thp), PROC_FILE("defrag", show_thp), { 0 },
};
static const struct proc_entry mm_entries[] = { PROC_DIR("transparent_hugepage", thp_entries), { 0 } };
static const struct proc_entry kernel_entries[] = { PROC_DIR("mm", mm_entries), { 0 } };
static const struct proc_entry devices_entries[] = { PROC_DIR("system", system_entries), { 0 } };
static const struct proc_entry none[] = { { 0 } };
static const struct proc_entry cgroup_entries[] = { PROC_DIR("cgroup", none), { 0 } };
static const struct proc_entry class_entries[] = { PROC_DIR("net", none), PROC_DIR("block", none), { 0 } };

static const struct proc_entry root_entries[] = {
	PROC_DIR("block", none),
	PROC_DIR("class", class_entries),
	PROC_DIR("devices", devices_entries),
	PROC_DIR("fs", cgroup_entries),
	PROC_DIR("kernel", kernel_entries),
	{ 0 },
};
static const struct proc_entry sys_root = { .name = "/", .mode = S_IFDIR | 0555, .children = root_entries };

static int sysfs_mount(const char *source, const char *options, struct super_block **out)
{
	(void)source, (void)options;
	return proc_super_create("sysfs", &sys_root, out);
}

const struct fs_type sysfs_type = { "sysfs", sysfs_mount };
