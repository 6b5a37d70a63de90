/* ptrace.h: one process (the tracer) watches and steers threads of others (ptrace(2)).
 *
 * A traced thread has a struct tracee, in its tracer's list. It outlives the thread until the tracer has waited for it. The
 * tracer is a process: any of its threads may make the requests. Giant lock. */
#pragma once
#include "base/list.h"
#include "signal/signal.h"

struct process;
struct wait_query;
struct wait_result;

#define DEBUG_REGS 8

struct tracee {
	struct list node;         /* tracer->tracees */
	struct process *tracer;
	struct process *process;  /* the thread's, referenced */
	struct thread *thread;    /* NULL: it has ended */
	kpid_t tid;
	bool seized;
	uint32_t options;         /* PTRACE_O_* */
	bool stopped, reported;   /* waits for the tracer; who has been told by wait */
	int code;                 /* of the stop: signal | event << 8 */
	uint64_t message;         /* PTRACE_GETEVENTMSG */
	struct siginfo info;      /* of the signal it stopped for; signo 0: none */
	int resume_signal;        /* what the tracer wants delivered */
	bool leaving;             /* the stop is that of a thread's end */
	bool listening;           /* PTRACE_LISTEN: stopped, but as the group is */
	bool interrupt;           /* shall stop as soon as it can */
	bool past_group_stop;     /* the group is stopped, this thread was told to go on */
	bool trace_syscalls;
	uint8_t syscall_stop;     /* PTRACE_SYSCALL_INFO_* of the current stop */
	bool dead;                /* ended, to be waited for with this status: */
	int status;
	uint64_t debug[DEBUG_REGS]; /* kept for PTRACE_PEEKUSER, without effect */
	struct memory_request *memory; /* what the stopped thread shall do for its tracer */
};

/* tracee.c */
int tracee_attach(struct thread *t, struct process *tracer, bool seized, uint32_t options) must_check;
void tracee_detach(struct tracee *tr); /* frees it; a stopped thread goes on */
/* For wait: like the scan of children. -ECHILD: none. 1: something, in *r. */
int ptrace_wait_scan(const struct wait_query *q, struct wait_result *r, bool consume);
/* Is p watched by its own parent, which therefore hears of stops as a tracer does? */
bool ptrace_by_parent(const struct process *p);
/* Thread t ends. Its process has ended: true if the parent is not to know before the tracer does. */
void ptrace_thread_gone(struct thread *t, int status);
bool ptrace_holds_zombie(struct process *p);
/* Tracer p ends: what it traced goes on without it, or dies. */
void ptrace_tracer_gone(struct process *p);
/* The pid of t's tracer; 0: none. */
kpid_t ptrace_tracer_pid(const struct thread *t);

/* Its group goes on: a thread that stops as the group does tells its tracer. */
void tracee_group_continued(struct tracee *tr);

/* stop.c: places where traced threads stop. May sleep. Only called with t->trace set, t being current. */
bool ptrace_stop_due(const struct thread *t); /* must stop before it returns to user code */
void ptrace_group_stop(struct thread *t);
void ptrace_interrupted(struct thread *t);
/* A signal is about to be delivered. False: not any more; else perhaps another one. */
bool ptrace_signal(struct thread *t, int *sig, struct siginfo *info);
void ptrace_syscall(struct thread *t, bool entry);
void ptrace_exec(struct thread *t);
void ptrace_exit_event(struct thread *t, int status);
/* A traced thread makes another one: the event (0: none) and the child's tracing, before the child runs; then the stop. */
int ptrace_clone_event(struct thread *t, struct thread *child, uint64_t clone_flags, int exit_signal);
void ptrace_clone_stop(struct thread *t, int event, kpid_t tid);
/* The tracer has asked the stopped thread to copy memory. Called by the thread whenever it was woken. */
void ptrace_serve(struct thread *t);
/* Used by the stopping code of signal/: does t sleep for its tracer's sake? */
static inline bool ptrace_stopped(const struct thread *t) { return t->trace->stopped; }
/* Copies between kernel memory and the tracee's. -EIO. May sleep; the tracee may be gone afterwards. */
int tracee_copy(struct tracee *tr, uaddr_t addr, void *buf, size_t n, bool write) must_check;

void tracee_fail_memory(struct tracee *tr);

/* regs.c */
struct iovec_user {
	uint64_t base, len;
};
long tracee_peek_user(struct tracee *tr, uint64_t offset, uint64_t *value);
long tracee_poke_user(struct tracee *tr, uint64_t offset, uint64_t value);
long tracee_get_regs(struct tracee *tr, uaddr_t to);
long tracee_set_regs(struct tracee *tr, uaddr_t from);
long tracee_get_fpregs(struct tracee *tr, uaddr_t to);
long tracee_set_fpregs(struct tracee *tr, uaddr_t from);
long tracee_regset(struct tracee *tr, uint64_t type, uaddr_t uiov, bool set);
