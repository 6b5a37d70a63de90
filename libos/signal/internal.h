/* internal.h: what the files of signal/ (and posix timers) share: handler tables and queue entries. */
#pragma once
#include "signal/signal.h"

#define SIG_STOP_MASK                                                                              \
	(sigmask_of(SIGSTOP) | sigmask_of(SIGTSTP) | sigmask_of(SIGTTIN) | sigmask_of(SIGTTOU))
#define SIG_UNBLOCKABLE (sigmask_of(SIGKILL) | sigmask_of(SIGSTOP))
#define SIG_SYNCHRONOUS                                                                            \
	(sigmask_of(SIGSEGV) | sigmask_of(SIGBUS) | sigmask_of(SIGILL) | sigmask_of(SIGTRAP) |     \
	 sigmask_of(SIGFPE) | sigmask_of(SIGSYS))
#define SIG_IGNORED_BY_DEFAULT                                                                     \
	(sigmask_of(SIGCONT) | sigmask_of(SIGCHLD) | sigmask_of(SIGWINCH) | sigmask_of(SIGURG))
#define SIG_CORE_MASK                                                                              \
	(sigmask_of(SIGQUIT) | sigmask_of(SIGILL) | sigmask_of(SIGTRAP) | sigmask_of(SIGABRT) |    \
	 sigmask_of(SIGFPE) | sigmask_of(SIGSEGV) | sigmask_of(SIGBUS) | sigmask_of(SIGSYS) |      \
	 sigmask_of(SIGXCPU) | sigmask_of(SIGXFSZ))

struct sighand {
	unsigned ref;
	struct user_sigaction action[NSIG];
};

struct sig_account;

/* One queued signal. Belongs to the queue, unless `taken` is set: then to whoever set it. */
struct sigqueue {
	struct list node;
	struct siginfo info;
	struct sig_account *account;
	void (*taken)(struct sigqueue *q, struct siginfo *out);
};

/* One set of pending signals: a thread's or a process'. */
struct pending {
	sigset64 *set;
	struct list *queue;
};
static inline struct pending pending_of_thread(struct thread *t)
{
	return (struct pending){ &t->sig_pending, &t->sig_queue };
}
struct pending pending_of_process(struct process *p);

/* queue.c */
/* 0, or -EAGAIN when the user has too many queued and the signal must not lose its data. */
int pending_add(struct pending to, int sig, const struct siginfo *info, struct process *charge);
int pending_take(struct pending from, sigset64 mask, struct siginfo *out);
void pending_discard(struct pending from, sigset64 mask);
void pending_drop_entry(struct pending from, struct sigqueue *q); /* one with `taken` set */
unsigned sigqueue_count(uint32_t uid);
/* For an entry that lives longer than its being queued (timers): counted until it is put. NULL: over RLIMIT_SIGPENDING. */
struct sig_account *sigqueue_charge(const struct process *p) must_check;
void sigqueue_uncharge(struct sig_account *a);

/* send.c */
/* A timer's own entry: 0 sent, 1 still pending from last time (or ignored). */
int signal_send_entry(struct process *p, struct thread *t, struct sigqueue *q);
void signal_discard_everywhere(struct process *p, sigset64 mask);
void signal_fill_user(struct siginfo *info, int sig, int code);
void signal_recheck(struct thread *t); /* sets sig_check if something is deliverable */

/* frame.c */
#define RFLAGS_USER 0x250cd5UL /* AC OF DF SF ZF AF PF CF RF ID; not TF: we cannot be single-stepped */
#define RFLAGS_FIXED 0x202UL
/* A saved vector state whose unwritten parts must not be looked at gets initial values there. */
void xsave_fill_initial(uint8_t *area);
int frame_setup(struct regs *regs, int sig, const struct siginfo *info, const struct user_sigaction *act,
		sigset64 saved_mask) must_check;
/* altstack.c */
bool altstack_active(const struct thread *t, uaddr_t sp);
int altstack_set(struct thread *t, const struct user_stack *ss, uaddr_t sp, size_t min_size);
void altstack_read(const struct thread *t, struct user_stack *ss);

/* Does t sleep because its process is stopped? */
bool signal_in_group_stop(const struct thread *t);
/* deliver.c: what becomes of a system call that returned ret when a signal is (not) handled. */
enum restart { RESTART_KEEP, RESTART_EINTR, RESTART_AGAIN, RESTART_BLOCK };
enum restart signal_restart_decision(long ret, bool handler, bool sa_restart);
