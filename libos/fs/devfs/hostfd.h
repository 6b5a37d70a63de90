/* hostfd.h: descriptors of the operator (stdin, stdout, stderr of `occlum run`) as open files.
 *
 * The host descriptor is untrusted: bytes go out and come in in the clear, and fstat shows what the
 * host says it is. The LibOS owns the descriptor: the last file_put closes it. */
#pragma once
#include "base/types.h"

struct file;

/* Ref 1, or NULL (out of memory; host_fd stays the caller's). flags: access mode and O_NONBLOCK.
 * tty: the file shows up as /dev/console and obeys terminal ioctls and job control. */
struct file *hostfd_open(int host_fd, bool tty, unsigned flags) must_check;
/* The host descriptor behind f, which stays f's; -1: there is none. */
int hostfd_host(const struct file *f, bool *tty);
