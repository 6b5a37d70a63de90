/* switch.h: what switch.S knows of struct sgx_thread (asserted in thread.h), and its labels. */
#pragma once

#define T_HOST_RSP     0
#define T_HOST_FS      8
#define T_HOST_GS      16
#define T_MODE	       24
#define T_KICK	       28
#define T_OFSBASE      32
#define T_OGSBASE      40
#define T_TCS_BUSY     48
#define T_GATE_SLOT    56
#define T_ELRANGE_BASE 64
#define T_ELRANGE_SIZE 72
#define T_SSA	       80
#define T_GPR	       88
#define T_XFRM	       96
#define T_OENTRY       104
#define T_TCS	       112
#define T_CSSA	       120
#define T_IO	       128
#define T_MXCSR	       168
#define T_FCW	       172
#define T_RESULT       176
#define T_THUNK	       184
#define T_REGS	       192
#define T_XSAVE	       4096

/* struct sgx_gpr */
#define GPR_RAX	   0
#define GPR_RCX	   8
#define GPR_RDX	   16
#define GPR_RBX	   24
#define GPR_RSP	   32
#define GPR_RBP	   40
#define GPR_RSI	   48
#define GPR_RDI	   56
#define GPR_R8	   64
#define GPR_R9	   72
#define GPR_R10	   80
#define GPR_R11	   88
#define GPR_R12	   96
#define GPR_R13	   104
#define GPR_R14	   112
#define GPR_R15	   120
#define GPR_RFLAGS 128
#define GPR_RIP	   136
#define GPR_URSP   144
#define GPR_URBP   152
#define GPR_FSBASE 168
#define GPR_GSBASE 176

/* T_MODE: what the host thread does. */
#define MODE_HOST    0
#define MODE_ENCLAVE 1 /* user mode of the enclave, or the few instructions around it in switch.S  \
			*/
#define MODE_GATE 2    /* a leaf runs for the enclave */
#define MODE_AEX  3    /* the handler is saving state */

/* What switch_enter and switch_resume return: RAX as the enclave left it. */
#define LEFT_AEX    3
#define LEFT_EEXIT  4
#define LEFT_KICKED 5 /* nothing has run: an interrupt was due */
#define LEFT_FAULT  6 /* nothing has run: XRSTOR refused the SSA */

#define GATE_TABLE_OFFSET                                                                          \
	0x1000 /* from the gate page; one pointer for each OGSBASE page mod 4096 */
#define GATE_TABLE_MASK 0x7ff8
#define PLAIN_GATE_SLOT 0x7ffff1000 /* PLAIN_ENCLU_GATE + GATE_TABLE_OFFSET */

#ifndef __ASSEMBLER__
#include <signal.h>

struct sgx_thread;

int switch_enter(struct sgx_thread *t);
int switch_resume(struct sgx_thread *t);
/* Leaves a signal handler or the gate for good, onto the host stack: the AEP. */
_Noreturn void switch_leave(struct sgx_thread *t);
/* The same with vector state made INIT first. */
_Noreturn void switch_leave_init(struct sgx_thread *t);

/* Of switch.S and of switch_plain.S. */
struct switch_labels {
	const char *text_start, *text_end;
	const char *gate_entry, *gate_commit, *gate_lost, *gate_tail_start, *gate_tail_end;
	const char *resume_start, *resume_xrstor, *resume_fault, *resume_end;
};
extern const struct switch_labels switch_labels, plain_switch_labels;

/* switch_plain.S, for the plain image */
int plain_switch_enter(struct sgx_thread *t);
int plain_switch_resume(struct sgx_thread *t);
_Noreturn void plain_switch_leave(struct sgx_thread *t);
_Noreturn void plain_switch_leave_init(struct sgx_thread *t);
void plain_probe(unsigned long addr);
void plain_on_signal(int sig, siginfo_t *si, void *context); /* the entry of the handler in aex.c */
extern const char plain_probe_fault1[], plain_probe_done1[], plain_probe_fault2[], plain_probe_done2[];
#endif
