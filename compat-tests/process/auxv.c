/*
 * The first moments of a program: argv, envp and the auxiliary vector lie on the stack in order,
 * the stack pointer is aligned, and the auxv tells the truth about the program (headers, entry,
 * page size, ids, random bytes, name, vDSO).
 */
#define TEST_NO_MAIN
#include "child.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

static char **first_argv, **first_env;
static int first_argc;

extern const char __executable_start[], _start[];

static const ElfW(auxv_t) *auxv_begin(void)
{
	char **e = first_env;

	while (*e)
		e++;
	return (const void *)(e + 1);
}

TEST(order_on_the_stack)
{
	const ElfW(auxv_t) *av = auxv_begin();
	int n = 0;

	EXPECT_EQ((uintptr_t)(first_argv + first_argc + 1), (uintptr_t)first_env);
	EXPECT(first_argv[first_argc] == NULL);
	EXPECT_EQ(((long *)first_argv)[-1], first_argc);
	EXPECT_EQ((uintptr_t)(first_argv - 1) % 16, 0);
	for (; av[n].a_type != AT_NULL; n++)
		EXPECT_LT(n, 64);
	EXPECT_GE(n, 15);
	for (int i = 0; i < n; i++)
		if (av[i].a_type != AT_IGNORE &&
		    av[i].a_type != AT_HWCAP)	/* glibc has its own HWCAP */
			EXPECT_EQ(getauxval(av[i].a_type), av[i].a_un.a_val);
}

TEST(program_headers)
{
	const ElfW(Ehdr) *eh = (const void *)__executable_start;
	const ElfW(Phdr) *ph = (const void *)getauxval(AT_PHDR);

	EXPECT_EQ((uintptr_t)ph, (uintptr_t)__executable_start + eh->e_phoff);
	EXPECT_EQ(getauxval(AT_PHNUM), eh->e_phnum);
	EXPECT_EQ(getauxval(AT_PHENT), sizeof(*ph));
	EXPECT_EQ(getauxval(AT_ENTRY), (uintptr_t)_start);
	EXPECT_EQ(ph[0].p_type, PT_PHDR);
}

TEST(interpreter_base)
{
	const unsigned char *base = (const void *)getauxval(AT_BASE);

	EXPECT(base != NULL);
	EXPECT_MEM(base, ELFMAG, SELFMAG);
	EXPECT_EQ((uintptr_t)base % 4096, 0);
}

TEST(numbers)
{
	EXPECT_EQ(getauxval(AT_PAGESZ), 4096);
	EXPECT_EQ(getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
	EXPECT_EQ(getauxval(AT_CLKTCK), 100);
	EXPECT_EQ(sysconf(_SC_CLK_TCK), 100);
	EXPECT_EQ(getauxval(AT_UID), getuid());
	EXPECT_EQ(getauxval(AT_EUID), geteuid());
	EXPECT_EQ(getauxval(AT_GID), getgid());
	EXPECT_EQ(getauxval(AT_EGID), getegid());
	EXPECT_EQ(getauxval(AT_SECURE), 0);
	EXPECT_EQ(getauxval(AT_FLAGS), 0);
	errno = 0;
	EXPECT_EQ(getauxval(0x7fff0000), 0);
	EXPECT_EQ(errno, ENOENT);
}

TEST(strings)
{
	const char *fn = (const char *)getauxval(AT_EXECFN);

	EXPECT_STR((const char *)getauxval(AT_PLATFORM), "x86_64");
	EXPECT(fn != NULL);
	EXPECT_OK(access(fn, X_OK));
}

TEST(vdso)
{
	const ElfW(Ehdr) *eh = (const void *)getauxval(AT_SYSINFO_EHDR);

	if (!eh)
		SKIP("no vDSO");
	EXPECT_MEM(eh->e_ident, ELFMAG, SELFMAG);
	EXPECT_EQ(eh->e_type, ET_DYN);
	EXPECT_EQ(eh->e_machine, EM_X86_64);
	EXPECT_GE(eh->e_phnum, 2);
}

ROLE(print_random)
{
	const unsigned char *r = (const void *)getauxval(AT_RANDOM);

	for (int i = 0; i < 16; i++)
		printf("%02x", r[i]);
	return 0;
}

TEST(random_bytes_differ)
{
	static struct outcome a, b;

	EXPECT_EQ(run_self(&a, "print_random"), 0);
	EXPECT_EQ(run_self(&b, "print_random"), 0);
	EXPECT_EQ(a.len, 32);
	EXPECT_EQ(b.len, 32);
	EXPECT(strcmp(a.out, b.out) != 0);
	EXPECT(strcmp(a.out, "00000000000000000000000000000000") != 0);
}

ROLE(print_execfn)
{
	printf("%s %s", (const char *)getauxval(AT_EXECFN), first_argv[0]);
	return 0;
}

TEST(execfn_is_the_path_given)
{
	static struct outcome o;
	char want[PATH_MAX];

	EXPECT_OK(symlink(self_path(), tmp_path("link")));
	EXPECT_EQ(run_argv(&o, tmp_path("link"), "zero", "--role", "print_execfn"), 0);
	snprintf(want, sizeof(want), "%s zero", tmp_path("link"));
	EXPECT_STR(o.out, want);
}

TEST(proc_file_agrees)
{
	static char buf[4096];
	const ElfW(auxv_t) *av = (const void *)buf;
	ssize_t n = read_file("/proc/self/auxv", buf, sizeof(buf));

	if (n < 0 && errno == ENOENT)
		SKIP("no /proc/self/auxv");
	EXPECT_GT(n, 0);
	EXPECT_EQ(n % sizeof(*av), 0);
	EXPECT_MEM(buf, auxv_begin(), n);
	EXPECT_EQ(av[n / sizeof(*av) - 1].a_type, AT_NULL);
}

static int64_t load_address(struct outcome *o)
{
	EXPECT_EQ(run_self(o, "print_address"), 0);
	return strtol(o->out, NULL, 16);
}

ROLE(print_address)
{
	printf("%lx", (unsigned long)__executable_start);
	return 0;
}

/* A PIE lies at page-aligned addresses that are not the same every time. */
TEST(load_address_varies)
{
	static struct outcome o;
	int64_t first = load_address(&o);

	EXPECT_EQ(first % 4096, 0);
	for (int i = 0; i < 20; i++)
		if (load_address(&o) != first)
			return;
	FAIL("20 programs, all at one address");
}

int main(int argc, char **argv)
{
	first_argc = argc;
	first_argv = argv;
	first_env = environ;
	return test_main(argc, argv);
}
