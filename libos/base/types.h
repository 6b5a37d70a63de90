/* types.h: the words every LibOS file uses. Freestanding: only the compiler's own headers. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t loff_t;
typedef int32_t kpid_t; /* pid_t of the user ABI */
typedef uint64_t uaddr_t; /* address in a process: never dereferenced, see syscall/usercopy.h */
typedef uint64_t haddr_t; /* address in untrusted host memory: see hostcall/untrusted.h */
typedef uint64_t nsec_t;  /* nanoseconds, CLOCK_MONOTONIC unless said */
#define NSEC_PER_SEC 1000000000UL
#define NSEC_NEVER UINT64_MAX

#if !defined(__ssize_t_defined) && !defined(_SSIZE_T)
typedef long ssize_t;
#define __ssize_t_defined
#define _SSIZE_T
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define MIN(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define MAX(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define ALIGN_UP(x, a) (((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define must_check __attribute__((warn_unused_result))
#define noreturn_fn __attribute__((noreturn))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define unused_arg __attribute__((unused))
