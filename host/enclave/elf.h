/* elf.h: the LibOS image: a static ET_EXEC linked at LIBOS_START. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "enclave.h"

#define ELF_SEGMENTS_MAX 16

struct elf_segment {
	uint64_t addr, len; /* page aligned */
	unsigned int prot;  /* SECINFO_R/W/X */
	uint8_t *pages;	    /* the content, page aligned, zero behind the file's part */
};

struct elf_image {
	uint64_t entry;
	uint64_t end;
	bool hardware; /* ENCLU is the instruction, not a call of the model: EI_ABIVERSION 1 */
	bool plain;    /* for machines without FSGSBASE, and valgrind (sgxsim/plain.h): EI_ABIVERSION 2 */
	unsigned int count;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* ascending, not overlapping */
	uint8_t *memory;			       /* of all pages */
	size_t memory_size;
};

int elf_load(const char *path, struct elf_image *image, char err[ENCLAVE_ERR_SIZE]);
void elf_free(struct elf_image *image);
