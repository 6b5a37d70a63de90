/* offsets.c: the contract between C structs and the assembly files. */
#include "abi/ecall.h"
#include "abi/layout.h"
#include "entry/asm.h"
#include "entry/regs.h"
#include "entry/vcpu.h"

#define SAME(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #member)
SAME(struct vcpu, self, V_SELF);
SAME(struct vcpu, running, V_CURRENT);
SAME(struct vcpu, kernel_rsp, V_KERNEL_RSP);
SAME(struct vcpu, user_rsp, V_USER_RSP);
SAME(struct vcpu, return_rip, V_RETURN_RIP);
SAME(struct vcpu, ocall_rsp, V_OCALL_RSP);
SAME(struct vcpu, host_return, V_HOST_RETURN);
SAME(struct vcpu, exc_host_return, V_EXC_HOST_RETURN);
SAME(struct vcpu, started, V_STARTED);
SAME(struct vcpu, tcs, V_TCS);
SAME(struct vcpu, need_resched, V_NEED_RESCHED);
SAME(struct vcpu, vectors_dead, V_VECTORS_DEAD);
SAME(struct regs, rip, R_RIP);
SAME(struct regs, rflags, R_RFLAGS);
SAME(struct regs, rsp, R_RSP);
SAME(struct regs, full, R_FULL);
_Static_assert(sizeof(struct regs) == R_SIZE, "struct regs");
_Static_assert(sizeof(struct vcpu) <= VCPU_GS_PAGES * PAGE_SIZE, "struct vcpu fits its pages");
_Static_assert(A_SSA_URSP == VCPU_SSA + VCPU_SSAFRAMESIZE * PAGE_SIZE - 184 + 144 && VCPU_SSAFRAMESIZE == 1, "SSA in asm.h");
#ifdef LIBOS_PLAIN
_Static_assert(PLAIN_ENCLU_GATE == A_GATE, "gate address in asm.h");
#else
_Static_assert(SIM_ENCLU_GATE == A_GATE, "gate address in asm.h");
#endif
_Static_assert(A_ECALL_VCPU == ECALL_VCPU && A_ECALL_RETURN == ECALL_RETURN, "ecall numbers");
_Static_assert(A_EXIT_OCALL == EXIT_OCALL && A_EXIT_RESUME == EXIT_RESUME && A_EXIT_FATAL == EXIT_FATAL,
	       "exit numbers");
_Static_assert(A_STACK_END == VCPU_STACK_END && A_EXC_STACK_END == VCPU_EXC_STACK_END && !VCPU_TCS, "stacks");
