/* device_enter.c: the loop around the vDSO's function that carries exceptions and interrupts back into
 * the enclave.
 *
 * t->depth counts the SSA frames in use: one more after an exception, one less with each ERESUME. The
 * LibOS gets an interrupt only on top of frame 0: one that hits its exception handler is put off until
 * that asks for ERESUME. An interrupt of the enclave proper is told of while the thread still stands at
 * the AEP (in the signal handler, on hardware), so the ERESUME after it is the vDSO's own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../libos/abi/ecall.h"
#include "device.h"

struct device_thread {
	struct enclave_thread base;
	vdso_sgx_enter_enclave_t vdso;
	struct front_thread *front;
	struct sgx_enclave_run run;
	struct front_regs out; /* of the last EEXIT */
	unsigned int depth;
	bool deferred; /* an interrupt is to be told of */
	enclave_handler *fn; /* of the caller, for EXIT_OCALL; may be NULL */
	void *arg;
};

static int exit_note(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *run)
{
	struct device_thread *t = (struct device_thread *)run->user_data;

	(void)rsp;
	t->out = (struct front_regs){rdi, rsi, rdx, r8, r9};
	return 0;
}

/* The enclave could not be entered. */
static int refused(struct device_thread *t, int ret)
{
	const char *why = t->front->file->why;

	if (why[0])
		snprintf(t->base.err, sizeof(t->base.err), "%s", why);
	else if (ret)
		snprintf(t->base.err, sizeof(t->base.err), "the vDSO refuses to enter: %s", strerror(-ret));
	else
		snprintf(t->base.err, sizeof(t->base.err), "EENTER: vector %u, error code 0x%x, address 0x%llx",
			 t->run.exception_vector, t->run.exception_error_code,
			 (unsigned long long)t->run.exception_addr);
	return -EFAULT;
}

/* Has the caller's handler served the exit? Then *in is what to enter with. Only the enclave proper makes calls. */
static bool served(struct device_thread *t, struct front_regs *in)
{
	struct enclave_regs io = {t->out.rdi, t->out.rsi, t->out.rdx, t->out.r8, t->out.r9};

	if (io.rdi != EXIT_OCALL || !t->fn || t->depth || !t->fn(t->arg, &io))
		return false;
	t->deferred = false; /* the LibOS looks at its queues after an ocall */
	*in = (struct front_regs){io.rdi, io.rsi, io.rdx, io.r8, io.r9};
	return true;
}

/* Enters with in, and handles what comes, until EEXIT with something for the caller (t->out), or until
 * ERESUME of frame `last` is due: 1. -EFAULT: not possible, t->base.err says why. Few frames between the
 * switch and the handler: EEXIT makes the processor mispredict each of their returns, and as many inside. */
static int run(struct device_thread *t, struct front_regs in, unsigned int last)
{
	unsigned int function = ENCLU_EENTER;
	int ret;

	for (;;) {
		ret = t->vdso(in.rdi, in.rsi, in.rdx, function, in.r8, in.r9, &t->run);
		if (ret || t->run.function == ENCLU_EENTER)
			return refused(t, ret);
		function = ENCLU_EENTER;
		if (t->run.function == ENCLU_ERESUME) {
			t->depth++;
			in = (struct front_regs){.rdi = ECALL_EXCEPTION};
			continue;
		}
		if (t->out.rdi != EXIT_RESUME) {
			if (served(t, &in))
				continue;
			return 0;
		}
		if (t->deferred && t->depth == 1) {
			t->deferred = false;
			in = (struct front_regs){.rdi = ECALL_INTERRUPT};
			continue;
		}
		if (t->depth == last)
			return 1;
		t->depth -= !!t->depth;
		function = ENCLU_ERESUME;
	}
}

/* An interrupt hit the enclave, which is one frame deeper now. */
static bool interrupted(void *arg, struct front_regs *out)
{
	struct device_thread *t = arg;
	int ret;

	if (t->depth) {
		t->deferred = true;
		return false;
	}
	t->deferred = false;
	t->depth = 1;
	ret = run(t, (struct front_regs){.rdi = ECALL_INTERRUPT}, 1);
	t->depth = 0;
	if (ret > 0)
		return false;
	*out = t->out;
	if (ret)
		out->rdi = EXIT_FATAL;
	return true;
}

int device_enter(struct enclave_thread *thread, struct enclave_regs *io, enclave_handler *fn, void *arg)
{
	struct device_thread *t = (struct device_thread *)thread;
	int ret;

	t->fn = fn;
	t->arg = arg;
	t->deferred = false; /* the LibOS looks at its queues after an ocall */
	t->depth = 0;
	ret = run(t, (struct front_regs){io->rdi, io->rsi, io->rdx, io->r8, io->r9}, ~0u);
	if (!ret)
		*io = (struct enclave_regs){t->out.rdi, t->out.rsi, t->out.rdx, t->out.r8, t->out.r9};
	return ret;
}

int device_interrupt(struct enclave_thread *thread)
{
	struct device_thread *t = (struct device_thread *)thread;

	return t->front->file->front->interrupt(t->front);
}

int device_thread_init(struct enclave *e, uint64_t tcs, struct enclave_thread **out)
{
	struct device *d = device_of(e);
	struct device_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return -ENOMEM;
	ret = d->front->thread_init(d->file, interrupted, t, &t->front);
	if (ret) {
		snprintf(e->err, sizeof(e->err), "%s", d->file->why);
		free(t);
		return ret;
	}
	t->base.enclave = e;
	t->base.tcs = tcs;
	t->vdso = d->front->enter;
	t->run.tcs = tcs;
	t->run.user_handler = (uint64_t)exit_note;
	t->run.user_data = (uint64_t)t;
	*out = &t->base;
	return 0;
}

void device_thread_exit(struct enclave_thread *thread)
{
	struct device_thread *t = (struct device_thread *)thread;

	t->front->file->front->thread_exit(t->front);
	free(t);
}
