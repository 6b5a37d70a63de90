/* membarrier.c: membarrier(2): a full barrier on every CPU that runs a thread of the process.
 *
 * The tool is the one that existed before the system call: taking a right away from a page that is in use
 * makes the processor interrupt every CPU of the address space before the change is reported done. All
 * vCPUs are threads of one host process, so one page of ours serves every process inside. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/types.h"
#include "entry/vcpu.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/futex.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/vm.h"

#define SUPPORTED                                                                                  \
	(MEMBARRIER_GLOBAL | MEMBARRIER_GLOBAL_EXPEDITED | MEMBARRIER_REGISTER_GLOBAL_EXPEDITED |  \
	 MEMBARRIER_PRIVATE_EXPEDITED | MEMBARRIER_REGISTER_PRIVATE_EXPEDITED |                    \
	 MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE | MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)

/* Does another vCPU run a thread that shares memory with the caller? Those that are not running now have
 * passed through the giant lock, or will before they run: that is barrier enough. */
static bool others_running(bool any_process)
{
	for (unsigned i = 0; i < vcpus_online; i++) {
		struct thread *t = vcpus[i]->running;

		if (!t || t == current || !t->process)
			continue;
		if (any_process || t->process->space == current->process->space)
			return true;
	}
	return false;
}

static int barrier_everywhere(bool any_process)
{
	static volatile uint8_t *page;
	int err;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!others_running(any_process))
		return 0;
	if (!page)
		page = page_alloc_zero(1);
	if (!page)
		return -ENOMEM;
	*page += 1;
	err = host_mem_protect((uint64_t)page, PAGE_SIZE, PROT_READ);
	if (!err)
		err = host_mem_protect((uint64_t)page, PAGE_SIZE, PROT_READ | PROT_WRITE);
	return err;
}

SYSCALL_DEFINE(membarrier, int, cmd, unsigned, flags, int, cpu)
{
	struct process *p = current->process;

	(void)cpu;
	if (flags)
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_QUERY:
		return SUPPORTED;
	case MEMBARRIER_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		p->membarrier_registered |= (uint32_t)cmd;
		return 0;
	case MEMBARRIER_PRIVATE_EXPEDITED:
	case MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE:
		/* The bit of the registration is the next one. */
		if (!(p->membarrier_registered & (uint32_t)cmd << 1))
			return -EPERM;
		return barrier_everywhere(false);
	case MEMBARRIER_GLOBAL:
	case MEMBARRIER_GLOBAL_EXPEDITED:
		return barrier_everywhere(true);
	}
	return -EINVAL;
}
