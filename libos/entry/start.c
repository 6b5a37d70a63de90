/* start.c: boot, in order. vCPU 0 does everything; the others wait for it and join the scheduler.
 * Once pid 1 runs (process/init.c) it calls boot_mounts() and then serves the operator's requests. */
#include "entry/start.h"
#include "abi/boot.h"
#include "abi/hostctl.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "tunables.h"
#include "crypto/rng.h"
#include "crypto/setup.h"
#include "entry/config.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "fs/inode.h"
#include "hostcall/async.h"
#include "hostcall/hostcall.h"
#include "hostcall/level.h"
#include "hostcall/net.h"
#include "hostcall/untrusted.h"
#include "linux/fs.h"
#include "net/hostfiles.h"
#include "net/loop.h"
#include "process/process.h"
#include "sync/giant.h"
#include "thread/fpu.h"
#include "thread/sched.h"
#include "thread/stack.h"
#include "time/calibrate.h"
#include "time/clock.h"
#include "vm/vm.h"

struct vcpu *vcpus[VCPU_MAX];
unsigned vcpus_online;
static struct boot_host host; /* our copy */
static volatile bool booted;

static const struct boot_info *boot_info(void)
{
	return (const struct boot_info *)LIBOS_BOOT_START;
}

static void check_boot_info(const struct boot_info *b)
{
	if (b->magic != BOOT_MAGIC || b->abi_version != BOOT_ABI_VERSION || !b->vcpus || b->vcpus > VCPU_MAX ||
	    b->config_offset < sizeof(*b) || b->config_size > LIBOS_BOOT_MAX ||
	    b->config_offset > LIBOS_BOOT_MAX - b->config_size || b->user_start < USER_START ||
	    b->user_end < b->user_start || b->user_end > USER_HIGH_END ||
	    (b->user_start < LIBOS_END && b->user_end > LIBOS_START) || ((b->user_start | b->user_end) & (PAGE_SIZE - 1)))
		enclave_stop(3);
}

static void take_boot_host(haddr_t addr, unsigned count)
{
	if (!host_range_ok(addr, sizeof(host)))
		enclave_stop(4);
	copy_from_host(&host, addr, sizeof(host));
	if (host.abi_version != BOOT_ABI_VERSION || host.shared_size < SHARED_SIZE(count) ||
	    (host.shared_base & (PAGE_SIZE - 1)) || !host_range_ok(host.shared_base, host.shared_size) ||
	    (host.control & 7) || !host_range_ok(host.control, sizeof(struct host_control)))
		enclave_stop(5);
}

uint64_t boot_memory_bytes(void)
{
	return host.memory_bytes;
}

int boot_parent_link(void)
{
	return host.eip_link;
}

int boot_inherited(unsigned i)
{
	return i < MIN(host.eip_fd_count, (uint32_t)BOOT_EIP_FDS_MAX) && host.eip_fds[i] >= 0 ? host.eip_fds[i] : -1;
}

static void vcpu_setup(struct vcpu *v, unsigned index)
{
	v->self = v;
	v->index = index;
	list_init(&v->run_queue);
	v->shared = host.shared_base + index * SHARED_VCPU_SLICE;
	vcpus[index] = v;
}

static int make_super(const struct config_mount *m, uint32_t type, struct super_block **out)
{
	const char *source = config_string(m->source);
	struct super_block *upper, *lower;
	int err;

	switch (type) {
	case CONFIG_FS_RAMFS:
		return ramfs_create(out);
	case CONFIG_FS_DEVFS:
		return devfs_type.mount(NULL, NULL, out);
	case CONFIG_FS_PROCFS:
		return procfs_type.mount(NULL, NULL, out);
	case CONFIG_FS_SYSFS:
		return sysfs_type.mount(NULL, NULL, out);
	case CONFIG_FS_HOSTFS:
		return hostfs_create(source, m->flags & CONFIG_MOUNT_RDONLY, out);
	case CONFIG_FS_HASHFS:
		return hashfs_create(source, m->root_hash, out);
	case CONFIG_FS_UNION:
		if (m->lower_type == CONFIG_FS_UNION)
			return -22;
		err = make_super(m, m->lower_type, &lower);
		if (!err)
			err = ramfs_create(&upper);
		return err ? err : unionfs_create(upper, lower, out);
	}
	return -22;
}

static const char *fs_name(uint32_t type)
{
	static const char *const names[] = { "?", "ramfs", "devfs", "procfs", "hostfs", "hashed image", "union",
					     "sysfs" };

	return type < ARRAY_SIZE(names) ? names[type] : names[0];
}

static unsigned mount_flags(uint32_t config)
{
	return (config & CONFIG_MOUNT_RDONLY ? MS_RDONLY : 0) | (config & CONFIG_MOUNT_NOEXEC ? MS_NOEXEC : 0);
}

static int mount_one(const struct config_mount *m, bool root)
{
	const char *target = config_string(m->target), *source = config_string(m->source);
	struct super_block *sb;
	struct path where;
	int err = make_super(m, m->type, &sb);

	if (!err && root)
		err = mount_root(sb, source ? source : fs_name(m->type));
	if (!err && !root) {
		err = path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &where);
		if (!err) {
			err = mount_at(sb, &where, source ? source : fs_name(m->type), mount_flags(m->flags));
			path_put(&where);
		}
	}
	if (err)
		log_error("mounting %s%s%s at %s failed: error %d", fs_name(m->type), source ? " " : "",
			  source ? source : "", target, -err);
	return err;
}

/* Message queues are to be seen where programs look for them, if there is such a directory. */
static void mount_queues(void)
{
	struct super_block *sb;
	struct path where;

	if (path_lookup(AT_FDCWD, "/dev/mqueue", LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &where))
		return;
	if (!mqueue_type.mount(NULL, NULL, &sb) && mount_at(sb, &where, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC))
		super_put(sb);
	path_put(&where);
}

int boot_mounts(void)
{
	const struct config_mount *m;
	size_t n = config_mounts(&m);

	for (size_t i = 1; i < n; i++) {
		int err = mount_one(&m[i], false);

		if (err)
			return err;
	}
	mount_queues();
	/* Processes of other enclaves are not inside. */
	loop_init(!(config_get()->flags & (CONFIG_LOOPBACK_HOST | CONFIG_EIP)));
	if (!(config_get()->flags & CONFIG_TRY)) /* there the host's files are the root */
		hostfiles_take();
	return 0;
}

/* The LibOS heap ends below the thread stacks (thread/stack.c), or where the configuration says. */
static uint64_t heap_limit(uint64_t start, uint64_t max)
{
	uint64_t end = LIBOS_HEAP_END - THREAD_STACKS_SIZE;

	return MIN(end, start + ALIGN_UP(max ? max : HEAP_MAX_DEFAULT, PAGE_SIZE));
}

static void boot(struct vcpu *v, haddr_t boot_host)
{
	const struct boot_info *info = boot_info();
	const struct config_head *config;
	const struct config_mount *m;

	check_boot_info(info);
	take_boot_host(boot_host, info->vcpus);
	vcpu_setup(v, 0);
	vcpus_online = 1;
	fpu_setup(enclu_xfrm());      /* before anything leaves the enclave */
	log_level = (int)MIN(host.log_level, (uint32_t)LOG_TRACE);
	async_init(host.shared_base + info->vcpus * SHARED_VCPU_SLICE,
		   host.shared_base + info->vcpus * SHARED_VCPU_SLICE +
			   ALIGN_UP(sizeof(struct async_slot) * ASYNC_SLOTS, PAGE_SIZE),
		   host.control);
	host_level_init(host.eip_levels, EIP_LEVELS * sizeof(struct eip_level));
	host_net_init(host.shared_base + SHARED_NET_OFFSET(info->vcpus));
	if (config_load((const char *)info + info->config_offset, info->config_size))
		enclave_stop(6);
	config = config_get();
	/* The host may ask for less than the signer allows, not for more: messages tell what programs do. */
	log_level = config->flags & CONFIG_DISABLE_LOG ? LOG_OFF : MIN(log_level, (int)MIN(config->log_level_max, 5u));
	heap_init(info->heap_start, info->heap_end, heap_limit(info->heap_start, config->heap_max));
	clock_init(host.tsc_hz, host.tsc_base, host.mono_base_ns, host.real_base_ns);
	crypto_init();                /* CPU features for libcrypto's assembly */
	rng_init();
	vm_user_limit = config->user_space_max;
	vm_commit_mode = config->flags & CONFIG_COMMIT_EAGER  ? VM_COMMIT_EAGER
			 : config->flags & CONFIG_COMMIT_LAZY ? VM_COMMIT_LAZY
							      : VM_COMMIT_ADAPTIVE;
	vm_text_wanted = host.want_text == 1 && !(config->flags & CONFIG_DISABLE_LOG) && config->log_level_max >= LOG_TRACE;
	if (config->flags & CONFIG_SGX1)
		host_mem_fixed();
	vm_init(info->user_start, info->user_end, config->flags & CONFIG_SGX1); /* user address space */
	vm_quiesce = sched_quiesce;
	vm_space_running = sched_space_running;
	config_mounts(&m);
	if (mount_one(&m[0], true))
		enclave_stop(7);
	process_init();               /* pid 1; its thread goes on with boot_mounts() */
}

void vcpu_start(uint64_t tcs, uint64_t index, haddr_t boot_host)
{
	struct vcpu *v = (struct vcpu *)(tcs - VCPU_TCS + VCPU_GS);

	/* The index follows from the TCS; what the host says only has to agree. */
	if (index != (tcs - LIBOS_VCPU_START) / LIBOS_VCPU_STRIDE)
		enclave_stop(8);
	if (index == 0) {
		v->self = v;
		giant_lock();
		boot(v, boot_host);
		booted = true;
	} else {
		while (!booted || READ_ONCE(vcpus_online) != index)
			__builtin_ia32_pause();
		vcpu_setup(v, (unsigned)index);
		giant_lock();
		vcpus_online++;
	}
	v->charged_at = clock_mono();
	sched_idle_loop(v);
}
