/* front_linux_enter.S: the vDSO's function as C may call it. The enclave leaves nothing of the caller but
 * RBP, RBX and RSP, which the vDSO sees to; an AEX resets the floating point control words. */

	.text
	.globl linux_enter
	.type linux_enter, @function
linux_enter:				/* the seventh argument lies on the stack */
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$16, %rsp
	stmxcsr	-48(%rbp)
	fnstcw	-56(%rbp)
	pushq	16(%rbp)
	call	*linux_vdso(%rip)
	cld
	fnclex
	fldcw	-56(%rbp)
	ldmxcsr	-48(%rbp)
	leaq	-40(%rbp), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.size linux_enter, . - linux_enter

	.section .note.GNU-stack, "", @progbits
