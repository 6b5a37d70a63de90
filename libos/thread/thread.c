/* thread.c: making and ending threads; the tid table is process/pid.c's. */
#include "thread/thread.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "entry/vcpu.h"
#include "seccomp/seccomp.h"
#include "sync/giant.h"
#include "syscall/dispatch.h"
#include "thread/fpu.h"
#include "thread/sched.h"
#include "thread/stack.h"

void thread_start_asm(void);
void thread_first_run(struct regs *regs);
void thread_free(struct thread *t);

struct kernel_entry { /* lies where a user thread has its struct regs */
	void (*fn)(void *);
	void *arg;
};

unsigned vcpu_count(void)
{
	return vcpus_online;
}

unsigned vcpu_current_index(void)
{
	return this_vcpu()->index;
}

/* The frame thread_switch_asm pops: six registers and the return address. */
static void prepare_first_switch(struct thread *t, uint64_t top)
{
	uint64_t *sp = (uint64_t *)top;

	*--sp = (uint64_t)thread_start_asm;
	for (int i = 0; i < 6; i++)
		*--sp = 0;
	t->saved_rsp = (uint64_t)sp;
}

struct thread *thread_alloc(void)
{
	struct thread *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->stack = thread_stack_alloc();
	t->xsave = t->stack ? page_alloc(1) : NULL;
	if (!t->xsave) {
		thread_stack_free(t->stack);
		kfree(t);
		return NULL;
	}
	fpu_init_area(t->xsave);
	t->state = THREAD_NEW;
	t->affinity = ~0UL;
	list_init(&t->in_process);
	list_init(&t->run_node);
	list_init(&t->sig_queue);
	t->altstack.flags = 2; /* SS_DISABLE */
	t->regs = (struct regs *)((uint64_t)t->stack + THREAD_STACK_SIZE - sizeof(struct regs));
	memset(t->regs, 0, sizeof(*t->regs));
	t->regs->full = REGS_FULL;
	t->regs->rflags = 0x202;
	prepare_first_switch(t, (uint64_t)t->regs);
	return t;
}

struct thread *thread_spawn_kernel(const char *name, void (*fn)(void *), void *arg)
{
	struct thread *t = thread_alloc();
	struct kernel_entry *e;

	if (!t)
		return NULL;
	e = (struct kernel_entry *)t->regs;
	*e = (struct kernel_entry){ fn, arg };
	t->regs = NULL;
	strlcpy(t->comm, name, sizeof(t->comm));
	return t;
}

/* The first thing a new thread does; the scheduler has switched to its stack. */
void thread_first_run(struct regs *regs)
{
	struct thread *t = current;
	struct kernel_entry *e = (struct kernel_entry *)regs;

	sched_finish_switch();
	if (t->regs) {
		clone_finish(t);
		exit_to_user(regs);
		return;
	}
	e->fn(e->arg);
	thread_exit_current();
}

void thread_free(struct thread *t)
{
	thread_stack_free(t->stack);
	page_free(t->xsave, 1);
	seccomp_drop(t);
	kfree(t);
}

void thread_exit_current(void)
{
	current->state = THREAD_DEAD;
	schedule();
	panic("a dead thread was scheduled");
}
