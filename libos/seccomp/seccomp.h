/* seccomp.h: threads that restrict which system calls they make. */
#pragma once
#include "entry/regs.h"
#include "linux/seccomp.h"

struct thread;
struct syscall_args;
struct seccomp_filter;

/* Asked before a call of a thread with t->seccomp_mode. False: it is not made, *ret is its result. May end the thread. */
bool seccomp_allows(struct regs *regs, uint64_t nr, const struct syscall_args *args, long *ret);
/* seccomp(2) and the prctl: a mode for the current thread. uprog: struct sock_fprog. May sleep. */
long seccomp_set_strict(void);
long seccomp_set_filter(unsigned flags, uaddr_t uprog);
/* A new thread has the filters of its maker. */
void seccomp_inherit(struct thread *t, const struct thread *from);
/* The thread goes. */
void seccomp_drop(struct thread *t);
/* Filters it has, one above the other. */
unsigned seccomp_count(const struct thread *t);

/* bpf.c: a program that may run: it ends, and touches only what it has. */
bool bpf_check(const struct sock_filter *prog, unsigned len);
uint32_t bpf_run(const struct sock_filter *prog, const struct seccomp_data *data);
