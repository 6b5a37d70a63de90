/* elf.c (test): ELF headers of every broken kind, "#!" lines, the first stack. */
#include "loader/elf.h"
#include "abi/layout.h"
#include "base/string.h"
#include "linux/errno.h"
#include "loader/script.h"
#include "loader/stack.h"
#include "test/unit.h"

static struct elf64_ehdr eh;
static struct elf64_phdr ph[4];
static struct elf_info info;
static const char *why;

/* A static-PIE: headers and text, then data with bss. */
static void make_good(void)
{
	eh = (struct elf64_ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
				  .e_type = ET_DYN,
				  .e_machine = EM_X86_64,
				  .e_version = 1,
				  .e_entry = 0x1100,
				  .e_phoff = sizeof(eh),
				  .e_ehsize = sizeof(eh),
				  .e_phentsize = sizeof(ph[0]),
				  .e_phnum = 3 };
	ph[0] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_X, 0, 0, 0, 0x1800, 0x1800, 0x1000 };
	ph[1] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_W, 0x1e00, 0x2e00, 0, 0x300, 0x2345, 0x1000 };
	ph[2] = (struct elf64_phdr){ PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 };
}

static int check(void)
{
	int err = elf_check_header(&eh, &why);

	return err ? err : elf_check(&eh, ph, &info, &why);
}

UNIT_TEST(elf, good)
{
	make_good();
	CHECK_EQ(check(), 0);
	CHECK(info.dyn && !info.exec_stack && !info.has_interp);
	CHECK_EQ(info.start, 0);
	CHECK_EQ(info.end, 0x6000);
	CHECK_EQ(info.bss_end, 0x2e00 + 0x2345);
	CHECK_EQ(info.phdr_vaddr, 64);
	CHECK_EQ(info.align, PAGE_SIZE);
	ph[0].p_align = 0x200000;
	ph[2].p_flags |= PF_X;
	CHECK_EQ(check(), 0);
	CHECK_EQ(info.align, 0x200000);
	CHECK(info.exec_stack);
}

#define BREAK(change, expected)                                                                    \
	do {                                                                                       \
		make_good();                                                                       \
		why = NULL;                                                                        \
		change;                                                                            \
		CHECK_EQ(check(), expected);                                                       \
		CHECK(why);                                                                        \
	} while (0)

UNIT_TEST(elf, broken_header)
{
	BREAK(eh.e_ident[0] = 0, -ENOEXEC);
	BREAK(eh.e_ident[3] = 'G', -ENOEXEC);
	BREAK(eh.e_ident[EI_CLASS] = 1, -ENOEXEC);
	BREAK(eh.e_ident[EI_DATA] = 2, -ENOEXEC);
	BREAK(eh.e_machine = 3, -ENOEXEC);
	BREAK(eh.e_type = 1, -ENOEXEC);
	BREAK(eh.e_type = 4, -ENOEXEC);
	BREAK(eh.e_phentsize = 32, -ENOEXEC);
	BREAK(eh.e_phnum = 0, -ENOEXEC);
	BREAK(eh.e_phnum = 0xffff, -ENOEXEC);
	BREAK(eh.e_phoff = UINT64_MAX, -ENOEXEC);
}

UNIT_TEST(elf, broken_segments)
{
	BREAK(ph[0].p_filesz = 0x1801, -EINVAL);
	BREAK(ph[0].p_memsz = UINT64_MAX, -ENOMEM);
	BREAK(ph[1].p_vaddr = UINT64_MAX - 0x1ff, -ENOMEM);
	BREAK(ph[1].p_vaddr = ELRANGE_SIZE + 0xe00, -ENOMEM);
	BREAK(ph[1].p_offset = UINT64_MAX - 0x1ff, -EINVAL);
	BREAK(ph[1].p_offset = 0x1e01, -EINVAL);
	BREAK(ph[0].p_type = ph[1].p_type = PT_NULL, -EINVAL);
	BREAK((ph[0].p_align = 1UL << 40), -EINVAL);
	BREAK((ph[2].p_type = PT_INTERP, ph[2].p_filesz = 1), -ENOEXEC);
	BREAK((ph[2].p_type = PT_INTERP, ph[2].p_filesz = 4097), -ENOEXEC);
	BREAK((ph[2].p_type = PT_INTERP, ph[2].p_filesz = 20, ph[2].p_offset = UINT64_MAX), -EINVAL);
}

UNIT_TEST(elf, fixed_addresses)
{
	make_good();
	eh.e_type = ET_EXEC;
	ph[0].p_vaddr = 0x400000;
	ph[1].p_vaddr = 0x402e00;
	CHECK_EQ(check(), 0);
	CHECK(!info.dyn);
	CHECK_EQ(info.start, 0x400000);
	ph[0].p_vaddr = 0x1000;
	CHECK_EQ(check(), -EINVAL);
	ph[0].p_vaddr = 0x400000;
	ph[1].p_vaddr = LIBOS_START + 0xe00;
	CHECK_EQ(check(), -ENOMEM);
	ph[1].p_vaddr = LIBOS_END + 0xe00; /* spans the LibOS */
	CHECK_EQ(check(), -ENOMEM);
}

static int script(const char *text, char **interp, char **arg)
{
	static char head[SCRIPT_HEAD_MAX + 1];
	size_t len = MIN(strlen(text), (size_t)SCRIPT_HEAD_MAX);

	memcpy(head, text, len);
	return script_parse(head, len, interp, arg);
}

UNIT_TEST(script, lines)
{
	char *interp, *arg, longest[400];

	CHECK_EQ(script("#!/bin/sh\necho", &interp, &arg), 0);
	CHECK_STR(interp, "/bin/sh");
	CHECK(!arg);
	CHECK_EQ(script("#! \t/usr/bin/env  python3 -u \t\nx", &interp, &arg), 0);
	CHECK_STR(interp, "/usr/bin/env");
	CHECK_STR(arg, "python3 -u");
	CHECK_EQ(script("#!/bin/sh", &interp, &arg), 0);
	CHECK_STR(interp, "/bin/sh");
	CHECK_EQ(script("#!/bin/sh   ", &interp, &arg), 0);
	CHECK(!arg);
	CHECK_EQ(script("#!\n", &interp, &arg), -ENOEXEC);
	CHECK_EQ(script("#!  \n", &interp, &arg), -ENOEXEC);
	CHECK_EQ(script("#", &interp, &arg), -ENOEXEC);
	CHECK_EQ(script("# /bin/sh\n", &interp, &arg), -ENOEXEC);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "#!/", 3);
	longest[399] = '\0';
	CHECK_EQ(script(longest, &interp, &arg), -ENOEXEC); /* the name is cut off */
	longest[20] = ' ';
	CHECK_EQ(script(longest, &interp, &arg), 0);        /* only the argument is */
	CHECK_EQ(strlen(arg), SCRIPT_HEAD_MAX - 22);
}

UNIT_TEST(stack, layout)
{
	static char strings[] = "prog\0arg one\0\0A=1\0PATH=/bin";
	static uint64_t memory[512] __attribute__((aligned(16)));
	struct exec_strings s = { strings, sizeof(strings), 14, 3, 2 };
	struct auxv aux[] = { { AT_PAGESZ, 4096 }, { AT_ENTRY, 0x1234 } };
	struct stack_params p = { .strings = &s, .filename = "/bin/prog", .aux = aux, .aux_count = 2 };
	uaddr_t top = (uaddr_t)(memory + 512);

	for (unsigned shift = 0; shift < 64; shift += 16) {
		struct stack_layout l;
		uint64_t *sp, *a;

		memset(memory, 0xee, sizeof(memory));
		stack_write(&p, top - shift, &l);
		sp = (uint64_t *)l.sp;
		CHECK_EQ(l.sp % 16, 0);
		CHECK(top - shift - l.sp <= stack_size_needed(&p));
		CHECK_EQ(sp[0], 3);
		CHECK_STR((char *)sp[1], "prog");
		CHECK_STR((char *)sp[2], "arg one");
		CHECK_STR((char *)sp[3], "");
		CHECK_EQ(sp[4], 0);
		CHECK_STR((char *)sp[5], "A=1");
		CHECK_STR((char *)sp[6], "PATH=/bin");
		CHECK_EQ(sp[7], 0);
		a = sp + 8;
		CHECK_EQ(l.auxv_start, a);
		CHECK_EQ(a[0], AT_PAGESZ);
		CHECK_EQ(a[3], 0x1234);
		CHECK_EQ(a[4], AT_RANDOM);
		CHECK_STR((char *)a[7], "/bin/prog");
		CHECK_STR((char *)a[9], "x86_64");
		CHECK_EQ(a[10], AT_NULL);
		CHECK_EQ(l.auxv_end, a + 12);
		CHECK_EQ(l.arg_end - l.arg_start, 14);
		CHECK_EQ(l.env_end - l.env_start, sizeof(strings) - 14);
		CHECK_STR((char *)l.env_start, "A=1");
	}
}
