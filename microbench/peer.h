/* The other process of a ping-pong: this program again, started with a role in its arguments. */
#pragma once
#include <sys/types.h>

/*
 * posix_spawn of SELF with ARGV (NULL at the end). Descriptors KEEP (-1 at the end) are inherited.
 * Two programs that are not relatives by fork: see the "-fork" cases for those.
 */
pid_t peer_spawn(const char *self, char *const *argv, const int *keep);

/* Waits for its end; anything but status 0 is a failure of the benchmark. */
void peer_wait(pid_t pid);
