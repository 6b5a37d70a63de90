/* sysctl.c: /proc/sys: values that programs look up. Those a program may change are stored where their
 * owner reads them; all others are read-only. */
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "fs/dcache.h"
#include "fs/inotify.h"
#include "fs/lease.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"
#include "keys/key.h"
#include "mqueue/mqueue.h"
#include "net/unix.h"
#include "process/pid.h"
#include "fs/devfs/chrdev.h"
#include "process/namespace.h"
#include "vm/vm.h"
#include "sysv/ids.h"

/* A file with a constant line. */
#define CONSTANT(fn, ...)                                                                              \
	static int show_##fn(struct text *out, const struct proc_at *at)                               \
	{                                                                                              \
		(void)at;                                                                              \
		text_printf(out, __VA_ARGS__);                                                         \
		return 0;                                                                              \
	}

CONSTANT(hostname, "%s\n", uts_current()->nodename)
CONSTANT(domainname, "%s\n", uts_current()->domainname)
CONSTANT(osrelease, "%s\n", uts_current()->release)
CONSTANT(ostype, "%s\n", uts_current()->sysname)
CONSTANT(os_version, "%s\n", uts_current()->version)
CONSTANT(pid_max, "%d\n", PID_MAX)
CONSTANT(threads_max, "%u\n", thread_limit)
CONSTANT(ngroups_max, "%d\n", NGROUPS_MAX)
CONSTANT(cap_last_cap, "40\n")
CONSTANT(core_pattern, "core\n")
CONSTANT(zero, "0\n")
CONSTANT(one, "1\n")
CONSTANT(two, "2\n")
CONSTANT(random_size, "%d\n", RANDOM_POOL_BITS)
CONSTANT(overflow_id, "65534\n")
CONSTANT(rr_timeslice, "100\n")
CONSTANT(max_map_count, "65530\n")
CONSTANT(mmap_min_addr, "65536\n")
CONSTANT(overcommit_ratio, "50\n")
CONSTANT(swappiness, "60\n")
CONSTANT(file_max, "9223372036854775807\n")
CONSTANT(nr_open, "%d\n", FD_MAX)
CONSTANT(pipe_max_size, "1048576\n")
CONSTANT(pipe_user_pages, "16384\n")
CONSTANT(aio_max, "65536\n") /* aio/context.c */
CONSTANT(epoll_watches, "1048576\n")
CONSTANT(somaxconn, "4096\n")
CONSTANT(port_range, "32768\t60999\n")
CONSTANT(dentry_state, "%zu\t0\t45\t0\t0\t0\n", dcache_count())

static void text_uuid(struct text *out, const uint8_t id[16])
{
	for (int i = 0; i < 16; i++)
		text_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
	text_add(out, "\n", 1);
}

static void make_uuid(uint8_t id[16])
{
	rng_bytes(id, 16);
	id[6] = (id[6] & 0x0f) | 0x40; /* version 4, variant 1 */
	id[8] = (id[8] & 0x3f) | 0x80;
}

static int show_uuid(struct text *out, const struct proc_at *at)
{
	uint8_t id[16];

	(void)at;
	make_uuid(id);
	text_uuid(out, id);
	return 0;
}

static int show_boot_id(struct text *out, const struct proc_at *at)
{
	static uint8_t id[16];

	(void)at;
	if (!id[8])
		make_uuid(id);
	text_uuid(out, id);
	return 0;
}

static int show_file_nr(struct text *out, const struct proc_at *at)
{
	const struct process *p;
	unsigned long n = 0;

	(void)at;
	list_for_each(p, &process_all, all_node) {
		for (int fd = p->files ? fdtable_next(p->files, 0) : -1; fd >= 0; fd = fdtable_next(p->files, fd + 1))
			n++;
	}
	text_printf(out, "%lu\t0\t9223372036854775807\n", n);
	return 0;
}

static ssize_t store_uts(char *field, const char *buf, size_t n)
{
	size_t len = n && buf[n - 1] == '\n' ? n - 1 : n;

	if (!capable(21)) /* CAP_SYS_ADMIN */
		return -EPERM;
	if (len >= UTS_LEN)
		return -EINVAL;
	memset(field, 0, UTS_LEN);
	memcpy(field, buf, len);
	return (ssize_t)n;
}

static ssize_t store_hostname(const struct proc_at *at, const char *buf, size_t n)
{
	(void)at;
	return store_uts(uts_current()->nodename, buf, n);
}

static ssize_t store_domainname(const struct proc_at *at, const char *buf, size_t n)
{
	(void)at;
	return store_uts(uts_current()->domainname, buf, n);
}

static int show_sem(struct text *out, const struct proc_at *at)
{
	(void)at;
	text_printf(out, "%lu\t%lu\t%lu\t%lu\n", sem_limits[0], sem_limits[1], sem_limits[2], sem_ids.limit);
	return 0;
}

/* Up to four numbers; those not given stay. */
static ssize_t store_sem(const struct proc_at *at, const char *buf, size_t n)
{
	uint64_t *const to[] = { &sem_limits[0], &sem_limits[1], &sem_limits[2], &sem_ids.limit };
	static const uint64_t max[] = { INT32_MAX, INT32_MAX, INT32_MAX, IPC_MNI_MAX };
	const char *end = buf + n;

	(void)at;
	for (unsigned i = 0; i < ARRAY_SIZE(to); i++) {
		uint64_t v = 0;

		while (buf < end && (*buf == ' ' || *buf == '\t' || *buf == '\n'))
			buf++;
		if (buf == end)
			break;
		for (; buf < end && *buf >= '0' && *buf <= '9' && v <= max[i]; buf++)
			v = v * 10 + (uint64_t)(*buf - '0');
		if (v > max[i] || (buf < end && *buf != ' ' && *buf != '\t' && *buf != '\n'))
			return -EINVAL;
		*to[i] = v;
	}
	return (ssize_t)n;
}

/* 1: clean pages of files, and the programs that are parked; 2: names; 3: both. */
static ssize_t store_drop_caches(const struct proc_at *at, const char *buf, size_t n)
{
	size_t len = n && buf[n - 1] == '\n' ? n - 1 : n;

	(void)at;
	if (len != 1 || buf[0] < '1' || buf[0] > '4')
		return -EINVAL;
	if (buf[0] & 2)
		dcache_prune(0);
	if (buf[0] & 1) {
		filemap_shrink(SIZE_MAX / 4);
		vm_drop_caches();
	}
	return (ssize_t)n;
}

static const struct proc_entry random_entries[] = {
	PROC_FILE("uuid", show_uuid),
	PROC_FILE("boot_id", show_boot_id),
	PROC_FILE("entropy_avail", show_random_size),
	PROC_FILE("poolsize", show_random_size),
	{ 0 },
};

static const struct proc_entry keys_entries[] = {
	PROC_NUMBER("maxkeys", key_max_keys, 1, INT32_MAX),
	PROC_NUMBER("maxbytes", key_max_bytes, 1, INT32_MAX),
	PROC_NUMBER("root_maxkeys", key_root_max_keys, 1, INT32_MAX),
	PROC_NUMBER("root_maxbytes", key_root_max_bytes, 1, INT32_MAX),
	{ 0 },
};

static const struct proc_entry kernel_entries[] = {
	PROC_DIR("keys", keys_entries),
	{ .name = "hostname", .mode = S_IFREG | 0644, .show = show_hostname, .store = store_hostname },
	{ .name = "domainname", .mode = S_IFREG | 0644, .show = show_domainname, .store = store_domainname },
	PROC_FILE("osrelease", show_osrelease),
	PROC_FILE("ostype", show_ostype),
	PROC_FILE("version", show_os_version),
	PROC_FILE("pid_max", show_pid_max),
	PROC_NUMBER("ns_last_pid", pid_last, 0, PID_MAX - 1),
	PROC_FILE("threads-max", show_threads_max),
	PROC_FILE("ngroups_max", show_ngroups_max),
	PROC_FILE("cap_last_cap", show_cap_last_cap),
	PROC_FILE("core_pattern", show_core_pattern),
	PROC_FILE("core_uses_pid", show_zero),
	PROC_NUMBER("shmmax", shm_max_bytes, 0, UINT64_MAX),
	PROC_NUMBER("shmall", shm_all_pages, 0, UINT64_MAX),
	PROC_NUMBER("shmmni", shm_ids.limit, 0, IPC_MNI_MAX),
	PROC_NUMBER("shm_rmid_forced", shm_rmid_forced, 0, 0),
	PROC_NUMBER("shm_next_id", shm_ids.next_id, 0, INT32_MAX),
	{ .name = "sem", .mode = S_IFREG | 0644, .show = show_sem, .store = store_sem },
	PROC_NUMBER("sem_next_id", sem_ids.next_id, 0, INT32_MAX),
	PROC_NUMBER("msgmax", msg_max_bytes, 0, INT32_MAX),
	PROC_NUMBER("msgmni", msg_ids.limit, 0, IPC_MNI_MAX),
	PROC_NUMBER("msgmnb", msg_queue_bytes, 0, INT32_MAX),
	PROC_NUMBER("msg_next_id", msg_ids.next_id, 0, INT32_MAX),
	PROC_FILE("randomize_va_space", show_two),
	PROC_FILE("overflowuid", show_overflow_id),
	PROC_FILE("overflowgid", show_overflow_id),
	PROC_FILE("sched_rr_timeslice_ms", show_rr_timeslice),
	PROC_FILE("perf_event_paranoid", show_two),
	PROC_FILE("kptr_restrict", show_two),
	PROC_FILE("dmesg_restrict", show_one),
	PROC_FILE("tainted", show_zero),
	PROC_DIR("random", random_entries),
	{ 0 },
};

static const struct proc_entry vm_entries[] = {
	PROC_FILE("overcommit_memory", show_zero),
	PROC_FILE("overcommit_ratio", show_overcommit_ratio),
	PROC_FILE("max_map_count", show_max_map_count),
	PROC_FILE("mmap_min_addr", show_mmap_min_addr),
	PROC_FILE("nr_hugepages", show_zero),
	PROC_FILE("swappiness", show_swappiness),
	{ .name = "drop_caches", .mode = S_IFREG | 0200, .store = store_drop_caches },
	{ 0 },
};

static const struct proc_entry inotify_entries[] = {
	PROC_NUMBER("max_queued_events", inotify_max_events, 0, INT32_MAX),
	PROC_NUMBER("max_user_instances", inotify_max_instances, 0, INT32_MAX),
	PROC_NUMBER("max_user_watches", inotify_max_watches, 0, INT32_MAX),
	{ 0 },
};

static const struct proc_entry epoll_entries[] = { PROC_FILE("max_user_watches", show_epoll_watches), { 0 } };

static const struct proc_entry mqueue_entries[] = {
	PROC_NUMBER("msg_default", mq_msg_default, 1, 65536),
	PROC_NUMBER("msg_max", mq_msg_max, 1, 65536),
	PROC_NUMBER("msgsize_default", mq_size_default, 128, 16777216),
	PROC_NUMBER("msgsize_max", mq_size_max, 128, 16777216),
	PROC_NUMBER("queues_max", mq_queues_max, 0, INT32_MAX),
	{ 0 },
};

static const struct proc_entry fs_entries[] = {
	PROC_FILE("aio-max-nr", show_aio_max),
	PROC_NUMBER("lease-break-time", lease_break_time, 0, INT32_MAX),
	PROC_DIR("mqueue", mqueue_entries),
	PROC_FILE("file-max", show_file_max),
	PROC_FILE("file-nr", show_file_nr),
	PROC_FILE("nr_open", show_nr_open),
	PROC_FILE("pipe-max-size", show_pipe_max_size),
	PROC_FILE("pipe-user-pages-soft", show_pipe_user_pages),
	PROC_FILE("dentry-state", show_dentry_state),
	PROC_FILE("suid_dumpable", show_zero),
	PROC_FILE("protected_hardlinks", show_zero),
	PROC_FILE("protected_symlinks", show_zero),
	PROC_DIR("inotify", inotify_entries),
	PROC_DIR("epoll", epoll_entries),
	{ 0 },
};

static const struct proc_entry core_entries[] = { PROC_FILE("somaxconn", show_somaxconn), { 0 } };
static const struct proc_entry ipv4_entries[] = { PROC_FILE("ip_local_port_range", show_port_range), { 0 } };
static const struct proc_entry sys_net_entries[] = {
	PROC_DIR("core", core_entries), PROC_DIR("ipv4", ipv4_entries), { 0 },
};

const struct proc_entry sysctl_entries[] = {
	PROC_DIR("fs", fs_entries),
	PROC_DIR("kernel", kernel_entries),
	PROC_DIR("net", sys_net_entries),
	PROC_DIR("vm", vm_entries),
	{ 0 },
};

/* ---- /proc/PID/net: an instance without network devices but the loopback ---- */

CONSTANT(net_dev,
	 "Inter-|   Receive                                                |  Transmit\n"
	 " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
	 "carrier compressed\n"
	 "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       "
	 "0          0\n")
CONSTANT(net_route, "%-127s\n",
	 "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT")
CONSTANT(net_tcp, "%-149s\n",
	 "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")
CONSTANT(net_udp, "%-127s\n",
	 "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
	 "drops")

static int show_net_unix(struct text *out, const struct proc_at *at)
{
	(void)at;
	unix_proc_show(out);
	return 0;
}

const struct proc_entry net_entries[] = {
	PROC_FILE("dev", show_net_dev),
	PROC_FILE("route", show_net_route),
	PROC_FILE("tcp", show_net_tcp),
	PROC_FILE("udp", show_net_udp),
	PROC_FILE("unix", show_net_unix),
	{ 0 },
};
