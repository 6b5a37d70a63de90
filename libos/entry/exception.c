/* exception.c: what the LibOS does after an AEX.
 *
 * Two phases. On SSA frame 1 exception_handle() only moves the interrupted user state from SSA[0] to
 * the thread's struct regs and points SSA[0] at user_trap; the host is then told to ERESUME. So
 * trap_handle() runs as an ordinary part of the thread: it may sleep, be preempted by others, and
 * returns to user code by itself. Interrupts that hit the LibOS only set need_resched.
 *
 * Trust: EXITINFO and EXINFO come from hardware (sgx.md 4, E9: the host's word about what happened is
 * not used); an interrupt claimed by the host costs at most a reschedule. */
#include "entry/exception.h"
#include "abi/ecall.h"
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"
#include "entry/asm.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "linux/errno.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "syscall/dispatch.h"
#include "syscall/usercopy.h"
#include "thread/account.h"
#include "thread/sched.h"
#include "vm/vm.h"

struct ssa_gpr { /* GPRSGX, SDM 38.9.1.1: the last 184 bytes of a frame */
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip, ursp, urbp;
	uint32_t exitinfo;
	uint8_t reserved[3], aex_notify;
	uint64_t fsbase, gsbase;
};
_Static_assert(sizeof(struct ssa_gpr) == 184, "GPRSGX");

struct ssa_exinfo { /* just below GPRSGX */
	uint64_t maddr;
	uint32_t errcd, reserved;
};

#define EXITINFO_VALID (1u << 31)
#define EXITINFO_VECTOR(x) ((x)&0xffu)
#define ENCLU_SIZE 3 /* also of the call that stands for it in SIM */
#define RFLAGS_TF 0x100UL
#define RFLAGS_AC 0x40000UL
#define RFLAGS_RESET 2UL

extern const char libos_image_start[], libos_image_end[];
extern const char user_trap[], syscall_gate[], syscall_gate_end[], syscall_exit_start[], return_full[],
	return_full_end[], exit_again[], enclu_leaf_done[], cpuid_gate[], cpuid_exit_jump[], cpuid_gate_end[];

static bool in_libos(uint64_t rip)
{
	return rip >= (uint64_t)libos_image_start && rip < (uint64_t)libos_image_end;
}

static struct ssa_gpr *ssa_frame(uint64_t tcs, unsigned index)
{
	return (struct ssa_gpr *)(tcs + VCPU_SSA + (index + 1) * VCPU_SSAFRAMESIZE * PAGE_SIZE -
				  sizeof(struct ssa_gpr));
}

static void regs_from_ssa(struct regs *r, const struct ssa_gpr *g)
{
	*r = (struct regs){ .r15 = g->r15, .r14 = g->r14, .r13 = g->r13, .r12 = g->r12, .rbp = g->rbp,
			    .rbx = g->rbx, .r11 = g->r11, .r10 = g->r10, .r9 = g->r9, .r8 = g->r8,
			    .rax = g->rax, .rcx = g->rcx, .rdx = g->rdx, .rsi = g->rsi, .rdi = g->rdi,
			    .orig_rax = (uint64_t)-1, .rip = g->rip, .rflags = g->rflags, .rsp = g->rsp,
			    .full = REGS_FULL };
}

/* SSA[0] shall resume in user_trap on the thread's LibOS stack, with the struct regs that lies there. */
static void resume_in_trap(struct vcpu *v, struct ssa_gpr *g)
{
	struct regs *r = (struct regs *)(v->kernel_rsp - sizeof(struct regs));

	v->vectors_dead = false;
	g->rip = (uint64_t)user_trap;
	g->rsp = (uint64_t)r;
	g->rflags = RFLAGS_RESET;
	g->gsbase = (uint64_t)v;
}

static void redirect_to_trap(struct vcpu *v, struct ssa_gpr *g)
{
	regs_from_ssa((struct regs *)(v->kernel_rsp - sizeof(struct regs)), g);
	resume_in_trap(v, g);
}

/* On this vCPU's boot stack, back at CSSA 0, where host calls work: the faulting one may be the very problem. */
void libos_fault_report(const struct ssa_gpr *g);
void libos_fault_report(const struct ssa_gpr *g)
{
	const struct vcpu *v = this_vcpu();

	log_print(LOG_ERROR, "LibOS fault: vector %u error %x address %lx rip %lx rsp %lx vCPU %u", v->trap.vector,
		  v->trap.error, v->trap.addr, g->rip, g->rsp, v->index);
	log_print(LOG_ERROR, "  rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx rbp %lx", g->rax, g->rbx, g->rcx,
		  g->rdx, g->rsi, g->rdi, g->rbp);
	log_callers(g->rbp);
	panic("LibOS fault at %lx", g->rip);
}

/* A fault of the LibOS itself: nothing can be said from here (no host calls at CSSA 1), so SSA[0] goes to the report.
 * A fault of the report ends the enclave without words. */
static void libos_fault(struct vcpu *v, struct ssa_gpr *g)
{
	static struct ssa_gpr saved;
	static bool reported;

	if (reported)
		enclave_stop(9);
	reported = true;
	saved = *g;
	g->rip = (uint64_t)libos_fault_report;
	g->rdi = (uint64_t)&saved;
	g->rsp = v->tcs - VCPU_TCS + VCPU_STACK_END - 8;
	g->rflags = RFLAGS_RESET;
	g->gsbase = (uint64_t)v;
}

/* A program that wrote GS makes a gate's first instructions fault: its fault, not ours. */
static bool gate_with_foreign_gs(const struct ssa_gpr *g, const struct vcpu *v)
{
	bool in_gate = (g->rip >= (uint64_t)syscall_gate && g->rip < (uint64_t)syscall_gate_end) ||
		       (g->rip >= (uint64_t)cpuid_gate && g->rip < (uint64_t)cpuid_gate_end);

	return in_gate && g->gsbase != (uint64_t)v;
}

/* TF and AC of a program are still set in the first instructions of a gate and the last ones on the way out. The LibOS
 * sets neither: they go, and what was interrupted goes on. */
static bool flag_of_program(struct ssa_gpr *g, unsigned vector)
{
	uint64_t flag = vector == VECTOR_DB ? RFLAGS_TF : vector == VECTOR_AC ? RFLAGS_AC : 0;
	bool set = g->rflags & flag;

	g->rflags &= ~flag;
	return set;
}

/* On the last instructions before user code, where nothing looks for signals any more? The jump itself faults there
 * when a program asked for an address that is not canonical: the program's fault. */
static bool leaving(uint64_t rip)
{
	return (rip >= (uint64_t)syscall_exit_start && rip < (uint64_t)syscall_gate_end) ||
	       (rip >= (uint64_t)return_full && rip < (uint64_t)return_full_end);
}

static void redirect_to_exit(struct vcpu *v, struct ssa_gpr *g)
{
	g->rip = (uint64_t)exit_again;
	g->rsp = v->kernel_rsp - sizeof(struct regs);
	g->rflags = RFLAGS_RESET;
	g->gsbase = (uint64_t)v;
}

void exit_to_user_again(struct regs *regs);
void exit_to_user_again(struct regs *regs)
{
	this_vcpu()->user_mode = false;
	giant_lock();
	account_enter(this_vcpu());
	exit_to_user(regs);
}

static bool canonical(uint64_t addr)
{
	return (addr >> 47) == 0 || (addr >> 47) == 0x1ffff;
}

/* Can an access at base and a 32-bit displacement be not canonical? */
static bool displaced_to_nowhere(uint64_t base)
{
	return !canonical(base + INT32_MAX) || !canonical(base + INT32_MIN);
}

/* SGX does not report #SS. The host's word for an exception is taken only where the registers show why: a stack or
 * frame pointer that such an access needs. (Taken for an interrupt, the instruction would fault for ever.) */
static bool stack_fault(unsigned ecall, const struct ssa_gpr *g)
{
	return ecall == ECALL_EXCEPTION && (displaced_to_nowhere(g->rsp) || displaced_to_nowhere(g->rbp));
}

void exception_handle(unsigned ecall, unsigned cssa, uint64_t tcs)
{
	struct vcpu *v = this_vcpu();
	struct ssa_gpr *g = ssa_frame(tcs, 0);
	struct ssa_exinfo *ex = (struct ssa_exinfo *)g - 1;
	unsigned vector = EXITINFO_VECTOR(g->exitinfo);
	bool valid = g->exitinfo & EXITINFO_VALID;

	if (cssa != 1)
		enclave_stop(10); /* an exception inside this handler */
	g->exitinfo = 0;
	if (!valid) {
		/* Only asynchronous events come without EXITINFO, whatever ecall the host chose. */
		v->need_resched = true;
		if (leaving(g->rip))
			redirect_to_exit(v, g);
		if (in_libos(g->rip))
			return;
		v->trap.vector = stack_fault(ecall, g) ? VECTOR_SS : TRAP_INTERRUPT;
		redirect_to_trap(v, g);
		return;
	}
	v->trap.vector = vector;
	v->trap.error = ex->errcd;
	v->trap.addr = ex->maddr;
	if (gate_with_foreign_gs(g, v)) {
		v->trap.vector = VECTOR_GP;
		redirect_to_trap(v, g);
	} else if (vector == VECTOR_GP && leaving(g->rip)) {
		resume_in_trap(v, g);
	} else if (vector == VECTOR_GP && g->rip == (uint64_t)cpuid_exit_jump) {
		g->rip = v->return_rip;
		redirect_to_trap(v, g);
	} else if (g->rip == (uint64_t)enclu_leaf_done - ENCLU_SIZE) {
		g->rax = (uint64_t)ENCLU_FAULTED; /* the host has no such page: hostcall/mem.c knows what that means */
		g->rip = (uint64_t)enclu_leaf_done;
	} else if (in_libos(g->rip)) {
		if (!flag_of_program(g, vector))
			libos_fault(v, g);
	} else {
		redirect_to_trap(v, g);
	}
}

static void page_fault(struct regs *regs, uint64_t addr, unsigned error)
{
	int sig = SIGSEGV, code = 0;

	if (addr == regs->rip)
		error |= 16;
	if (vm_fault(current_process()->space, addr, error, &sig, &code))
		signal_force_fault(sig, code, addr);
}

/* rip at the instruction */
static void trapped_syscall(struct regs *regs)
{
	regs->rip += 2;
	regs->rcx = regs->rip;
	regs->r11 = regs->rflags;
	regs->orig_rax = regs->rax;
	regs->full = REGS_FULL | REGS_TRAPPED;
	syscall_execute(regs);
}

static void breakpoint(struct regs *regs)
{
	if (rewrite_breakpoint(regs->rip - 1)) {
		regs->rip--;
		trapped_syscall(regs);
		return;
	}
	signal_force_fault(SIGTRAP, SI_KERNEL, 0);
}

static void invalid_opcode(struct regs *regs)
{
	uint8_t insn[16];
	size_t n = sizeof(insn);

	if (copy_from_user(insn, regs->rip, n)) {
		n = PAGE_SIZE - (regs->rip & (PAGE_SIZE - 1));
		if (n >= sizeof(insn) || copy_from_user(insn, regs->rip, n)) {
			signal_force_fault(SIGILL, ILL_ILLOPN, regs->rip);
			return;
		}
	}
	if (n >= 2 && insn[0] == 0x0f && insn[1] == 0x05) {
		trapped_syscall(regs);
		return;
	}
	if (!emulate_insn(regs, insn, n))
		signal_force_fault(SIGILL, ILL_ILLOPN, regs->rip);
}

/* Which SIGFPE: from the exception flags of MXCSR (SSE) or the x87 status word that are not masked. */
static int fpu_exception_code(bool sse)
{
	const uint8_t *area;
	uint32_t flags, mask;

	fpu_save_current();
	area = current->xsave;
	if (sse) {
		flags = *(const uint32_t *)(area + 24);
		mask = flags >> 7;
	} else {
		flags = *(const uint16_t *)(area + 2);
		mask = *(const uint16_t *)area;
	}
	flags &= ~mask & 0x3f;
	if (flags & 1)
		return FPE_FLTINV;
	if (flags & 4)
		return FPE_FLTDIV;
	if (flags & 8)
		return FPE_FLTOVF;
	if (flags & (16 | 2))
		return FPE_FLTUND;
	return flags & 32 ? FPE_FLTRES : 0;
}

static void trap_dispatch(struct regs *regs, unsigned vector, unsigned error, uint64_t addr)
{
	switch (vector) {
	case TRAP_INTERRUPT:
		break;
	case VECTOR_PF:
		page_fault(regs, addr, error);
		break;
	case VECTOR_UD:
		invalid_opcode(regs);
		break;
	case VECTOR_DE:
		signal_force_fault(SIGFPE, FPE_INTDIV, regs->rip);
		break;
	case VECTOR_MF:
	case VECTOR_XM:
		signal_force_fault(SIGFPE, fpu_exception_code(vector == VECTOR_XM), regs->rip);
		break;
	case VECTOR_BP:
		breakpoint(regs);
		break;
	case VECTOR_DB:
		signal_force_fault(SIGTRAP, TRAP_TRACE, regs->rip);
		break;
	case VECTOR_AC:
		signal_force_fault(SIGBUS, BUS_ADRALN, 0);
		break;
	case VECTOR_SS:
		signal_force_fault(SIGBUS, SI_KERNEL, 0);
		break;
	default:
		signal_force_fault(SIGSEGV, SI_KERNEL, 0);
	}
}

void trap_handle(struct regs *regs)
{
	struct vcpu *v = this_vcpu();
	unsigned vector = v->trap.vector, error = v->trap.error;
	uint64_t addr = v->trap.addr;

	v->user_mode = false;
	giant_lock();
	account_enter_now(v);
	current->regs = regs;
	if (vector != TRAP_INTERRUPT) {
		current->trap_nr = vector;
		current->trap_err = error;
		current->trap_addr = addr;
	}
	trap_dispatch(regs, vector, error, addr);
	exit_to_user(regs);
}
