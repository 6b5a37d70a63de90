/* sites.c: which syscall and cpuid instructions can be replaced by a jump, and what must move for it.
 *
 * Byte pairs 0f 05 and 0f a2 are only candidates: they count if a disassembly that starts at a known
 * instruction boundary reaches them (functions.c). Bytes between two functions with unwind data are code without it, or
 * tables (OpenSSL's assembly mixes both): they count only if all of them read as code. Around an instruction, whole
 * position-independent instructions are added before or behind it until a 5-byte jump fits; no branch may land
 * inside. In-function branches are known exactly; for branches from elsewhere (a function's cold part), every
 * byte string in the text that could be a near branch into the range counts as one. */
#include "sites.h"

#include <Zydis/Zydis.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"

#define JUMP_LEN 5
#define SWEEP_MAX (64u << 20) /* bytes of a section without unwind data that are swept */

struct finder {
	struct elf elf;
	struct site *sites;
	size_t count, room;
	uint64_t unpatchable;
	ZydisDecoder decoder;
	int err;
};

struct insn {
	uint64_t vaddr;
	uint8_t len;
	bool movable;
	uint8_t kind; /* 0, 1 syscall, 2 cpuid */
};

struct function { /* a disassembled range */
	bool exact;         /* one function, as the unwind table says */
	bool vectors;       /* it touches more than general registers */
	bool leaves;        /* it jumps into the middle of other code, or somewhere unknown */
	bool odd;           /* it holds bytes that no program's code has */
	struct insn *insns;
	size_t count;
	uint8_t *targets; /* bit per byte of the range: a direct branch lands here */
	struct range range;
};

static bool insn_movable(const ZydisDecodedInstruction *in)
{
	if (in->meta.category == ZYDIS_CATEGORY_CALL || in->meta.category == ZYDIS_CATEGORY_RET ||
	    in->meta.category == ZYDIS_CATEGORY_COND_BR || in->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
	    in->meta.category == ZYDIS_CATEGORY_INTERRUPT || in->meta.category == ZYDIS_CATEGORY_SYSCALL ||
	    in->meta.category == ZYDIS_CATEGORY_SYSTEM)
		return false;
	if (in->mnemonic == ZYDIS_MNEMONIC_CPUID || in->mnemonic == ZYDIS_MNEMONIC_XBEGIN ||
	    in->mnemonic == ZYDIS_MNEMONIC_ENDBR64)
		return false;
	return !(in->attributes & ZYDIS_ATTRIB_IS_RELATIVE);
}

/* Works on general registers, flags and memory only? The list is of what compilers emit; anything else counts as not.
 */
static bool insn_plain(const ZydisDecodedInstruction *in)
{
	switch (in->meta.isa_ext) {
	case ZYDIS_ISA_EXT_BASE:
	case ZYDIS_ISA_EXT_LONGMODE:
	case ZYDIS_ISA_EXT_BMI1:
	case ZYDIS_ISA_EXT_BMI2:
	case ZYDIS_ISA_EXT_CET:
	case ZYDIS_ISA_EXT_LZCNT:
	case ZYDIS_ISA_EXT_MOVBE:
	case ZYDIS_ISA_EXT_PAUSE:
		return true;
	default:
		return false;
	}
}

/* What user code cannot execute: a sweep that meets it reads data. */
static bool insn_odd(const ZydisDecodedInstruction *in)
{
	return in->meta.category == ZYDIS_CATEGORY_IO || in->meta.category == ZYDIS_CATEGORY_IOSTRINGOP ||
	       (in->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) || in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
}

static void note_target(const struct finder *f, struct function *fn, const ZydisDecodedInstruction *in, uint64_t vaddr)
{
	bool call = in->meta.category == ZYDIS_CATEGORY_CALL;
	uint64_t target;
	struct range to;

	if (!in->raw.imm[0].is_relative) {
		fn->leaves |= in->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
		return;
	}
	target = vaddr + in->length + (uint64_t)in->raw.imm[0].value.s;
	if (!call && (target < fn->range.start || target >= fn->range.end))
		fn->leaves |= !function_by_fde(&f->elf, target, &to) || to.start != target;
	if (target >= fn->range.start && target < fn->range.end) {
		uint64_t bit = target - fn->range.start;

		fn->targets[bit / 8] |= (uint8_t)(1u << (bit % 8));
	}
}

/* Disassembles until the end or until something does not decode; what came before stays usable. */
static int disassemble(struct finder *f, const struct text *t, struct function *fn)
{
	const uint8_t *p = t->bytes + (fn->range.start - t->vaddr);
	uint64_t size = fn->range.end - fn->range.start, at = 0;
	size_t room = size / 3 + 16;

	fn->insns = malloc(room * sizeof(*fn->insns));
	fn->targets = calloc(1, size / 8 + 1);
	if (!fn->insns || !fn->targets)
		return -ENOMEM;
	while (at < size) {
		ZydisDecodedInstruction in;

		if (fn->count == room) {
			struct insn *more = realloc(fn->insns, (room *= 2) * sizeof(*more));

			if (!more)
				return -ENOMEM;
			fn->insns = more;
		}
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&f->decoder, NULL, p + at, size - at, &in))) {
			/* Padding or data in a sweep: step over it; nothing unknown is ever moved. */
			fn->insns[fn->count++] = (struct insn){ fn->range.start + at, 1, false, 0 };
			fn->vectors = fn->odd = true;
			at++;
			continue;
		}
		fn->insns[fn->count++] = (struct insn){
			fn->range.start + at, in.length, insn_movable(&in),
			in.length != 2 ? 0 : /* with a prefix: left to the trap */
			in.mnemonic == ZYDIS_MNEMONIC_SYSCALL ? 1 : in.mnemonic == ZYDIS_MNEMONIC_CPUID ? 2 : 0
		};
		note_target(f, fn, &in, fn->range.start + at);
		fn->vectors |= !insn_plain(&in);
		fn->odd |= insn_odd(&in);
		at += in.length;
	}
	return 0;
}

static bool is_target(const struct function *fn, uint64_t vaddr)
{
	uint64_t bit = vaddr - fn->range.start;

	return vaddr < fn->range.end && (fn->targets[bit / 8] >> (bit % 8) & 1);
}

/* No branch of the function lands in (start, end), except at keep. */
static bool interior_free(const struct function *fn, uint64_t start, uint64_t end, uint64_t keep)
{
	for (uint64_t a = start + 1; a < end; a++)
		if (a != keep && is_target(fn, a))
			return false;
	return true;
}

static bool try_shape(const struct function *fn, size_t i, size_t before, size_t after, struct site *s)
{
	const struct insn *in = fn->insns;
	uint64_t start = in[i - before].vaddr, end = in[i + after].vaddr + in[i + after].len;
	uint64_t lead = in[i].vaddr - start;

	if (end - start < JUMP_LEN || end - start > SITE_PATCH_MAX)
		return false;
	for (size_t k = i - before; k <= i + after; k++)
		if (k != i && !in[k].movable)
			return false;
	if (!interior_free(fn, start, end, lead >= JUMP_LEN ? in[i].vaddr : 0))
		return false;
	*s = (struct site){ .vaddr = in[i].vaddr, .before = (uint8_t)lead,
			    .after = (uint8_t)(end - in[i].vaddr - in[i].len),
			    .flags = (uint8_t)((lead >= JUMP_LEN ? SITE_KEEP : 0) | (in[i].kind == 2 ? SITE_CPUID : 0) |
					       (fn->exact && !fn->vectors && !fn->leaves ? SITE_DEAD_VECTORS : 0)) };
	return true;
}

/* Fewest moved instructions first; those in front before those behind. */
static bool choose_shape(const struct function *fn, size_t i, struct site *s)
{
	for (size_t total = 1; total <= 4; total++)
		for (size_t after = 0; after <= total; after++)
			if (total - after <= i && i + after < fn->count && try_shape(fn, i, total - after, after, s))
				return true;
	return false;
}

static void add_site(struct finder *f, const struct site *s)
{
	if (f->count == f->room) {
		size_t room = f->room ? f->room * 2 : 64;
		struct site *p = realloc(f->sites, room * sizeof(*p));

		if (!p) {
			f->err = -ENOMEM;
			return;
		}
		f->sites = p;
		f->room = room;
	}
	f->sites[f->count++] = *s;
}

/* The instruction stays where it is. */
static void add_trap(struct finder *f, const struct insn *in)
{
	f->unpatchable++;
	if (in->kind == 1)
		add_site(f, &(struct site){ .vaddr = in->vaddr, .flags = SITE_TRAP });
}

/* All sites of the function or section around a candidate; returns where the caller goes on. */
static uint64_t scan_around(struct finder *f, const struct text *t, uint64_t vaddr)
{
	struct function fn = { 0 };
	struct site s;
	bool gap, known = true;

	fn.exact = function_by_fde(&f->elf, vaddr, &fn.range) || function_by_symbol(&f->elf, vaddr, &fn.range);
	gap = !fn.exact && fn.range.end;
	if (!fn.range.end || fn.range.start < t->vaddr || fn.range.end > t->vaddr + t->size || vaddr >= fn.range.end) {
		fn.exact = false;
		known = section_around(&f->elf, t, vaddr, &fn.range);
	}
	if (!known || fn.range.end - fn.range.start > SWEEP_MAX) {
		f->unpatchable++;
		return vaddr + 2;
	}
	f->err = disassemble(f, t, &fn);
	for (size_t i = 0; !f->err && i < fn.count; i++) {
		if (!fn.insns[i].kind) /* NOLINT: all below count are set */
			continue;
		if (gap && fn.odd)
			f->unpatchable++;
		else if (choose_shape(&fn, i, &s))
			add_site(f, &s);
		else
			add_trap(f, &fn.insns[i]);
	}
	free(fn.insns);
	free(fn.targets);
	return fn.range.end;
}

static void scan_text(struct finder *f, const struct text *t)
{
	for (uint64_t at = 0; at + 1 < t->size && !f->err;) {
		const uint8_t *p = memchr(t->bytes + at, 0x0f, t->size - 1 - at);

		if (!p)
			return;
		at = (uint64_t)(p - t->bytes);
		if (p[1] == 0x05 || p[1] == 0xa2)
			at = scan_around(f, t, t->vaddr + at) - t->vaddr;
		else
			at++;
	}
}

static int site_compare(const void *a, const void *b)
{
	const struct site *x = a, *y = b;

	return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

static uint64_t patch_start(const struct site *s)
{
	return s->vaddr - s->before;
}

static uint64_t patch_end(const struct site *s)
{
	return s->vaddr + 2 + s->after;
}

/* What was to be replaced is left alone; a syscall is still known. False: nothing is left to know. */
static bool demote(struct finder *f, struct site *s)
{
	if (s->flags & SITE_TRAP)
		return true;
	f->unpatchable++;
	*s = (struct site){ .vaddr = s->vaddr, .flags = (uint8_t)(s->flags & SITE_CPUID ? 0 : SITE_TRAP) };
	return s->flags;
}

/* Ranges that overlap cannot both be replaced, and one table entry names one instruction. */
static void drop_overlaps(struct finder *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (kept && f->sites[i].vaddr == f->sites[kept - 1].vaddr)
			continue;
		if (kept && patch_start(&f->sites[i]) < patch_end(&f->sites[kept - 1]) &&
		    (!demote(f, &f->sites[i]) || patch_start(&f->sites[i]) < patch_end(&f->sites[kept - 1])))
			continue;
		f->sites[kept++] = f->sites[i];
	}
	f->count = kept;
}

/* The site whose interior (all but the first byte, and but a kept instruction) contains vaddr, or -1. */
static long site_hit(const struct finder *f, uint64_t vaddr)
{
	size_t lo = 0, hi = f->count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct site *s = &f->sites[mid];

		if (vaddr <= patch_start(s))
			hi = mid;
		else if (vaddr >= patch_end(s))
			lo = mid + 1;
		else
			return (s->flags & SITE_KEEP) && vaddr == s->vaddr ? -1 : (long)mid;
	}
	return -1;
}

/* Anything in the text that reads as a near branch into a range makes it unpatchable. */
static void drop_branched_into(struct finder *f, const struct text *t, uint8_t *drop)
{
	uint64_t first = patch_start(&f->sites[0]), last = patch_end(&f->sites[f->count - 1]);

	for (uint64_t at = 0; at + 5 <= t->size; at++) {
		const uint8_t *p = t->bytes + at;
		uint64_t target;
		int32_t rel;
		long i;

		if (*p != 0xe9 && *p != 0xe8 && (*p & 0xf0) != 0x80)
			continue;
		if ((*p & 0xf0) == 0x80 && (!at || p[-1] != 0x0f))
			continue;
		memcpy(&rel, p + 1, 4);
		target = t->vaddr + at + 5 + (uint64_t)(int64_t)rel;
		if (target <= first || target >= last)
			continue;
		i = site_hit(f, target);
		/* The range's own bytes are not a branch from elsewhere. */
		if (i >= 0 && (t->vaddr + at < patch_start(&f->sites[i]) || t->vaddr + at >= patch_end(&f->sites[i])))
			drop[i] = 1;
	}
}

static void compact(struct finder *f, const uint8_t *drop)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (!drop[i] || demote(f, &f->sites[i]))
			f->sites[kept++] = f->sites[i];
	}
	f->count = kept;
}

static void find_all(struct finder *f)
{
	struct text t;
	uint8_t *drop;

	for (unsigned i = 0; i < segment_count(&f->elf) && !f->err; i++)
		if (text_of(&f->elf, i, &t))
			scan_text(f, &t);
	if (f->err || !f->count)
		return;
	qsort(f->sites, f->count, sizeof(*f->sites), site_compare);
	drop_overlaps(f);
	drop = calloc(1, f->count);
	if (!drop) {
		f->err = -ENOMEM;
		return;
	}
	for (unsigned i = 0; i < segment_count(&f->elf); i++)
		if (text_of(&f->elf, i, &t))
			drop_branched_into(f, &t, drop);
	compact(f, drop);
	free(drop);
}

long sites_find(const void *elf, size_t size, struct site_table **out)
{
	struct finder f = { 0 };
	size_t bytes;

	if (!elf_open(&f.elf, elf, size))
		return -ENOEXEC;
	ZydisDecoderInit(&f.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	find_all(&f);
	bytes = sizeof(struct site_table) + f.count * sizeof(struct site);
	*out = f.err ? NULL : calloc(1, bytes);
	if (*out) {
		**out = (struct site_table){ SITES_MAGIC, f.count, f.unpatchable };
		if (f.count)
			memcpy((*out)->sites, f.sites, f.count * sizeof(struct site));
	}
	free(f.sites);
	elf_close(&f.elf);
	return *out ? (long)bytes : -ENOMEM;
}
