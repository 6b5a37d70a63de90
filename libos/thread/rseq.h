/* rseq.h: restartable sequences: hooks of the ways back to user code. */
#pragma once
#include "thread/thread.h"

/* t->rseq is set and t returns to user code: after a switch of threads, aborts an interrupted sequence and
 * tells the program which CPU it is on. May sleep. */
void rseq_update(struct thread *t);
/* A signal handler is about to run on top of regs: an interrupted sequence aborts. May sleep. */
void rseq_abort(struct thread *t, struct regs *regs);
