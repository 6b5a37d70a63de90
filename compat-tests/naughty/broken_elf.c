/*
 * Broken executables of every kind, made by damaging one small good one. What Linux refuses before
 * it gives up the old program is an errno of exec; what it finds later kills the new process.
 */
#include "naughty.h"
#include <elf.h>
#include <stddef.h>

enum { BASE = 0x400000, EXIT_CODE = 42 };

struct image {
	Elf64_Ehdr e;
	Elf64_Phdr load, interp, third;
	char path[64];
	unsigned char code[16];
};

static struct image good(void)
{
	/* mov $42, %edi; mov $231 (exit_group), %eax; syscall; hlt */
	static const unsigned char code[] = {
		0xbf, EXIT_CODE, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05, 0xf4,
	};
	struct image m = { 0 };

	m.e = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = BASE + offsetof(struct image, code),
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	m.load = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = BASE,
		.p_filesz = sizeof(m),
		.p_memsz = sizeof(m),
		.p_align = 0x1000,
	};
	m.interp = (Elf64_Phdr){ .p_type = PT_INTERP, .p_offset = offsetof(struct image, path) };
	m.third = m.load;
	m.third.p_flags = PF_R | PF_W;
	m.third.p_vaddr = BASE + 0x200000;
	memcpy(m.code, code, sizeof(code));
	return m;
}

static void set_interp(struct image *m, const char *path)
{
	m->e.e_phnum = 2;
	strcpy(m->path, path);
	m->interp.p_filesz = m->interp.p_memsz = strlen(path) + 1;
}

/* Runs these bytes: the errno of exec negated, or the wait status. */
static int run_bytes(const void *bytes, size_t len)
{
	char *argv[] = { "broken", NULL };
	int err;
	int fd = EXPECT_OK(open(tmp_path("x"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
	pid_t pid;

	EXPECT_EQ(write(fd, bytes, len), len);
	close(fd);
	err = posix_spawn(&pid, tmp_path("x"), NULL, NULL, argv, environ);
	return err ? -err : wait_or_kill(pid, 2);
}

#define EXPECT_RUN(m, want)	EXPECT_EQ(run_bytes(&(m), sizeof(m)), want)

/* A damaged image: the statements change m, then it must end as wanted. */
#define DAMAGE(want, ...)			\
	do {					\
		struct image m = good();	\
		__VA_ARGS__;			\
		EXPECT_RUN(m, want);		\
	} while (0)

TEST(the_undamaged_one_runs)
{
	DAMAGE(EXIT_CODE << 8, (void)m);
	DAMAGE(EXIT_CODE << 8, m.e.e_type = ET_DYN; m.e.e_entry -= BASE; m.load.p_vaddr = 0);
	DAMAGE(EXIT_CODE << 8, m.e.e_phnum = 3; m.interp.p_type = PT_NULL);
	DAMAGE(EXIT_CODE << 8, m.e.e_phnum = 3; m.interp.p_type = PT_GNU_STACK + 0x100);
	DAMAGE(EXIT_CODE << 8, m.load.p_flags |= PF_W; m.load.p_memsz = 64 << 20);
	DAMAGE(EXIT_CODE << 8, m.e.e_shoff = 1ul << 60; m.e.e_shnum = 1000);
}

TEST(not_elf_at_all)
{
	EXPECT_EQ(run_bytes("", 0), -ENOEXEC);
	EXPECT_EQ(run_bytes("\177", 1), -ENOEXEC);
	EXPECT_EQ(run_bytes("echo hello\n", 11), -ENOEXEC);
	EXPECT_EQ(run_bytes("\0\0\0\0\0\0\0\0", 8), -ENOEXEC);
	EXPECT_EQ(run_bytes("MZ\x90\0\3\0\0\0", 8), -ENOEXEC);
	EXPECT_EQ(run_bytes("\177ELG", 4), -ENOEXEC);
	expect_alive();
}

TEST(truncated)
{
	struct image m = good();

	for (size_t len = 1; len <= sizeof(m.e) + sizeof(m.load) - 1; len += 7)
		EXPECT_EQ(run_bytes(&m, len), -ENOEXEC);
	for (size_t len = sizeof(m.e) + sizeof(m.load); len <= offsetof(struct image, code);
	     len += 40)
		EXPECT_EQ(run_bytes(&m, len), SIGSEGV);
	expect_alive();
}

TEST(wrong_kind)
{
	DAMAGE(-ENOEXEC, m.e.e_machine = EM_AARCH64);
	DAMAGE(-ENOEXEC, m.e.e_machine = 0);
	DAMAGE(-ENOEXEC, m.e.e_type = ET_REL);
	DAMAGE(-ENOEXEC, m.e.e_type = ET_CORE);
	DAMAGE(-ENOEXEC, m.e.e_type = ET_NONE);
	DAMAGE(-ENOEXEC, m.e.e_type = 0xffff);
}

TEST(bad_program_headers)
{
	DAMAGE(-ENOEXEC, m.e.e_phentsize = 55);
	DAMAGE(-ENOEXEC, m.e.e_phentsize = 0);
	DAMAGE(-ENOEXEC, m.e.e_phentsize = 32);
	DAMAGE(-ENOEXEC, m.e.e_phnum = 0);
	DAMAGE(-ENOEXEC, m.e.e_phnum = 0xffff);
	DAMAGE(-ENOEXEC, m.e.e_phnum = 60);
	DAMAGE(-ENOEXEC, m.e.e_phoff = 1 << 20);
	DAMAGE(-ENOEXEC, m.e.e_phoff = -8ul);
	DAMAGE(-ENOEXEC, m.e.e_phoff = 1ul << 63);
	expect_alive();
}

TEST(bad_interpreter)
{
	DAMAGE(-ENOENT, set_interp(&m, "/none/such"));
	DAMAGE(-ENOENT, set_interp(&m, "none"));
	DAMAGE(-ENOEXEC, set_interp(&m, "/none/such"); m.interp.p_filesz = 5);
	DAMAGE(-ENOEXEC, set_interp(&m, "/none/such"); m.interp.p_filesz = 1);
	DAMAGE(-ENOEXEC, set_interp(&m, "/none/such"); m.interp.p_filesz = 0);
	DAMAGE(-ENOEXEC, set_interp(&m, "/none/such"); m.interp.p_filesz = 5000);
	DAMAGE(-ENOEXEC, set_interp(&m, "/none/such"); m.interp.p_filesz = -1ul);
	DAMAGE(-EIO, set_interp(&m, "/none/such"); m.interp.p_offset = 1 << 20);
	DAMAGE(-EINVAL, set_interp(&m, "/none/such"); m.interp.p_offset = -4ul);
	DAMAGE(-EACCES, set_interp(&m, "/dev/null"));
	DAMAGE(-EACCES, set_interp(&m, "/"));
	expect_alive();
}

/* The interpreter is a file in the scratch directory with this content. */
static int run_with_interp(const void *bytes, size_t len, mode_t mode)
{
	struct image m = good();
	int fd;

	EXPECT_OK(chdir(test_tmpdir()));
	fd = EXPECT_OK(open("ld", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
	EXPECT_EQ(write(fd, bytes, len), len);
	EXPECT_OK(fchmod(fd, mode));
	close(fd);
	set_interp(&m, "ld");
	return run_bytes(&m, sizeof(m));
}

TEST(broken_interpreter)
{
	struct image m = good();
	char text[100];

	m.e.e_type = ET_DYN;
	m.e.e_entry -= BASE;
	m.load.p_vaddr = 0;
	EXPECT_EQ(run_with_interp(&m, sizeof(m), 0755), EXIT_CODE << 8);
	EXPECT_EQ(run_with_interp(&m, sizeof(m), 0644), -EACCES);
	EXPECT_EQ(run_with_interp("", 0, 0755), -EIO);
	EXPECT_EQ(run_with_interp(&m, 40, 0755), -EIO);
	memset(text, 't', sizeof(text));
	EXPECT_EQ(run_with_interp(text, sizeof(text), 0755), -ELIBBAD);
	m.e.e_machine = EM_AARCH64;
	EXPECT_EQ(run_with_interp(&m, sizeof(m), 0755), -ELIBBAD);
	expect_alive();
}

/* Refused by exec or killed at once: it must not run. */
static void expect_does_not_run(struct image m, int line)
{
	int r = run_bytes(&m, sizeof(m));

	if (r == -ENOEXEC || r == -EINVAL || r == -ENOMEM)
		return;
	if (WIFSIGNALED(r) &&
	    (WTERMSIG(r) == SIGSEGV || WTERMSIG(r) == SIGKILL || WTERMSIG(r) == SIGBUS))
		return;
	FAIL("the image of line %d gives %#x", line, r);
}

#define DIES(...)					\
	do {						\
		struct image m = good();		\
		__VA_ARGS__;				\
		expect_does_not_run(m, __LINE__);	\
	} while (0)

TEST(impossible_segments)
{
	DIES(m.load.p_type = PT_NOTE);
	DIES(m.load.p_filesz = 0x2000; m.load.p_memsz = 0x1000);
	DIES(m.load.p_memsz = 1ul << 60);
	DIES(m.load.p_memsz = -1ul);
	DIES(m.load.p_memsz = 1ul << 47);
	DIES(m.load.p_filesz = m.load.p_memsz = 1ul << 62);
	DIES(m.load.p_vaddr = 0xffff800000000000);
	DIES(m.load.p_vaddr = -4096ul);
	DIES(m.load.p_vaddr = BASE + 16);
	DIES(m.load.p_offset = 16);
	DIES(m.load.p_offset = -4096ul);
	DIES(m.load.p_offset = 0x10000);
	DIES(m.e.e_type = ET_DYN; m.load.p_vaddr = 0x7ffffffff000);
	DIES(m.e.e_type = ET_DYN; m.e.e_phnum = 3; m.interp.p_type = PT_NULL;
	     m.third.p_vaddr = 1ul << 47);
	expect_alive();
}

TEST(impossible_entries)
{
	DIES(m.e.e_entry = 0);
	DIES(m.e.e_entry = 0x500000);
	DIES(m.e.e_entry = 0xffff800000000000);
	DIES(m.e.e_entry = 1ul << 63);
	DIES(m.e.e_entry = -1ul);
	DIES(m.load.p_flags = PF_R | PF_W);
	DIES(m.load.p_flags = 0);
	DIES(m.e.e_phnum = 3; m.interp.p_type = PT_NULL; m.third.p_vaddr = BASE);
	expect_alive();
}

/* Header fields changed at random, always in the same order: any end is right, but it is an end. */
TEST(random_damage)
{
	uint32_t x = 12345;

	for (int i = 0; i < 250; i++) {
		struct image m = good();
		unsigned char *b = (unsigned char *)&m;

		set_interp(&m, "/none/such");
		m.e.e_phnum = 1 + i % 3;
		for (int n = 0; n < 1 + i % 4; n++) {
			x = x * 1664525 + 1013904223;
			b[(x >> 8) % offsetof(struct image, path)] ^= 1u << (x >> 28) % 8;
		}
		run_bytes(&m, sizeof(m));
	}
	expect_alive();
}
