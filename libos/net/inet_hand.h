/* inet_hand.h: internet sockets that pass to another enclave of the instance (eip/files.c). See inet_hand.c. */
#pragma once
#include "eip/pack.h"

struct file;

/* The host descriptor of f, an internet socket, which stays f's; what else the other side needs goes into p. -1: f is none, or
 * has no socket of the host. */
int inet_hand_out(const struct file *f, struct pack *p);
/* A socket on fd, which it takes over, also on failure. NULL: no memory, or what was packed makes no sense. */
struct file *inet_take_over(struct unpack *u, int fd);
