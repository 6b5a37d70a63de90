/* functions.h: an ELF file in memory, its code, and the functions in it. */
#pragma once
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf { /* private to functions.c */
	const uint8_t *bytes; /* borrowed */
	size_t size;
	/* .eh_frame_hdr: sorted (function, FDE) pairs relative to hdr_vaddr */
	const int32_t *hdr_table;
	uint64_t hdr_vaddr, hdr_count;
	struct range *symbols; /* of functions, sorted by start */
	size_t symbol_count;
};

struct text { /* an executable segment */
	const uint8_t *bytes;
	uint64_t vaddr, size;
};

struct range {
	uint64_t start, end; /* vaddr */
};

/* False: no x86-64 ELF file; nothing to close then. */
bool elf_open(struct elf *e, const void *bytes, size_t size);
void elf_close(struct elf *e);
/* Program headers; the text that the i-th of them loads. False: it loads none, or what is not in the file. */
unsigned segment_count(const struct elf *e);
bool text_of(const struct elf *e, unsigned i, struct text *t);

/* The function around vaddr by its FDE. False if no FDE covers it; *out is then the gap
 * between two functions that it lies in, or empty. */
bool function_by_fde(const struct elf *e, uint64_t vaddr, struct range *out);
/* The function around vaddr by its symbol, cut where the next one begins. If there is none, *out, the gap of
 * function_by_fde(), is cut where the neighbours are. */
bool function_by_symbol(const struct elf *e, uint64_t vaddr, struct range *out);
/* The section of code around vaddr. False: there is none. A file without sections has segments that begin with the ELF
 * head as often as with code, and data behind code that does not return: nothing is known of it, and its calls trap. */
bool section_around(const struct elf *e, const struct text *t, uint64_t vaddr, struct range *out);
