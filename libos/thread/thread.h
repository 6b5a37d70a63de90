/* thread.h: one thread of a process (or of the LibOS itself), and the scheduler's interface.
 *
 * Threads are M:N on vCPUs. A thread has a LibOS stack on which its system calls and exceptions run.
 * States: NEW -> RUNNABLE <-> RUNNING -> BLOCKED -> RUNNABLE ... -> DEAD. All fields: giant lock,
 * except those marked [p], private to the thread itself while it runs. */
#pragma once
#include "base/list.h"
#include "entry/asm.h"
#include "entry/regs.h"

struct process;
struct vcpu;

#define THREAD_STACK_SIZE 0x8000UL /* LibOS stack; a guard page lies below */
#define TASK_COMM_LEN 16

enum thread_state { THREAD_NEW, THREAD_RUNNABLE, THREAD_RUNNING, THREAD_BLOCKED, THREAD_DEAD };

typedef uint64_t sigset64; /* bit n-1 = signal n */

struct altstack {
	uaddr_t sp;
	uint32_t flags;
	uint64_t size;
};

struct thread {
	kpid_t tid;
	enum thread_state state;
	struct process *process; /* NULL for LibOS threads */
	struct fdtable *own_files; /* descriptors it does not share with its process; NULL: the process' */
	struct list in_process;  /* process.threads */
	struct list run_node;    /* a vCPU's run queue */
	char comm[TASK_COMM_LEN];

	/* scheduler (thread/sched.c) */
	struct regs *regs;      /* user registers at the top of the stack; NULL for LibOS threads */
	void *stack;            /* lowest usable byte */
	uint64_t saved_rsp;     /* where the LibOS context lies while not running */
	void *xsave;            /* XSAVE area, 64-aligned; valid while not running, but for vectors_dead */
	bool vectors_dead;      /* not running: xsave is not valid, only the control words are (thread/fpu.h) */
	uint32_t mxcsr;
	uint16_t x87_control;
	uint64_t fs_base;       /* user FS base; valid while not running; [p] live in FS while running */
	uint64_t gs_user;       /* what arch_prctl(ARCH_SET_GS) stored; GS itself is the LibOS's */
	struct vcpu *vcpu;      /* where it runs or last ran */
	uint64_t affinity;      /* vCPU bit mask, user-visible CPU numbers */
	int nice;
	uint32_t policy;        /* SCHED_* */
	uint32_t rt_priority;   /* 0: an ordinary thread; others come before it when they wake */
	uint32_t rt_boost;      /* the most urgent thread that waits for a lock of its (thread/futex_pi.c) */
	struct futex_waiter *pi_waiting; /* the priority-inheritance lock it waits for */
	bool futex_dead;        /* it has given up its locks: it can own none any more */
	bool reset_on_fork;
	uint16_t mempolicy;     /* MPOL_*, kept for get_mempolicy: there is one node */
	bool mempolicy_node;    /* it names that node */
	uint16_t ioprio;        /* kept for ioprio_get; 0: follows nice */
	uint64_t deadline[3];   /* SCHED_DEADLINE: runtime, deadline, period; kept */
	nsec_t utime, stime;    /* consumed CPU time */
	uint64_t nvcsw, nivcsw; /* voluntary and involuntary switches */
	uint64_t min_flt, maj_flt;

	/* sleeping (sync/waitq.c) */
	int wait_mode;
	bool wake_pending;      /* woken between going on a queue and blocking */
	nsec_t woke_at;         /* when it woke another thread last since it slept; 0: not, or not looked */
	uint8_t handoffs;       /* so often in a row, at most HANDOFFS_SURE, it slept soon after that */
	uint8_t wakes;
	uint64_t sent_at;       /* net/inet_later.c: TSC of its last send, until it turned to something else; 0: none */
	uint8_t prompt;         /* so often in a row, at most PROMPT_SURE, that was soon */
	bool taking_turn;       /* waits for its memory to come in: to the program it runs */
	const char *wait_what;  /* for /proc/PID/wchan; static string or NULL */

	/* signals (signal/) */
	sigset64 sig_blocked, sig_pending;
	sigset64 sig_saved;     /* mask to restore after sigsuspend/ppoll */
	bool sig_restore_mask;
	bool sig_check;         /* something may be deliverable: look before returning to user code */
	struct list sig_queue;  /* struct sigqueue entries of this thread */
	struct altstack altstack;
	long (*restart_fn)(struct thread *t); /* restart_syscall, set by -ERESTART_RESTARTBLOCK */
	uint64_t restart_data[6];

	struct tracee *trace;   /* ptrace/: watched by another process; NULL: not */
	int detach_signal;      /* what its tracer left it with */

	/* threads API */
	void (*begin)(struct thread *t); /* run by the thread itself before its first return to user code (eip/start.c); NULL: nothing */
	uaddr_t clear_child_tid;
	uaddr_t set_child_tid;  /* to be written by the thread itself, before it runs: in the memory of a forked child */
	uaddr_t robust_list;
	uint64_t robust_len;
	uaddr_t rseq;
	uint32_t rseq_len, rseq_sig;
	bool exiting;           /* asked to end: exit_group, exec, fatal signal */
	bool vfork_child;       /* its process borrows its parent's memory */

	sigset64 sig_real_blocked; /* sigtimedwait: what the mask was before it let signals through */
	uint32_t trap_nr, trap_err; /* last exception of user code, for signal frames */
	uint64_t trap_addr;
	uaddr_t dead_frame;     /* image of the last signal frame, if vector registers held nothing then (signal/frame.c) */
	struct key *thread_keyring; /* keys/: referenced; NULL: none yet */
	struct seccomp_filter *seccomp_filter; /* seccomp/: the newest; NULL: none */
	uint8_t seccomp_mode;   /* SECCOMP_MODE_*; 0: calls are not judged */
	int request_keyring;    /* KEYCTL_SET_REQKEY_KEYRING */
	uint64_t rseq_seen;     /* thread/rseq.c: state of switches when the area was last written */
};

/* The running thread; never NULL in LibOS code outside the idle loop. GS base is the struct vcpu (entry/vcpu.h). */
static inline struct thread *thread_current(void)
{
	struct thread *t;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(t) : "i"(V_CURRENT));
	return t;
}
#define current thread_current()

/* How urgent t is: its own real-time priority or that of who waits for it. 0: an ordinary thread. */
static inline uint32_t thread_rt(const struct thread *t)
{
	return MAX(t->rt_priority, t->rt_boost);
}

/* A thread with stack and xsave area, state NEW, on no queue, in no process. NULL: out of memory.
 * Its first run returns to user code with *regs (filled by the caller through thread->regs). */
struct thread *thread_alloc(void) must_check;
/* Runs fn(arg) inside the LibOS; ends when fn returns. */
struct thread *thread_spawn_kernel(const char *name, void (*fn)(void *), void *arg) must_check;
/* Puts a NEW thread on a run queue. */
void thread_start(struct thread *t);
/* In a new user thread, first of all (thread/clone.c). May sleep. */
void clone_finish(struct thread *t);
/* Ends the current thread for good; the scheduler frees it. Its process must have let go of it. */
void thread_exit_current(void) noreturn_fn;
/* Makes a BLOCKED thread runnable; harmless otherwise. sync: the waker is about to sleep itself. */
void thread_wake(struct thread *t, bool sync);
/* Wakes t if it sleeps interruptibly (signal arrived), or kicks it out of user code if it runs. */
void thread_interrupt(struct thread *t, bool fatal);
void thread_yield(void);
/* tid -> thread, NULL if none. */
struct thread *thread_find(kpid_t tid);
kpid_t tid_alloc(struct thread *t); /* -EAGAIN when exhausted */
void tid_free(kpid_t tid);
unsigned vcpu_count(void);
unsigned vcpu_current_index(void);
/* Saves/loads vector state around LibOS code that uses vector registers (crypto). Nests not. */
void fpu_begin(void);
void fpu_end(void);
/* Writes the current thread's vector registers to its xsave area / loads them from it (signal frames, clone, exec). */
void fpu_save_current(void);
void fpu_copy_current(struct thread *t); /* to a new thread */
#define FPU_HEAD 576 /* FXSAVE image and XSAVE header */
/* The vector state as it is: its head, and how much of it is used; what lies behind the head is then in current->xsave. Dead
 * vectors are in their initial state. */
size_t fpu_snapshot(uint8_t head[FPU_HEAD]);
/* The program expects nothing of its vector registers just now. */
bool fpu_vectors_dead(void);
struct fpu_control {
	uint32_t mxcsr;
	uint16_t x87;
};
/* Does an image's head say that all is in its initial state but for control words, which are read? */
bool fpu_image_initial(const uint8_t head[FPU_HEAD], struct fpu_control *control);
/* The current thread goes on with these control words and nothing else in its vector registers that it expects. */
void fpu_load_dead(const struct fpu_control *control);
/* current->xsave was written over and is not to be loaded: initial state. */
void fpu_forget_current(void);
void fpu_load_current(void);
void fpu_reset_current(void);      /* the state a new program sees; dead vectors stay so */
void fpu_init_area(void *xsave);
size_t fpu_area_size(void);
/* Up to the last part that is not in its initial state; what lies behind is not read by XRSTOR. */
size_t fpu_used_size(const void *area);
uint64_t fpu_xfrm(void);
uint64_t user_fs_base(void);      /* of the current thread */
/* An address a thread pointer may have: loading others may fault, or make the program write over the LibOS. */
bool user_fs_base_ok(uint64_t v);
void set_user_fs_base(uint64_t v);
