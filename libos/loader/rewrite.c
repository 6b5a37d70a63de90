/* rewrite.c: patches syscall sites; see rewrite.h for who calls what when.
 *
 * Stub area of a mapping:      +0   addresses of syscall_gate, cpuid_gate, syscall_gate_dead
 *                              +64  one slot of SLOT_SIZE bytes per site of the mapping, in file order
 * A slot:   [moved instructions before]  lea ret(%rip),%rcx   jmp *gate(%rip)
 *      ret: [moved instructions behind]  jmp back
 * For cpuid, which is illegal in an enclave, the return address is in rdx.
 * The red zone below rsp survives: no push, no call. rcx and r11 are free at a `syscall`, rdx at a
 * cpuid. The bytes from lea to ret are SYSCALL_STUB_TAIL: a call is restarted by going back there.
 *
 * Site tables are hints: order, lengths, places and the instruction's two bytes are checked; that
 * the moved bytes are whole instructions nobody jumps into is the table's word, as the file's
 * content is the file's. */
#include "loader/rewrite.h"
#include "abi/layout.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "loader/elf.h"
#include "syscall/dispatch.h"

#ifdef LIBOS_PLAIN /* no syscall instruction stays in a program's text: nothing would trap it under valgrind */
#define BREAKPOINTS 1
#else
#define BREAKPOINTS 0
#endif
#define BREAKPOINT 0xcc /* valgrind talks about ud2 */
#define SLOTS_START 64
#define SLOT_SIZE 40
#define JMP_SIZE 5
#define LEA_SIZE 7
#define JMP_CELL_SIZE 6
_Static_assert(LEA_SIZE + JMP_CELL_SIZE == SYSCALL_STUB_TAIL, "restart goes back to the lea");
_Static_assert(SITE_PATCH_MAX - 2 + LEA_SIZE + JMP_CELL_SIZE + JMP_SIZE <= SLOT_SIZE, "slot size");

void syscall_gate(void);
void cpuid_gate(void);
void syscall_gate_dead(void);

struct rewrite_site {
	uint64_t off; /* of the syscall or cpuid in the file */
	uint8_t before, after, flags;
};

/* Of one version of an inode; shared by the inode and the areas made from it. */
struct rewrite_sites {
	struct inode_extra extra;
	unsigned ref;
	uint64_t version;
	size_t count;
	struct rewrite_site sites[];
};

struct rewrite_area {
	struct list node; /* areas */
	struct rewrite_sites *table;
	size_t first, count; /* sites of this mapping */
	uaddr_t text, stubs;
	uint64_t off; /* file offset at text */
	size_t len;
};

struct rewrite_stats rewrite_stats;
static struct list areas = LIST_INIT(areas);
/* The last answers about addresses (below), true until areas or stubs change: signals come back to where they were sent. */
static struct {
	uaddr_t asked, shown, resumed_from, resumed;
} known;

static void sites_put(struct rewrite_sites *t)
{
	if (--t->ref == 0)
		kfree(t);
}

static void sites_drop(struct inode_extra *extra)
{
	sites_put(container_of(extra, struct rewrite_sites, extra));
}

static size_t patch_len(const struct rewrite_site *s)
{
	return s->before + 2UL + s->after;
}

static bool site_plausible(const struct rewrite_site *s)
{
	if (s->flags & SITE_TRAP)
		return !s->before && !s->after;
	if (patch_len(s) < JMP_SIZE || patch_len(s) > SITE_PATCH_MAX || s->off < s->before ||
	    s->off > UINT64_MAX - SITE_PATCH_MAX)
		return false;
	return !(s->flags & SITE_KEEP) || s->before >= JMP_SIZE;
}

/* vaddr -> file offset by the executable segments. */
static bool site_offset(const struct elf64_phdr *ph, unsigned n, uint64_t vaddr, uint64_t *off)
{
	for (; n; n--, ph++) {
		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X) || vaddr < ph->p_vaddr)
			continue;
		if (vaddr - ph->p_vaddr >= ph->p_filesz)
			continue;
		*off = vaddr - ph->p_vaddr + ph->p_offset;
		return true;
	}
	return false;
}

static void take_sites(struct rewrite_sites *out, const struct site_table *in,
		       const struct elf64_phdr *ph, unsigned phnum)
{
	uint64_t end = 0; /* of the previous patch */

	for (uint64_t i = 0; i < in->count; i++) {
		const struct site *s = &in->sites[i];
		struct rewrite_site r = { .before = s->before,
					  .after = s->after,
					  .flags = s->flags };

		if ((s->flags & SITE_TRAP) && !BREAKPOINTS)
			continue;
		if (!site_offset(ph, phnum, s->vaddr, &r.off) || !site_plausible(&r) ||
		    r.off - r.before < end) {
			rewrite_stats.refused++;
			continue;
		}
		end = r.off + 2 + r.after;
		out->sites[out->count++] = r;
	}
}

static struct rewrite_sites *sites_alloc(const struct inode *inode, size_t count)
{
	struct rewrite_sites *t = kzalloc(sizeof(*t) + count * sizeof(t->sites[0]));

	if (!t)
		return NULL;
	t->extra.drop = sites_drop;
	t->ref = 1;
	t->version = inode->version;
	return t;
}

/* A table for this version of the file: empty if it is no ELF file or nothing is known about it.
 * May sleep. */
static struct rewrite_sites *sites_load(struct inode *inode)
{
	struct rewrite_sites *t = NULL;
	struct site_table *in;
	const struct elf64_ehdr *eh;
	const char *why;
	int err;

	in = inode->ops && inode->ops->sites ? inode->ops->sites(inode) : NULL;
	if (!in || in->magic != SITES_MAGIC)
		goto none;
	eh = filemap_page(inode, 0, &err);
	if (!eh || elf_check_header(eh, &why))
		goto none;
	if (eh->e_phoff > PAGE_SIZE ||
	    eh->e_phnum * sizeof(struct elf64_phdr) > PAGE_SIZE - eh->e_phoff)
		goto none;
	t = sites_alloc(inode, in->count);
	if (t)
		take_sites(t, in, (const void *)((const char *)eh + eh->e_phoff), eh->e_phnum);
	kfree(in);
	return t;
none:
	kfree(in);
	return sites_alloc(inode, 0);
}

/* Borrowed from the inode; NULL: out of memory. May sleep. */
static struct rewrite_sites *inode_sites(struct inode *inode)
{
	struct rewrite_sites *t =
		inode->sites ? container_of(inode->sites, struct rewrite_sites, extra) : NULL;

	if (t && t->version == inode->version)
		return t;
	t = sites_load(inode);
	if (!t)
		return NULL;
	if (inode->sites)
		inode->sites->drop(inode->sites);
	inode->sites = &t->extra;
	return t;
}

/* Index of the first site at or behind off. */
static size_t site_lower_bound(const struct rewrite_sites *t, uint64_t off)
{
	size_t lo = 0, hi = t->count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->sites[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static size_t sites_between(const struct rewrite_sites *t, uint64_t off, size_t len, size_t *first)
{
	*first = site_lower_bound(t, off);
	return site_lower_bound(t, off + len) - *first;
}

size_t rewrite_stub_size(struct inode *inode, uint64_t off, size_t len)
{
	struct rewrite_sites *t = inode_sites(inode_content(inode));
	size_t first, count = t ? sites_between(t, off, len, &first) : 0;

	return count ? ALIGN_UP(SLOTS_START + count * SLOT_SIZE, PAGE_SIZE) : 0;
}

struct rewrite_area *rewrite_attach(struct inode *inode, uaddr_t text, uint64_t off, size_t len,
				    uaddr_t stubs)
{
	struct inode_extra *extra = inode_content(inode)->sites;
	struct rewrite_area *a = extra ? kzalloc(sizeof(*a)) : NULL;
	struct rewrite_sites *t;

	if (!a)
		return NULL;
	t = container_of(extra, struct rewrite_sites, extra);
	t->ref++;
	a->table = t;
	a->count = sites_between(t, off, len, &a->first);
	a->text = text;
	a->off = off;
	a->len = len;
	a->stubs = stubs;
	list_push_back(&areas, &a->node);
	memset(&known, 0, sizeof(known));
	((uint64_t *)stubs)[0] = (uint64_t)syscall_gate;
	((uint64_t *)stubs)[1] = (uint64_t)cpuid_gate;
	((uint64_t *)stubs)[2] = (uint64_t)syscall_gate_dead;
	return a;
}

void rewrite_detach(struct rewrite_area *a)
{
	if (!a)
		return;
	list_remove(&a->node);
	memset(&known, 0, sizeof(known));
	sites_put(a->table);
	kfree(a);
}

static uaddr_t slot_of(const struct rewrite_area *a, size_t index)
{
	return a->stubs + SLOTS_START + (index - a->first) * SLOT_SIZE;
}

static uaddr_t patch_start(const struct rewrite_area *a, const struct rewrite_site *s)
{
	return a->text + (s->off - s->before - a->off);
}

static uint8_t *emit(uint8_t *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

/* An instruction that ends in a 32-bit displacement to target, relative to its own end. */
static uint8_t *emit_rel(uint8_t *at, const char *opcode, size_t n, uaddr_t target)
{
	int32_t disp = (int32_t)(target - ((uaddr_t)at + n + sizeof(disp)));

	at = emit(at, opcode, n);
	return emit(at, &disp, sizeof(disp));
}

static void write_stub(uint8_t *at, const uint8_t *patch, const struct rewrite_site *s,
		       uaddr_t cells)
{
	bool cpuid = s->flags & SITE_CPUID;

	at = emit(at, patch, s->before);
	at = emit_rel(at, cpuid ? "\x48\x8d\x15" : "\x48\x8d\x0d", 3,
		      (uaddr_t)at + LEA_SIZE + JMP_CELL_SIZE);
	at = emit_rel(at, "\xff\x25", 2, cells + (cpuid ? 8 : s->flags & SITE_DEAD_VECTORS ? 16 : 0));
	at = emit(at, patch + s->before + 2, s->after);
	emit_rel(at, "\xe9", 1, (uaddr_t)patch + patch_len(s));
}

/* With SITE_KEEP everything from the instruction on stays as it is. */
static void write_patch(uint8_t *patch, const struct rewrite_site *s, uaddr_t stub)
{
	size_t len = s->flags & SITE_KEEP ? s->before : patch_len(s);

	emit_rel(patch, "\xe9", 1, stub);
	memset(patch + JMP_SIZE, 0xcc, len - JMP_SIZE);
}

static bool in_reach(uaddr_t a, uaddr_t b)
{
	return (a > b ? a - b : b - a) < 0x7fff0000UL;
}

static bool is_expected(const uint8_t *at, const struct rewrite_site *s)
{
	return at[0] == 0x0f && at[1] == (s->flags & SITE_CPUID ? 0xa2 : 0x05);
}

/* What is left of the instruction where no jump replaces it: all of it, or with SITE_KEEP. */
static void break_at(uint8_t *at, const struct rewrite_site *s, uaddr_t end)
{
	if (BREAKPOINTS && at[0] == 0x0f && ((uaddr_t)at + 1 == end || at[1] == 0x05) && !(s->flags & SITE_CPUID))
		*at = BREAKPOINT;
}

void rewrite_pages(struct rewrite_area *a, uaddr_t addr, size_t len)
{
	size_t i = site_lower_bound(a->table, a->off + (addr - a->text));

	memset(&known, 0, sizeof(known));
	for (; i < a->first + a->count; i++) {
		const struct rewrite_site *s = &a->table->sites[i];
		uint8_t *patch = (uint8_t *)patch_start(a, s);
		uaddr_t stub = slot_of(a, i);

		if ((uaddr_t)patch >= addr + len)
			break;
		uint8_t *at = patch + s->before;
		bool inside = (uaddr_t)at >= addr && (uaddr_t)at < addr + len;

		if (s->off - s->before < a->off || (uaddr_t)patch < addr ||
		    (uaddr_t)patch + patch_len(s) > addr + len || (s->flags & SITE_TRAP)) {
			if (inside)
				break_at(at, s, addr + len);
			continue;
		}
		if (!is_expected(at, s) || !in_reach(stub, (uaddr_t)patch)) {
			break_at(at, s, addr + len);
			rewrite_stats.refused++;
			continue;
		}
		write_stub((uint8_t *)stub, patch, s, a->stubs);
		write_patch(patch, s, stub);
		break_at(at, s, addr + len);
		rewrite_stats.patched++;
	}
}

static uaddr_t shown_rip(uaddr_t rip)
{
	struct rewrite_area *a;

	list_for_each(a, &areas, node) {
		uaddr_t slots = a->stubs + SLOTS_START, start;
		const struct rewrite_site *s;
		size_t k, tail;

		if (rip < slots || rip >= slots + a->count * SLOT_SIZE)
			continue;
		s = &a->table->sites[a->first + (rip - slots) / SLOT_SIZE];
		start = patch_start(a, s);
		k = (rip - slots) % SLOT_SIZE;
		tail = s->before + SYSCALL_STUB_TAIL;
		if (k < tail)
			return start + MIN(k, (size_t)s->before);
		return start + s->before + 2 + MIN(k - tail, (size_t)s->after);
	}
	return rip;
}

uaddr_t rewrite_shown_rip(uaddr_t rip)
{
	if (rip != known.asked) {
		known.shown = shown_rip(rip);
		known.asked = rip;
	}
	return rip ? known.shown : 0;
}

static uaddr_t resume_in(const struct rewrite_area *a, uaddr_t rip)
{
	uint64_t off = a->off + (rip - a->text);
	size_t i = site_lower_bound(a->table, off > SITE_PATCH_MAX ? off - SITE_PATCH_MAX : 0);

	for (; i < a->first + a->count; i++) {
		const struct rewrite_site *s = &a->table->sites[i];
		uaddr_t start = patch_start(a, s), stub = slot_of(a, i);

		if (i < a->first || rip >= start + patch_len(s))
			continue;
		if (rip <= start)
			break;
		/* Not patched (yet), or the bytes are still there. */
		if (((const uint8_t *)stub)[s->before] != 0x48)
			break;
		if ((s->flags & SITE_KEEP) && rip >= start + s->before)
			break;
		if (rip <= start + s->before)
			return stub + (rip - start);
		return stub + SYSCALL_STUB_TAIL + (rip - start - 2);
	}
	return rip;
}

static uaddr_t resume_rip(uaddr_t rip)
{
	struct rewrite_area *a;

	list_for_each(a, &areas, node)
		if (rip >= a->text && rip < a->text + a->len)
			return resume_in(a, rip);
	return rip;
}

uaddr_t rewrite_resume_rip(uaddr_t rip)
{
	if (rip != known.resumed_from) {
		known.resumed = resume_rip(rip);
		known.resumed_from = rip;
	}
	return rip ? known.resumed : 0;
}

bool rewrite_breakpoint(uaddr_t at)
{
	struct rewrite_area *a;

	list_for_each(a, &areas, node) {
		uint64_t off = a->off + (at - a->text);
		size_t i;

		if (!BREAKPOINTS || at < a->text || at >= a->text + a->len)
			continue;
		i = site_lower_bound(a->table, off);
		return i < a->table->count && a->table->sites[i].off == off && *(const uint8_t *)at == BREAKPOINT;
	}
	return false;
}
