/* program.h: from a path and strings to an address space ready to run.
 *
 *	program_open()   finds the file, follows "#!" lines, checks headers, opens the interpreter
 *	program_map()    makes the space, maps everything, writes the stack
 *	program_free()   whatever is left
 *
 * Nothing of the calling process changes. Used by execve (process/exec.c) and for the host's requests
 * (process/init.c). */
#pragma once
#include "loader/elf.h"
#include "loader/stack.h"

struct cred;
struct regs;

#define EXEC_STRING_MAX 131072     /* one argument or variable with its NUL */
#define EXEC_HEAD_SIZE 1024

struct program {
	const char *filename;          /* as asked for: AT_EXECFN, comm; borrowed */
	bool name_closes;              /* filename is a descriptor that exec closes: no good for scripts */
	struct exec_strings strings;   /* data is owned */
	struct file *file;             /* what really runs (the interpreter of a script) */
	struct elf_image elf, interp;  /* interp.file NULL: none */
	struct vm_space *space;        /* owned until the caller takes it */
	uaddr_t entry, brk_start;
	struct stack_layout layout;
	char head[EXEC_HEAD_SIZE + 1];
};

/* An executable regular file, opened for reading. lookup: LOOKUP_* flags. -EACCES -ETXTBSY -ELOOP... May sleep. */
int exec_open_file(int dirfd, const char *name, unsigned lookup, struct file **out) must_check;
/* Takes over file. strings and filename are set by the caller. May sleep. */
int program_open(struct program *pg, struct file *file) must_check;
/* stack_limit: RLIMIT_STACK. cred: for the AT_*ID entries; secure: AT_SECURE. May sleep. */
int program_map(struct program *pg, uint64_t stack_limit, const struct cred *cred, bool secure) must_check;
void program_free(struct program *pg);
/* The registers the program starts with. */
void program_set_regs(const struct program *pg, struct regs *regs);

/* Appends a string (or count of them) to the block; -E2BIG beyond limit bytes, -ENOMEM. */
struct exec_buffer {
	struct exec_strings *strings;
	size_t cap, limit;
};
int exec_buffer_reserve(struct exec_buffer *b, size_t room) must_check;
int exec_buffer_add(struct exec_buffer *b, const char *s) must_check;
