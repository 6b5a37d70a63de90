/* spawn.h: what starting an enclave for a program (exec.c) and for a fork (fork.c) share (eip/ internal). */
#pragma once
#include "eip/peer.h"

struct thread;

struct eip_spawn {
	struct eip_peer *peer; /* NULL: it did not come to that */
	struct pack pending;   /* signals that waited for the process, the caller's to free or put back (pending.h) */
};

/* 0, or -EAGAIN: the current process may not leave, and a line says why. */
int eip_may_leave(void) must_check;
/* A new enclave gets process p as thread t has it, its descriptors and, at the end of the message, rest, which is freed. May
 * sleep. On failure nothing is left but what eip_enclave_drop drops. */
int eip_enclave_start(struct eip_spawn *s, struct process *p, struct thread *t, enum eip_type type, bool exec,
		      struct pack *rest) must_check;
/* What it says of the process' start: 0 or the -errno. May sleep. */
int eip_enclave_started(struct eip_spawn *s) must_check;
void eip_enclave_drop(struct eip_spawn *s);

/* fork.c: in the new enclave: memory and registers of the current process. May sleep. */
int eip_fork_arrive(struct unpack *u, struct pack *partial) must_check;
