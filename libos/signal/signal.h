/* signal.h: sending and delivering signals (signal(7)). See signal/README.md for the files. */
#pragma once
#include "linux/signal.h"
#include "thread/thread.h"

struct process;
struct sighand;

/* Negative results a handler may return when a signal interrupted it; never seen by user code.
 * Delivery turns them into -EINTR or a restart, as Linux does. -EINTR itself is never restarted. */
#define ERESTARTSYS 512           /* restart if SA_RESTART (or no handler runs) */
#define ERESTARTNOINTR 513        /* always restart */
#define ERESTARTNOHAND 514        /* restart only if no handler runs */
#define ERESTART_RESTARTBLOCK 516 /* like NOHAND, by restart_syscall: thread.restart_fn */

struct siginfo { /* user ABI layout, 128 bytes */
	int32_t signo, err, code, pad;
	union {
		struct { int32_t pid; uint32_t uid; uint64_t value; } rt;            /* kill, sigqueue */
		struct { int32_t pid; uint32_t uid; int32_t status; int32_t pad; int64_t utime, stime; } chld;
		struct { uint64_t addr; uint16_t addr_lsb; uint16_t pad[3]; uint64_t lower, upper; } fault;
		struct { int64_t band; int32_t fd; } poll;
		struct { int32_t tid, overrun; uint64_t value; } timer;
		struct { uint64_t call_addr; int32_t syscall; uint32_t arch; } sys;
		uint8_t raw[112];
	};
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo layout");

/* Sending. info may be NULL (kernel signal). 0 or -EAGAIN (queue limit). Never sleep. */
int signal_send_thread(struct thread *t, int sig, const struct siginfo *info);
int signal_send_process(struct process *p, int sig, const struct siginfo *info);
int signal_send_pgrp(kpid_t pgid, int sig, const struct siginfo *info); /* -ESRCH */
/* An exception of the current thread: cannot be blocked or ignored away (forces the default then). */
void signal_force_fault(int sig, int code, uaddr_t addr);
void signal_force(int sig);
void signal_force_info(const struct siginfo *info);
/* May the current process send sig to p? 0 or -EPERM. */
int signal_may_send(struct process *p, int sig);

/* True if an unblocked signal (or a request to end) waits for t. */
bool signal_pending(struct thread *t);
/* Called on the way back to user code with sig_check set: acts on pending signals, builds frames,
 * handles restarts. May end or stop the thread. May sleep. */
void signal_deliver(struct regs *regs);

struct sighand *sighand_create(void) must_check;   /* all default */
void sighand_ignore(struct sighand *s, sigset64 set);
struct sighand *sighand_get(struct sighand *s);    /* CLONE_SIGHAND */
struct sighand *sighand_copy(struct sighand *s) must_check;
void sighand_put(struct sighand *s);
void sighand_exec(struct process *p);              /* handlers -> default, altstack off */
void signal_flush_thread(struct thread *t);        /* frees queues when t or p goes */
void signal_flush_process(struct process *p);
/* Temporary mask for sigsuspend/ppoll/epoll_pwait: NULL-able user pointer; restores on return to user code. */
int signal_set_temp_mask(uaddr_t umask_ptr, size_t sigsetsize) must_check;
bool signal_ignored(struct process *p, int sig);

/* SIGCHLD rules: children of p need no wait (SIG_IGN or SA_NOCLDWAIT); p wants no word of stops. */
bool signal_child_autoreap(struct process *p);
bool signal_child_nostop(struct process *p);

/* For signalfd and sigtimedwait: what t could take now, and taking the first one in mask (0: none). */
static inline sigset64 sigmask_of(int sig) { return 1UL << (sig - 1); }
sigset64 signal_pending_set(struct thread *t);
int signal_dequeue(struct thread *t, sigset64 mask, struct siginfo *out);
/* The current thread's mask; SIGKILL and SIGSTOP stay unblocked. */
void signal_set_mask(sigset64 mask);
/* How large a signal stack must be at least (AT_MINSIGSTKSZ). */
size_t signal_min_stack_size(void);
/* For /proc/PID/status. */
void signal_status_masks(struct process *p, sigset64 *ign, sigset64 *caught);
