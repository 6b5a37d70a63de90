/* fpu.c: XSAVE areas. One page each: XFRM is chosen so that an area fits (abi/layout.h, SSA frames). */
#include "thread/fpu.h"
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"
#include "entry/vcpu.h"
#include "thread/thread.h"

#define XFEATURE_X87 (1UL << 0)
#define XFEATURE_SSE (1UL << 1)
#define XFEATURE_AVX (1UL << 2)
#define XFEATURE_ZMM_HIGH (1UL << 6) /* upper halves of the first 16 registers */

static uint64_t xfrm;
static size_t area_size;
static bool have_xsaveopt;
static bool tells_in_use; /* XGETBV tells which state is not initial, and VZEROALL clears most of it */
static uint16_t feature_end[63]; /* of the standard format */
static uint8_t init_area[PAGE_SIZE] __attribute__((aligned(64)));

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}

void fpu_setup(uint64_t features)
{
	uint32_t r[4];

	xfrm = features;
	area_size = FPU_HEAD;
	for (unsigned i = 2; i < 63; i++) {
		if (!(xfrm & (1UL << i)))
			continue;
		cpuid(0xd, i, r);
		feature_end[i] = (uint16_t)(r[1] + r[0]);
		area_size = MAX(area_size, (size_t)feature_end[i]);
	}
#ifndef LIBOS_PLAIN /* valgrind's CPUID offers more of these than it knows */
	cpuid(0xd, 1, r);
	have_xsaveopt = r[0] & 1;
	tells_in_use = (r[0] & 4) && (xfrm & XFEATURE_AVX);
#endif
	assert(area_size <= PAGE_SIZE);
	fpu_init_area(init_area);
}

size_t fpu_area_size(void)
{
	return area_size;
}

size_t fpu_used_size(const void *area)
{
	uint64_t used = *(const uint64_t *)((const char *)area + 512) & xfrm & ~3UL;
	size_t size = FPU_HEAD;

	for (; used; used &= used - 1)
		size = MAX(size, (size_t)feature_end[__builtin_ctzl(used)]);
	return size;
}

uint64_t fpu_xfrm(void)
{
	return xfrm;
}

/* The state a new program sees: x87 control word 037f, MXCSR 1f80, everything else INIT. */
void fpu_init_area(void *area)
{
	memset(area, 0, area_size);
	*(uint16_t *)area = 0x37f;
	*(uint32_t *)((char *)area + 24) = 0x1f80;
}

void fpu_area_control(void *area, uint16_t x87, uint32_t mxcsr)
{
	fpu_init_area(area);
	memcpy(area, &x87, sizeof(x87));
	memcpy((char *)area + 24, &mxcsr, sizeof(mxcsr));
	*(uint64_t *)((char *)area + 512) = 3; /* x87 and SSE are not initial */
}

static void fpu_save(void *area)
{
	uint32_t lo = (uint32_t)xfrm, hi = (uint32_t)(xfrm >> 32);

	if (have_xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(lo), "d"(hi) : "memory");
	else
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(lo), "d"(hi) : "memory");
}

void fpu_load(const void *area)
{
	__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"((uint32_t)xfrm), "d"((uint32_t)(xfrm >> 32)) : "memory");
}

void fpu_load_init(void)
{
	fpu_load(init_area);
}

void fpu_save_current(void)
{
	fpu_save(current->xsave);
}

static void control_save(struct thread *t)
{
	__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(t->mxcsr), "=m"(t->x87_control));
}

/* FLDCW, even of the same value, makes x87 state count as in use, which is dear later. */
static void control_load(const struct thread *t)
{
	uint16_t x87;

	__asm__ volatile("ldmxcsr %1; fnstcw %0" : "=m"(x87) : "m"(t->mxcsr));
	if (x87 != t->x87_control)
		__asm__ volatile("fldcw %0" : : "m"(t->x87_control));
}

/* State that is not initial (XINUSE); all of it where the processor does not tell. */
static uint64_t in_use(void)
{
	uint32_t lo, hi;

	if (!tells_in_use)
		return xfrm;
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(1));
	return ((uint64_t)hi << 32 | lo) & xfrm;
}

/* For a program whose vectors are dead: its x87 registers are empty, as the psABI says they are at any call. */
static void x87_empty(void)
{
	if (in_use() & XFEATURE_X87)
		fpu_load_init();
}

size_t fpu_snapshot(uint8_t head[FPU_HEAD])
{
	struct thread *t = current;

	if (!this_vcpu()->vectors_dead) {
		fpu_save(t->xsave);
		memcpy(head, t->xsave, FPU_HEAD);
		return fpu_used_size(t->xsave);
	}
	control_save(t);
	memcpy(head, init_area, FPU_HEAD);
	memcpy(head, &t->x87_control, sizeof(t->x87_control));
	memcpy(head + 24, &t->mxcsr, sizeof(t->mxcsr));
	head[512] = 3; /* x87 and SSE are not initial, because of the control words */
	return FPU_HEAD;
}

bool fpu_vectors_dead(void)
{
	return this_vcpu()->vectors_dead;
}

bool fpu_image_initial(const uint8_t head[FPU_HEAD], struct fpu_control *control)
{
	const uint64_t *word = (const uint64_t *)head, *init = (const uint64_t *)init_area;
	uint64_t first = word[0], changed = ((first ^ init[0]) & ~0xffffUL) | word[1] | word[2];

	for (unsigned i = 4; i < 52; i++) /* x87 and XMM registers; then come bytes that mean nothing */
		changed |= word[i];
	for (unsigned i = 65; i < FPU_HEAD / sizeof(*word); i++) /* the header behind xstate_bv */
		changed |= word[i];
	control->x87 = (uint16_t)first;
	control->mxcsr = *(const volatile uint32_t *)(head + 24);
	return !changed && word[64] == 3;
}

void fpu_load_dead(const struct fpu_control *control)
{
	struct thread *t = current;

	this_vcpu()->vectors_dead = true;
	t->x87_control = control->x87;
	t->mxcsr = control->mxcsr;
	x87_empty();
	control_load(t);
}

void fpu_forget_current(void)
{
	this_vcpu()->vectors_dead = false;
	fpu_load_init(); /* from elsewhere: XSAVEOPT must not think that the area still holds what is loaded */
}

void fpu_load_current(void)
{
	this_vcpu()->vectors_dead = false;
	fpu_load(current->xsave);
}

/* t, which is new, has the areas of a new program. */
void fpu_copy_current(struct thread *t)
{
	struct thread *cur = current;

	if (this_vcpu()->vectors_dead) {
		control_save(t);
		t->vectors_dead = true;
		return;
	}
	fpu_save(cur->xsave);
	memcpy(t->xsave, cur->xsave, fpu_used_size(cur->xsave));
}

void fpu_reset_current(void)
{
	struct thread *t = current;

	if (!this_vcpu()->vectors_dead) {
		fpu_load_init();
		return;
	}
	memcpy(&t->x87_control, init_area, sizeof(t->x87_control));
	memcpy(&t->mxcsr, init_area + 24, sizeof(t->mxcsr));
	control_load(t);
}

void fpu_switch_out(struct thread *t)
{
	struct vcpu *v = this_vcpu();

	t->vectors_dead = v->vectors_dead;
	if (!t->vectors_dead) {
		v->x87_left = true;
		fpu_save(t->xsave);
		return;
	}
	control_save(t);
}

void fpu_switch_in(struct thread *t)
{
	struct vcpu *v = this_vcpu();

	v->vectors_dead = t->vectors_dead;
	if (!t->vectors_dead) {
		fpu_load(t->xsave);
		return;
	}
	if (v->x87_left)
		x87_empty();
	v->x87_left = false;
	control_load(t);
}

void fpu_hide(void)
{
	static const uint32_t mxcsr = 0x1f80;

	this_vcpu()->x87_left = true;
	if (in_use() & ~(XFEATURE_SSE | XFEATURE_AVX | XFEATURE_ZMM_HIGH)) {
		fpu_load_init();
		return;
	}
	__asm__ volatile("vzeroall; ldmxcsr %0" : : "m"(mxcsr));
}

void fpu_begin(void)
{
	struct vcpu *v = this_vcpu();

	assert(!v->fpu_busy);
	v->fpu_busy = true;
	if (v->running && v->running->regs)
		fpu_save(v->running->xsave);
}

void fpu_end(void)
{
	struct vcpu *v = this_vcpu();

	v->fpu_busy = false;
	if (v->running && v->running->regs)
		fpu_load(v->running->xsave);
}

uint64_t user_fs_base(void)
{
	return fs_base_read();
}

bool user_fs_base_ok(uint64_t v)
{
	return v < LIBOS_START || user_address(v);
}

void set_user_fs_base(uint64_t v)
{
	fs_base_write(v);
}
