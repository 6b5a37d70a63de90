/* emulate.c: instructions that are illegal in an enclave but that ordinary programs use: cpuid, rdtsc
 * and rdtscp (SDM table 39-1). In SIM they run natively; a trapped one gets here all the same. */
#include "base/types.h"
#include "entry/cpuid.h"
#include "entry/exception.h"
#include "thread/thread.h"

static void emulate_cpuid(struct regs *regs)
{
	struct cpuid_result r;

	cpuid_get((uint32_t)regs->rax, (uint32_t)regs->rcx, &r);
	regs->rax = r.eax;
	regs->rbx = r.ebx;
	regs->rcx = r.ecx;
	regs->rdx = r.edx;
}

static void emulate_rdtsc(struct regs *regs)
{
	uint64_t t = __builtin_ia32_rdtsc();

	regs->rax = (uint32_t)t;
	regs->rdx = t >> 32;
}

bool emulate_insn(struct regs *regs, const uint8_t *insn, size_t avail)
{
	if (avail >= 2 && insn[0] == 0x0f && insn[1] == 0xa2) {
		emulate_cpuid(regs);
		regs->rip += 2;
	} else if (avail >= 2 && insn[0] == 0x0f && insn[1] == 0x31) {
		emulate_rdtsc(regs);
		regs->rip += 2;
	} else if (avail >= 3 && insn[0] == 0x0f && insn[1] == 0x01 && insn[2] == 0xf9) {
		emulate_rdtsc(regs);
		regs->rcx = vcpu_current_index();
		regs->rip += 3;
	} else {
		return false;
	}
	return true;
}
