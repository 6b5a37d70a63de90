/* fuzz_rewrite.c: a libFuzzer target for patching: the input is a site table, program headers and code. Whatever the
 * table says, only the ranges of accepted sites change, each begins as a jump into the stubs, and addresses that are
 * translated stay in the text or in the stubs. Text and stubs lie between pages that fault. */
#include "abi/layout.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/elf.h"
#include "loader/rewrite.h"
#include "test/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void *mmap(void *addr, size_t len, int prot, int flags, int fd, long off);
int mprotect(void *addr, size_t len, int prot);
void syscall_gate(void) {}
void cpuid_gate(void) {}
void syscall_gate_dead(void) {}

#define TEXT_PAGES 2UL
#define STUB_PAGES 8UL
#define TEXT_SIZE (TEXT_PAGES * PAGE_SIZE)
#define SITES_MAX 600UL
#define REQUIRE(c) do { if (!(c)) __builtin_trap(); } while (0)

static const uint8_t *sites_at;
static size_t sites_len;
static uint8_t head[PAGE_SIZE];
static uint8_t *text, *stubs; /* a page that faults on either side of both */

void *filemap_page(struct inode *i, uint64_t index, int *err)
{
	(void)i, (void)index, (void)err;
	return head;
}

static struct site_table *give_sites(struct inode *i)
{
	size_t count = MIN(sites_len / sizeof(struct site), SITES_MAX);
	struct site_table *t = kzalloc(sizeof(*t) + count * sizeof(struct site));

	(void)i;
	t->magic = SITES_MAGIC;
	t->count = count;
	memcpy(t->sites, sites_at, count * sizeof(struct site));
	return t;
}

static const struct inode_ops ops = { .sites = give_sites };

static void make_areas(void)
{
	uint8_t *mem = mmap(NULL, (TEXT_PAGES + STUB_PAGES + 3) * PAGE_SIZE, 0, 0x22, -1, 0);

	text = mem + PAGE_SIZE;
	stubs = text + TEXT_SIZE + PAGE_SIZE;
	CHECK_EQ(mprotect(text, TEXT_SIZE, 3), 0);
}

/* Two executable segments; where they begin is the input's choice. */
static void make_head(const uint8_t *p)
{
	struct elf64_ehdr *eh = (struct elf64_ehdr *)head;
	struct elf64_phdr *ph = (struct elf64_phdr *)(eh + 1);

	*eh = (struct elf64_ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 }, .e_type = ET_DYN,
				   .e_machine = EM_X86_64, .e_phoff = sizeof(*eh), .e_phentsize = sizeof(*ph),
				   .e_phnum = 2 };
	ph[0] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_X, 0, 0, 0, TEXT_SIZE, TEXT_SIZE, 0x1000 };
	ph[1] = (struct elf64_phdr){ PT_LOAD, PF_R | PF_X, 0, 0x100000, 0, 0x10000, 0x10000, 0x1000 };
	memcpy(&ph[1].p_offset, p, 8);
}

static void check_changes(const uint8_t *before)
{
	for (size_t i = 0; i < TEXT_SIZE; i++) {
		int32_t disp;
		uint8_t *to;

		if (text[i] == before[i])
			continue;
		/* The first change of a patch is its jump, unless the byte was a jump already. */
		if (text[i] != 0xe9)
			i--;
		REQUIRE(i + 5 <= TEXT_SIZE && text[i] == 0xe9);
		memcpy(&disp, text + i + 1, 4);
		to = text + i + 5 + disp;
		REQUIRE(to >= stubs + 64 && to < stubs + STUB_PAGES * PAGE_SIZE);
		for (i += 5; i < TEXT_SIZE && text[i] == 0xcc; i++)
			;
		i--;
	}
}

static void check_addresses(void)
{
	uaddr_t t = (uaddr_t)text, s = (uaddr_t)stubs, to;

	for (size_t i = 0; i < TEXT_SIZE; i += 3) {
		to = rewrite_resume_rip(t + i);
		REQUIRE(to == t + i || (to >= s && to < s + STUB_PAGES * PAGE_SIZE));
	}
	for (size_t i = 0; i < STUB_PAGES * PAGE_SIZE; i += 7) {
		to = rewrite_shown_rip(s + i);
		REQUIRE(to == s + i || (to >= t && to <= t + TEXT_SIZE));
	}
}

static void patch(struct inode *inode)
{
	static uint8_t before[TEXT_SIZE];
	size_t n = rewrite_stub_size(inode, 0, TEXT_SIZE);
	struct rewrite_area *a;

	if (!n)
		return;
	REQUIRE(n <= STUB_PAGES * PAGE_SIZE);
	CHECK_EQ(mprotect(stubs, STUB_PAGES * PAGE_SIZE, 0), 0);
	CHECK_EQ(mprotect(stubs, n, 3), 0);
	memset(stubs, 0, n);
	memcpy(before, text, TEXT_SIZE);
	a = rewrite_attach(inode, (uaddr_t)text, 0, TEXT_SIZE, (uaddr_t)stubs);
	REQUIRE(a);
	rewrite_pages(a, (uaddr_t)text, PAGE_SIZE);
	rewrite_pages(a, (uaddr_t)text + PAGE_SIZE, PAGE_SIZE);
	check_changes(before);
	check_addresses();
	rewrite_detach(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inode inode = { .ops = &ops, .version = 1 };
	size_t half;

	if (size < 16)
		return 0;
	if (!text)
		make_areas();
	make_head(data);
	data += 8, size -= 8;
	half = data[0] * size / 256;
	sites_at = data;
	sites_len = half;
	/* Code of nops, with the input over it, so that sites fit more often than by chance. */
	for (size_t i = 0; i < TEXT_SIZE; i++)
		text[i] = i % 8 == 5 ? 0x0f : i % 8 == 6 ? 0x05 : 0x90;
	memcpy(text, data + half, MIN(size - half, TEXT_SIZE));
	patch(&inode);
	if (inode.sites)
		inode.sites->drop(inode.sites);
	return 0;
}
