/* internal.h: what the files of process/ and thread/clone.c share with each other. */
#pragma once
#include "process/process.h"

struct eip_peer;
struct inode;
struct program;

/* A process with leader t as its only thread, child of parent (NULL for pid 1): credentials, limits, group
 * and session are the parent's; no memory, files, directories or handlers yet. -EAGAIN -ENOMEM. */
int process_create(struct process *parent, struct thread *leader, struct process **out) must_check;
/* One that lives in another enclave: without a thread, as number pid; otherwise as process_create. */
int process_create_elsewhere(struct process *parent, kpid_t pid, struct process **out) must_check;
/* exit.c: the current process goes on in the enclave behind the neighbour: its only thread ends here, and what is left of
 * it says who it is. May sleep. */
void process_moved(struct eip_peer *to) noreturn_fn;
/* The same for a forked process that never ran here: t is its thread. */
void process_born_elsewhere(struct process *p, struct thread *t, struct eip_peer *to);
/* exit.c: p, without threads, has ended; its parent is told. May free p. */
void process_become_zombie(struct process *p);
void process_give_children_away(struct process *p);
/* child's parent has ended; `to` is its parent from now on. */
void process_give_child(struct process *child, struct process *to);
/* exec.c: the current process, which has no memory yet, becomes the program, opened by program_open. May sleep. */
int exec_first(struct program *pg) must_check;
/* Undoes process_create for a process that never ran; drops what has been put into it. The thread keeps
 * no number and no process. */
void process_discard(struct process *p, struct thread *leader);
void process_add_thread(struct process *p, struct thread *t);
void process_remove_thread(struct process *p, struct thread *t);
/* A zombie goes: its number is free again. */
void process_reap(struct process *p);
/* Drops memory, files, directories, handlers, executable. May sleep. */
void process_drop_resources(struct process *p);
/* exec.c: what the kernel keeps to describe a loaded program: exe, where the strings are, comm. */
void program_describe(const struct program *pg, struct process *p, struct thread *t);
/* exit.c: robust list, clear_child_tid and rseq of a thread that leaves its memory. May sleep. */
void thread_release_memory(struct thread *t);
/* exit.c: the zombie that a tracer held is its parent's from now on. */
void process_zombie_release(struct process *p);
/* The parent of a vfork child may go on. */
void process_vfork_release(struct process *p);
/* Remembers what runs; forbids writing to it. path may have NULL members (nothing runs any more). */
void process_set_exe(struct process *p, const struct path *path);

struct fs_info *fs_info_create(void) must_check;      /* no directories yet, umask 022 */
struct fs_info *fs_info_get(struct fs_info *fs);
struct fs_info *fs_info_copy(struct fs_info *fs) must_check;
void fs_info_put(struct fs_info *fs);

/* session.c. p leaves its group for good (parent NULL), or its father `parent` ends: a group that this
 * orphans and that has stopped members gets SIGHUP and SIGCONT. */
void pgrp_check_orphans(struct process *p, struct process *parent);
/* A session leader ends: its terminal is given up. */
void session_leader_exit(struct process *p);
void process_set_pgrp(struct process *p, kpid_t pgid);

/* rlimit.c */
void rlimits_default(struct rlimit *rlim);
/* How many processes and threads the real user may still make: true if one more is allowed. */
bool rlimit_may_create(const struct process *p);
/* The real user has changed: may it have as many processes as it has now? */
bool rlimit_nproc_exceeded(const struct process *p);

/* cred.c */
void cred_init_root(struct cred *c);
/* caps.c. What a change of user ids does to capabilities; and of the file system user alone. */
void caps_after_setuid(struct cred *c, const struct cred *old);
void caps_after_setfsuid(struct cred *c, uint32_t old);
/* execve of a file: set-id bits, capabilities of the file. True: AT_SECURE. */
bool cred_exec(struct process *p, struct inode *inode, bool nosuid);
/* The prctl operations on capabilities; -EINVAL for others. */
long prctl_caps(struct cred *c, int op, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);
/* thread/thread.c: a thread that has never run goes. */
void thread_free(struct thread *t);
