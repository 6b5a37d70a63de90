/* system.c: /proc itself: the table of its top level and the files about the whole system. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/mount.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"
#include "process/pid.h"
#include "process/loadavg.h"
#include "process/namespace.h"
#include "syscall/account.h"
#include "thread/sched.h"
#include "time/clock.h"
#include "time/timens.h"
#include "vm/vm.h"

uint64_t cpu_mask_all(void)
{
	unsigned n = vcpu_count();

	return n >= 64 ? ~0UL : (1UL << n) - 1;
}

void text_cpu_list(struct text *out, uint64_t mask)
{
	const char *comma = "";

	for (unsigned i = 0; i < 64; i++) {
		unsigned first = i;

		if (!(mask >> i & 1))
			continue;
		while (i < 63 && mask >> (i + 1) & 1)
			i++;
		if (i == first)
			text_printf(out, "%s%u", comma, i);
		else
			text_printf(out, "%s%u-%u", comma, first, i);
		comma = ",";
	}
}

static void memory_line(struct text *out, const char *name, uint64_t bytes)
{
	size_t start = out->len;

	text_printf(out, "%s:", name);
	text_pad(out, start, 16);
	text_printf(out, "%8lu kB\n", bytes / 1024);
}

/* Sums over all address spaces; a space shared by vfork counts once, with its owner. */
static void user_memory(uint64_t *resident, uint64_t *size)
{
	const struct process *p;
	struct vm_stats m;

	*resident = *size = 0;
	list_for_each(p, &process_all, all_node) {
		if (!p->space || (p->parent && p->parent->space == p->space))
			continue;
		vm_space_stats(p->space, &m);
		*resident += m.resident;
		*size += m.size;
	}
}

static int show_meminfo(struct text *out, const struct proc_at *at)
{
	uint64_t file_cache = filemap_total_pages() * PAGE_SIZE, resident, committed;
	struct vm_global_stats vm;
	struct heap_stats heap;
	uint64_t cached;

	(void)at;
	vm_global_stats(&vm);
	heap_stats(&heap);
	user_memory(&resident, &committed);
	cached = file_cache + vm.parked;
	memory_line(out, "MemTotal", vm.total);
	memory_line(out, "MemFree", vm.free);
	memory_line(out, "MemAvailable", MIN(vm.total, vm.free + cached));
	memory_line(out, "Buffers", 0);
	memory_line(out, "Cached", cached);
	memory_line(out, "SwapCached", 0);
	memory_line(out, "Active", resident);
	memory_line(out, "Inactive", cached);
	memory_line(out, "SwapTotal", 0);
	memory_line(out, "SwapFree", 0);
	memory_line(out, "Dirty", 0);
	memory_line(out, "Writeback", 0);
	memory_line(out, "AnonPages", resident);
	memory_line(out, "Mapped", vm.parked);
	memory_line(out, "Shmem", 0);
	memory_line(out, "KReclaimable", 0);
	memory_line(out, "Slab", heap.used > file_cache ? heap.used - file_cache : heap.used);
	memory_line(out, "SReclaimable", 0);
	memory_line(out, "SUnreclaim", heap.used > file_cache ? heap.used - file_cache : heap.used);
	memory_line(out, "CommitLimit", vm.total);
	memory_line(out, "Committed_AS", committed);
	memory_line(out, "VmallocTotal", LIBOS_HEAP_END - LIBOS_HEAP_START);
	memory_line(out, "VmallocUsed", heap.committed);
	text_printf(out, "HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n"
			 "HugePages_Surp:        0\nHugepagesize:       2048 kB\n");
	return 0;
}

/* User, system and idle time of all CPUs together, in ticks. */
static void cpu_times(uint64_t out[3])
{
	uint64_t switches, total = clock_running() * vcpu_count();
	nsec_t user = 0, system = 0, idle, u, s;
	const struct process *p;
	unsigned runnable;

	list_for_each(p, &process_all, all_node) {
		process_times(p, &u, &s);
		user += u + p->child_utime;
		system += s + p->child_stime;
	}
	sched_stats(&switches, &idle, &runnable);
	idle = MAX(idle, total > user + system ? total - user - system : 0);
	out[0] = ns_to_ticks(user);
	out[1] = ns_to_ticks(system);
	out[2] = ns_to_ticks(idle);
}

static void cpu_line(struct text *out, const char *name, const uint64_t t[3], unsigned share)
{
	text_printf(out, "%s %lu 0 %lu %lu 0 0 0 0 0 0\n", name, t[0] / share, t[1] / share, t[2] / share);
}

static void count_threads(unsigned *running, unsigned *blocked)
{
	const struct process *p;
	const struct thread *t;

	*running = *blocked = 0;
	list_for_each(p, &process_all, all_node) {
		list_for_each(t, &p->threads, in_process) {
			char state = proc_state(p, t);

			*running += state == 'R';
			*blocked += state == 'D';
		}
	}
}

/* Time is accounted per thread, not per CPU: each CPU is shown with its share of the sum. */
static int show_system_stat(struct text *out, const struct proc_at *at)
{
	unsigned cpus = vcpu_count(), running, blocked, runnable;
	uint64_t t[3], switches;
	char name[16];
	nsec_t idle;

	(void)at;
	cpu_times(t);
	sched_stats(&switches, &idle, &runnable);
	count_threads(&running, &blocked);
	cpu_line(out, "cpu ", t, 1);
	for (unsigned i = 0; i < cpus; i++) {
		snprintf(name, sizeof(name), "cpu%u", i);
		cpu_line(out, name, t, cpus);
	}
	text_printf(out, "intr 0\nctxt %lu\nbtime %lu\nprocesses %u\n", switches,
		    (clock_real() - clock_boot()) / NSEC_PER_SEC, thread_total());
	text_printf(out, "procs_running %u\nprocs_blocked %u\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n", running, blocked);
	return 0;
}

static int show_uptime(struct text *out, const struct proc_at *at)
{
	uint64_t up = time_ns_shown(CLOCK_BOOTTIME, clock_boot()) / (NSEC_PER_SEC / 100), t[3];

	(void)at;
	cpu_times(t);
	text_printf(out, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, t[2] / 100, t[2] % 100);
	return 0;
}

static int show_loadavg(struct text *out, const struct proc_at *at)
{
	unsigned running, blocked;
	const struct process *p;
	uint64_t load[3];
	kpid_t last = 0;

	(void)at;
	count_threads(&running, &blocked);
	load_average(load);
	list_for_each(p, &process_all, all_node)
		last = MAX(last, p->pid);
	for (int i = 0; i < 3; i++) {
		uint64_t hundredths = (load[i] * 100 + 1024) >> LOAD_SHIFT;

		text_printf(out, "%lu.%02lu ", hundredths / 100, hundredths % 100);
	}
	text_printf(out, "%u/%u %d\n", running, thread_total(), last);
	return 0;
}

static int show_version(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "%s version %s (occlum) %s\n", uts_current()->sysname, uts_current()->release, uts_current()->version);
	return 0;
}

static int show_filesystems(struct text *out, const struct proc_at *at)
{
	(void)at;
	for (const struct fs_type *const *t = fs_types; *t; t++)
		text_printf(out, "nodev\t%s\n", (*t)->name);
	text_printf(out, "nodev\tdevpts\nnodev\tpipefs\nnodev\tsockfs\n"); /* there, but not to be mounted */
	return 0;
}

static int show_cmdline_system(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "occlum\n");
	return 0;
}

static int show_devices(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\n"
			 "Block devices:\n");
	return 0;
}

static int show_partitions(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "major minor  #blocks  name\n\n");
	return 0;
}

static int show_swaps(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int show_nothing(struct text *out, const struct proc_at *at)
{
	(void)out, (void)at;
	return 0;
}

static int show_vmstat(struct text *out, const struct proc_at *at)
{
	uint64_t resident, size, minor = 0, major = 0;
	struct vm_global_stats vm;
	const struct process *p;

	(void)at;
	vm_global_stats(&vm);
	user_memory(&resident, &size);
	list_for_each(p, &process_all, all_node) {
		minor += p->min_flt + p->child_min_flt;
		major += p->maj_flt + p->child_maj_flt;
	}
	text_printf(out, "nr_free_pages %lu\nnr_anon_pages %lu\nnr_file_pages %lu\n", vm.free / PAGE_SIZE,
		    resident / PAGE_SIZE, filemap_total_pages());
	text_printf(out, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault %lu\npgmajfault %lu\n", minor + major,
		    major);
	return 0;
}

/* ---- self ---- */

static int target_self(struct text *out, const struct proc_at *at)
{
	(void)at;
	if (!current_process())
		return -ENOENT;
	text_printf(out, "%d", current_process()->pid);
	return 0;
}

static int target_thread_self(struct text *out, const struct proc_at *at)
{
	(void)at;
	if (!current_process())
		return -ENOENT;
	text_printf(out, "%d/task/%d", current_process()->pid, current->tid);
	return 0;
}

static int target_self_mounts(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "self/mounts");
	return 0;
}

static int target_self_net(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "self/net");
	return 0;
}

static int show_syscalls(struct text *out, const struct proc_at *at)
{
	(void)at;
	account_show(out);
	return 0;
}

static const struct proc_entry occlum_entries[] = { PROC_FILE("syscalls", show_syscalls), { 0 } };

#define LINK(n, fn) { .name = n, .mode = S_IFLNK | 0777, .target = fn }

static const struct proc_entry root_entries[] = {
	LINK("self", target_self),
	LINK("thread-self", target_thread_self),
	LINK("mounts", target_self_mounts),
	LINK("net", target_self_net),
	PROC_FILE("cmdline", show_cmdline_system),
	PROC_FILE("cpuinfo", show_cpuinfo),
	PROC_FILE("devices", show_devices),
	PROC_FILE("diskstats", show_nothing),
	PROC_FILE("filesystems", show_filesystems),
	PROC_FILE("loadavg", show_loadavg),
	{ .name = "config.gz", .mode = S_IFREG | 0444, .read = read_config },
	PROC_FILE("meminfo", show_meminfo),
	PROC_FILE("modules", show_nothing),
	PROC_DIR("occlum", occlum_entries),
	PROC_FILE("partitions", show_partitions),
	PROC_FILE("stat", show_system_stat),
	PROC_FILE("swaps", show_swaps),
	PROC_FILE("uptime", show_uptime),
	PROC_FILE("version", show_version),
	PROC_FILE("vmstat", show_vmstat),
	PROC_DIR("sys", sysctl_entries),
	PROC_DIR("sysvipc", sysvipc_entries),
	{ 0 },
};

static const struct proc_entry proc_root = {
	.name = "/", .mode = S_IFDIR | 0555, .children = root_entries, .dir = &pid_dir,
};

static int procfs_mount(const char *source, const char *options, struct super_block **out)
{
	(void)source, (void)options;
	return proc_super_create("proc", &proc_root, out);
}

const struct fs_type procfs_type = { "proc", procfs_mount };
