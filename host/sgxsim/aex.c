/* aex.c: the signal handler that turns faults and interrupts into asynchronous exits.
 *
 * It runs on the alternate stack of its struct sgx_thread and is found by that; the first thing it
 * does is to put the host's FS back. An AEX does not return from the signal: everything is in the
 * SSA, so it jumps to the AEP on the host stack (SA_NODEFER and an empty mask leave nothing to
 * undo), which saves a sigreturn. The next signal finds the alternate stack unused again.
 *
 * Where RIP was decides what happens (enum place). An interrupt is never lost: in the enclave it is
 * an AEX; in a tail of switch.S the tail starts over and sees T_KICK; anywhere else T_KICK is set,
 * and ERESUME or the gate tail comes before the enclave runs on. Signals may nest: an interrupt
 * that comes while the handler runs sees RIP in host code with RSP on the alternate stack (or
 * MODE_AEX), sets T_KICK and returns; it touches nothing else. sgx_interrupt sends no second signal
 * until the first has been taken, so nesting stays shallow.
 *
 * Built without sanitizers and stack protector: both would read the enclave's FS. */
#ifdef __SANITIZE_ADDRESS__
#error "compile this file with -fno-sanitize=all"
#endif

#include "aex.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "../../libos/abi/layout.h"
#include "memory.h"
#include "plain.h"

#define ENCLU_SIZE	   3
#define SYSCALL_SIZE	   2
#define XSAVE_MAGIC	   0x46505853U
#define XSAVE_SW_RESERVED  464
#define XSAVE_HEADER	   512
#define PFEC_PRESENT	   0x1
#define PFEC_WRITE	   0x2
#define PFEC_USER	   0x4
#define PFEC_FETCH	   0x10
#define RFLAGS_RESET	   0x202
#define FETCH_MAX	   16 /* an instruction at most that far away has its bytes at the address */
#define SYSCALL_FILTERED   1 /* si_code SYS_SECCOMP */
#define SYSCALL_DISPATCHED 2 /* si_code SYS_USER_DISPATCH */

enum place {
	PLACE_ENCLAVE,
	PLACE_GATE_ENTRY, /* the call to the gate, not carried out yet */
	PLACE_GATE_TAIL,
	PLACE_RESUME_TAIL,
	PLACE_HOST,
};

struct xstate_component {
	uint32_t offset, size;
};

bool sgx_enclu_traps;

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
static struct sigaction previous[64];
static struct xstate_component components[8]; /* 2..7 are used: SIM_XFRM_MAX */

static bool within(uint64_t addr, const char *start, const char *end)
{
	return addr - (uint64_t)start < (uint64_t)(end - start);
}

static const struct switch_labels *labels(void)
{
	return sgx_plain ? &plain_switch_labels : &switch_labels;
}

static enum place place_of(const struct sgx_thread *t, uint64_t rip, uint64_t rsp)
{
	const struct switch_labels *text = labels();

	if (t->mode == MODE_ENCLAVE && rip - t->elrange_base < t->elrange_size)
		return PLACE_ENCLAVE;
	if (rip - sgx_gate() < PAGE_SIZE || within(rip, text->gate_entry, text->gate_commit) ||
	    rip == (uint64_t)text->gate_lost)
		return PLACE_GATE_ENTRY;
	if (within(rip, text->gate_tail_start, text->gate_tail_end))
		return PLACE_GATE_TAIL;
	if (within(rip, text->resume_start, text->resume_end) || rip - t->thunk < PAGE_SIZE)
		return PLACE_RESUME_TAIL;
	if (within(rip, text->text_start, text->text_end))
		return PLACE_HOST;
	/* A jump out of the enclave that was not EEXIT; but not the handler interrupted early. */
	if (t->mode == MODE_ENCLAVE && thread_of_stack(rsp) != t)
		return PLACE_ENCLAVE;
	return PLACE_HOST;
}

static void regs_from_context(struct sgx_gpr *r, const ucontext_t *uc, uint64_t fs)
{
	const greg_t *g = uc->uc_mcontext.gregs;

	r->rax = g[REG_RAX];
	r->rcx = g[REG_RCX];
	r->rdx = g[REG_RDX];
	r->rbx = g[REG_RBX];
	r->rsp = g[REG_RSP];
	r->rbp = g[REG_RBP];
	r->rsi = g[REG_RSI];
	r->rdi = g[REG_RDI];
	r->r8 = g[REG_R8];
	r->r9 = g[REG_R9];
	r->r10 = g[REG_R10];
	r->r11 = g[REG_R11];
	r->r12 = g[REG_R12];
	r->r13 = g[REG_R13];
	r->r14 = g[REG_R14];
	r->r15 = g[REG_R15];
	r->rflags = g[REG_EFL];
	r->rip = g[REG_RIP];
	r->fsbase = fs;
	r->gsbase = gs_read();
}

/* Copies what XFRM selects from the signal frame. Components that the frame says are INIT stay so
 * by their bit in XSTATE_BV. */
static void xstate_save(struct sgx_thread *t, const uint8_t *frame)
{
	uint64_t header[8] = {3};
	uint32_t magic = 0;

	memcpy(&magic, frame + XSAVE_SW_RESERVED, sizeof(magic));
	if (magic == XSAVE_MAGIC)
		memcpy(header, frame + XSAVE_HEADER, sizeof(header[0]));
	header[0] &= t->xfrm;
	epc_copy((void *)t->ssa, frame, XSAVE_SW_RESERVED);
	epc_copy((void *)(t->ssa + XSAVE_HEADER), header, sizeof(header));
	for (int i = 2; i < 8; i++)
		if (header[0] >> i & 1)
			epc_copy((void *)(t->ssa + components[i].offset),
				 frame + components[i].offset, components[i].size);
}

static void redo(struct sgx_thread *t, ucontext_t *uc, const char *start, int thread_register)
{
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)start;
	uc->uc_mcontext.gregs[REG_RSP] = t->host_rsp;
	uc->uc_mcontext.gregs[thread_register] = (greg_t)t;
}

/* Returns for the plain image only: callgrind wants every handler to end. Then what comes is the AEP. */
static void aex(struct sgx_thread *t, ucontext_t *uc, const struct sgx_gpr *regs, const struct aex_event *event)
{
	t->mode = MODE_AEX;
	xstate_save(t, (const uint8_t *)uc->uc_mcontext.fpregs);
	aex_save(t, regs, event);
	if (!sgx_plain)
		switch_leave(t);
	t->host_gs = regs->gsbase; /* the program's doing, if it is not what EENTER made it */
	uc->uc_mcontext.gregs[REG_EFL] = RFLAGS_RESET;
	redo(t, uc, (const char *)plain_switch_leave_init, REG_RDI);
}

/* Crash of the host program: say where, then do what would have been done without us. */
static void host_fault(const struct sgx_thread *t, int sig, siginfo_t *si, ucontext_t *uc)
{
	extern const char __executable_start[];
	const struct sigaction *old = &previous[sig];
	uint64_t rip = uc->uc_mcontext.gregs[REG_RIP];
	char text[256];
	int n;

	if (old->sa_flags & SA_SIGINFO) {
		old->sa_sigaction(sig, si, uc);
		return;
	}
	if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		old->sa_handler(sig);
		return;
	}
	n = snprintf(
		text, sizeof(text),
		"occlum: signal %d in host code: rip 0x%lx (image+0x%lx) address 0x%lx rsp 0x%llx "
		"mode %d\n",
		sig, rip, rip - (uint64_t)__executable_start, (uint64_t)si->si_addr,
		uc->uc_mcontext.gregs[REG_RSP], t ? (int)t->mode : -1);
	(void)!write(STDERR_FILENO, text, n);
	sigaction(sig, old, NULL);
	if (si->si_code <= 0) /* sent, so returning would not bring it back */
		raise(sig);
}

static void on_interrupt(struct sgx_thread *t, int sig, ucontext_t *uc, uint64_t fs)
{
	const struct aex_event event = {.interrupt = true};
	struct sgx_gpr regs;

	if (sig == sgx_interrupt_signal()) {
		atomic_store(&t->kick_sent, 0);
		atomic_store(&t->wanted, 1);
	} else {
		atomic_store(&t->ipi_sent, 0);
	}
	switch (place_of(t, uc->uc_mcontext.gregs[REG_RIP], uc->uc_mcontext.gregs[REG_RSP])) {
	case PLACE_ENCLAVE:
		sgx_interrupt_clear(t);
		regs_from_context(&regs, uc, fs);
		aex(t, uc, &regs, &event);
		break;
	case PLACE_GATE_TAIL:
		t->mode = MODE_GATE;
		atomic_store(&t->kick, 1);
		redo(t, uc, labels()->gate_tail_start, REG_R11);
		break;
	case PLACE_RESUME_TAIL:
		atomic_store(&t->kick, 1);
		redo(t, uc, labels()->resume_start, REG_RDI);
		break;
	default:
		atomic_store(&t->kick, 1);
	}
}

static unsigned int access_of(uint32_t error_code)
{
	if (error_code & PFEC_FETCH)
		return EPCM_X;
	return error_code & PFEC_WRITE ? EPCM_W : EPCM_R;
}

/* Page faults: a stale mapping is brought up to date (true); otherwise whose fault was it? */
static bool page_fault(struct sgx_thread *t, struct aex_event *event)
{
	unsigned int access = access_of(event->error_code);
	uint16_t v;

	if (!sgx_in_elrange(t->enclave, event->addr))
		return false;
	if (epc_refill(t->enclave, event->addr, access))
		return true;
	v = epcm_load(&t->enclave->epcm, event->addr);
	event->error_code &= ~PFEC_PRESENT; /* the host's demand-zero pages do not count */
	if (v & EPCM_RESIDENT && v & EPCM_PTE_MASK)
		event->error_code |= PFEC_PRESENT;
	if (v & EPCM_RESIDENT && !(access & ~(v >> EPCM_PTE_SHIFT)))
		event->error_code |= PFEC_SGX;
	return false;
}

/* A trapped syscall is the #UD that the instruction is in an enclave. RCX and R11 are lost, as any
 * syscall loses them. */
static void event_fill(struct aex_event *event, struct sgx_gpr *regs, int sig, const ucontext_t *uc)
{
	const greg_t *g = uc->uc_mcontext.gregs;

	if (sig == SIGSYS) {
		event->vector = VECTOR_UD;
		regs->rip -= SYSCALL_SIZE;
		return;
	}
	event->vector = g[REG_TRAPNO];
	if (event->vector == VECTOR_PF || event->vector == VECTOR_GP)
		event->error_code = g[REG_ERR];
	if (event->vector == VECTOR_PF)
		event->addr = g[REG_CR2];
}

/* The call to the gate, undone: the fault is that of the ENCLU. */
static void gate_rollback(struct sgx_gpr *regs, struct aex_event *event)
{
	if (event->vector == VECTOR_UD)
		event->vector = VECTOR_GP;
	epc_copy(&regs->rip, (const void *)regs->rsp, sizeof(regs->rip));
	regs->rip -= ENCLU_SIZE;
	regs->rsp += 8;
	regs->r11 = sgx_gate();
}

static void enclave_fault(struct sgx_thread *t, int sig, ucontext_t *uc, uint64_t fs, bool at_gate)
{
	struct aex_event event = {0};
	struct sgx_gpr regs;

	regs_from_context(&regs, uc, fs);
	event_fill(&event, &regs, sig, uc);
	if (at_gate) {
		gate_rollback(&regs, &event);
	} else if (!sgx_in_elrange(t->enclave, regs.rip) && !sgx_plain) {
		event.vector = VECTOR_GP; /* code fetch outside ELRANGE, which is where NULL lies for the plain image */
		event.error_code = 0;
	}
	if (event.vector == VECTOR_PF && page_fault(t, &event))
		return;
	aex(t, uc, &regs, &event);
}

/* The ENCLU of an image for hardware traps here; it goes on as the call that images for the model make. What
 * hardware asks of EEXIT besides, and the model does not, is checked: RSP and RBP are the host's again. */
static bool enclu_trapped(struct sgx_thread *t, ucontext_t *uc)
{
	greg_t *g = uc->uc_mcontext.gregs;
	uint64_t rip = (uint64_t)g[REG_RIP], ursp = 0, urbp = 0;
	uint8_t code[ENCLU_SIZE];

	if (!sgx_enclu_traps || !sgx_in_elrange(t->enclave, rip) || !sgx_in_elrange(t->enclave, rip + ENCLU_SIZE) ||
	    g[REG_TRAPNO] == VECTOR_PF)
		return false;
	epc_copy(code, (const void *)rip, sizeof(code));
	if (memcmp(code, "\x0f\x01\xd7", sizeof(code)))
		return false;
	epc_copy(&ursp, (const void *)(t->gpr + offsetof(struct sgx_gpr, ursp)), sizeof(ursp));
	epc_copy(&urbp, (const void *)(t->gpr + offsetof(struct sgx_gpr, urbp)), sizeof(urbp));
	if ((uint32_t)g[REG_RAX] == ENCLU_EEXIT && ((uint64_t)g[REG_RSP] != ursp || (uint64_t)g[REG_RBP] != urbp))
		return false;
	g[REG_RSP] -= 8;
	epc_store((uint64_t)g[REG_RSP], rip + ENCLU_SIZE);
	g[REG_RIP] = sgx_gate();
	return true;
}

static void on_fault(struct sgx_thread *t, int sig, siginfo_t *si, ucontext_t *uc, uint64_t fs)
{
	uint64_t rip = uc->uc_mcontext.gregs[REG_RIP];
	enum place place = place_of(t, rip, uc->uc_mcontext.gregs[REG_RSP]);
	struct aex_event event = {0};

	/* Sent by kill(2), or a seccomp trap: nothing of the enclave's. */
	if (si->si_code <= 0 || (sig == SIGSYS && si->si_code != (sgx_plain ? SYSCALL_FILTERED : SYSCALL_DISPATCHED)))
		place = PLACE_HOST;
	if (place == PLACE_ENCLAVE && enclu_trapped(t, uc))
		return;
	if (place == PLACE_ENCLAVE || (place == PLACE_GATE_ENTRY && t->mode == MODE_ENCLAVE)) {
		enclave_fault(t, sig, uc, fs, place == PLACE_GATE_ENTRY);
		return;
	}
	if (place == PLACE_RESUME_TAIL && rip == (uint64_t)labels()->resume_xrstor) {
		redo(t, uc, labels()->resume_fault, REG_RDI);
		return;
	}
	if (t->mode == MODE_GATE && sig == SIGSEGV &&
	    uc->uc_mcontext.gregs[REG_TRAPNO] == VECTOR_PF) {
		event.addr = uc->uc_mcontext.gregs[REG_CR2];
		event.error_code = uc->uc_mcontext.gregs[REG_ERR];
		if (page_fault(t, &event))
			return;
	}
	host_fault(t, sig, si, uc);
}

static bool is_interrupt(int sig)
{
	return sig == sgx_interrupt_signal() || sig == sgx_ipi_signal();
}

static void on_signal(int sig, siginfo_t *si, void *context)
{
	struct sgx_thread *t = thread_of_stack((uint64_t)__builtin_frame_address(0));
	uint64_t fs;

	if (!t) {
		if (!is_interrupt(sig))
			host_fault(NULL, sig, si, context);
		return;
	}
	fs = fs_read();
	fs_write(t->host_fs);
	if (is_interrupt(sig))
		on_interrupt(t, sig, context, fs);
	else
		on_fault(t, sig, si, context, fs);
	fs_write(fs);
}

/* What valgrind does not put into its frames, because it has found the fault itself. */
static void trap_number(const siginfo_t *si, greg_t *g)
{
	static const uint8_t vectors[32] = { [SIGILL] = VECTOR_UD, [SIGTRAP] = VECTOR_BP, [SIGBUS] = VECTOR_AC };
	bool fetch = (uint64_t)g[REG_RIP] - (uint64_t)si->si_addr + FETCH_MAX < 2 * FETCH_MAX;

	if (si->si_signo != SIGSEGV) {
		g[REG_TRAPNO] = vectors[si->si_signo];
		return;
	}
	g[REG_TRAPNO] = si->si_code == SEGV_MAPERR || si->si_code == SEGV_ACCERR ? VECTOR_PF : VECTOR_GP;
	g[REG_ERR] = fetch ? PFEC_FETCH | PFEC_USER : PFEC_USER;
}

static void fault_complete(int sig, const siginfo_t *si, greg_t *g)
{
	if (!g[REG_TRAPNO] && sig < 32 && sig != SIGFPE)
		trap_number(si, g);
	if (sig != SIGSEGV || g[REG_TRAPNO] != VECTOR_PF)
		return;
	g[REG_CR2] = (greg_t)si->si_addr;
	if (!(g[REG_ERR] & PFEC_FETCH) && under_valgrind())
		plain_fault_undo((long long *)g);
}

/* From plain_on_signal: saved is an XSAVE area with the vector registers as they still are. */
void aex_on_signal(int sig, siginfo_t *si, void *context, uint8_t *saved);
void aex_on_signal(int sig, siginfo_t *si, void *context, uint8_t *saved)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;
	uint32_t magic = 0;

	if (plain_probe_answer((long long *)g))
		return;
	epc_copy(&magic, (const uint8_t *)uc->uc_mcontext.fpregs + XSAVE_SW_RESERVED, sizeof(magic));
	if (magic != XSAVE_MAGIC) { /* valgrind's frame */
		magic = XSAVE_MAGIC;
		epc_copy(saved + XSAVE_SW_RESERVED, &magic, sizeof(magic));
		uc->uc_mcontext.fpregs = (void *)saved;
	}
	if (!is_interrupt(sig) && si->si_code > 0)
		fault_complete(sig, si, g);
	on_signal(sig, si, context);
}

static void components_find(void)
{
	uint32_t size, offset, c, d;

	for (unsigned int i = 2; i < 8; i++) {
		__asm__("cpuid" : "=a"(size), "=b"(offset), "=c"(c), "=d"(d) : "a"(0xd), "c"(i));
		components[i] = (struct xstate_component){offset, size};
	}
}

int aex_install(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	static bool installed;
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (installed)
		goto out;
	components_find();
	sa.sa_sigaction = sgx_plain ? plain_on_signal : on_signal;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(fault_signals) / sizeof(fault_signals[0]); i++)
		if (sigaction(fault_signals[i], &sa, &previous[fault_signals[i]]))
			ret = -errno;
	if (sigaction(sgx_interrupt_signal(), &sa, NULL) || sigaction(sgx_ipi_signal(), &sa, NULL))
		ret = -errno;
	installed = !ret;
out:
	pthread_mutex_unlock(&lock);
	return ret;
}
