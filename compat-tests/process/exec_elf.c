/*
 * ELF files made by hand: the smallest programs that run (fixed address and position independent,
 * no libc, no sections), and files broken in every header field that execve must refuse with
 * ENOEXEC or ENOENT and nothing worse.
 */
#include "child.h"
#include <elf.h>

struct tiny {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[2];
	unsigned char code[128];
	char interp[32];
};

/* Exits with 40 + argc: pop %rdi; add $40, %edi; mov $231, %eax; syscall. */
static const unsigned char exit_code[] = { 0x5f, 0x83, 0xc7, 40, 0xb8, 231, 0, 0, 0, 0x0f, 0x05 };

static struct tiny make_tiny(int type, uint64_t base)
{
	struct tiny t = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = type, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			.e_entry = base + offsetof(struct tiny, code),
			.e_phoff = offsetof(struct tiny, ph),
			.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.ph = { {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = base, .p_paddr = base,
			.p_filesz = sizeof(struct tiny), .p_memsz = sizeof(struct tiny),
			.p_align = 4096,
		} },
	};

	memcpy(t.code, exit_code, sizeof(exit_code));
	return t;
}

static struct outcome o;

static int run_tiny(const struct tiny *t, size_t len)
{
	return run_argv(&o, tmp_program("tiny", t, len), "tiny", "a", "b");
}

TEST(fixed_address)
{
	static const uint64_t base[] = { 0x400000, 0x10000, 0x12345000, 0x3f0000000 };

	for (size_t i = 0; i < ARRAY_SIZE(base); i++) {
		struct tiny t = make_tiny(ET_EXEC, base[i]);

		EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
		EXPECT(exited(&o, 43));
	}
}

TEST(position_independent)
{
	struct tiny t = make_tiny(ET_DYN, 0);

	for (int i = 0; i < 20; i++) {
		EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
		EXPECT(exited(&o, 43));
	}
}

/* mov $1,%eax; mov $1,%edi; lea msg(%rip),%rsi; mov $6,%edx; syscall; exit_group(0) */
TEST(writes_to_stdout)
{
	static const unsigned char code[] = {
		0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x48, 0x8d, 0x35, 16, 0, 0, 0,
		0xba, 6, 0, 0, 0, 0x0f, 0x05,
		0xb8, 231, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 'h', 'e', 'l', 'l', 'o', '\n',
	};
	struct tiny t = make_tiny(ET_DYN, 0);

	memcpy(t.code, code, sizeof(code));
	EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
	EXPECT_STR(o.out, "hello\n");
	EXPECT(exited(&o, 0));
}

/*
 * A writable segment whose memory is larger than its file part: the rest is zero.
 * The code adds 5 to a word of it and exits with the sum.
 */
TEST(bss)
{
	static const unsigned char code[] = {
		0x48, 0x8d, 0x05, 0, 0, 0, 0,		/* lea 0(%rip), %rax */
		0x8b, 0xb8, 0, 0x20, 0, 0,		/* mov 0x2000(%rax), %edi */
		0xc7, 0x80, 0, 0x20, 0, 0, 5, 0, 0, 0,	/* movl $5, 0x2000(%rax) */
		0x03, 0xb8, 0, 0x20, 0, 0,		/* add 0x2000(%rax), %edi */
		0xb8, 231, 0, 0, 0, 0x0f, 0x05,
	};
	struct tiny t = make_tiny(ET_DYN, 0);

	memcpy(t.code, code, sizeof(code));
	t.ph[0].p_flags = PF_R | PF_W | PF_X;
	t.ph[0].p_memsz = 0x5000;
	EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
	EXPECT(exited(&o, 5));
}

TEST(bad_headers)
{
	struct tiny good = make_tiny(ET_DYN, 0), t;

#define BROKEN(field, value, code)		\
	t = good;				\
	t.field = value;			\
	EXPECT_EQ(run_tiny(&t, sizeof(t)), code)

	BROKEN(eh.e_ident[0], 0x7e, ENOEXEC);
	BROKEN(eh.e_ident[3], 'f', ENOEXEC);
	BROKEN(eh.e_type, ET_REL, ENOEXEC);
	BROKEN(eh.e_type, ET_CORE, ENOEXEC);
	BROKEN(eh.e_type, 0x1234, ENOEXEC);
	BROKEN(eh.e_machine, EM_AARCH64, ENOEXEC);
	BROKEN(eh.e_machine, 0, ENOEXEC);
	BROKEN(eh.e_phentsize, 32, ENOEXEC);
	BROKEN(eh.e_phentsize, 0, ENOEXEC);
	BROKEN(eh.e_phnum, 0, ENOEXEC);
#undef BROKEN
}

TEST(truncated)
{
	struct tiny t = make_tiny(ET_DYN, 0);
	size_t header = sizeof(t.eh);

	EXPECT_EQ(run_tiny(&t, 1), ENOEXEC);
	EXPECT_EQ(run_tiny(&t, 4), ENOEXEC);
	EXPECT_EQ(run_tiny(&t, header - 1), ENOEXEC);
	/* Headers that lie behind the end of the file are an I/O error, or no format. */
	EXPECT(run_tiny(&t, header) == EIO || run_tiny(&t, header) == ENOEXEC);
}

TEST(interpreter_missing)
{
	struct tiny t = make_tiny(ET_DYN, 0);

	t.eh.e_phnum = 2;
	t.ph[1] = t.ph[0];
	t.ph[0] = (Elf64_Phdr){ .p_type = PT_INTERP, .p_offset = offsetof(struct tiny, interp),
				.p_filesz = sizeof(t.interp), .p_memsz = sizeof(t.interp) };
	memcpy(t.interp, "/no/such/interpreter-of-elf-1.0", 32);
	EXPECT_EQ(run_tiny(&t, sizeof(t)), ENOENT);
	t.interp[31] = 'x';	/* not terminated */
	EXPECT_EQ(run_tiny(&t, sizeof(t)), ENOEXEC);
	memcpy(t.interp, "/etc/passwd", 12);	/* no program, and not executable */
	t.ph[0].p_filesz = 12;
	EXPECT_EQ(run_tiny(&t, sizeof(t)), EACCES);
	t.ph[0].p_filesz = 1;
	EXPECT_EQ(run_tiny(&t, sizeof(t)), ENOEXEC);
}

/* Beyond the point of no return there is only death, for these programs and nobody else. */
TEST(cannot_be_mapped)
{
	struct tiny t = make_tiny(ET_EXEC, 0xffff800000000000UL);
	int err = run_tiny(&t, sizeof(t));

	EXPECT(err == ENOMEM || err == EINVAL || err == ENOEXEC ||
	       (err == 0 && !WIFEXITED(o.status)));
	t = make_tiny(ET_DYN, 0);
	t.eh.e_entry = 0x123456;
	EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
	EXPECT(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGSEGV);
}

TEST(text_is_not_writable)
{
	/* lea 0(%rip),%rax; movb $0,(%rax); then the usual exit */
	static const unsigned char code[] = {
		0x48, 0x8d, 0x05, 0, 0, 0, 0, 0xc6, 0x00, 0x00, 0xb8, 231, 0, 0, 0, 0x0f, 0x05,
	};
	struct tiny t = make_tiny(ET_DYN, 0);

	memcpy(t.code, code, sizeof(code));
	EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
	EXPECT(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGSEGV);
}

/*
 * The registers of a new program are zero but for rsp; rsp is aligned. Exits with the OR of some of
 * them.
 */
TEST(first_registers)
{
	static const unsigned char code[] = {
		0x09, 0xd8, 0x09, 0xc8, 0x09, 0xd0,	/* or ebx, ecx, edx into eax */
		0x09, 0xf0, 0x09, 0xf8, 0x09, 0xe8,	/* esi, edi, ebp */
		0x44, 0x09, 0xc0, 0x44, 0x09, 0xf8,	/* r8d, r15d */
		0x89, 0xe7, 0x83, 0xe7, 0x0f,		/* edi = esp & 15 */
		0x09, 0xc7, 0x81, 0xff, 0, 0, 0, 0,	/* or; cmp $0 */
		0x74, 0x05, 0xbf, 1, 0, 0, 0,		/* edi = 1 unless zero */
		0xb8, 231, 0, 0, 0, 0x0f, 0x05,
	};
	struct tiny t = make_tiny(ET_DYN, 0);

	memcpy(t.code, code, sizeof(code));
	EXPECT_EQ(run_tiny(&t, sizeof(t)), 0);
	EXPECT(exited(&o, 0));
}
