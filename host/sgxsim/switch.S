/* switch.S: EENTER and ERESUME from the host, and the gate that ENCLU in the enclave calls.
 *
 * On the host stack at T_HOST_RSP lies the struct sgx_thread pointer; below it grows what runs for
 * the enclave meanwhile (gate leaves). RSP is 16-byte aligned there.
 * Interrupt signals: the gate tail and the ERESUME tail read everything from struct sgx_thread, so
 * the handler sets T_KICK and starts them again from the top, where T_KICK is tested: there is no
 * point at which a kick can be overlooked. Everywhere else in this file T_KICK is enough, because
 * one of the two tails or EENTER follows. */
#include "switch.h"

/* switch_plain.S includes this once more, for the plain image (plain.h): with PLAIN, and other names. Its system calls
 * change rax, rcx and r11; T_HOST_GS has the GS base as it is now. */
#ifdef PLAIN
#define N(name) plain_##name
/* what: PLAIN_SET_FS...; value in rsi. The thread is in rdi and stays there; so does the stack. */
.macro ARCH_PRCTL what
	pushq	%rdi
	movl	$\what, %edi
	movl	$158, %eax
	syscall
	popq	%rdi
.endm
#else
#define N(name) name
#endif

	.text
	.p2align 6
	.globl N(switch_text_start)
N(switch_text_start):

.macro PUSH_HOST
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	stmxcsr	T_MXCSR(%rdi)
	fnstcw	T_FCW(%rdi)
	movq	%rsp, T_HOST_RSP(%rdi)
#ifndef PLAIN
	rdgsbase %rax
	movq	%rax, T_HOST_GS(%rdi)
#endif
	movq	T_GPR(%rdi), %rax
	movq	%rsp, GPR_URSP(%rax)
	movq	%rbp, GPR_URBP(%rax)
.endm

/* rdi: thread; clobbers rax, and rsi, rcx, r11 */
.macro HOST_SEGMENTS thread
#ifdef PLAIN
	movq	T_HOST_FS(\thread), %rsi
	ARCH_PRCTL 0x1002
#else
	movq	T_HOST_FS(\thread), %rax
	wrfsbase %rax
	movq	T_HOST_GS(\thread), %rax
	wrgsbase %rax
#endif
.endm

#ifdef PLAIN
/* rdi: thread, rsi: the GS base to be; mostly it is */
.macro GS_BASE
	cmpq	T_HOST_GS(%rdi), %rsi
	je	7f
	movq	%rsi, T_HOST_GS(%rdi)
	ARCH_PRCTL 0x1001
7:
.endm
#endif

/* int switch_enter(struct sgx_thread *t) */
	.globl N(switch_enter)
	.type N(switch_enter), @function
N(switch_enter):
	PUSH_HOST
	movl	$MODE_ENCLAVE, T_MODE(%rdi)
#ifdef PLAIN
	movq	T_OGSBASE(%rdi), %rsi	/* FS is of no use to the LibOS, which sets the program's */
	GS_BASE
#else
	movq	T_OFSBASE(%rdi), %rax
	wrfsbase %rax
	movq	T_OGSBASE(%rdi), %rax
	wrgsbase %rax
#endif
	movq	T_OENTRY(%rdi), %r10
	movq	T_TCS(%rdi), %rbx
	movq	T_CSSA(%rdi), %rax
	leaq	N(switch_landing)(%rip), %rcx
	movq	T_IO+8(%rdi), %rsi
	movq	T_IO+16(%rdi), %rdx
	movq	T_IO+24(%rdi), %r8
	movq	T_IO+32(%rdi), %r9
	movq	T_IO(%rdi), %rdi
	jmp	*%r10
	.size N(switch_enter), . - N(switch_enter)

/* Where EEXIT and AEX come out: the AEP, and what RCX held at OENTRY. */
	.p2align 4
	.globl N(switch_landing)
N(switch_landing):
	movq	(%rsp), %r10
	movl	$MODE_HOST, T_MODE(%r10)
	movq	%rdi, T_IO(%r10)
	movq	%rsi, T_IO+8(%r10)
	movq	%rdx, T_IO+16(%r10)
	movq	%r8, T_IO+24(%r10)
	movq	%r9, T_IO+32(%r10)
	ldmxcsr	T_MXCSR(%r10)
	fnstcw	-8(%rsp)
	movw	-8(%rsp), %cx
	cmpw	T_FCW(%r10), %cx
	je	1f
	fnclex
	fldcw	T_FCW(%r10)
1:	cld
	popq	%rdi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.globl N(switch_leave)
	.type N(switch_leave), @function
N(switch_leave):
	movq	T_HOST_RSP(%rdi), %rsp
	HOST_SEGMENTS %rdi
	movl	$LEFT_AEX, %eax
	xorl	%edi, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	jmp	N(switch_landing)
	.size N(switch_leave), . - N(switch_leave)

	.globl N(switch_leave_init)
	.type N(switch_leave_init), @function
N(switch_leave_init):
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xrstor64 xsave_init(%rip)
	jmp	N(switch_leave)
	.size N(switch_leave_init), . - N(switch_leave_init)

/* int switch_resume(struct sgx_thread *t): the state to load is in T_REGS and at T_SSA. */
	.globl N(switch_resume)
	.type N(switch_resume), @function
N(switch_resume):
	PUSH_HOST
	.globl N(resume_start)
N(resume_start):
	cmpl	$0, T_KICK(%rdi)
	jne	resume_kicked
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	movq	T_SSA(%rdi), %rsi
	.globl N(resume_xrstor)
N(resume_xrstor):
	xrstor64 (%rsi)
	movl	$MODE_ENCLAVE, T_MODE(%rdi)
#ifdef PLAIN
	movq	T_REGS+GPR_FSBASE(%rdi), %rsi
	ARCH_PRCTL 0x1002
	movq	T_REGS+GPR_GSBASE(%rdi), %rsi
	GS_BASE
#else
	movq	T_REGS+GPR_FSBASE(%rdi), %rax
	wrfsbase %rax
	movq	T_REGS+GPR_GSBASE(%rdi), %rax
	wrgsbase %rax
#endif
	pushq	T_REGS+GPR_RFLAGS(%rdi)
	popfq
	movq	T_REGS+GPR_RAX(%rdi), %rax
	movq	T_REGS+GPR_RCX(%rdi), %rcx
	movq	T_REGS+GPR_RDX(%rdi), %rdx
	movq	T_REGS+GPR_RBX(%rdi), %rbx
	movq	T_REGS+GPR_RBP(%rdi), %rbp
	movq	T_REGS+GPR_RSI(%rdi), %rsi
	movq	T_REGS+GPR_R8(%rdi), %r8
	movq	T_REGS+GPR_R9(%rdi), %r9
	movq	T_REGS+GPR_R10(%rdi), %r10
	movq	T_REGS+GPR_R11(%rdi), %r11
	movq	T_REGS+GPR_R12(%rdi), %r12
	movq	T_REGS+GPR_R13(%rdi), %r13
	movq	T_REGS+GPR_R14(%rdi), %r14
	movq	T_REGS+GPR_R15(%rdi), %r15
	movq	T_REGS+GPR_RSP(%rdi), %rsp
	jmp	*T_THUNK(%rdi)	/* mov rdi(%rip), %rdi; jmp *rip(%rip): no register is left over */
	.globl N(resume_end)
N(resume_end):
	.size N(switch_resume), . - N(switch_resume)

resume_kicked:
	movl	$LEFT_KICKED, %r8d
	jmp	1f
	.globl N(resume_fault)
N(resume_fault):
	movl	$LEFT_FAULT, %r8d
1:	HOST_SEGMENTS %rdi
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xrstor64 xsave_init(%rip)
	movl	%r8d, %eax
	jmp	N(switch_landing)

/* ENCLU in the enclave. In: leaf in eax, return address on the stack, r11 free. */
	.p2align 6
	.globl N(gate_entry)
N(gate_entry):
#ifdef PLAIN
	movabsq	$PLAIN_GATE_SLOT, %r11	/* one thread only */
	movq	(%r11), %r11
	testq	%r11, %r11
	jz	gate_nobody
#else
	movq	%rcx, -8(%rsp)
	rdgsbase %rcx
	movq	%rcx, %r11
	shrq	$9, %r11
	andl	$GATE_TABLE_MASK, %r11d
	btsq	$40, %r11
	movq	GATE_TABLE_OFFSET(%r11), %r11
	testq	%r11, %r11
	jz	gate_nobody
	cmpq	%rcx, T_OGSBASE(%r11)
	jne	gate_nobody
	movq	-8(%rsp), %rcx
#endif
	.globl N(gate_commit)
N(gate_commit):
	cmpl	$4, %eax
	je	gate_eexit
gate_leaf:
	movl	$MODE_GATE, T_MODE(%r11)
	movl	%eax, %eax
	movq	%rax, T_REGS+GPR_RAX(%r11)
	movq	%rcx, T_REGS+GPR_RCX(%r11)
	movq	%rdx, T_REGS+GPR_RDX(%r11)
	movq	%rbx, T_REGS+GPR_RBX(%r11)
	movq	%rsp, T_REGS+GPR_RSP(%r11)
	movq	%rbp, T_REGS+GPR_RBP(%r11)
	movq	%rsi, T_REGS+GPR_RSI(%r11)
	movq	%rdi, T_REGS+GPR_RDI(%r11)
	movq	%r8, T_REGS+GPR_R8(%r11)
	movq	%r9, T_REGS+GPR_R9(%r11)
	movq	%r10, T_REGS+GPR_R10(%r11)
	movq	%r12, T_REGS+GPR_R12(%r11)
	movq	%r13, T_REGS+GPR_R13(%r11)
	movq	%r14, T_REGS+GPR_R14(%r11)
	movq	%r15, T_REGS+GPR_R15(%r11)
	movq	T_HOST_RSP(%r11), %rsp
	pushfq
	popq	T_REGS+GPR_RFLAGS(%r11)
	cld
	movq	%r11, %rdi
	cmpl	$2, %eax
	jb	gate_crypto
	call	gate_leaf_plain
	testl	%eax, %eax
	jnz	gate_abort
gate_return:
	movq	(%rsp), %r11
	.globl N(gate_tail_start)
N(gate_tail_start):			/* r11 = thread */
	cmpl	$0, T_KICK(%r11)
	jne	gate_kicked
	movl	$MODE_ENCLAVE, T_MODE(%r11)
	movq	T_REGS+GPR_RCX(%r11), %rcx
	movq	T_REGS+GPR_RDX(%r11), %rdx
	movq	T_REGS+GPR_RSI(%r11), %rsi
	movq	T_REGS+GPR_RDI(%r11), %rdi
	movq	T_REGS+GPR_R8(%r11), %r8
	movq	T_REGS+GPR_R9(%r11), %r9
	movq	T_REGS+GPR_R10(%r11), %r10
	movq	T_REGS+GPR_RSP(%r11), %rsp
	cmpq	$0, T_RESULT(%r11)	/* ZF: 0 there means an error code */
	movq	T_REGS+GPR_RAX(%r11), %rax
	ret
	.globl N(gate_tail_end)
N(gate_tail_end):

/* EREPORT and EGETKEY call OpenSSL: the host's FS, and vector registers saved around it. */
gate_crypto:
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xsave64	T_XSAVE(%rdi)
#ifdef PLAIN
	leaq	T_REGS+GPR_FSBASE(%rdi), %rsi
	ARCH_PRCTL 0x1003
	movq	T_HOST_FS(%rdi), %rsi
	ARCH_PRCTL 0x1002
#else
	rdfsbase %rax
	movq	%rax, T_REGS+GPR_FSBASE(%rdi)
	movq	T_HOST_FS(%rdi), %rax
	wrfsbase %rax
#endif
	movl	T_XFRM(%rdi), %eax
	xrstor64 xsave_init(%rip)
	call	gate_leaf_crypto
	movl	%eax, %r8d
	movq	(%rsp), %rdi
#ifdef PLAIN
	movq	T_REGS+GPR_FSBASE(%rdi), %rsi
	ARCH_PRCTL 0x1002
#else
	movq	T_REGS+GPR_FSBASE(%rdi), %rax
	wrfsbase %rax
#endif
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xrstor64 T_XSAVE(%rdi)
	testl	%r8d, %r8d
	jz	gate_return
gate_abort:				/* eax or r8d: minus the vector; it is in T_RESULT too */
	movq	(%rsp), %rdi
	call	gate_fault
	ud2

gate_kicked:
	movq	T_HOST_RSP(%r11), %rsp
	movq	%r11, %rdi
	call	gate_interrupt
	ud2

gate_eexit:
	movq	%rbx, %rcx
	subq	T_ELRANGE_BASE(%r11), %rcx
	cmpq	T_ELRANGE_SIZE(%r11), %rcx
	jb	gate_leaf		/* a target inside: gate_leaf_plain makes it #GP */
	movl	$MODE_HOST, T_MODE(%r11)
	movq	T_GATE_SLOT(%r11), %rcx
	movq	$0, (%rcx)
	movq	T_TCS_BUSY(%r11), %rcx
	movl	$0, (%rcx)
#ifdef PLAIN
	movq	T_HOST_RSP(%r11), %rsp
	pushq	%rdi
	pushq	%rsi
	movq	T_HOST_FS(%r11), %rsi
	ARCH_PRCTL 0x1002
	popq	%rsi
	popq	%rdi
	movl	$4, %eax
	leaq	N(switch_landing)(%rip), %rcx
#else
	movq	T_HOST_FS(%r11), %rcx
	wrfsbase %rcx
	movq	T_HOST_GS(%r11), %rcx
	wrgsbase %rcx
	leaq	N(switch_landing)(%rip), %rcx
	movq	T_HOST_RSP(%r11), %rsp
#endif
	jmp	*%rbx

/* No TCS is active with this GS base. The handler turns the #UD into the enclave's #GP. */
gate_nobody:
#ifndef PLAIN
	movq	-8(%rsp), %rcx
#endif
	.globl N(gate_lost)
N(gate_lost):
	ud2

	.globl N(switch_text_end)
N(switch_text_end):

	.section .rodata
	.p2align 6
/* XSTATE_BV 0: everything INIT; FCW and MXCSR as after reset. */
xsave_init:
	.short	0x37f
	.zero	22
	.long	0x1f80
	.zero	576 - 28

/* struct switch_labels */
	.section .data.rel.ro, "aw"
	.p2align 3
	.globl N(switch_labels)
N(switch_labels):
	.quad N(switch_text_start), N(switch_text_end)
	.quad N(gate_entry), N(gate_commit), N(gate_lost), N(gate_tail_start), N(gate_tail_end)
	.quad N(resume_start), N(resume_xrstor), N(resume_fault), N(resume_end)

	.section .note.GNU-stack, "", @progbits
