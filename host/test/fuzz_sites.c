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

/* Whether the segment has the site's bytes, with its instruction. Segments may lie over each other, so each is asked.
 */
static bool is_in(const uint8_t *data, size_t size, const Elf64_Phdr *ph, const struct site *s)
{
	uint64_t start = s->vaddr - s->before, n = s->before + 2ul + s->after;
	const uint8_t *code;

	if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X) || start < ph->p_vaddr || n > ph->p_filesz ||
	    start - ph->p_vaddr > ph->p_filesz - n || ph->p_offset + (start - ph->p_vaddr) + n > size)
		return false;
	code = data + ph->p_offset + (s->vaddr - ph->p_vaddr);
	return code[0] == 0x0f && code[1] == (s->flags & SITE_CPUID ? 0xa2 : 0x05);
}

static void check_site(const uint8_t *data, size_t size, const struct site *s, uint64_t *end)
{
	size_t len = s->before + 2ul + s->after;
	bool found = false;
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	REQUIRE((s->flags == SITE_TRAP ? len == 2 : len >= 5) && len <= SITE_PATCH_MAX && s->vaddr - s->before >= *end);
	REQUIRE(!(s->flags & SITE_KEEP) || s->before >= 5);
	memcpy(&eh, data, sizeof(eh));
	for (unsigned i = 0; i < eh.e_phnum && !found; i++) {
		memcpy(&ph, data + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		found = is_in(data, size, &ph, s);
	}
	REQUIRE(found);
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
