/* fuzz_elf.c: a libFuzzer target for what the loader believes of an ELF file's headers, and for "#!" lines.
 * What was accepted must be safe to map: ranges in order, in bounds, without overflow. */
#include "abi/layout.h"
#include "base/string.h"
#include "loader/elf.h"
#include "loader/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(c) do { if (!(c)) __builtin_trap(); } while (0)

static void check_accepted(const struct elf64_ehdr *eh, const struct elf64_phdr *ph, const struct elf_info *info)
{
	REQUIRE(info->start < info->end && info->end <= ELRANGE_SIZE);
	REQUIRE((info->start | info->end) % PAGE_SIZE == 0);
	REQUIRE(info->bss_end <= info->end && (info->align & (info->align - 1)) == 0);
	REQUIRE(info->dyn || info->end <= LIBOS_START || info->start >= LIBOS_END);
	REQUIRE(!info->has_interp || (info->interp_len >= 2 && info->interp_len <= 4096));
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type != PT_LOAD || !ph[i].p_memsz)
			continue;
		REQUIRE(ph[i].p_vaddr >= info->start && ph[i].p_vaddr + ph[i].p_memsz <= info->end);
		REQUIRE(ph[i].p_filesz <= ph[i].p_memsz);
	}
}

static void try_script(const uint8_t *data, size_t size)
{
	char head[SCRIPT_HEAD_MAX + 1], *interp, *arg;

	size = MIN(size, (size_t)SCRIPT_HEAD_MAX);
	memcpy(head, data, size);
	if (script_parse(head, size, &interp, &arg))
		return;
	REQUIRE(*interp && interp >= head && interp + strlen(interp) <= head + size);
	REQUIRE(!arg || (*arg && arg + strlen(arg) <= head + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf64_ehdr eh;
	struct elf64_phdr ph[64];
	struct elf_info info;
	const char *why;

	try_script(data, size);
	if (size < sizeof(eh))
		return 0;
	memcpy(&eh, data, sizeof(eh));
	if (elf_check_header(&eh, &why) || eh.e_phnum > 64 || size < sizeof(eh) + eh.e_phnum * sizeof(ph[0]))
		return 0;
	memcpy(ph, data + sizeof(eh), eh.e_phnum * sizeof(ph[0]));
	if (elf_check(&eh, ph, &info, &why) == 0)
		check_accepted(&eh, ph, &info);
	return 0;
}
