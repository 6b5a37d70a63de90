/* elf.h: reading ELF files, in two steps: checking headers (pure functions on bytes: fuzzed and unit
 * tested) and mapping segments (elf_map.c). */
#pragma once
#include "base/types.h"
#include "linux/elf.h"

struct file;
struct vm_space;

#define ELF_MAX_PHDRS 1170 /* 64 KiB of program headers, as in Linux */

/* What elf_check found. All values are link-time addresses; sums do not overflow. */
struct elf_info {
	bool dyn;                 /* ET_DYN: may lie anywhere */
	bool exec_stack;          /* PT_GNU_STACK asks for it */
	bool has_interp;
	uint64_t entry;
	uint64_t start, end;      /* page-aligned range of all PT_LOAD segments */
	uint64_t align;           /* largest p_align of a PT_LOAD, a power of two >= PAGE_SIZE */
	uint64_t phdr_vaddr;      /* where the program headers are in memory; 0: in no segment */
	uint64_t bss_end;         /* end of the segment that ends highest, not aligned */
	uint64_t interp_off;      /* PT_INTERP's string in the file */
	uint32_t interp_len;      /* with its NUL */
	uint16_t phnum;
};

/* Checks the file header alone: 0, or -ENOEXEC. *why: what is wrong, for the log. */
int elf_check_header(const struct elf64_ehdr *eh, const char **why) must_check;
/* Checks program headers (phnum of them). -ENOEXEC -EINVAL -ENOMEM (an address no process can have). */
int elf_check(const struct elf64_ehdr *eh, const struct elf64_phdr *ph, struct elf_info *info,
	      const char **why) must_check;

/* A file that has been checked and is ready to be mapped. */
struct elf_image {
	struct file *file;        /* referenced */
	const char *name;         /* for messages; borrowed */
	struct elf_info info;
	struct elf64_phdr *ph;    /* kmalloc'ed */
	uint64_t bias;            /* after elf_map: address = vaddr + bias */
};

/* head: the first head_len bytes of the file. Program headers are read from the file. On success the image
 * holds a reference to file. -ENOEXEC -EINVAL -ENOMEM -EIO. May sleep. */
int elf_open(struct file *file, const char *name, const void *head, size_t head_len, struct elf_image *out) must_check;
/* The interpreter's name, kmalloc'ed. -ENOEXEC -EIO -ENOMEM. */
int elf_interp_name(const struct elf_image *img, char **out) must_check;
/* Maps the segments into s. -ENOMEM (place taken), -EINVAL... May sleep. */
int elf_map(struct elf_image *img, struct vm_space *s) must_check;
void elf_close(struct elf_image *img);
