/* eip.h: processes in enclaves of their own (multiprocess = eip): what the rest of the LibOS calls. See README.md.
 *
 * A process that lives in another enclave is here a struct process with `elsewhere` set: no threads, memory or
 * descriptors. All functions do nothing, or are not called, unless eip_enabled(). Giant lock. */
#pragma once
#include "eip/link.h"
#include "signal/signal.h"

struct eip_peer;
struct file;
struct process;
struct program;
struct tty;

/* execve: must the current process, which borrows its memory, go on in an enclave of its own? */
bool eip_exec_leaves(void);
/* The program, opened and with its strings, starts in a new enclave as the current process: *to is where it lives then, and
 * process_moved() the caller's to call. Or -errno: nothing has happened. May sleep. */
int eip_exec(const struct program *pg, struct eip_peer **to) must_check;
/* fork: a new enclave gets a copy of the current process. regs etc. of t, which never runs, say how it goes on; t is the
 * only thread of p, which has no memory yet. 0: p is a proxy from now on and has let go of t. May sleep. */
int eip_fork(struct process *p, struct thread *t) must_check;
/* pid 1 of a child enclave: starts the process, serves its parent's enclave, and ends this one. Does not return. May sleep. */
void eip_child_main(void) noreturn_fn;

/* p, whose only thread t takes no signals any more, is about to leave: those that wait, and all that come, follow it. */
void eip_proxy_prepare(struct process *p, struct thread *t, struct eip_peer *to);
/* p, which has no thread any more, lives behind that neighbour from now on; it may end as soon as this sleeps. */
void eip_proxy_begin(struct process *p, struct eip_peer *to);

/* The process for which this enclave was made; NULL in the first enclave, and once it has ended. */
extern struct process *eip_main;
/* eip_main has ended (zombie) or stopped or gone on: code CLD_*, status as in siginfo. */
void eip_report(struct process *p, int code, int status);
/* The parent of p, here or elsewhere, has ended, and `reaper`, which is here, has become it. If that is init, there may be
 * a subreaper in another enclave. */
void eip_orphaned(struct process *p, struct process *reaper);
/* p, here or elsewhere, has another group, session or user. */
void eip_identity_changed(struct process *p);
/* The enclave has one process less. */
void eip_stop_if_done(void);

/* A signal for a process elsewhere, for the only thread of one that is just leaving, or for what other enclaves have of a
 * group. */
void eip_signal_process(struct process *p, int sig, const struct siginfo *info);
void eip_signal_thread(struct thread *t, int sig, const struct siginfo *info);
void eip_signal_group(kpid_t pgid, int sig, const struct siginfo *info);

/* kill(2) and its like: asks the other enclaves. who: a process (EIP_PID), a thread (EIP_TID, tgid 0: any),
 * a group, or all but the current process. 0, -EPERM, -ESRCH: also if there are no others. May sleep. */
enum eip_target { EIP_PID = 1, EIP_TID, EIP_GROUP, EIP_ALL };
struct eip_kill {
	enum eip_target target;
	kpid_t id, tgid;
	int sig;
	const struct siginfo *info;
};
int eip_kill(const struct eip_kill *k) must_check;
/* getpgid, getsid of a process that is not known here; does somebody of session sid have the group? -ESRCH. May sleep. */
int eip_getpgid(kpid_t pid) must_check;
int eip_getsid(kpid_t pid) must_check;
bool eip_group_in_session(kpid_t pgid, kpid_t sid) must_check;

/* Of /proc/PID/stat; 'X' if nobody knows of it. May sleep. */
char eip_process_state(kpid_t pid);

/* Terminals: the foreground group changed here. */
void eip_tty_changed(const struct tty *t);

/* Numbers for this enclave run out (process/pid.c): asks for more. Never sleeps. */
void eip_pids_low(void);

/* A file that the parent's enclave handed on (f->eip_index) is closed for good. */
void eip_file_released(const struct file *f);
