/* functions.c: where functions of an ELF file begin and end.
 *
 * The unwind table (.eh_frame_hdr) names every function's start, also in stripped files; then the symbol table; then there are
 * only sections. The file is untrusted: whatever is read lies within it. */
#include "functions.h"

#include <stdlib.h>
#include <string.h>

static const Elf64_Phdr *segment_at(const struct elf *e, unsigned i)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)e->bytes;

	return (const Elf64_Phdr *)(e->bytes + h->e_phoff) + i;
}

unsigned segment_count(const struct elf *e)
{
	return ((const Elf64_Ehdr *)e->bytes)->e_phnum;
}

static bool elf_ok(const uint8_t *elf, size_t size)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)elf;

	return size >= sizeof(*h) && !memcmp(elf, ELFMAG, SELFMAG) && elf[EI_CLASS] == ELFCLASS64 &&
	       h->e_machine == EM_X86_64 && h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phoff <= size &&
	       h->e_phoff % _Alignof(Elf64_Phdr) == 0 && h->e_phnum <= (size - h->e_phoff) / sizeof(Elf64_Phdr);
}

/* File bytes of [vaddr, vaddr + len), or NULL. */
static const uint8_t *at_vaddr(const struct elf *e, uint64_t vaddr, uint64_t len)
{
	for (unsigned i = 0; i < segment_count(e); i++) {
		const Elf64_Phdr *p = segment_at(e, i);

		if (p->p_type != PT_LOAD || vaddr < p->p_vaddr || p->p_filesz < len ||
		    vaddr - p->p_vaddr > p->p_filesz - len)
			continue;
		if (p->p_offset > e->size || vaddr - p->p_vaddr + len > e->size - p->p_offset)
			return NULL;
		return e->bytes + p->p_offset + (vaddr - p->p_vaddr);
	}
	return NULL;
}

bool text_of(const struct elf *e, unsigned i, struct text *t)
{
	const Elf64_Phdr *p = segment_at(e, i);

	if (p->p_type != PT_LOAD || !(p->p_flags & PF_X) || !p->p_filesz)
		return false;
	*t = (struct text){ at_vaddr(e, p->p_vaddr, p->p_filesz), p->p_vaddr, p->p_filesz };
	return t->bytes != NULL;
}

/* .eh_frame_hdr in its usual form: version 1, udata4 count, table of sdata4 relative to the header. */
static void find_unwind_table(struct elf *e)
{
	for (unsigned i = 0; i < segment_count(e); i++) {
		const Elf64_Phdr *p = segment_at(e, i);
		const uint8_t *h;
		uint32_t count;

		if (p->p_type != PT_GNU_EH_FRAME || !(h = at_vaddr(e, p->p_vaddr, 12)))
			continue;
		if (h[0] != 1 || h[2] != 0x03 || h[3] != 0x3b || (uintptr_t)h % _Alignof(int32_t))
			continue;
		memcpy(&count, h + 8, 4);
		if (!at_vaddr(e, p->p_vaddr + 12, 8ull * count))
			continue;
		e->hdr_table = (const int32_t *)(h + 12);
		e->hdr_count = count;
		e->hdr_vaddr = p->p_vaddr;
	}
}

/* Is it the FDE of a signal trampoline ('S' in its CIE's augmentation)? Those begin one byte before the code, so that
 * unwinders find them for a return address at the first instruction. */
static bool fde_of_signal_frame(const struct elf *e, const uint8_t *fde, uint64_t fde_vaddr)
{
	const uint8_t *cie;
	uint32_t back;

	memcpy(&back, fde + 4, 4);
	cie = at_vaddr(e, fde_vaddr + 4 - back, 17);
	return cie && memchr(cie + 9, 'S', strnlen((const char *)cie + 9, 8)) != NULL;
}

/* What the table says of its i-th function: where it begins (column 0), where its FDE is (1). */
static uint64_t unwind_entry(const struct elf *e, uint64_t i, unsigned column)
{
	return e->hdr_vaddr + (uint64_t)(int64_t)e->hdr_table[2 * i + column];
}

/* The range that an FDE covers, in pc-relative 4-byte encoding, if it begins where the table says. */
static bool fde_range(const uint8_t *fde, uint64_t fde_vaddr, uint64_t start, struct range *out)
{
	int32_t begin;
	uint32_t len;

	if (!fde)
		return false;
	memcpy(&begin, fde + 8, 4);
	memcpy(&len, fde + 12, 4);
	*out = (struct range){ start, start + len };
	return fde_vaddr + 8 + (uint64_t)(int64_t)begin == start;
}

bool function_by_fde(const struct elf *e, uint64_t vaddr, struct range *out)
{
	uint64_t lo = 0, hi = e->hdr_count, fde_vaddr;
	const uint8_t *fde;
	struct range r;

	*out = (struct range){ 0, 0 };
	while (lo < hi) {
		uint64_t mid = (lo + hi) / 2;

		if (unwind_entry(e, mid, 0) <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return false;
	fde_vaddr = unwind_entry(e, lo - 1, 1);
	fde = at_vaddr(e, fde_vaddr, 16);
	if (!fde_range(fde, fde_vaddr, unwind_entry(e, lo - 1, 0), &r))
		return false;
	if (vaddr < r.end) {
		*out = (struct range){ r.start + fde_of_signal_frame(e, fde, fde_vaddr), r.end };
		return true;
	}
	if (lo < e->hdr_count) /* code without unwind data between two functions that have it */
		*out = (struct range){ r.end, unwind_entry(e, lo, 0) };
	return false;
}

static int range_compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The section headers, and how many; 0: there are none that can be read. */
static unsigned sections(const struct elf *e, const Elf64_Shdr **out)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)e->bytes;

	*out = NULL;
	if (!h->e_shoff || h->e_shoff > e->size || h->e_shentsize != sizeof(**out) ||
	    h->e_shoff % _Alignof(Elf64_Shdr) || h->e_shnum > (e->size - h->e_shoff) / sizeof(**out))
		return 0;
	*out = (const Elf64_Shdr *)(e->bytes + h->e_shoff);
	return h->e_shnum;
}

static const Elf64_Shdr *symbol_section(const struct elf *e)
{
	const Elf64_Shdr *s, *best = NULL;
	unsigned n = sections(e, &s);

	for (unsigned i = 0; i < n; i++) {
		if ((s[i].sh_type != SHT_SYMTAB && s[i].sh_type != SHT_DYNSYM) || s[i].sh_offset > e->size ||
		    s[i].sh_size > e->size - s[i].sh_offset || s[i].sh_offset % _Alignof(Elf64_Sym))
			continue;
		if (!best || s[i].sh_type == SHT_SYMTAB)
			best = &s[i];
	}
	return best;
}

/* Functions of the symbol table that say how long they are. */
static void find_symbols(struct elf *e)
{
	const Elf64_Shdr *s = symbol_section(e);
	const Elf64_Sym *sym = s ? (const Elf64_Sym *)(e->bytes + s->sh_offset) : NULL;
	size_t n = s ? s->sh_size / sizeof(*sym) : 0;

	e->symbols = n ? malloc(n * sizeof(*e->symbols)) : NULL;
	if (!e->symbols)
		return;
	for (size_t i = 0; i < n; i++)
		if (ELF64_ST_TYPE(sym[i].st_info) == STT_FUNC && sym[i].st_size && sym[i].st_shndx != SHN_UNDEF &&
		    sym[i].st_value < UINT64_MAX - sym[i].st_size)
			e->symbols[e->symbol_count++] =
				(struct range){ sym[i].st_value, sym[i].st_value + sym[i].st_size };
	qsort(e->symbols, e->symbol_count, sizeof(*e->symbols), range_compare);
}

bool function_by_symbol(const struct elf *e, uint64_t vaddr, struct range *out)
{
	size_t lo = 0, hi = e->symbol_count;
	struct range r;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (e->symbols[mid].start <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	r = (struct range){ lo ? e->symbols[lo - 1].end : 0, UINT64_MAX };
	if (vaddr < r.start)
		r = e->symbols[lo - 1];
	if (lo < e->symbol_count && e->symbols[lo].start < r.end)
		r.end = e->symbols[lo].start;
	if (lo && vaddr < e->symbols[lo - 1].end) {
		*out = r;
		return true;
	}
	if (out->start < r.start)
		out->start = r.start;
	if (out->end > r.end)
		out->end = r.end;
	return false;
}

bool section_around(const struct elf *e, const struct text *t, uint64_t vaddr, struct range *out)
{
	const Elf64_Shdr *s;
	unsigned n = sections(e, &s);

	for (unsigned i = 0; i < n; i++) {
		if ((s[i].sh_flags & SHF_EXECINSTR) && vaddr >= s[i].sh_addr && vaddr - s[i].sh_addr < s[i].sh_size &&
		    s[i].sh_addr >= t->vaddr && s[i].sh_size <= t->vaddr + t->size - s[i].sh_addr) {
			*out = (struct range){ s[i].sh_addr, s[i].sh_addr + s[i].sh_size };
			return true;
		}
	}
	return false;
}

bool elf_open(struct elf *e, const void *bytes, size_t size)
{
	*e = (struct elf){ .bytes = bytes, .size = size };
	if (!elf_ok(bytes, size))
		return false;
	find_unwind_table(e);
	find_symbols(e);
	return true;
}

void elf_close(struct elf *e)
{
	free(e->symbols);
}
