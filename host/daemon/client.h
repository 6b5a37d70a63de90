/* client.h: talking to a started instance. */
#pragma once

/* Connects to the instance of the current directory; -errno (ENOENT, ECONNREFUSED: not started). */
int client_connect(void);
/* Runs a program there with our descriptors, environment and signals; its exit status. */
int client_exec(int sock, const char *cwd, char **argv);
/* pid of the server and number of running programs; 0 or -errno. */
int client_status(int sock, int *pid, int *programs);
/* The counters of the SGX model as JSON, for the caller to free. */
int client_stats(int sock, char **json);
int client_stop(int sock);
