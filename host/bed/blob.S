/* blob.S: the code of the bed's enclave (blob.h), position independent. RAX = CSSA, RBX = TCS, RCX = where
 * EEXIT goes. RSP and RBP are the host's and are given back. */
#include "blob.h"

#define GATE	 0x10000000000 /* libos/abi/layout.h SIM_ENCLU_GATE */
#define GPR_SIZE 184
#define GPR_RIP	 136

.macro ENCLU
	movabsq	$GATE, %r11
	call	*%r11
.endm

	.section .rodata
	.p2align 12
	.globl bed_blob_start, bed_blob_end
bed_blob_start:
	movq	%rsp, %r12
	leaq	BED_STACK-BED_TCS(%rbx), %rsp
	movq	%rcx, %r13
	testq	%rax, %rax
	jnz	handler
	cmpl	$BED_EMPTY, %edi
	je	done
	leaq	BED_BUFFER-BED_TCS(%rbx), %r14
	movq	%rdx, %rcx
	cmpl	$BED_IN, %edi
	je	in
	cmpl	$BED_OUT, %edi
	je	out
	cmpl	$BED_INOUT, %edi
	je	inout
	cmpl	$BED_ACCEPT, %edi
	je	accept
	cmpl	$BED_TOUCH, %edi
	je	touch
	cmpl	$BED_RANDOM, %edi
	je	random
	cmpl	$BED_TRAP, %edi
	je	trap
	cmpl	$BED_WRITE, %edi
	je	write
	movq	$-1, %rsi
	jmp	leave
done:	xorl	%esi, %esi
leave:	movl	$BED_DONE, %edi
exit:	movq	%r12, %rsp
	movq	%r13, %rbx
	movl	$4, %eax
	ENCLU
	ud2

in:	movq	%r14, %rdi
	rep movsb
	jmp	done

out:	movq	%rsi, %rdi
	movq	%r14, %rsi
	rep movsb
	jmp	done

inout:	movq	%rsi, %r15
	movq	%r14, %rdi
	rep movsb
	movq	%rdx, %rcx
	movq	%r14, %rsi
	movq	%r15, %rdi
	rep movsb
	jmp	done

accept:	leaq	BED_GS-BED_TCS(%rbx), %rbx
	movq	%r8, (%rbx)
	movq	%rdx, %r15
	movq	%rsi, %rcx
1:	movl	$5, %eax
	ENCLU
	jz	2f
	addq	$4096, %rcx
	decq	%r15
	jnz	1b
	jmp	done
2:	movq	%rax, %rsi
	jmp	leave

touch:	movq	(%rsi), %rax
	addq	$4096, %rsi
	decq	%rcx
	jnz	touch
	jmp	done

write:	movq	%rcx, (%rsi)
	addq	$4096, %rsi
	decq	%rcx
	jnz	write
	jmp	done

random:	leaq	-1(%rdx), %r9
	movq	BED_GS-BED_TCS+BED_SEED(%rbx), %rax
	testq	%rax, %rax
	jnz	1f
	movabsq	$88172645463325252, %rax
1:	movq	%rax, %r10		/* xorshift64 */
	shlq	$13, %r10
	xorq	%r10, %rax
	movq	%rax, %r10
	shrq	$7, %r10
	xorq	%r10, %rax
	movq	%rax, %r10
	shlq	$17, %r10
	xorq	%r10, %rax
	movq	%rax, %r10
	shrq	$20, %r10
	andq	%r9, %r10
	shlq	$12, %r10
	movq	(%rsi, %r10), %r10
	decq	%r8
	jnz	1b
	movq	%rax, BED_GS-BED_TCS+BED_SEED(%rbx)
	jmp	done

trap:	ud2
	decq	%rsi
	jnz	trap
	jmp	done

/* CSSA 1: the opcode is skipped in frame 0. */
handler:
	addq	$2, BED_SSA-BED_TCS+4096-GPR_SIZE+GPR_RIP(%rbx)
	movl	$BED_RESUME, %edi
	jmp	exit
	.p2align 12
bed_blob_end:
	.section .note.GNU-stack, "", @progbits
