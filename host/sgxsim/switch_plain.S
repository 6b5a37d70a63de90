/* switch_plain.S: the switches of switch.S for the plain image (plain.h), and what it needs besides: the entry of signal
 * handlers, and a look at how exact their registers are. */
#define PLAIN
#include "switch.S"

	.text
/* A signal handler. valgrind's frames lack the upper halves of vector registers, but leaves those in place: so they are
 * saved before any C, as an XSAVE area whose address is a fourth argument. */
	.globl	plain_on_signal
	.type	plain_on_signal, @function
plain_on_signal:
	pushq	%rbp
	movq	%rsp, %rbp
	subq	$1024, %rsp
	andq	$-64, %rsp
	xorl	%eax, %eax
	movq	%rdi, %r8
	leaq	512(%rsp), %rdi
	movl	$8, %ecx
	cld
	rep stosq
	movq	%r8, %rdi
	movq	%rdx, %r8
	movl	$7, %eax		/* x87, SSE, AVX: all that valgrind knows */
	xorl	%edx, %edx
	xsave64	(%rsp)
	movq	%r8, %rdx
	movq	%rsp, %rcx
	call	aex_on_signal
	leave
	ret
	.size	plain_on_signal, . - plain_on_signal

/* void plain_probe(uint64_t addr): reads where no memory is, twice. A translator that does not care takes RIP to be at the call
 * still when the first fault comes, and has lost 1 in rax, which nobody uses, when the second does. */
	.globl	plain_probe
	.type	plain_probe, @function
plain_probe:
	call	plain_probe_fault1
	call	2f
	ret
	.globl	plain_probe_fault1
plain_probe_fault1:
	movq	(%rdi), %rcx
	.globl	plain_probe_done1
plain_probe_done1:
	ret
2:	movl	$1, %eax
	.globl	plain_probe_fault2
plain_probe_fault2:
	movq	(%rdi), %rcx
	.globl	plain_probe_done2
plain_probe_done2:
	movl	$2, %eax
	ret
	.size	plain_probe, . - plain_probe

