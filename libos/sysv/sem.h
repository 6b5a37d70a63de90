/* sem.h: semaphore sets (sysv/sem*.c). */
#pragma once
#include "base/list.h"
#include "sync/waitq.h"
#include "sysv/ids.h"

struct process;

struct sem {
	int value;
	kpid_t pid; /* who changed it last */
};

struct sem_set {
	struct ipc_object ipc;
	unsigned count;
	int64_t otime, ctime;
	struct list waits; /* struct sem_wait, first come first */
	struct list undos; /* struct sem_undo.in_set */
	struct sem sems[];
};

/* What a process will give back at its end. */
struct sem_undo {
	struct list in_set, in_process;
	struct sem_set *set;
	int16_t adjust[];
};

/* A semop that is to be done at once or not at all; on the stack of the thread that does it. */
struct sem_try {
	const struct sembuf *ops;
	unsigned count;
	bool alters;
	kpid_t pid;
	struct sem_undo *undo;          /* NULL: no operation has SEM_UNDO */
	const struct sembuf *blocking;  /* the one that could not be done */
};

struct sem_wait {
	struct list node;
	struct sem_try try;
	struct waitq done_wait;
	bool done;
	int result;
};

extern uint64_t sem_total; /* semaphores of all sets */
/* Values of set changed: lets go on who can. */
void sem_update(struct sem_set *set);
/* The undo of the current process for set. NULL: no memory. */
struct sem_undo *sem_undo_get(struct sem_set *set) must_check;
/* Nobody owes anything to these semaphores any more (SETVAL, SETALL). */
void sem_undo_clear(struct sem_set *set, unsigned first, unsigned count);
void sem_remove(struct sem_set *set);
static inline struct sem_set *sem_set_of(struct ipc_object *o) { return container_of(o, struct sem_set, ipc); }
