/* sysinfo.c: what the system is and how it does: uname, names, sysinfo, times. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/loadavg.h"
#include "process/pid.h"
#include "process/process.h"
#include "process/namespace.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/sched.h"
#include "time/clock.h"
#include "time/timens.h"
#include "vm/vm.h"

#define USER_HZ 100

SYSCALL_DEFINE(uname, uaddr_t, out)
{
	return put_user(*uts_current(), out);
}

static long set_uts(char *field, uaddr_t from, int len)
{
	char name[UTS_LEN] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len >= UTS_LEN)
		return -EINVAL;
	if (copy_from_user(name, from, (size_t)len))
		return -EFAULT;
	memcpy(field, name, UTS_LEN);
	return 0;
}

SYSCALL_DEFINE(sethostname, uaddr_t, name, int, len)
{
	return set_uts(uts_current()->nodename, name, len);
}

SYSCALL_DEFINE(setdomainname, uaddr_t, name, int, len)
{
	return set_uts(uts_current()->domainname, name, len);
}

struct sysinfo {
	int64_t uptime;
	uint64_t loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint64_t totalhigh, freehigh;
	uint32_t mem_unit;
	uint32_t pad2;
};
_Static_assert(sizeof(struct sysinfo) == 112, "sysinfo layout");

SYSCALL_DEFINE(sysinfo, uaddr_t, out)
{
	struct sysinfo info = { .mem_unit = 1 };
	struct vm_global_stats vm;
	uint64_t load[3];

	vm_global_stats(&vm);
	load_average(load);
	info.uptime = (int64_t)((time_ns_shown(CLOCK_BOOTTIME, clock_boot()) + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	for (int i = 0; i < 3; i++)
		info.loads[i] = load[i] << (16 - LOAD_SHIFT);
	info.totalram = vm.total;
	info.freeram = vm.free;
	info.bufferram = vm.cached;
	info.procs = (uint16_t)MIN(thread_total(), 65535u);
	return put_user(info, out);
}

static int64_t ticks(nsec_t ns)
{
	return (int64_t)(ns / (NSEC_PER_SEC / USER_HZ));
}

SYSCALL_DEFINE(times, uaddr_t, out)
{
	struct process *p = current->process;
	nsec_t utime, stime;
	int64_t tms[4];

	process_times(p, &utime, &stime);
	tms[0] = ticks(utime);
	tms[1] = ticks(stime);
	tms[2] = ticks(p->child_utime);
	tms[3] = ticks(p->child_stime);
	if (out && copy_to_user(out, tms, sizeof(tms)))
		return -EFAULT;
	return ticks(clock_mono());
}

SYSCALL_DEFINE(getcpu, uaddr_t, cpu, uaddr_t, node, uaddr_t, unused)
{
	(void)unused;
	if (cpu && put_user((uint32_t)vcpu_current_index(), cpu))
		return -EFAULT;
	return node ? put_user((uint32_t)0, node) : 0;
}
