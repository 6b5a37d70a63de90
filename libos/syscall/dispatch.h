/* dispatch.h: running a system call and going back to user code. */
#pragma once
#include "entry/regs.h"

/* struct regs.full */
#define REGS_FULL 1    /* every register matters on return */
#define REGS_TRAPPED 2 /* came by a trapped `syscall` instruction, not through a patched site */

/* From the gate: takes the giant lock unless the call is NOLOCK, runs it, exit_to_user(). */
void syscall_dispatch(struct regs *regs);
/* Giant lock held: runs the call of regs->orig_rax and sets regs->rax. */
void syscall_execute(struct regs *regs);
/* Makes regs execute the system call instruction again; nr is orig_rax or that of restart_syscall. */
void syscall_prepare_restart(struct regs *regs, uint64_t nr);
/* Giant lock held on entry, released on return: signals, rescheduling, user time accounting. */
void exit_to_user(struct regs *regs);
/* Bytes from a patched site's re-entry point to its return address: the stub's lea and jmp. */
#define SYSCALL_STUB_TAIL 13
