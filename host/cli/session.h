/* session.h: one program in a running instance of this process, attached to our terminal and signals. */
#pragma once
#include <signal.h>
#include <stdint.h>

struct instance;

/* Blocks the signals that are forwarded; before any thread is made. */
void session_prepare(void);
/* Starts argv[0] (argv NULL-terminated) with our descriptors 0-2, environment and umask, in directory cwd;
 * forwards signals; returns its exit status, 128+N for a signal, 126/127 if it could not start. */
int session_run(struct instance *in, const char *cwd, char **argv);
/* A wait status (or -errno << 16) as an exit status; says what was wrong when a program did not start. */
int session_exit_status(const char *program, int status);
/* Close-on-exec duplicates of descriptors 0-2, for a program; -1 for a closed one. 0, or -1 with errno. */
int session_dup_stdio(int fds[3]);
/* What our caller has us ignore (nohup, a shell's background job), as the program is to start with: bit i, signal i + 1. */
uint32_t session_ignored(void);
/* The signals a session passes on to its program. */
void session_signals(sigset_t *set);
