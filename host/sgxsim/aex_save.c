/* aex_save.c: what an asynchronous exit leaves in the SSA. Runs with the enclave's vector registers
 * in place when it comes from the gate, so: general registers only. */
#if defined(__SSE__) || defined(__SANITIZE_ADDRESS__)
#error "compile this file with -mgeneral-regs-only -fno-sanitize=all"
#endif

#include "aex.h"
#include "memory.h"

#define URSP_OFFSET	offsetof(struct sgx_gpr, ursp)
#define EXITINFO_OFFSET offsetof(struct sgx_gpr, exitinfo)

/* #GP and #PF are reported with EXINFO only. */
static uint32_t exitinfo(const struct aex_event *event, bool exinfo)
{
	switch (event->vector) {
	case VECTOR_GP:
	case VECTOR_PF:
		if (!exinfo)
			return 0;
		break;
	case VECTOR_BP:
		return EXITINFO_VALID | EXITINFO_SOFTWARE | VECTOR_BP;
	case VECTOR_DE:
	case VECTOR_DB:
	case VECTOR_BR:
	case VECTOR_UD:
	case VECTOR_MF:
	case VECTOR_AC:
	case VECTOR_XM:
		break;
	default:
		return 0;
	}
	return EXITINFO_VALID | EXITINFO_HARDWARE | event->vector;
}

static void exinfo_save(struct sgx_thread *t, const struct aex_event *event)
{
	struct sgx_exinfo info = {0};

	if (event->vector == VECTOR_PF)
		info.maddr = event->addr;
	info.errcd = event->error_code;
	epc_copy((void *)(t->gpr - sizeof(info)), &info, sizeof(info));
}

void aex_save(struct sgx_thread *t, const struct sgx_gpr *regs, const struct aex_event *event)
{
	bool exinfo = t->enclave->secs.miscselect & SGX_MISC_EXINFO;
	struct sgx_gpr tail = {.fsbase = regs->fsbase, .gsbase = regs->gsbase};

	epc_copy((void *)t->gpr, regs, URSP_OFFSET);
	if (t->enclave->secs.attributes.flags & SGX_ATTR_AEXNOTIFY) /* the enclave's own; stays */
		epc_copy(&tail.aexnotify, (const void *)(t->gpr + offsetof(struct sgx_gpr, aexnotify)), 1);
	if (!event->interrupt)
		tail.exitinfo = exitinfo(event, exinfo);
	epc_copy((void *)(t->gpr + EXITINFO_OFFSET), &tail.exitinfo,
		 sizeof(tail) - EXITINFO_OFFSET);
	if (tail.exitinfo && (event->vector == VECTOR_GP || event->vector == VECTOR_PF))
		exinfo_save(t, event);

	sgx_count(&t->counters, EV_AEX);
	t->exit.interrupt = event->interrupt;
	t->exit.vector = event->vector;
	t->exit.error_code = event->error_code;
	t->exit.addr = event->addr & ~(SGX_PAGE_SIZE - 1);
	t->tcs->cssa++;
	epc_store(t->gate_slot, 0);
	atomic_store_explicit(&t->tcs->busy, TCS_FREE, memory_order_release);
}
