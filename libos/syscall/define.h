/* define.h: how a system call handler is written.
 *
 *	SYSCALL_DEFINE(dup3, int, oldfd, int, newfd, int, flags)
 *	{
 *		...
 *		return fd;            // or -errno
 *	}
 *
 * The macro makes the typed function and the uniform shim sys_dup3(struct syscall_args *) that
 * syscall/table.h names. Pointers are uaddr_t. The current thread is `current`. */
#pragma once
#include "base/types.h"

struct syscall_args {
	uint64_t a[6];
};
typedef long syscall_fn(const struct syscall_args *args);

#define SC_COUNT_(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, n, ...) n
#define SC_COUNT(...) SC_COUNT_(x, ##__VA_ARGS__, 6, bad, 5, bad, 4, bad, 3, bad, 2, bad, 1, bad, 0)
#define SC_CAT_(a, b) a##b
#define SC_CAT(a, b) SC_CAT_(a, b)
#define SC_P0() void
#define SC_P1(t, n) t n
#define SC_P2(t, n, ...) t n, SC_P1(__VA_ARGS__)
#define SC_P3(t, n, ...) t n, SC_P2(__VA_ARGS__)
#define SC_P4(t, n, ...) t n, SC_P3(__VA_ARGS__)
#define SC_P5(t, n, ...) t n, SC_P4(__VA_ARGS__)
#define SC_P6(t, n, ...) t n, SC_P5(__VA_ARGS__)
#define SC_ARGS0()
#define SC_ARGS1(t0, n0) (t0)args->a[0]
#define SC_ARGS2(t0, n0, t1, n1) SC_ARGS1(t0, n0), (t1)args->a[1]
#define SC_ARGS3(t0, n0, t1, n1, t2, n2) SC_ARGS2(t0, n0, t1, n1), (t2)args->a[2]
#define SC_ARGS4(t0, n0, t1, n1, t2, n2, t3, n3) SC_ARGS3(t0, n0, t1, n1, t2, n2), (t3)args->a[3]
#define SC_ARGS5(t0, n0, t1, n1, t2, n2, t3, n3, t4, n4)                                           \
	SC_ARGS4(t0, n0, t1, n1, t2, n2, t3, n3), (t4)args->a[4]
#define SC_ARGS6(t0, n0, t1, n1, t2, n2, t3, n3, t4, n4, t5, n5)                                   \
	SC_ARGS5(t0, n0, t1, n1, t2, n2, t3, n3, t4, n4), (t5)args->a[5]

#define SYSCALL_DEFINE(name, ...)                                                                  \
	static long do_sys_##name(SC_CAT(SC_P, SC_COUNT(__VA_ARGS__))(__VA_ARGS__));               \
	long sys_##name(const struct syscall_args *args);                                          \
	long sys_##name(const struct syscall_args *args)                                           \
	{                                                                                          \
		(void)args;                                                                        \
		return do_sys_##name(SC_CAT(SC_ARGS, SC_COUNT(__VA_ARGS__))(__VA_ARGS__));         \
	}                                                                                          \
	static long do_sys_##name(SC_CAT(SC_P, SC_COUNT(__VA_ARGS__))(__VA_ARGS__))
