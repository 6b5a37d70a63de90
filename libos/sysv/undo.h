/* undo.h: what the end of a process has to do about semaphores. */
#pragma once

struct process;

/* Gives back what p took with SEM_UNDO. Never sleeps. */
void sem_undo_exit(struct process *p);
