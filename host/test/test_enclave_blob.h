/* test_enclave_blob.h: the tiny enclave of test_enclave_blob.S: its commands and its data page.
 *
 * A command is the ecall number in rdi; it answers with rdi = BLOB_DONE, rsi = result. */
#pragma once

#define BLOB_DONE 100

#define BLOB_ADD    16 /* rsi + rdx */
#define BLOB_TRAP   17 /* executes syscall number rsi; result: rax after the handler's work */
#define BLOB_READ   18 /* reads 8 bytes at rsi; result: 0 */
#define BLOB_SPIN   19 /* until the interrupt count reaches rsi; result: the count */
#define BLOB_KEEP   20 /* rsi rounds of: fill all registers, trap, compare; result: 0 or a line */
#define BLOB_STRESS 21 /* the same without trap, until the interrupt count reaches rsi */
#define BLOB_NEST   22 /* a trap whose handler traps; result: deepest CSSA seen */
#define BLOB_ENCLU  23 /* leaf rsi with rbx = rdx, rcx = r8, rdx = r9; result: rax, rdx = ZF */
#define BLOB_ACCEPT 24 /* EACCEPT of r8 pages from rdx, SECINFO rsi; result: first error code */
#define BLOB_JUMP   25 /* jumps to rsi */
#define BLOB_LEAVES 26 /* EMODPE of rdx with SECINFO rsi, until the interrupt count reaches r8 */
#define BLOB_WRITE  27 /* writes 8 bytes at rsi */
#define BLOB_LOST   28 /* ENCLU with another GS base; result: 0 */
#define BLOB_XSTATE 29 /* an MXCSR that XRSTOR refuses goes into the SSA; never returns */

/* Offsets in the page at OGSBASE. */
#define BLOB_RET	 0
#define BLOB_INTERRUPTS	 8
#define BLOB_SKIP	 16 /* added to SSA.RIP by the handler, unless 0 */
#define BLOB_EXITINFO	 24
#define BLOB_MADDR	 32
#define BLOB_ERRCD	 40
#define BLOB_RIP	 48
#define BLOB_DEEPEST	 56
#define BLOB_TRAP_NUMBER 64
#define BLOB_NEST_NOW	 72
#define BLOB_EXCEPTIONS	 80
#define BLOB_SAVED	 88
#define BLOB_BAD_MXCSR	 96
#define BLOB_SCRATCH	 104
#define BLOB_TARGET	 112 /* a command's target count */
