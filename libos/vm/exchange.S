/* exchange.S: two pages change their content, with vector registers (turn.c; pages_exchange() there is the same without).
 *
 *   bool page_exchange_avx512(void *a, void *b), page_exchange_avx(void *a, void *b)
 *
 * Both are page-aligned, different and writable. True if they differed. What is the same stays unwritten, in pieces of 256 or
 * 128 bytes: most of it is, so this is a comparison at the speed of the cache. Vector registers are lost, upper halves are 0
 * afterwards; MXCSR stays (logical operations only). For callers whose program expects nothing there (thread/fpu.h). */

/* They differ: what registers 0 to 3 have, of a, goes to b, and what b had to a. */
.macro SWAP_FOUR mov, reg, size
	movl $1, %eax
	\mov (%rsi), %\reg\()4
	\mov \size(%rsi), %\reg\()5
	\mov 2*\size(%rsi), %\reg\()6
	\mov 3*\size(%rsi), %\reg\()7
	\mov %\reg\()0, (%rsi)
	\mov %\reg\()1, \size(%rsi)
	\mov %\reg\()2, 2*\size(%rsi)
	\mov %\reg\()3, 3*\size(%rsi)
	\mov %\reg\()4, (%rdi)
	\mov %\reg\()5, \size(%rdi)
	\mov %\reg\()6, 2*\size(%rdi)
	\mov %\reg\()7, 3*\size(%rdi)
.endm

	.text
	.globl page_exchange_avx512
	.type page_exchange_avx512, @function
page_exchange_avx512:
	xorl %eax, %eax
	leaq 4096(%rdi), %rdx
1:	vmovdqa64 (%rdi), %zmm0
	vmovdqa64 64(%rdi), %zmm1
	vmovdqa64 128(%rdi), %zmm2
	vmovdqa64 192(%rdi), %zmm3
	vpxorq (%rsi), %zmm0, %zmm4
	vpxorq 64(%rsi), %zmm1, %zmm5
	vpxorq 128(%rsi), %zmm2, %zmm6
	vpxorq 192(%rsi), %zmm3, %zmm7
	vporq %zmm5, %zmm4, %zmm4
	vporq %zmm7, %zmm6, %zmm6
	vporq %zmm6, %zmm4, %zmm4
	vextracti64x4 $1, %zmm4, %ymm5	/* no mask register: the way out would have to clear it */
	vpor %ymm5, %ymm4, %ymm4
	vptest %ymm4, %ymm4
	jnz 3f
2:	addq $256, %rdi
	addq $256, %rsi
	cmpq %rdx, %rdi
	jb 1b
	vzeroupper
	ret
3:	SWAP_FOUR vmovdqa64, zmm, 64
	jmp 2b

	.globl page_exchange_avx
	.type page_exchange_avx, @function
page_exchange_avx:
	xorl %eax, %eax
	leaq 4096(%rdi), %rdx
1:	vmovaps (%rdi), %ymm0
	vmovaps 32(%rdi), %ymm1
	vmovaps 64(%rdi), %ymm2
	vmovaps 96(%rdi), %ymm3
	vxorps (%rsi), %ymm0, %ymm4
	vxorps 32(%rsi), %ymm1, %ymm5
	vxorps 64(%rsi), %ymm2, %ymm6
	vxorps 96(%rsi), %ymm3, %ymm7
	vorps %ymm5, %ymm4, %ymm4
	vorps %ymm7, %ymm6, %ymm6
	vorps %ymm6, %ymm4, %ymm4
	vptest %ymm4, %ymm4
	jnz 3f
2:	subq $-128, %rdi
	subq $-128, %rsi
	cmpq %rdx, %rdi
	jb 1b
	vzeroupper
	ret
3:	SWAP_FOUR vmovaps, ymm, 32
	jmp 2b

	.section .note.GNU-stack, "", @progbits
