/* ptrace_none.h: for unit tests of code that asks ptrace/: nobody is traced. */
#pragma once
#include "process/process.h"
#include "ptrace/ptrace.h"

int ptrace_wait_scan(const struct wait_query *q, struct wait_result *r, bool consume)
{
	(void)q;
	(void)r;
	(void)consume;
	return -10; /* ECHILD */
}
void host_exited(uint64_t request_id, int wait_status, int pid);
void host_exited(uint64_t request_id, int wait_status, int pid)
{
	(void)request_id;
	(void)wait_status;
	(void)pid;
}
bool ptrace_by_parent(const struct process *p)
{
	(void)p;
	return false;
}
bool ptrace_stop_due(const struct thread *t)
{
	(void)t;
	return false;
}
void ptrace_group_stop(struct thread *t) { (void)t; }
void ptrace_interrupted(struct thread *t) { (void)t; }
void ptrace_serve(struct thread *t) { (void)t; }
void tracee_group_continued(struct tracee *tr) { (void)tr; }
bool ptrace_signal(struct thread *t, int *sig, struct siginfo *info)
{
	(void)t;
	(void)sig;
	(void)info;
	return true;
}
