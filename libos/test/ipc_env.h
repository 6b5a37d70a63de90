/* ipc_env.h: a small world for tests of ipc/: a flat descriptor table, files without a tree, "user" memory at low
 * addresses, real timers on the test's clock, and a hook that plays the other threads. */
#pragma once
#include "fs/file.h"
#include "syscall/define.h"
#include "test/unit.h"

#define CALL(name, ...)                                                                            \
	({                                                                                         \
		extern syscall_fn sys_##name;                                                      \
		struct syscall_args args_ = { { __VA_ARGS__ } };                                   \
		sys_##name(&args_);                                                                \
	})

void ipc_env_init(void);
void ipc_env_exit(void);       /* closes what is open; every file must be gone then */
extern void (*ipc_on_sleep)(void); /* called once by the next sleep, which it ends */
void ipc_sleep_until(nsec_t when); /* moves the clock, timers run on the way */
struct file *ipc_file(int fd); /* borrowed */
extern char *ubuf;             /* 1 MiB of user memory */
#define UBUF ((uint64_t)(uintptr_t)ubuf)

/* read(2) and write(2) from and to LibOS memory. */
long fd_read(int fd, void *buf, size_t n);
long fd_write(int fd, const void *buf, size_t n);
unsigned fd_poll(int fd);      /* EPOLL* bits */
void make_pipe(int fd[2], unsigned flags);
