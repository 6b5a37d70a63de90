/* sem_undo.c: SEM_UNDO: what a process took it gives back when it ends. exec keeps the debts, children have none. */
#include "base/heap.h"
#include "process/process.h"
#include "sysv/sem.h"
#include "sysv/undo.h"

struct sem_undo *sem_undo_get(struct sem_set *set)
{
	struct list *mine = &current_process()->sem_undos;
	struct sem_undo *u;

	list_for_each(u, mine, in_process) {
		if (u->set == set)
			return u;
	}
	u = kzalloc(sizeof(*u) + set->count * sizeof(u->adjust[0]));
	if (!u)
		return NULL;
	u->set = set;
	list_push_back(&set->undos, &u->in_set);
	list_push_back(mine, &u->in_process);
	return u;
}

void sem_undo_clear(struct sem_set *set, unsigned first, unsigned count)
{
	struct sem_undo *u;

	list_for_each(u, &set->undos, in_set) {
		for (unsigned i = first; i < first + count; i++)
			u->adjust[i] = 0;
	}
}

static void pay(struct sem_undo *u, kpid_t pid)
{
	struct sem_set *set = u->set;
	bool changed = false;

	for (unsigned i = 0; i < set->count; i++) {
		int value = set->sems[i].value + u->adjust[i];

		if (!u->adjust[i])
			continue;
		set->sems[i].value = value < 0 ? 0 : MIN(value, SEMVMX);
		set->sems[i].pid = pid;
		changed = true;
	}
	list_remove(&u->in_set);
	list_remove(&u->in_process);
	kfree(u);
	if (!changed)
		return;
	set->otime = ipc_now();
	sem_update(set);
}

void sem_undo_exit(struct process *p)
{
	while (!list_empty(&p->sem_undos))
		pay(list_first(&p->sem_undos, struct sem_undo, in_process), p->pid);
}
