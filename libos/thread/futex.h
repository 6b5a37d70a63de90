/* futex.h: fast user-space locks: what other parts of the LibOS need of them. */
#pragma once
#include "base/types.h"

struct thread;

/* FUTEX_WAKE on a word of the current process that is shared like its mapping. Threads woken. May sleep. */
int futex_wake_addr(uaddr_t addr, int n);
/* The thread dies owning priority-inheritance locks: others that wait for them get them, marked; it owns none later. May sleep. */
void futex_exit_pi(struct thread *t);
/* The priority of t has changed: so may that of the owner of a lock it waits for. */
void futex_pi_adjust(struct thread *t);

#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
#define FUTEX_TID_MASK 0x3fffffffU
