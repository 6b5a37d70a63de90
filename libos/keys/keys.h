/* keys.h: what the life of threads and processes has to do about keyrings. None of these sleeps. */
#pragma once

struct process;
struct thread;

void keys_inherit(struct process *child, const struct process *parent); /* the session keyring is shared */
void keys_exec(struct process *p, struct thread *t); /* keeps the session keyring only */
void keys_process_exit(struct process *p);
void keys_thread_exit(struct thread *t);
