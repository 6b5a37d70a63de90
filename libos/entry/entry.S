/* entry.S: every way into the LibOS and out of it.
 *
 *   enclave_entry   EENTER: first entry of a vCPU, return of an ocall (CSSA 0), exception (CSSA 1)
 *   syscall_gate    from a patched system call site: rcx = return address, user stack, r11 free
 *   syscall_gate_dead  the same, from a function in which vector registers hold nothing (abi/sites.h)
 *   user_trap       where the CSSA 1 handler makes ERESUME land after an exception of user code
 *   return_full     back to user code with every register from struct regs
 *   thread_start_asm first run of a thread
 *
 * Rules: a stack pointer comes from the TCS or GS only, never from the host. DF and AC are cleared before
 * any C. On EEXIT every general register but the exit arguments is cleared; vector registers hold the INIT
 * state then (hostcall/ocall.c saves the program's before). User stacks are never written (red zone). */
#include "entry/asm.h"

	.text
	.globl enclave_entry
	.type enclave_entry, @function
enclave_entry:
	lfence
	cmpl $0, %eax
	jne exception_entry
	cmpl $A_ECALL_RETURN, %edi
	je ocall_return
	cmpl $A_ECALL_VCPU, %edi
	jne bad_entry
	lock btsq $0, %gs:V_STARTED
	jc bad_entry
	movq %rcx, %gs:V_HOST_RETURN
	movq %rbx, %gs:V_TCS
	leaq A_STACK_END(%rbx), %rsp
	xorl %ebp, %ebp
	pushq $2
	popfq
	movq %rbx, %rdi			/* tcs, index, boot_host */
	call vcpu_start
	ud2

ocall_return:
	movq %gs:V_OCALL_RSP, %rax
	testq %rax, %rax
	jz bad_entry
	movq $0, %gs:V_OCALL_RSP
	movq %rcx, %gs:V_HOST_RETURN
	movq %rax, %rsp
	pushq $2
	popfq
	movq %rsi, %rax
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

/* The host entered in a state where that is not allowed: leave at once, change nothing. */
bad_entry:
	movq %rcx, %rbx
	movl $A_EXIT_FATAL, %edi
	movl $2, %esi
#ifdef SGX_HW
	jmp leave_with_stack		/* it is the host's still */
#else
	jmp leave_enclave
#endif

/* long enclave_ocall(nr, args) */
	.globl enclave_ocall
	.type enclave_ocall, @function
enclave_ocall:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %gs:V_OCALL_RSP
	movq %gs:V_HOST_RETURN, %rbx
	movq %rsi, %rdx
	movq %rdi, %rsi
	movl $A_EXIT_OCALL, %edi
leave_enclave:
#ifdef SGX_HW
	movq %gs:V_TCS, %rcx
leave_frame:				/* rcx = TCS + page of the SSA frame: the host gets back what EENTER saved */
	movq A_SSA_URSP(%rcx), %rsp
	movq A_SSA_URBP(%rcx), %rbp
leave_with_stack:
#else
	xorl %ebp, %ebp			/* the model sees to RSP and RBP */
#endif
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	xorl %ecx, %ecx
	movl $4, %eax			/* EEXIT */
	ENCLU_EEXIT_LEAF
	ud2

/* void enclave_stop(int code) */
	.globl enclave_stop
	.type enclave_stop, @function
enclave_stop:
	movq %gs:V_HOST_RETURN, %rbx
	movl %edi, %esi
	xorl %edx, %edx
	movl $A_EXIT_FATAL, %edi
	jmp leave_enclave

/* CSSA > 0: note what happened, prepare SSA[0], leave for ERESUME. rax = CSSA, rdi = ecall, rbx = TCS. */
exception_entry:
	leaq A_EXC_STACK_END(%rbx), %rsp
	movq %rcx, %gs:V_EXC_HOST_RETURN
	pushq $2
	popfq
	movl %eax, %esi
	movq %rbx, %rdx
#ifdef SGX_HW
	shlq $12, %rax
	addq %rbx, %rax
	pushq %rax
	pushq %rax
#endif
	call exception_handle		/* (ecall, cssa, tcs) */
	movq %gs:V_EXC_HOST_RETURN, %rbx
	movl $A_EXIT_RESUME, %edi
	xorl %esi, %esi
	xorl %edx, %edx
#ifdef SGX_HW
	popq %rcx
	jmp leave_frame
#else
	jmp leave_enclave
#endif

/* The general registers of a struct regs at rsp, up to orig_rax; flags stay. */
.macro POP_REGS
	.irp r, r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	popq %\r
	.endr
.endm

	.globl syscall_gate
	.type syscall_gate, @function
	.globl syscall_gate_dead
	.type syscall_gate_dead, @function
	.balign 64
syscall_gate:
	movb $0, %gs:V_VECTORS_DEAD
	jmp 1f
	.balign 16
syscall_gate_dead:
	movb $1, %gs:V_VECTORS_DEAD
1:	movq %rsp, %gs:V_USER_RSP
	movq %gs:V_KERNEL_RSP, %rsp
	pushq $0
	pushq %gs:V_USER_RSP
	pushfq
	pushq %rcx
	pushq %rax			/* orig_rax */
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	testl $0x40400, R_RFLAGS(%rsp)	/* AC, DF */
	jz 2f
	pushq $2
	popfq
2:	movq %rsp, %rdi
	call syscall_dispatch
	/* From here to the jump the lock is not held and nobody looks for signals: an interrupt that says so
	 * is seen by the test, or by exception_handle(), which goes to exit_again. */
	.globl syscall_exit_start
syscall_exit_start:
	cmpb $0, %gs:V_NEED_RESCHED
	jne exit_again
	cmpq $0, R_FULL(%rsp)
	jne return_full
	POP_REGS
	movq 8(%rsp), %rcx		/* rip */
	movq 16(%rsp), %r11		/* rflags */
	movq 24(%rsp), %rsp
	jmp *%rcx
	.globl syscall_gate_end
syscall_gate_end:

/* From a patched cpuid: eax, ecx = leaf and subleaf, rdx = return address (cpuid overwrites it anyway). Keeps every
 * other register, the flags and the red zone. Takes no lock; the way in and out of the LibOS for nothing else. */
	.globl cpuid_gate
	.type cpuid_gate, @function
	.balign 64
cpuid_gate:
	movq %rsp, %gs:V_USER_RSP
	movq %gs:V_KERNEL_RSP, %rsp
	pushfq
	pushq %gs:V_USER_RSP
	pushq %rdx
	pushq %rdi
	pushq %rsi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	subq $24, %rsp			/* struct cpuid_result; rsp is 16-aligned here */
	cld
	movl %eax, %edi
	movl %ecx, %esi
	leaq (%rsp), %rdx
	call cpuid_get
	movl (%rsp), %eax
	movl 4(%rsp), %ebx
	movl 8(%rsp), %ecx
	movl 12(%rsp), %edx
	addq $24, %rsp
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rsi
	popq %rdi
	popq %gs:V_RETURN_RIP
	popq %gs:V_USER_RSP
	popfq
	movq %gs:V_USER_RSP, %rsp
	.globl cpuid_exit_jump
cpuid_exit_jump:
	jmp *%gs:V_RETURN_RIP
	.globl cpuid_gate_end
cpuid_gate_end:

/* rsp = struct regs, set up by exception_handle; the program's vector state is live. */
	.globl user_trap
	.type user_trap, @function
user_trap:
	movq %rsp, %rdi
	call trap_handle
	/* fall through */

	.globl return_full
	.type return_full, @function
return_full:
	cmpb $0, %gs:V_NEED_RESCHED
	jne exit_again
	/* popfq takes longer than all the rest: not for flags of arithmetic alone. */
	movl R_RFLAGS(%rsp), %eax
	pushfq
	popq %rcx
	xorl %eax, %ecx
	testl $~0x8d5, %ecx
	jnz 3f
	movl %eax, %ecx
	shrl $11, %ecx
	andl $1, %ecx
	addb $0x7f, %cl			/* OF as bit 11 says */
	movb %al, %ah
	sahf				/* SF, ZF, AF, PF, CF; OF stays */
	POP_REGS
	leaq 8(%rsp), %rsp
	popq %gs:V_RETURN_RIP
	movq 8(%rsp), %rsp
	jmp *%gs:V_RETURN_RIP
3:	POP_REGS
	addq $8, %rsp
	popq %gs:V_RETURN_RIP
	popfq
	movq (%rsp), %rsp
	jmp *%gs:V_RETURN_RIP
	.globl return_full_end
return_full_end:

/* rsp = struct regs, complete in memory: signals and scheduling once more. */
	.globl exit_again
	.type exit_again, @function
exit_again:
	movq %rsp, %rdi
	call exit_to_user_again
	jmp return_full

/* void thread_switch_asm(uint64_t *save_rsp, uint64_t load_rsp) */
	.globl thread_switch_asm
	.type thread_switch_asm, @function
thread_switch_asm:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

/* First run of a thread: thread_switch_asm "returns" here, rsp = its struct regs (user threads). */
	.globl thread_start_asm
	.type thread_start_asm, @function
thread_start_asm:
	movq %rsp, %rdi
	call thread_first_run
	jmp return_full

/* int enclu_leaf(leaf, rbx, rcx): EACCEPT and EMODPE; the error code, or what exception_handle() puts there when the leaf
 * faults: at ENCLU, three bytes before enclu_leaf_done. */
	.globl enclu_leaf
	.type enclu_leaf, @function
enclu_leaf:
	pushq %rbx
	movl %edi, %eax
	movq %rsi, %rbx
	movq %rdx, %rcx
	ENCLU
	.globl enclu_leaf_done
enclu_leaf_done:
	popq %rbx
	ret

/* int enclu_leaf3(leaf, rbx, rcx, rdx): EREPORT, EGETKEY, EACCEPTCOPY. */
	.globl enclu_leaf3
	.type enclu_leaf3, @function
enclu_leaf3:
	pushq %rbx
	movl %edi, %eax
	movq %rsi, %rbx
	movq %rcx, %r8
	movq %rdx, %rcx
	movq %r8, %rdx
	ENCLU
	popq %rbx
	ret

	.section .note.GNU-stack, "", @progbits
