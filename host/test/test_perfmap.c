/* test_perfmap.c: names of enclave code for perf(1). */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instance/perfmap.h"

static char dir[] = "/tmp/occlum-perfmap-XXXXXX";
static char map_name[128];

struct library {
	const char *name;
	uint64_t load, text, len, offset;
};

static int find_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct library *lib = arg;

	(void)size;
	if (!strstr(info->dlpi_name, "/libc.so"))
		return 0;
	lib->name = info->dlpi_name;
	lib->load = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_LOAD && (ph->p_flags & PF_X)) {
			lib->text = info->dlpi_addr + (ph->p_vaddr & ~4095ul);
			lib->offset = ph->p_offset & ~4095ul;
			lib->len = (ph->p_filesz + 4095) & ~4095ul;
		}
	}
	return 1;
}

/* The line of the map that holds addr: its name; "" if no line does, "twice" if several do. */
static const char *name_at(uint64_t addr)
{
	static char found[512];
	char line[1024], name[512];
	unsigned long start, size;
	FILE *f = fopen(map_name, "r");
	int hits = 0;

	cr_assert(f != NULL);
	found[0] = 0;
	while (fgets(line, sizeof(line), f)) {
		cr_assert(sscanf(line, "%lx %lx %511[^\n]", &start, &size, name) == 3, "a bad line: %s", line);
		cr_assert(size > 0);
		if (addr < start || addr - start >= size)
			continue;
		strcpy(found, name);
		hits++;
	}
	fclose(f);
	return hits > 1 ? "twice" : found;
}

static void setup(void)
{
	cr_assert(mkdtemp(dir) != NULL);
	snprintf(map_name, sizeof(map_name), "%s/perf-%d.map", dir, (int)getpid());
}

static void teardown(void)
{
	unlink(map_name);
	rmdir(dir);
}

TestSuite(perfmap, .init = setup, .fini = teardown);

Test(perfmap, functions_lie_where_the_loader_put_them)
{
	struct library lib = { 0 };
	char err[ENCLAVE_ERR_SIZE] = "";
	char program[256] = "";

	cr_assert(dl_iterate_phdr(find_libc, &lib));
	cr_assert(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
	cr_assert_eq(perfmap_start(dir, "", program, err), 0, "%s", err);
	perfmap_add(lib.name, lib.text, lib.len, lib.offset);
	/* Functions of one name each, that no sanitizer replaces. */
	cr_assert_str_eq(name_at((uint64_t)dlsym(RTLD_NEXT, "strfry")), "strfry [libc.so.6]");
	cr_assert_str_eq(name_at((uint64_t)dlsym(RTLD_NEXT, "lfind") + 1), "lfind [libc.so.6]");
	/* No byte of the text is without an owner, none has two. */
	for (uint64_t a = lib.text; a < lib.text + lib.len; a += lib.len / 64)
		cr_assert(strstr(name_at(a), "[libc.so.6]") != NULL, "%lx: %s", (unsigned long)a, name_at(a));
}

Test(perfmap, a_file_that_is_no_elf_has_one_name)
{
	char err[ENCLAVE_ERR_SIZE] = "", program[256] = "", other[256];
	FILE *f;

	cr_assert(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
	cr_assert_eq(perfmap_start(dir, dir, program, err), 0, "%s", err);
	snprintf(other, sizeof(other), "%s/odd name\n7", dir);
	f = fopen(other, "w");
	cr_assert(f != NULL);
	fputs("\177ELF and no more", f);
	fclose(f);
	perfmap_add("/odd name\n7", 0x10000, 0x2000, 0);
	perfmap_add("/missing", 0x20000, 0x1000, 0);
	perfmap_add("", 0x30000, 0x1000, 0);
	perfmap_add("/missing", ~0ul - 10, 0x1000, 0);
	unlink(other);
	cr_assert_str_eq(name_at(0x11fff), "[odd?name?7]");
	cr_assert_str_eq(name_at(0x20000), "[missing]");
	cr_assert_str_eq(name_at(0x30fff), "[stubs]");
	cr_assert_str_eq(name_at(0x31000), "");
}

Test(perfmap, says_why_it_cannot_start)
{
	char err[ENCLAVE_ERR_SIZE] = "";

	cr_assert(perfmap_start("/nonexistent", "", "/proc/self/exe", err));
	cr_assert(strstr(err, "/nonexistent/perf-") != NULL, "%s", err);
	cr_assert(perfmap_start(dir, "", "/etc/passwd", err));
	cr_assert(strstr(err, "/etc/passwd") != NULL, "%s", err);
}
