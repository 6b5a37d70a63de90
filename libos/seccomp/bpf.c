/* bpf.c: classic BPF over a struct seccomp_data: what makes a program acceptable, and running it.
 *
 * Jumps go forward only, so every accepted program ends; memory words are read only after they were written on each way
 * that leads there, as Linux asks. No locks: programs do not change once accepted. */
#include "base/heap.h"
#include "base/string.h"
#include "seccomp/seccomp.h"

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
};

static bool alu_ok(const struct sock_filter *f)
{
	bool by_x = f->code & BPF_X;

	if (f->code & ~(0xf0 | BPF_X | 7))
		return false;
	switch (BPF_OP(f->code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		return true;
	case BPF_DIV:
		return by_x || f->k;
	case BPF_LSH:
	case BPF_RSH:
		return by_x || f->k < 32;
	case BPF_NEG:
		return !by_x;
	}
	return false;
}

/* left: instructions that follow this one. */
static bool jump_ok(const struct sock_filter *f, unsigned left)
{
	if (f->code == (BPF_JMP | BPF_JA))
		return f->k < left;
	if (f->code & ~(0xf0 | BPF_X | 7) || BPF_OP(f->code) < BPF_JEQ || BPF_OP(f->code) > BPF_JSET)
		return false;
	return f->jt < left && f->jf < left;
}

static bool instruction_ok(const struct sock_filter *f, unsigned left)
{
	switch (f->code) {
	case BPF_LD | BPF_ABS:
		return f->k < sizeof(struct seccomp_data) && !(f->k & 3);
	case BPF_LD | BPF_LEN:
	case BPF_LDX | BPF_LEN:
	case BPF_LD:  /* the constant */
	case BPF_LDX:
	case BPF_MISC:
	case BPF_MISC | BPF_TXA:
	case BPF_RET:
	case BPF_RET | BPF_A:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return f->k < BPF_MEMWORDS;
	}
	if (BPF_CLASS(f->code) == BPF_ALU)
		return alu_ok(f);
	return BPF_CLASS(f->code) == BPF_JMP && jump_ok(f, left);
}

/* Which memory words are surely written, at each instruction: what all that lead there agree on. */
static bool memory_ok(const struct sock_filter *prog, unsigned len, uint16_t *masks)
{
	uint16_t valid = 0;

	memset(masks, 0xff, len * sizeof(*masks));
	for (unsigned pc = 0; pc < len; pc++) {
		const struct sock_filter *f = &prog[pc];

		valid &= masks[pc];
		if (f->code == BPF_ST || f->code == BPF_STX) {
			valid |= (uint16_t)(1 << f->k);
		} else if (f->code == (BPF_LD | BPF_MEM) || f->code == (BPF_LDX | BPF_MEM)) {
			if (!(valid & 1 << f->k))
				return false;
		} else if (f->code == (BPF_JMP | BPF_JA)) {
			masks[pc + 1 + f->k] &= valid;
			valid = 0xffff;
		} else if (BPF_CLASS(f->code) == BPF_JMP) {
			masks[pc + 1 + f->jt] &= valid;
			masks[pc + 1 + f->jf] &= valid;
			valid = 0xffff;
		}
	}
	return true;
}

bool bpf_check(const struct sock_filter *prog, unsigned len)
{
	uint16_t *masks;
	bool ok;

	for (unsigned pc = 0; pc < len; pc++)
		if (!instruction_ok(&prog[pc], len - 1 - pc))
			return false;
	if (!len || BPF_CLASS(prog[len - 1].code) != BPF_RET)
		return false;
	masks = kmalloc(len * sizeof(*masks));
	ok = masks && memory_ok(prog, len, masks);
	kfree(masks);
	return ok;
}

/* False: a division by zero, which ends the program. */
static bool alu(struct machine *m, const struct sock_filter *f)
{
	uint32_t v = f->code & BPF_X ? m->x : f->k;

	switch (BPF_OP(f->code)) {
	case BPF_ADD:
		m->a += v;
		break;
	case BPF_SUB:
		m->a -= v;
		break;
	case BPF_MUL:
		m->a *= v;
		break;
	case BPF_DIV:
		if (!v)
			return false;
		m->a /= v;
		break;
	case BPF_OR:
		m->a |= v;
		break;
	case BPF_AND:
		m->a &= v;
		break;
	case BPF_XOR:
		m->a ^= v;
		break;
	case BPF_LSH:
		m->a <<= v & 31;
		break;
	case BPF_RSH:
		m->a >>= v & 31;
		break;
	case BPF_NEG:
		m->a = -m->a;
		break;
	}
	return true;
}

static unsigned jump(const struct machine *m, const struct sock_filter *f)
{
	uint32_t v = f->code & BPF_X ? m->x : f->k;
	bool yes = false;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		return f->k;
	case BPF_JEQ:
		yes = m->a == v;
		break;
	case BPF_JGT:
		yes = m->a > v;
		break;
	case BPF_JGE:
		yes = m->a >= v;
		break;
	case BPF_JSET:
		yes = m->a & v;
		break;
	}
	return yes ? f->jt : f->jf;
}

static uint32_t load(const struct machine *m, const struct sock_filter *f, const struct seccomp_data *data)
{
	switch (f->code & 0xe0) {
	case BPF_ABS:
		return ((const uint32_t *)data)[f->k / 4];
	case BPF_MEM:
		return m->mem[f->k];
	case BPF_LEN:
		return sizeof(*data);
	}
	return f->k;
}

uint32_t bpf_run(const struct sock_filter *prog, const struct seccomp_data *data)
{
	struct machine m = { 0 };

	for (const struct sock_filter *f = prog;; f++) {
		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			m.a = load(&m, f, data);
			break;
		case BPF_LDX:
			m.x = load(&m, f, data);
			break;
		case BPF_ST:
			m.mem[f->k] = m.a;
			break;
		case BPF_STX:
			m.mem[f->k] = m.x;
			break;
		case BPF_ALU:
			if (!alu(&m, f))
				return SECCOMP_RET_KILL_THREAD;
			break;
		case BPF_JMP:
			f += jump(&m, f);
			break;
		case BPF_RET:
			return f->code & BPF_A ? m.a : f->k;
		case BPF_MISC:
			if (f->code & BPF_TXA)
				m.a = m.x;
			else
				m.x = m.a;
			break;
		}
	}
}
