/* fuzz_sites.c: a libFuzzer target for the finder of system calls: any bytes for an ELF file. What it finds must be
 * sorted, apart from each other, inside an executable segment, at the instruction's bytes and not too long. */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/sites.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(c) do { if (!(c)) abort(); } while (0)

/* The file's bytes of [vaddr, vaddr + n) in an executable segment. */
static const uint8_t *code_at(const uint8_t *data, size_t size, uint64_t vaddr, size_t n)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	memcpy(&eh, data, sizeof(eh));
	for (unsigned i = 0; i < eh.e_phnum; i++) {
		memcpy(&ph, data + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type != PT_LOAD || !(ph.p_flags & PF_X) || vaddr < ph.p_vaddr ||
		    vaddr - ph.p_vaddr >= ph.p_filesz || n > ph.p_filesz - (vaddr - ph.p_vaddr))
			continue;
		if (ph.p_offset + (vaddr - ph.p_vaddr) + n <= size)
			return data + ph.p_offset + (vaddr - ph.p_vaddr);
	}
	return NULL;
}

static void check_site(const uint8_t *data, size_t size, const struct site *s, uint64_t *end)
{
	size_t len = s->before + 2ul + s->after;
	const uint8_t *code = code_at(data, size, s->vaddr - s->before, len);

	REQUIRE(len >= 5 && len <= SITE_PATCH_MAX && s->vaddr - s->before >= *end && code);
	REQUIRE(!(s->flags & SITE_KEEP) || s->before >= 5);
	REQUIRE(code[s->before] == 0x0f && code[s->before + 1] == (s->flags & SITE_CPUID ? 0xa2 : 0x05));
	*end = s->vaddr + 2 + s->after;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct site_table *t = NULL;
	uint8_t *exact = malloc(size ? size : 1); /* so that reading behind it shows */
	uint64_t end = 0;
	long n;

	memcpy(exact, data, size);
	n = sites_find(exact, size, &t);
	if (n >= 0) {
		REQUIRE(t && t->magic == SITES_MAGIC && (size_t)n == sizeof(*t) + t->count * sizeof(t->sites[0]));
		for (uint64_t i = 0; i < t->count; i++)
			check_site(exact, size, &t->sites[i], &end);
		free(t);
	} else {
		REQUIRE(n == -ENOEXEC);
	}
	free(exact);
	return 0;
}
