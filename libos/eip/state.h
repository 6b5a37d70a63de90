/* state.h: who a process is, on its way to another enclave (eip/ internal). */
#pragma once
#include "eip/pack.h"

struct process;
struct thread;

/* Numbers and the parent, for the beginning of EIP_EXEC and EIP_FORK. */
struct eip_head {
	kpid_t pid, pgid, sid;
	kpid_t parent, parent_pgid, parent_sid; /* parent 1: init */
	kpid_t first_pid; /* a block of numbers for the new enclave; see pids.c */
	uint32_t parent_uid;
};

void eip_head_fill(struct eip_head *h, const struct process *p, kpid_t first_pid);

/* Directories, credentials, limits, signals' fates and all else that execve keeps; t is its thread. */
void eip_state_pack(struct pack *out, const struct process *p, const struct thread *t);
/* Into p, which is the current process, and t. Directories first, credentials with eip_state_become. May sleep. */
struct eip_state;
int eip_state_unpack(struct process *p, struct thread *t, struct unpack *u) must_check;
/* The credentials that were unpacked are p's from now on, and so is the terminal. */
void eip_state_become(struct process *p);
