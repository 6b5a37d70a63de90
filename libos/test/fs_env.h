/* fs_env.h: a small world for tests of the VFS: a ramfs root, a process with descriptors and directories,
 * "user" memory at low addresses, and a way to make system calls. */
#pragma once
#include "fs/inode.h"
#include "syscall/define.h"
#include "test/unit.h"

#define CALL(name, ...)                                                                            \
	({                                                                                         \
		extern syscall_fn sys_##name;                                                      \
		struct syscall_args args_ = { { __VA_ARGS__ } };                                   \
		sys_##name(&args_);                                                                \
	})

void fs_env_init(void);           /* ramfs at "/", uid 0, cwd "/" */
void fs_env_mount(struct super_block *sb, const char *where);
void fs_env_exit(void);           /* closes everything and drops the name cache */
void fs_env_user(uint32_t uid);   /* plain user without capabilities; 0: root again */

/* Copies into user memory; the memory is reused after some dozen calls. */
uint64_t U(const char *s);
extern char *ubuf;                /* 1 MiB of user memory for results */
#define UBUF ((uint64_t)(uintptr_t)ubuf)

int open_at(const char *name, unsigned flags, unsigned mode);
long write_file(const char *name, const char *text);   /* creates or truncates; bytes or -errno */
const char *read_file(const char *name);                /* content (static buffer) or "ERR n" */
struct stat *stat_of(const char *name);                 /* lstat; NULL on error */
const char *list_dir(const char *name);                 /* sorted names, space separated, without dots */
