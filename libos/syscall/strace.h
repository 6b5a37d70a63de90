/* strace.h: one log line per system call at log level trace. */
#pragma once
#include "syscall/define.h"

void strace_enter(uint64_t nr, const struct syscall_args *args);
void strace_exit(uint64_t nr, const struct syscall_args *args, long ret);
