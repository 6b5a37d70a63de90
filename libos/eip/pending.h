/* pending.h: signals that wait for a process on its way to another enclave (eip/ internal). Giant lock; nothing sleeps. */
#pragma once
#include "eip/pack.h"

struct eip_peer;
struct process;
struct thread;

/* Takes all that waits for p and its only thread t, in order, with what each says. */
void eip_pending_take(struct pack *out, struct process *p, struct thread *t);
/* p stays: what was taken waits again, before what has come meanwhile. */
void eip_pending_put_back(struct pack *taken, struct process *p, struct thread *t);
/* In the new enclave: p, the current process, has what its old enclave had taken. */
void eip_pending_arrive(struct unpack *u, struct process *p, struct thread *t);
/* What has come since it was taken follows p to its new enclave as messages. */
void eip_pending_send(struct process *p, struct thread *t, struct eip_peer *to);
