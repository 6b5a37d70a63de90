/* test_enclave_blob.S: a tiny enclave in assembly, position independent, one page of code and data
 * (test_enclave_blob.h says what it does). The layout around the TCS is that of abi/layout.h. */
#include "test_enclave_blob.h"

#define TCS_TO_SSA 0x2000
#define TCS_TO_STACK 0x20000
#define TCS_TO_EXC_STACK 0x30000
#define GPR_SIZE 184
#define GATE 0x10000000000

.macro ENCLU
	movabsq	$GATE, %r11
	call	*%r11
.endm

	.section .rodata
	.p2align 12
	.globl blob_start, blob_end
blob_start:
	testq	%rax, %rax
	jnz	handler
	movq	%rcx, %gs:BLOB_RET
	leaq	TCS_TO_STACK(%rbx), %rsp
	cmpl	$BLOB_ADD, %edi
	je	add
	cmpl	$BLOB_TRAP, %edi
	je	trap
	cmpl	$BLOB_READ, %edi
	je	read
	cmpl	$BLOB_SPIN, %edi
	je	spin
	cmpl	$BLOB_KEEP, %edi
	je	keep
	cmpl	$BLOB_STRESS, %edi
	je	stress
	cmpl	$BLOB_NEST, %edi
	je	nest
	cmpl	$BLOB_ENCLU, %edi
	je	enclu
	cmpl	$BLOB_ACCEPT, %edi
	je	accept
	cmpl	$BLOB_JUMP, %edi
	je	jump
	cmpl	$BLOB_LEAVES, %edi
	je	leaves
	cmpl	$BLOB_WRITE, %edi
	je	write
	cmpl	$BLOB_LOST, %edi
	je	lost
	cmpl	$BLOB_XSTATE, %edi
	je	xstate
	movq	$-1, %rsi
done:					/* rsi, rdx: result */
	movl	$BLOB_DONE, %edi
	movq	%gs:BLOB_RET, %rbx
	movl	$4, %eax
	ENCLU
	ud2

add:	addq	%rdx, %rsi
	jmp	done

trap:	movq	$2, %gs:BLOB_SKIP
	movq	%rsi, %rax
	syscall
	movq	%rax, %rsi
	jmp	done

read:	movq	$3, %gs:BLOB_SKIP
	movq	(%rsi), %rax
	xorl	%esi, %esi
	jmp	done

write:	movq	$3, %gs:BLOB_SKIP
	movq	%rax, (%rsi)
	xorl	%esi, %esi
	jmp	done

spin:	movq	$0, %gs:BLOB_SKIP
1:	pause
	cmpq	%rsi, %gs:BLOB_INTERRUPTS
	jb	1b
	movq	%gs:BLOB_INTERRUPTS, %rsi
	jmp	done

/* The handler reads the target of the jump as RIP and must bring us back. */
jump:	leaq	1f(%rip), %rax
	movq	%rax, %gs:BLOB_SAVED
	movq	$-1, %gs:BLOB_SKIP	/* -1: RIP = SAVED */
	jmp	*%rsi
1:	xorl	%esi, %esi
	jmp	done

nest:	movq	$2, %gs:BLOB_SKIP
	movq	$1, %gs:BLOB_NEST_NOW
	ud2
	movq	%gs:BLOB_DEEPEST, %rsi
	jmp	done

enclu:	movq	$3, %gs:BLOB_SKIP
	movl	%esi, %eax
	movq	%rdx, %rbx
	movq	%r8, %rcx
	movq	%r9, %rdx
	ENCLU
	setz	%dl
	movzbl	%dl, %edx
	movq	%rax, %rsi
	jmp	done

accept:	movq	%rsi, %rbx
	movq	%rdx, %rcx
1:	movl	$5, %eax
	ENCLU
	jz	2f
	addq	$4096, %rcx
	decq	%r8
	jnz	1b
	xorl	%esi, %esi
	jmp	done
2:	movq	%rax, %rsi
	jmp	done

/* Leaves under a hail of interrupts: operands and results must stay right. */
leaves:	movq	$0, %gs:BLOB_SKIP
	movq	%rsi, %rbx
	movq	%rdx, %rcx
	movq	%rdx, %r12
	movq	%r8, %r13
	vmovdqu	pattern_y0(%rip), %ymm0
1:	movl	$6, %eax
	ENCLU
	cmpl	$0, %eax
	jne	8f
	cmpq	%r12, %rcx
	jne	8f
	cmpq	%rsi, %rbx
	jne	8f
	vpxor	pattern_y0(%rip), %ymm0, %ymm14
	vptest	%ymm14, %ymm14
	jnz	8f
	cmpq	%r13, %gs:BLOB_INTERRUPTS
	jb	1b
	xorl	%esi, %esi
	jmp	done
8:	movl	$1, %esi
	jmp	done

lost:	movq	$3, %gs:BLOB_SKIP
	rdgsbase %r12
	movl	$4, %eax
	leaq	-0x1000(%r12), %r13
	movabsq	$GATE, %r11
	wrgsbase %r13
	call	*%r11
	wrgsbase %r12
	xorl	%esi, %esi
	jmp	done

xstate:	movq	$2, %gs:BLOB_SKIP
	movq	$1, %gs:BLOB_BAD_MXCSR
	ud2
	ud2

.macro FILL
	vmovdqu	pattern_y0(%rip), %ymm0
	vmovdqu	pattern_y1(%rip), %ymm15
	ldmxcsr	pattern_mxcsr(%rip)
	fninit
	fldpi
	movq	pattern+0(%rip), %rax
	movq	pattern+8(%rip), %rcx
	movq	pattern+16(%rip), %rdx
	movq	pattern+24(%rip), %rbx
	movq	pattern+32(%rip), %rbp
	movq	pattern+40(%rip), %rsi
	movq	pattern+48(%rip), %rdi
	movq	pattern+56(%rip), %r8
	movq	pattern+64(%rip), %r9
	movq	pattern+72(%rip), %r10
	movq	pattern+80(%rip), %r11
	movq	pattern+88(%rip), %r12
	movq	pattern+96(%rip), %r13
	movq	pattern+104(%rip), %r14
	movq	pattern+112(%rip), %r15
	movq	%r8, -8(%rsp)
	movq	%r9, -64(%rsp)
	movq	%r10, -128(%rsp)
	stc
.endm

.macro SAME reg, index
	cmpq	pattern+\index*8(%rip), %\reg
	jne	different
.endm

/* The trap changes rax (the handler's answer), rcx and r11 (lost by any syscall). */
.macro CHECK trapped
	jnc	different
.if \trapped == 0
	SAME rax, 0
	SAME rcx, 1
	SAME r11, 10
.endif
	SAME rdx, 2
	SAME rbx, 3
	SAME rbp, 4
	SAME rsi, 5
	SAME rdi, 6
	SAME r8, 7
	SAME r9, 8
	SAME r10, 9
	SAME r12, 11
	SAME r13, 12
	SAME r14, 13
	SAME r15, 14
	cmpq	%r8, -8(%rsp)
	jne	different
	cmpq	%r9, -64(%rsp)
	jne	different
	cmpq	%r10, -128(%rsp)
	jne	different
	vpxor	pattern_y0(%rip), %ymm0, %ymm14
	vptest	%ymm14, %ymm14
	jnz	different
	vpxor	pattern_y1(%rip), %ymm15, %ymm14
	vptest	%ymm14, %ymm14
	jnz	different
	fldpi
	fcomip	%st(1), %st
	jne	different
	fstp	%st(0)
	stmxcsr	%gs:BLOB_SCRATCH
	movl	%gs:BLOB_SCRATCH, %eax
	andl	$0xffc0, %eax		/* the control bits */
	cmpl	pattern_mxcsr(%rip), %eax
	jne	different
.endm

keep:	movq	$2, %gs:BLOB_SKIP
	movq	%rsi, %gs:BLOB_TARGET
1:	FILL
	syscall
	CHECK	1
	decq	%gs:BLOB_TARGET
	jnz	1b
	xorl	%esi, %esi
	jmp	done

stress:	movq	$0, %gs:BLOB_SKIP
	movq	%rsi, %gs:BLOB_TARGET
1:	FILL
	CHECK	0
	movq	%gs:BLOB_TARGET, %rax
	cmpq	%rax, %gs:BLOB_INTERRUPTS
	jb	1b
	xorl	%esi, %esi
	jmp	done

different:
	movl	$1, %esi
	jmp	done

/* rax = CSSA, rbx = TCS, rcx = where EEXIT goes, rdi = ECALL_EXCEPTION or ECALL_INTERRUPT */
handler:
	movq	%rax, %r8
	shlq	$12, %r8
	leaq	TCS_TO_SSA-GPR_SIZE(%rbx, %r8), %r9
	leaq	TCS_TO_EXC_STACK(%rbx), %rsp
	movq	%rax, %r10
	shlq	$13, %r10
	subq	%r10, %rsp
	cmpq	%gs:BLOB_DEEPEST, %rax
	jbe	1f
	movq	%rax, %gs:BLOB_DEEPEST
1:	testl	%edi, %edi		/* ERESUME made a notification of it */
	jz	notified
	cmpl	$4, %edi
	jne	2f
	incq	%gs:BLOB_INTERRUPTS
	jmp	resume
2:	incq	%gs:BLOB_EXCEPTIONS
	movl	160(%r9), %edx
	movq	%rdx, %gs:BLOB_EXITINFO
	movq	-16(%r9), %rdx
	movq	%rdx, %gs:BLOB_MADDR
	movl	-8(%r9), %edx
	movq	%rdx, %gs:BLOB_ERRCD
	movq	136(%r9), %rdx
	movq	%rdx, %gs:BLOB_RIP
	movq	(%r9), %rdx
	movq	%rdx, %gs:BLOB_TRAP_NUMBER
	cmpq	$0, %gs:BLOB_NEST_NOW
	je	3f
	decq	%gs:BLOB_NEST_NOW
	movq	%rcx, %r15
	ud2
	movq	%r15, %rcx
3:	movq	%gs:BLOB_SKIP, %rdx
	cmpq	$-1, %rdx
	je	4f
	addq	%rdx, 136(%r9)
	addq	$1000, (%r9)
	jmp	5f
4:	movq	%gs:BLOB_SAVED, %rdx
	movq	%rdx, 136(%r9)
5:	cmpq	$0, %gs:BLOB_BAD_MXCSR
	je	resume
	leaq	TCS_TO_SSA-0x1000(%rbx, %r8), %rdx
	movl	$-1, 24(%rdx)
resume:
	movq	%rcx, %rbx
	movl	$2, %edi
	movl	$4, %eax
	ENCLU
	ud2

/* Gives the frame up and ends the call. */
notified:
	movl	$9, %eax		/* EDECCSSA */
	ENCLU
	movl	$77, %esi
	jmp	done

	.p2align 5
pattern_y0:
	.quad 0x0123456789abcdef, 0xfedcba9876543210, 0x0f1e2d3c4b5a6978, 0x8796a5b4c3d2e1f0
pattern_y1:
	.quad 0x1122334455667788, 0x99aabbccddeeff00, 0xdeadbeefcafef00d, 0x5a5a5a5aa5a5a5a5
pattern:
	.set i, 1
	.rept 15
	.quad 0x0101010101010101 * i
	.set i, i + 1
	.endr
pattern_mxcsr:
	.long 0x7f80
	.p2align 12
blob_end:
	.section .note.GNU-stack, "", @progbits
