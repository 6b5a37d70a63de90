/* asm.h: numbers for the assembly files: offsets into struct vcpu and struct regs (asserted in offsets.c),
 * and the ENCLU macro. */
#pragma once

#define V_SELF 0
#define V_CURRENT 8
#define V_KERNEL_RSP 16
#define V_USER_RSP 24
#define V_RETURN_RIP 32
#define V_OCALL_RSP 40
#define V_HOST_RETURN 48
#define V_EXC_HOST_RETURN 56
#define V_STARTED 64
#define V_TCS 72
#define V_NEED_RESCHED 96
#define V_VECTORS_DEAD 97

#define R_RIP 128
#define R_RFLAGS 136
#define R_RSP 144
#define R_FULL 152
#define R_SIZE 160

#define A_ECALL_VCPU 1
#define A_ECALL_RETURN 2
#define A_EXIT_OCALL 1
#define A_EXIT_RESUME 2
#define A_EXIT_FATAL 3
#define A_STACK_END 0x20000
#define A_EXC_STACK_END 0x30000
#define A_SSA_URSP (0x3000 - 184 + 144) /* of frame 0, from the TCS */
#define A_SSA_URBP (0x3000 - 184 + 152)

#ifdef LIBOS_PLAIN
#define A_GATE 0x7ffff0000
#else
#define A_GATE 0x10000000000
#endif

#ifdef __ASSEMBLER__
#ifdef SGX_HW
.macro ENCLU
	.byte 0x0f, 0x01, 0xd7
.endm
#define ENCLU_EEXIT_LEAF ENCLU
#else
/* The model's gate, just outside ELRANGE (abi/layout.h SIM_ENCLU_GATE, PLAIN_ENCLU_GATE); r11 is lost. */
.macro ENCLU
	movabsq $A_GATE, %r11
	call *%r11
.endm
/* For EEXIT, which does not return: a call would spoil what the processor remembers of return addresses. */
.macro ENCLU_EEXIT_LEAF
	leaq .Lnever\@(%rip), %r11
	pushq %r11
	movabsq $A_GATE, %r11
	jmp *%r11
.Lnever\@:
.endm
#endif
#endif
