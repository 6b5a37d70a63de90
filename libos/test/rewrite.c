/* rewrite.c (test): patches machine code in a buffer and runs it, with a gate that is ours. */
#include "loader/rewrite.h"
#include "abi/layout.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/elf.h"
#include "test/unit.h"

void *mmap(void *addr, size_t len, int prot, int flags, int fd, long off);

/* What the LibOS' gate does to registers, and a result that shows which call came: rax + 1000 * rdi. */
__asm__(".text\n"
	".globl syscall_gate\n"
	".globl syscall_gate_dead\n"
	"syscall_gate_dead:\n"
	"syscall_gate:\n"
	"	imul $1000, %rdi, %r11\n"
	"	add %r11, %rax\n"
	"	jmp *%rcx\n"
	".globl cpuid_gate\n"
	"cpuid_gate:\n"
	"	add $5, %eax\n"
	"	jmp *%rdx\n");

static const uint8_t code[] = {
	0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3,                      /* 0: mov $39,%eax; syscall; ret */
	0x48, 0x89, 0xf0, 0x0f, 0x05, 0x48, 0x89, 0xc2, 0x48, 0x8d, 0x42, 1, 0xc3, 0x90,
		/* 8: mov %rsi,%rax; syscall; mov %rax,%rdx; lea 1(%rdx),%rax; ret; nop */
	0xb8, 7, 0, 0, 0, 0x0f, 0x05, 0xc3,                       /* 22: kept */
	0xb8, 7, 0, 0, 0, 0x90, 0x90, 0xc3,                       /* 30: no syscall here: the table lies */
	0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0xc3,                       /* 38: mov $1,%eax; cpuid; ret */
	0x0f, 0x05, 0xc3,                                         /* 46: a syscall that nothing can replace */
};
#ifdef LIBOS_PLAIN /* no syscall instruction is left */
#define LEFT 0xcc
#else
#define LEFT 0x0f
#endif
#define TEXT_OFF 0x1000UL
#define VADDR 0x401000UL

static uint8_t head[PAGE_SIZE];
static struct inode inode;

void *filemap_page(struct inode *i, uint64_t index, int *err)
{
	(void)err;
	CHECK(i == &inode && index == 0);
	return head;
}

static struct site_table *give_sites(struct inode *i)
{
	static const struct site sites[] = {
		{ VADDR + 5, 5, 0, 0, { 0 } },
		{ VADDR + 11, 3, 3, 0, { 0 } },
		{ VADDR + 12, 3, 3, 0, { 0 } },  /* overlaps */
		{ VADDR + 27, 5, 0, SITE_KEEP, { 0 } },
		{ VADDR + 35, 5, 0, 0, { 0 } },
		{ VADDR + 43, 5, 0, SITE_CPUID, { 0 } },
		{ VADDR + 46, 0, 0, SITE_TRAP, { 0 } },
		{ VADDR + 60, 1, 1, 0, { 0 } },  /* too short */
		{ VADDR + 70, 90, 1, 0, { 0 } }, /* too long */
		{ 0x900000, 5, 0, 0, { 0 } },    /* in no segment */
	};
	struct site_table *t = kmalloc(sizeof(*t) + sizeof(sites));

	(void)i;
	t->magic = SITES_MAGIC;
	t->count = ARRAY_SIZE(sites);
	memcpy(t->sites, sites, sizeof(sites));
	return t;
}

static const struct inode_ops ops = { .sites = give_sites };

static uint8_t *make_text(void)
{
	uint8_t *mem = mmap(NULL, 2 * PAGE_SIZE, 7, 0x22, -1, 0);
	struct elf64_ehdr *eh = (struct elf64_ehdr *)head;
	struct elf64_phdr *ph = (struct elf64_phdr *)(eh + 1);

	*eh = (struct elf64_ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 }, .e_type = ET_EXEC,
				   .e_machine = EM_X86_64, .e_phoff = sizeof(*eh), .e_phentsize = sizeof(*ph),
				   .e_phnum = 1 };
	*ph = (struct elf64_phdr){ PT_LOAD, PF_R | PF_X, TEXT_OFF, VADDR, 0, 0x200, 0x200, 0x1000 };
	inode = (struct inode){ .ops = &ops, .version = 1 };
	memcpy(mem, code, sizeof(code));
	return mem;
}

static long call(const void *fn, long rdi, long rsi)
{
	long rax = 0;

	__asm__ volatile("call *%1"
			 : "+a"(rax), "+r"(fn), "+D"(rdi), "+S"(rsi)
			 :
			 : "rcx", "rdx", "r11", "memory", "cc");
	return rax;
}

UNIT_TEST(rewrite, runs)
{
	uint8_t *text = make_text(), *stubs = text + PAGE_SIZE;
	struct rewrite_area *a;

	CHECK_EQ(rewrite_stub_size(&inode, TEXT_OFF + 0x100, 0x1000), 0);
	CHECK_EQ(rewrite_stub_size(&inode, TEXT_OFF, 0x1000), PAGE_SIZE);
	a = rewrite_attach(&inode, (uaddr_t)text, TEXT_OFF, PAGE_SIZE, (uaddr_t)stubs);
	CHECK(a);
	rewrite_pages(a, (uaddr_t)text, PAGE_SIZE);
	CHECK_EQ(rewrite_stats.patched, 4);
	CHECK_EQ(text[0], 0xe9);
	CHECK_EQ(text[6], 0xcc);
	CHECK_EQ(text[27], LEFT); /* SITE_KEEP */
	CHECK_EQ(text[46], LEFT);
	CHECK_EQ(text[30], 0xb8); /* no syscall there */
	CHECK_EQ(call(text, 2, 0), 2039);
	CHECK_EQ(call(text + 8, 3, 50), 3051);
	CHECK_EQ(call(text + 22, 1, 0), 1007);
	CHECK_EQ(call(text + 38, 0, 0), 6);
	rewrite_detach(a);
	inode.sites->drop(inode.sites);
}

UNIT_TEST(rewrite, addresses)
{
	uint8_t *text = make_text(), *stubs = text + PAGE_SIZE;
	uaddr_t t = (uaddr_t)text, slot = (uaddr_t)stubs + 64;
	struct rewrite_area *a;

	CHECK(rewrite_stub_size(&inode, TEXT_OFF, 0x1000));
	a = rewrite_attach(&inode, t, TEXT_OFF, PAGE_SIZE, (uaddr_t)stubs);
	CHECK(a);
	CHECK_EQ(rewrite_resume_rip(t + 5), t + 5); /* not patched yet */
	rewrite_pages(a, t, PAGE_SIZE);
	/* first site: 5 moved bytes, lea and jmp, return */
	CHECK_EQ(rewrite_shown_rip(slot), t);
	CHECK_EQ(rewrite_shown_rip(slot + 5), t + 5);       /* to be restarted: the syscall */
	CHECK_EQ(rewrite_shown_rip(slot + 12), t + 5);
	CHECK_EQ(rewrite_shown_rip(slot + 18), t + 7);      /* back from the call */
	CHECK_EQ(rewrite_resume_rip(t), t);
	CHECK_EQ(rewrite_resume_rip(t + 5), slot + 5);
	CHECK_EQ(rewrite_resume_rip(t + 7), t + 7);
	/* second: instructions on both sides */
	slot += 40;
	CHECK_EQ(rewrite_shown_rip(slot + 3 + 13), t + 13);
	CHECK_EQ(rewrite_shown_rip(slot + 3 + 13 + 3), t + 16);
	CHECK_EQ(rewrite_resume_rip(t + 11), slot + 3);
	CHECK_EQ(rewrite_resume_rip(t + 13), slot + 16);
	CHECK_EQ(rewrite_resume_rip(t + 16), t + 16);
	/* kept: its bytes are still there */
	CHECK_EQ(rewrite_resume_rip(t + 27), t + 27);
	CHECK_EQ(rewrite_shown_rip(0x1234), 0x1234);
	CHECK_EQ(rewrite_resume_rip(0x1234), 0x1234);
	rewrite_detach(a);
	inode.sites->drop(inode.sites);
}

UNIT_TEST(rewrite, runs_of_pages)
{
	uint8_t *text = make_text(), *stubs = text + PAGE_SIZE;
	struct rewrite_area *a;

	CHECK(rewrite_stub_size(&inode, TEXT_OFF, 0x1000));
	a = rewrite_attach(&inode, (uaddr_t)text, TEXT_OFF, PAGE_SIZE, (uaddr_t)stubs);
	CHECK(a);
	rewrite_pages(a, (uaddr_t)text, 10); /* the second site straddles the border: left alone */
	CHECK_EQ(text[0], 0xe9);
	CHECK_EQ(text[8], 0x48);
	rewrite_pages(a, (uaddr_t)text + 10, PAGE_SIZE - 10);
	CHECK_EQ(text[8], 0x48);
	CHECK_EQ(text[11], LEFT);
	CHECK_EQ(text[22], 0xe9);
	rewrite_detach(a);
	inode.version++; /* a new version of the file: another table */
	CHECK(rewrite_stub_size(&inode, TEXT_OFF, 0x1000));
	inode.sites->drop(inode.sites);
}

/* The plain image: which breakpoints are system calls. (unit rewrite_plain) */
UNIT_TEST(rewrite, breakpoints)
{
	uint8_t *text = make_text(), *stubs = text + PAGE_SIZE;
	uaddr_t t = (uaddr_t)text;
	struct rewrite_area *a;

	CHECK(rewrite_stub_size(&inode, TEXT_OFF, 0x1000));
	a = rewrite_attach(&inode, t, TEXT_OFF, PAGE_SIZE, (uaddr_t)stubs);
	CHECK(a);
	CHECK(!rewrite_breakpoint(t + 46)); /* the page is not filled yet */
	rewrite_pages(a, t, 47);	    /* and then up to the middle of the instruction */
	rewrite_pages(a, t + 47, PAGE_SIZE - 47);
	CHECK_EQ(text[46], LEFT);
	CHECK_EQ(rewrite_breakpoint(t + 46), LEFT == 0xcc);
	CHECK_EQ(rewrite_breakpoint(t + 27), LEFT == 0xcc);
	CHECK(!rewrite_breakpoint(t + 6)); /* what a jump leaves of what it replaced */
	CHECK(!rewrite_breakpoint(t + 47));
	CHECK(!rewrite_breakpoint((uaddr_t)stubs));
	rewrite_detach(a);
	CHECK(!rewrite_breakpoint(t + 46));
	inode.sites->drop(inode.sites);
}
