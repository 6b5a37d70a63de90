/* gate.c: the leaves that ENCLU in the enclave reaches, called by switch.S on the host's stack with
 * the enclave's registers in t->regs. The plain ones run with the enclave's vector registers and
 * FS, see accept.c. A leaf that faults makes an AEX with RIP at the ENCLU. */
#if defined(__SSE__) || defined(__SANITIZE_ADDRESS__)
#error "compile this file with -mgeneral-regs-only -fno-sanitize=all"
#endif

#include "../../libos/abi/layout.h"
#include "aex.h"
#include "memory.h"
#include "plain.h"
#include "ssa.h"

#define ENCLU_SIZE	  3 /* call *%r11, as long as the real instruction */
#define PFEC_USER	  0x4
#define PFEC_PRESENT	  0x1
#define XSAVE_HEADER	  512

int gate_leaf_plain(struct sgx_thread *t);
int gate_leaf_crypto(struct sgx_thread *t);
_Noreturn void gate_fault(struct sgx_thread *t);
_Noreturn void gate_interrupt(struct sgx_thread *t);

/* 0: go on in the enclave with RAX and ZF set; otherwise the fault is in t->fault. */
static int leaf_done(struct sgx_thread *t, const struct sgx_outcome *o)
{
	if (o->code < 0) {
		t->fault = *o;
		return o->code;
	}
	t->regs.rax = o->code;
	t->result = o->code == 0;
	return 0;
}

/* Back to the frame below without leaving the enclave: the end of an AEX-Notify handler. */
static struct sgx_outcome edeccssa(struct sgx_thread *t)
{
	struct sgx_enclave *e = t->enclave;
	struct sgx_outcome o;
	uint64_t frame;

	if (!t->tcs->cssa)
		return SGX_GP("TCS.CSSA is zero");
	frame = ssa_frame(e, t->tcs, t->tcs->cssa - 1);
	o = ssa_check(e, frame);
	if (o.code)
		return o;
	t->tcs->cssa--;
	t->ssa = frame;
	t->gpr = frame + e->secs.ssa_frame_size * SGX_PAGE_SIZE - sizeof(struct sgx_gpr);
	return SGX_OK;
}

/* One that faults will be executed again, and is priced by the exception. */
static struct sgx_outcome counted(struct sgx_thread *t, enum sgx_event event, struct sgx_outcome o)
{
	if (o.code >= 0)
		sgx_count(&t->counters, event);
	return o;
}

int gate_leaf_plain(struct sgx_thread *t)
{
	const struct sgx_gpr *r = &t->regs;
	struct sgx_outcome o;

	switch ((uint32_t)r->rax) {
	case ENCLU_EACCEPT:
		o = counted(t, EV_EACCEPT, sgx_eaccept(t->enclave, r->rbx, r->rcx));
		break;
	case ENCLU_EMODPE:
		o = counted(t, EV_EMODPE, sgx_emodpe(t->enclave, r->rbx, r->rcx));
		break;
	case ENCLU_EACCEPTCOPY:
		o = counted(t, EV_EACCEPTCOPY, sgx_eacceptcopy(t->enclave, r->rbx, r->rcx, r->rdx));
		break;
	case ENCLU_EDECCSSA:
		sgx_count(&t->counters, EV_EDECCSSA);
		if (sim_cpu.leaves & SIM_CPU_AEXNOTIFY)
			o = edeccssa(t);
		else
			o = SGX_GP("EDECCSSA is not a leaf of this CPU");
		break;
	case ENCLU_EEXIT:
		o = SGX_GP("EEXIT to an address inside ELRANGE");
		break;
	default:
		o = SGX_GP("ENCLU leaf not allowed inside an enclave");
	}
	return leaf_done(t, &o);
}

int gate_leaf_crypto(struct sgx_thread *t)
{
	const struct sgx_gpr *r = &t->regs;
	struct sgx_outcome o;

	sgx_count(&t->counters, r->rax == ENCLU_EREPORT ? EV_EREPORT : EV_EGETKEY);
	if (r->rax == ENCLU_EREPORT)
		o = sgx_ereport(t->enclave, r->rbx, r->rcx, r->rdx);
	else
		o = sgx_egetkey(t->enclave, r->rbx, r->rcx);
	return leaf_done(t, &o);
}

static _Noreturn void gate_aex(struct sgx_thread *t, const struct aex_event *event)
{
	uint64_t ssa = t->ssa;

	t->mode = MODE_AEX;
	t->regs.fsbase = fs_read();
	t->regs.gsbase = gs_read();
	epc_clear((void *)(ssa + XSAVE_HEADER), 64);
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(ssa), "a"((uint32_t)t->xfrm), "d"((uint32_t)(t->xfrm >> 32))
			 : "memory");
	aex_save(t, &t->regs, event);
	if (sgx_plain)
		plain_switch_leave_init(t);
	switch_leave_init(t);
}

/* The return address that the call pushed; the enclave's stack was written a moment ago. */
static uint64_t return_address(const struct sgx_thread *t)
{
	uint64_t rip;

	epc_copy(&rip, (const void *)t->regs.rsp, sizeof(rip));
	return rip; /* NOLINT: set by the instruction above */
}

/* Without a page, or one that the page tables hide, the fault comes from there: no SGX bit. */
static uint32_t fault_code(const struct sgx_thread *t, uint64_t addr)
{
	uint16_t v = sgx_in_elrange(t->enclave, addr) ? epcm_load(&t->enclave->epcm, addr) : 0;

	return v & EPCM_RESIDENT && v & EPCM_PTE_MASK ? PFEC_SGX | PFEC_USER | PFEC_PRESENT : PFEC_USER;
}

void gate_fault(struct sgx_thread *t)
{
	struct aex_event event = {.vector = -t->fault.code, .addr = t->fault.addr};

	if (event.vector == VECTOR_PF)
		event.error_code = fault_code(t, event.addr);
	t->regs.rip = return_address(t) - ENCLU_SIZE;
	t->regs.r11 = sgx_gate(); /* the call may be made again */
	t->regs.rsp += 8;
	gate_aex(t, &event);
}

/* An interrupt that came during a leaf is taken right after it. */
void gate_interrupt(struct sgx_thread *t)
{
	struct aex_event event = {.interrupt = true};

	sgx_interrupt_clear(t);
	t->regs.rip = return_address(t);
	t->regs.rsp += 8;
	if (!t->result)
		t->regs.rflags |= 0x40; /* ZF */
	else
		t->regs.rflags &= ~0x40UL;
	gate_aex(t, &event);
}
