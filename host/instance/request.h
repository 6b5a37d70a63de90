/* request.h: what the operator wants of the running LibOS, and what became of it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct ocall_host;
struct ocall_request;
struct ocall_exited;
struct request_queue;

struct spawn_spec {
	const char *cwd, *program;
	char *const *argv, *const *envp; /* NULL-terminated */
	int fds[3];                      /* for the program's 0, 1, 2; taken over */
	unsigned umask;
	uint32_t ignored; /* bit i: signal i + 1 is ignored from the start */
};

struct request_queue *request_queue_create(void);
/* A new request's id, or 0 when out of memory or the strings are too long (E2BIG in errno). */
uint64_t request_spawn(struct request_queue *q, const struct spawn_spec *spec);
int request_signal(struct request_queue *q, uint64_t id, int sig);
int request_winsize(struct request_queue *q, uint64_t id);
int request_stop(struct request_queue *q);
/* Blocks until the program of that request has ended or failed to start; wait status or -errno << 16. */
int request_wait(struct request_queue *q, uint64_t id, int *pid);
/* Called when a program stops (SIGSTOP, ^Z and their kin), by the thread that serves the LibOS. NULL: none. */
void request_on_stop(struct request_queue *q, void (*fn)(void *arg, uint64_t id), void *arg);

void ocall_request(struct ocall_host *h, struct ocall_request *a);
void ocall_exited(struct ocall_host *h, struct ocall_exited *a);
