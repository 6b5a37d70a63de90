/* regs.c: the registers of a stopped thread, as struct user and register sets show them.
 *
 * General registers lie in thread.regs, vectors in thread.xsave; what the tracer writes is checked as sigreturn checks a
 * frame. A program counter inside a stub is shown as the place in the program it stands for, and stays if written back
 * unchanged. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/ptrace.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "ptrace/ptrace.h"
#include "signal/internal.h"
#include "syscall/dispatch.h"
#include "syscall/usercopy.h"

#define USER_CS 0x33
#define USER_SS 0x2b
#define FX_SIZE 512
#define XSAVE_HEADER_SIZE 64
#define MXCSR_OFFSET 24
#define MXCSR_KNOWN 0xffffu
#define SW_BYTES_OFFSET 464 /* user-visible: which components the kernel saves */

static void regs_read(const struct thread *t, struct user_regs *u)
{
	const struct regs *r = t->regs;

	*u = (struct user_regs){
		.r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp, .rbx = r->rbx,
		.r11 = r->r11, .r10 = r->r10, .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx, .rdx = r->rdx,
		.rsi = r->rsi, .rdi = r->rdi, .orig_rax = r->orig_rax, .rip = rewrite_shown_rip(r->rip), .cs = USER_CS,
		.eflags = r->rflags, .rsp = r->rsp, .ss = USER_SS, .fs_base = t->fs_base, .gs_base = t->gs_user,
	};
}

static int regs_write(struct thread *t, const struct user_regs *u)
{
	struct regs *r = t->regs;

	if (!user_fs_base_ok(u->fs_base) || u->gs_base >= ELRANGE_END)
		return -EIO;
	r->r15 = u->r15;
	r->r14 = u->r14;
	r->r13 = u->r13;
	r->r12 = u->r12;
	r->rbp = u->rbp;
	r->rbx = u->rbx;
	r->r11 = u->r11;
	r->r10 = u->r10;
	r->r9 = u->r9;
	r->r8 = u->r8;
	r->rax = u->rax;
	r->rcx = u->rcx;
	r->rdx = u->rdx;
	r->rsi = u->rsi;
	r->rdi = u->rdi;
	r->orig_rax = u->orig_rax;
	if (u->rip != rewrite_shown_rip(r->rip))
		r->rip = u->rip;
	r->rflags = (u->eflags & RFLAGS_USER) | RFLAGS_FIXED;
	r->rsp = u->rsp;
	r->full |= REGS_FULL;
	t->fs_base = u->fs_base;
	t->gs_user = u->gs_base;
	return 0;
}

long tracee_peek_user(struct tracee *tr, uint64_t offset, uint64_t *value)
{
	struct user_regs u;

	if (offset % 8 || offset > USER_STRUCT_SIZE - 8)
		return -EIO;
	*value = 0;
	if (offset < sizeof(u)) {
		regs_read(tr->thread, &u);
		memcpy(value, (char *)&u + offset, sizeof(*value));
	} else if (offset >= USER_DEBUGREG) {
		*value = tr->debug[(offset - USER_DEBUGREG) / 8];
	}
	return 0;
}

/* Breakpoint registers are kept, but break nothing: no interrupt of theirs reaches the enclave. */
static long poke_debug(struct tracee *tr, unsigned n, uint64_t value)
{
	if (n == 4 || n == 5)
		return -EIO;
	if (n < 4 && value >= ELRANGE_END)
		return -EINVAL;
	tr->debug[n] = value;
	return 0;
}

long tracee_poke_user(struct tracee *tr, uint64_t offset, uint64_t value)
{
	struct user_regs u;

	if (offset % 8 || offset > USER_STRUCT_SIZE - 8)
		return -EIO;
	if (offset >= USER_DEBUGREG)
		return poke_debug(tr, (unsigned)(offset - USER_DEBUGREG) / 8, value);
	if (offset >= sizeof(u))
		return -EIO;
	regs_read(tr->thread, &u);
	memcpy((char *)&u + offset, &value, sizeof(value));
	return regs_write(tr->thread, &u);
}

long tracee_get_regs(struct tracee *tr, uaddr_t to)
{
	struct user_regs u;

	regs_read(tr->thread, &u);
	return copy_to_user(to, &u, sizeof(u)) ? -EFAULT : 0;
}

/* Copying may sleep: the tracee may have been killed when it is done. */
static struct thread *still_stopped(kpid_t tid)
{
	struct thread *t = thread_find(tid);

	return t && t->trace && t->trace->tracer == current->process && t->trace->stopped ? t : NULL;
}

long tracee_set_regs(struct tracee *tr, uaddr_t from)
{
	kpid_t tid = tr->tid;
	struct user_regs u;
	struct thread *t;

	if (copy_from_user(&u, from, sizeof(u)))
		return -EFAULT;
	t = still_stopped(tid);
	return t ? regs_write(t, &u) : -ESRCH;
}

/* The area as it is to be seen: a thread that expects nothing of its vectors has only control words. */
static uint8_t *xstate_read(const struct thread *t)
{
	size_t size = fpu_area_size();
	uint8_t *area = kmalloc(size);
	uint64_t features = fpu_xfrm();

	if (!area)
		return NULL;
	if (t->vectors_dead) {
		fpu_init_area(area);
		*(uint16_t *)area = t->x87_control;
		*(uint32_t *)(area + MXCSR_OFFSET) = t->mxcsr;
	} else {
		memcpy(area, t->xsave, size);
		xsave_fill_initial(area);
	}
	memcpy(area + SW_BYTES_OFFSET, &features, sizeof(features));
	return area;
}

static int xstate_write(struct thread *t, const uint8_t *area, size_t n)
{
	const uint64_t *header = (const uint64_t *)(area + FX_SIZE);
	uint64_t *mine = (uint64_t *)((uint8_t *)t->xsave + FX_SIZE);

	if (n > FX_SIZE) {
		if (header[0] & ~fpu_xfrm() || header[1])
			return -EINVAL;
		for (int i = 2; i < XSAVE_HEADER_SIZE / 8; i++)
			if (header[i])
				return -EINVAL;
	}
	if (*(const uint32_t *)(area + MXCSR_OFFSET) & ~MXCSR_KNOWN)
		return -EINVAL;
	if (t->vectors_dead)
		fpu_init_area(t->xsave);
	t->vectors_dead = false;
	memcpy(t->xsave, area, n);
	memset((uint8_t *)t->xsave + SW_BYTES_OFFSET, 0, 48);
	if (n == FX_SIZE)
		mine[0] |= 3;
	return 0;
}

static long get_xstate(struct tracee *tr, uaddr_t to, size_t n)
{
	uint8_t *area = xstate_read(tr->thread);
	int err;

	if (!area)
		return -ENOMEM;
	err = copy_to_user(to, area, n);
	kfree(area);
	return err ? -EFAULT : 0;
}

static long set_xstate(struct tracee *tr, uaddr_t from, size_t n)
{
	uint8_t *area = kmalloc(n);
	kpid_t tid = tr->tid;
	struct thread *t;
	long err;

	if (!area)
		return -ENOMEM;
	err = copy_from_user(area, from, n) ? -EFAULT : 0;
	t = still_stopped(tid);
	if (!err)
		err = t ? xstate_write(t, area, n) : -ESRCH;
	kfree(area);
	return err;
}

long tracee_get_fpregs(struct tracee *tr, uaddr_t to)
{
	return get_xstate(tr, to, FX_SIZE);
}

long tracee_set_fpregs(struct tracee *tr, uaddr_t from)
{
	return set_xstate(tr, from, FX_SIZE);
}

static size_t regset_size(uint64_t type)
{
	switch (type) {
	case NT_PRSTATUS:
		return sizeof(struct user_regs);
	case NT_PRFPREG:
		return FX_SIZE;
	case NT_X86_XSTATE:
		return fpu_area_size();
	}
	return 0;
}

static long set_general(struct tracee *tr, uaddr_t from, size_t n)
{
	struct user_regs u;
	kpid_t tid = tr->tid;
	struct thread *t;

	regs_read(tr->thread, &u);
	if (copy_from_user(&u, from, n))
		return -EFAULT;
	t = still_stopped(tid);
	return t ? regs_write(t, &u) : -ESRCH;
}

static long get_general(struct tracee *tr, uaddr_t to, size_t n)
{
	struct user_regs u;

	regs_read(tr->thread, &u);
	return copy_to_user(to, &u, n) ? -EFAULT : 0;
}

long tracee_regset(struct tracee *tr, uint64_t type, uaddr_t uiov, bool set)
{
	size_t size = regset_size(type);
	kpid_t tid = tr->tid;
	struct iovec_user iov;
	struct thread *t;
	long err;

	if (get_user(iov, uiov))
		return -EFAULT;
	if (!size || iov.len % 8)
		return -EINVAL;
	t = still_stopped(tid);
	if (!t)
		return -ESRCH;
	if (set && type != NT_PRSTATUS && iov.len < size)
		return type == NT_PRFPREG ? -EINVAL : -EFAULT;
	iov.len = MIN(iov.len, size);
	if (type == NT_PRSTATUS)
		err = set ? set_general(t->trace, iov.base, iov.len) : get_general(t->trace, iov.base, iov.len);
	else
		err = set ? set_xstate(t->trace, iov.base, iov.len) : get_xstate(t->trace, iov.base, iov.len);
	if (!err && put_user(iov, uiov))
		err = -EFAULT;
	return err;
}
