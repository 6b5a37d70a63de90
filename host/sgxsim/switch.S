/* switch.S: EENTER and ERESUME from the host, and the gate that ENCLU in the enclave calls.
 *
 * On the host stack at T_HOST_RSP lies the struct sgx_thread pointer; below it grows what runs for
 * the enclave meanwhile (gate leaves). RSP is 16-byte aligned there.
 * Interrupt signals: the gate tail and the ERESUME tail read everything from struct sgx_thread, so
 * the handler sets T_KICK and starts them again from the top, where T_KICK is tested: there is no
 * point at which a kick can be overlooked. Everywhere else in this file T_KICK is enough, because
 * one of the two tails or EENTER follows. */
#include "switch.h"

	.text
	.p2align 6
	.globl switch_text_start
switch_text_start:

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
	rdgsbase %rax
	movq	%rax, T_HOST_GS(%rdi)
	movq	T_GPR(%rdi), %rax
	movq	%rsp, GPR_URSP(%rax)
	movq	%rbp, GPR_URBP(%rax)
.endm

/* rdi: thread; clobbers rax */
.macro HOST_SEGMENTS thread
	movq	T_HOST_FS(\thread), %rax
	wrfsbase %rax
	movq	T_HOST_GS(\thread), %rax
	wrgsbase %rax
.endm

/* int switch_enter(struct sgx_thread *t) */
	.globl switch_enter
	.type switch_enter, @function
switch_enter:
	PUSH_HOST
	movl	$MODE_ENCLAVE, T_MODE(%rdi)
	movq	T_OFSBASE(%rdi), %rax
	wrfsbase %rax
	movq	T_OGSBASE(%rdi), %rax
	wrgsbase %rax
	movq	T_OENTRY(%rdi), %r10
	movq	T_TCS(%rdi), %rbx
	movq	T_CSSA(%rdi), %rax
	leaq	switch_landing(%rip), %rcx
	movq	T_IO+8(%rdi), %rsi
	movq	T_IO+16(%rdi), %rdx
	movq	T_IO+24(%rdi), %r8
	movq	T_IO+32(%rdi), %r9
	movq	T_IO(%rdi), %rdi
	jmp	*%r10
	.size switch_enter, . - switch_enter

/* Where EEXIT and AEX come out: the AEP, and what RCX held at OENTRY. */
	.p2align 4
	.globl switch_landing
switch_landing:
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

	.globl switch_leave
	.type switch_leave, @function
switch_leave:
	movq	T_HOST_RSP(%rdi), %rsp
	HOST_SEGMENTS %rdi
	movl	$LEFT_AEX, %eax
	xorl	%edi, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	jmp	switch_landing
	.size switch_leave, . - switch_leave

	.globl switch_leave_init
	.type switch_leave_init, @function
switch_leave_init:
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xrstor64 xsave_init(%rip)
	jmp	switch_leave
	.size switch_leave_init, . - switch_leave_init

/* int switch_resume(struct sgx_thread *t): the state to load is in T_REGS and at T_SSA. */
	.globl switch_resume
	.type switch_resume, @function
switch_resume:
	PUSH_HOST
	.globl resume_start
resume_start:
	cmpl	$0, T_KICK(%rdi)
	jne	resume_kicked
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	movq	T_SSA(%rdi), %rsi
	.globl resume_xrstor
resume_xrstor:
	xrstor64 (%rsi)
	movl	$MODE_ENCLAVE, T_MODE(%rdi)
	movq	T_REGS+GPR_FSBASE(%rdi), %rax
	wrfsbase %rax
	movq	T_REGS+GPR_GSBASE(%rdi), %rax
	wrgsbase %rax
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
	.globl resume_end
resume_end:
	.size switch_resume, . - switch_resume

resume_kicked:
	movl	$LEFT_KICKED, %r8d
	jmp	1f
	.globl resume_fault
resume_fault:
	movl	$LEFT_FAULT, %r8d
1:	HOST_SEGMENTS %rdi
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xrstor64 xsave_init(%rip)
	movl	%r8d, %eax
	jmp	switch_landing

/* ENCLU in the enclave. In: leaf in eax, return address on the stack, r11 free. */
	.p2align 6
	.globl gate_entry
gate_entry:
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
	.globl gate_commit
gate_commit:
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
	.globl gate_tail_start
gate_tail_start:			/* r11 = thread */
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
	.globl gate_tail_end
gate_tail_end:

/* EREPORT and EGETKEY call OpenSSL: the host's FS, and vector registers saved around it. */
gate_crypto:
	movl	T_XFRM(%rdi), %eax
	movl	T_XFRM+4(%rdi), %edx
	xsave64	T_XSAVE(%rdi)
	rdfsbase %rax
	movq	%rax, T_REGS+GPR_FSBASE(%rdi)
	movq	T_HOST_FS(%rdi), %rax
	wrfsbase %rax
	movl	T_XFRM(%rdi), %eax
	xrstor64 xsave_init(%rip)
	call	gate_leaf_crypto
	movl	%eax, %r8d
	movq	(%rsp), %rdi
	movq	T_REGS+GPR_FSBASE(%rdi), %rax
	wrfsbase %rax
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
	movq	T_HOST_FS(%r11), %rcx
	wrfsbase %rcx
	movq	T_HOST_GS(%r11), %rcx
	wrgsbase %rcx
	leaq	switch_landing(%rip), %rcx
	movq	T_HOST_RSP(%r11), %rsp
	jmp	*%rbx

/* No TCS is active with this GS base. The handler turns the #UD into the enclave's #GP. */
gate_nobody:
	movq	-8(%rsp), %rcx
	.globl gate_lost
gate_lost:
	ud2

	.globl switch_text_end
switch_text_end:

	.section .rodata
	.p2align 6
/* XSTATE_BV 0: everything INIT; FCW and MXCSR as after reset. */
xsave_init:
	.short	0x37f
	.zero	22
	.long	0x1f80
	.zero	576 - 28

	.section .note.GNU-stack, "", @progbits
