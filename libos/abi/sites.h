/* sites.h: where an ELF file's `syscall` instructions are and how each may be replaced.
 *
 * Made by host/image/sites.c (disassembler), carried in the image or asked for by OCALL_SITES, used by
 * libos/loader/rewrite.c, which re-checks bytes before it patches. The patch replaces `len` bytes at
 * vaddr `patch` (len >= 5, containing the 2 bytes of the syscall at `vaddr`) by a jump to a stub. In the stub:
 * the instructions before the syscall, the syscall's call to the LibOS, the instructions behind it, a jump back to
 * patch+len. All moved instructions are position independent, and nothing jumps into (patch, patch+len) except,
 * when SITE_KEEP is set, to the syscall itself, which then stays in place behind the 5-byte jump. */
#pragma once
#include <stdint.h>

#define SITES_MAGIC 0x53455449534f4343UL
#define SITE_PATCH_MAX 24
#define SITE_KEEP 1  /* a jump to the instruction itself still finds it in place */
/* The function around it neither reads nor writes vector or x87 registers, and has no part outside its range. By the
 * psABI none of them holds a value then that anybody may expect after the call: a thread switch need not keep them. */
#define SITE_DEAD_VECTORS 4
/* A syscall that cannot be replaced, in code that was read: before and after are 0. Where no system call may be made at all
 * (LIBOS_PLAIN) the instruction becomes a breakpoint; elsewhere it is passed over, and traps by itself. */
#define SITE_TRAP 8
#define SITE_CPUID 2 /* the instruction is cpuid (0f a2), which is illegal in an enclave, not syscall */

struct site {
	uint64_t vaddr;   /* of the 0f 05, as in the ELF's segments */
	uint8_t before;   /* bytes of whole instructions before it that are moved */
	uint8_t after;    /* bytes of whole instructions behind it that are moved */
	uint8_t flags;
	uint8_t reserved[5];
};

struct site_table {
	uint64_t magic;
	uint64_t count;      /* sites, sorted by vaddr */
	uint64_t unpatchable; /* those with SITE_TRAP, and such as were not even read; for statistics */
	struct site sites[];
};
