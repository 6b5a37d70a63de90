/* frame.c: what a handler finds on its stack, and the way back (rt_sigreturn).
 *
 * The layout is the kernel's struct rt_sigframe: return address (the libc's restorer), ucontext, siginfo; above
 * it the XSAVE image, 64-aligned, with the software-reserved bytes that say how large it is. The 128 bytes
 * below the interrupted stack pointer are the program's (red zone).
 * Everything that comes back is checked: a frame is user memory. A bad one is answered with SIGSEGV. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "signal/internal.h"
#include "syscall/define.h"
#include "syscall/dispatch.h"
#include "syscall/usercopy.h"

#define RED_ZONE 128
#define USER_CS 0x33
#define USER_SS 0x2b
#define XSTATE_FPSSE 3UL
#define FX_SIZE 512
#define MXCSR_OFFSET 24
#define MXCSR_RESERVED 0xffff0000U

struct rt_sigframe {
	uint64_t pretcode;
	struct ucontext uc;
	struct siginfo info;
};
_Static_assert(sizeof(struct rt_sigframe) == 440, "rt_sigframe layout");

struct xsave_header {
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};

size_t signal_min_stack_size(void)
{
	return sizeof(struct rt_sigframe) + 8 + fpu_area_size() + FP_XSTATE_MAGIC2_SIZE + 64 + 16 + RED_ZONE;
}

static bool rip_valid(uaddr_t rip)
{
	return user_address(rip);
}

/* XSAVEOPT leaves parts in their initial state unwritten; a reader of the frame may not look at xstate_bv. */
void xsave_fill_initial(uint8_t *area)
{
	struct xsave_header *h = (struct xsave_header *)(area + FX_SIZE);

	if (!(h->xstate_bv & 1)) {
		memset(area, 0, MXCSR_OFFSET);
		memset(area + 32, 0, 128);
		*(uint16_t *)area = 0x37f;
	}
	if (!(h->xstate_bv & 2))
		memset(area + 160, 0, 256);
	h->xstate_bv |= XSTATE_FPSSE;
}

static size_t image_len(void)
{
	return fpu_area_size() + FP_XSTATE_MAGIC2_SIZE;
}

/* The current vector state with both magic numbers; parts that are in their initial state are not written. */
static void write_image(uint8_t *fp)
{
	size_t size = fpu_area_size(), used = fpu_snapshot(fp);

	struct fpx_sw_bytes *sw = (struct fpx_sw_bytes *)(fp + FP_SW_OFFSET); /* XSAVE leaves them 0 */

	xsave_fill_initial(fp);
	sw->magic1 = FP_XSTATE_MAGIC1;
	sw->extended_size = (uint32_t)(size + FP_XSTATE_MAGIC2_SIZE);
	sw->xfeatures = fpu_xfrm();
	sw->xstate_size = (uint32_t)size;
	if (used > FPU_HEAD)
		memcpy(fp + FPU_HEAD, (uint8_t *)current->xsave + FPU_HEAD, used - FPU_HEAD);
	*(uint32_t *)(fp + size) = FP_XSTATE_MAGIC2;
}

/* Where the frame and the XSAVE image go. -EFAULT: the alternate stack is too small. */
static int place_frame(struct thread *t, const struct regs *regs, bool onstack, uaddr_t *frame, uaddr_t *fp)
{
	uaddr_t sp = regs->rsp - RED_ZONE;
	bool nested = altstack_active(t, regs->rsp), entering = false;

	if (onstack && t->altstack.size && !altstack_active(t, sp)) {
		sp = t->altstack.sp + t->altstack.size;
		entering = true;
	}
	*fp = ALIGN_DOWN(sp - image_len(), 64UL);
	*frame = ALIGN_DOWN(*fp - sizeof(struct rt_sigframe), 16UL) - 8;
	if ((nested || entering) && (*frame <= t->altstack.sp || *frame - t->altstack.sp > t->altstack.size))
		return -EFAULT;
	return 0;
}

/* Straight into user memory, so each field once. */
static void fill_mcontext(struct sigcontext *c, const struct regs *r)
{
	c->r8 = r->r8;
	c->r9 = r->r9;
	c->r10 = r->r10;
	c->r11 = r->r11;
	c->r12 = r->r12;
	c->r13 = r->r13;
	c->r14 = r->r14;
	c->r15 = r->r15;
	c->rdi = r->rdi;
	c->rsi = r->rsi;
	c->rbp = r->rbp;
	c->rbx = r->rbx;
	c->rdx = r->rdx;
	c->rax = r->rax;
	c->rcx = r->rcx;
	c->rsp = r->rsp;
	c->rip = rewrite_shown_rip(r->rip);
	c->eflags = r->rflags | RFLAGS_FIXED;
	c->cs = USER_CS;
	c->gs = c->fs = 0;
	c->ss = USER_SS;
	c->err = current->trap_err;
	c->trapno = current->trap_nr;
	c->cr2 = current->trap_addr;
	for (unsigned i = 0; i < ARRAY_SIZE(c->reserved); i++)
		c->reserved[i] = 0;
}

static void fill_frame(struct rt_sigframe *f, const struct regs *regs, const struct siginfo *info,
		       const struct user_sigaction *act, sigset64 saved_mask, uaddr_t fp)
{
	f->pretcode = act->restorer;
	f->info = *info;
	f->uc.flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	f->uc.link = 0;
	altstack_read(current, &f->uc.stack);
	fill_mcontext(&f->uc.mcontext, regs);
	f->uc.mcontext.oldmask = saved_mask;
	f->uc.mcontext.fpstate = fp;
	f->uc.sigmask = saved_mask;
}

static void enter_handler(struct regs *regs, int sig, const struct user_sigaction *act, uaddr_t frame)
{
	struct thread *t = current;

	if (t->altstack.flags & SS_AUTODISARM)
		t->altstack = (struct altstack){ .flags = SS_DISABLE };
	regs->rdi = (uint64_t)sig;
	regs->rsi = frame + offsetof(struct rt_sigframe, info);
	regs->rdx = frame + offsetof(struct rt_sigframe, uc);
	regs->rax = 0;
	regs->rsp = frame;
	regs->rip = act->handler;
	regs->full = REGS_FULL;
	fpu_reset_current();
}

int frame_setup(struct regs *regs, int sig, const struct siginfo *info, const struct user_sigaction *act,
		sigset64 saved_mask)
{
	struct rt_sigframe *f;
	uaddr_t frame, fp;

	if (!(act->flags & SA_RESTORER) || !rip_valid(act->handler))
		return -EFAULT;
	if (place_frame(current, regs, act->flags & SA_ONSTACK, &frame, &fp))
		return -EFAULT;
	f = user_map(frame, fp + image_len() - frame, true);
	if (!f)
		return -EFAULT;
	write_image((uint8_t *)fp);
	current->dead_frame = fpu_vectors_dead() ? fp : 0;
	fill_frame(f, regs, info, act, saved_mask, fp);
	enter_handler(regs, sig, act, frame);
	return 0;
}

/* Does the image carry more than the FXSAVE part? Its size is then xstate_size. */
static size_t image_size(const uint8_t *fx, uaddr_t at)
{
	struct fpx_sw_bytes sw;
	uint32_t magic2;

	memcpy(&sw, fx + FP_SW_OFFSET, sizeof(sw));
	if (sw.magic1 != FP_XSTATE_MAGIC1 || sw.xstate_size < FPU_HEAD ||
	    sw.xstate_size > fpu_area_size() || sw.xstate_size > sw.extended_size)
		return FX_SIZE;
	if (get_user(magic2, at + sw.xstate_size) || magic2 != FP_XSTATE_MAGIC2)
		return FX_SIZE;
	return sw.xstate_size;
}

/* What XRSTOR would fault on, it must not see. */
static bool image_valid(uint8_t *area)
{
	struct xsave_header *h = (struct xsave_header *)(area + FX_SIZE);
	uint32_t mxcsr;

	memcpy(&mxcsr, area + MXCSR_OFFSET, sizeof(mxcsr));
	if (mxcsr & MXCSR_RESERVED)
		return false;
	memset(area + FP_SW_OFFSET, 0, sizeof(struct fpx_sw_bytes));
	for (unsigned i = 0; i < ARRAY_SIZE(h->reserved); i++)
		if (h->reserved[i])
			return false;
	return !(h->xstate_bv & ~fpu_xfrm()) && !h->xcomp_bv;
}

static int read_image(uint8_t *area, uaddr_t at)
{
	struct xsave_header *h = (struct xsave_header *)(area + FX_SIZE);
	size_t size, used;

	if (copy_from_user(area, at, FX_SIZE))
		return -EFAULT;
	size = image_size(area, at);
	if (size == FX_SIZE)
		*h = (struct xsave_header){ .xstate_bv = XSTATE_FPSSE };
	else if (copy_from_user(h, at + FX_SIZE, sizeof(*h)))
		return -EFAULT;
	if (!image_valid(area))
		return -EINVAL;
	used = fpu_used_size(area);
	if (used > size)
		return -EINVAL;
	if (used > FPU_HEAD && copy_from_user(area + FPU_HEAD, at + FPU_HEAD, used - FPU_HEAD))
		return -EFAULT;
	return 0;
}

/* The last frame was made where the program expected nothing of its vector registers (thread/fpu.h). If its handler has
 * left the image as it was but for control words, there is nothing to load. */
static bool restore_dead(struct thread *t, uaddr_t at)
{
	const uint8_t *image;
	struct fpu_control control;

	if (!at || at != t->dead_frame)
		return false;
	image = user_map(at, FPU_HEAD, false);
	if (!image || !fpu_image_initial(image, &control) || (control.mxcsr & MXCSR_RESERVED))
		return false;
	fpu_load_dead(&control);
	return true;
}

static int restore_fp(uaddr_t at)
{
	struct thread *t = current;
	int err = -EFAULT;

	if (restore_dead(t, at))
		return 0;
	if (!at) {
		fpu_reset_current();
		return 0;
	}
	/* Into the thread's own area, which is free while it runs: so all of the image is brought in first, as who sleeps or calls
	 * the host saves registers there. */
	if (user_map(at, image_len(), false) || user_map(at, FX_SIZE, false))
		err = read_image(t->xsave, at);
	if (err)
		fpu_forget_current();
	else
		fpu_load_current();
	return err;
}

/* From user memory, each field once. */
static void restore_regs(struct regs *r, const struct sigcontext *c, uaddr_t rip)
{
	r->r8 = c->r8;
	r->r9 = c->r9;
	r->r10 = c->r10;
	r->r11 = c->r11;
	r->r12 = c->r12;
	r->r13 = c->r13;
	r->r14 = c->r14;
	r->r15 = c->r15;
	r->rdi = c->rdi;
	r->rsi = c->rsi;
	r->rbp = c->rbp;
	r->rbx = c->rbx;
	r->rdx = c->rdx;
	r->rax = c->rax;
	r->rcx = c->rcx;
	r->rsp = c->rsp;
	r->rip = rewrite_resume_rip(rip);
	r->rflags = (c->eflags & RFLAGS_USER) | RFLAGS_FIXED;
	r->orig_rax = (uint64_t)-1;
	r->full = REGS_FULL;
}

SYSCALL_DEFINE(rt_sigreturn)
{
	struct thread *t = current;
	struct regs *regs = t->regs;
	const struct ucontext *uc = user_map(regs->rsp, sizeof(*uc), false);
	struct user_stack stack;
	uaddr_t rip, fpstate;

	t->restart_fn = NULL;
	if (!uc)
		goto bad;
	rip = *(const volatile uint64_t *)&uc->mcontext.rip;
	if (!rip_valid(rip))
		goto bad;
	fpstate = uc->mcontext.fpstate;
	stack = uc->stack;
	restore_regs(regs, &uc->mcontext, rip);
	signal_set_mask(uc->sigmask);
	if (restore_fp(fpstate)) /* may sleep: uc is not looked at any more */
		goto bad;
	(void)altstack_set(t, &stack, regs->rsp, MINSIGSTKSZ);
	return (long)regs->rax;
bad:
	signal_force(SIGSEGV);
	return 0;
}
