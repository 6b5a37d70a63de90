/* server.h: the process behind `occlum start`. */
#pragma once

struct instance;

/* Binds the socket in the current directory's run/; replaces a stale one. -EADDRINUSE: somebody answers there. */
int server_bind(void);
/* Serves until a STOP message; returns the exit status of the process. Descriptor from server_bind. */
int server_run(int sock, struct instance *in);
