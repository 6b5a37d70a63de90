/* stack.h: the first stack of a program: strings, auxiliary vector, envp, argv, argc. */
#pragma once
#include "base/types.h"

/* Strings as they will lie in the new process: argc + envc strings back to back, each with its NUL; the first
 * args_len bytes are the arguments. Kernel memory. */
struct exec_strings {
	char *data;
	size_t len, args_len;
	unsigned argc, envc;
};

#define AUX_MAX 24 /* pairs, with AT_NULL */
struct auxv {
	uint64_t id, value;
};

struct stack_params {
	const struct exec_strings *strings;
	const char *filename;            /* AT_EXECFN */
	uint8_t random[16];              /* AT_RANDOM */
	const struct auxv *aux;          /* without RANDOM, EXECFN, PLATFORM and NULL, which stack_write adds */
	unsigned aux_count;
};

/* Where things came to lie; addresses in the new process. */
struct stack_layout {
	uaddr_t sp;
	uaddr_t arg_start, arg_end, env_start, env_end, auxv_start, auxv_end;
};

/* Bytes needed below the top, without alignment losses counted twice: an upper bound. */
size_t stack_size_needed(const struct stack_params *sp);
/* Fills memory below `top` (16-aligned, present, writable, at least stack_size_needed bytes). */
void stack_write(const struct stack_params *sp, uaddr_t top, struct stack_layout *out);
