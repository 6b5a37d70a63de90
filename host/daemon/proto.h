/* proto.h: between `occlum exec` and the process that `occlum start` left running. A UNIX stream socket in
 * the instance's run/ directory, readable by its owner only. Each message is a head and `length` bytes. */
#pragma once
#include <stdint.h>

#define DAEMON_SOCKET "run/occlum.sock"
#define DAEMON_LOG "run/occlum.log"
#define DAEMON_MAGIC 0x4f43434cu

enum message_type {
	MESSAGE_EXEC = 1,  /* three descriptors attached; value = umask, id = ignored signals; cwd, program, argv..., "", env... */
	MESSAGE_SIGNAL,    /* value = signal, to the program of this connection */
	MESSAGE_WINSIZE,
	MESSAGE_STATUS,    /* answer: STATUS, value = programs running, id = pid */
	MESSAGE_STOP,      /* answer: EXIT when stopped (the connection closes) */
	MESSAGE_EXIT,      /* value = wait status or -errno << 16 */
	MESSAGE_ERROR,     /* text */
	MESSAGE_STATS,     /* answer: STATS with JSON */
};

struct message {
	uint32_t magic, type;
	int32_t value;
	uint32_t id, argc, length;
};
#define MESSAGE_MAX 65536

/* 0 or -errno; fds may be NULL. */
int message_send(int sock, const struct message *m, const void *body, const int fds[3]);
/* Reads one message: body malloc'ed (NULL if empty), fds set to -1 where none came. -EPIPE at the end. */
int message_receive(int sock, struct message *m, char **body, int fds[3]);
