/* eventfd.h: telling an eventfd from inside: what finished aio does; event descriptors on their way to another enclave. */
#pragma once
#include "eip/pack.h"
#include "fs/file.h"

/* Adds one, never waits; the counter stays at its end (and polls as an error) when it overflows. -EINVAL: not an eventfd. */
int eventfd_signal(struct file *f) must_check;
bool file_is_eventfd(const struct file *f);

/* For another enclave (eip/files.c): the host descriptors that carry its counter from now on, which stay f's, and what else
 * the other side needs. -ENOMEM: or the host has none. */
int eventfd_pack(struct file *f, struct pack *p, int fds[2]) must_check;
/* Takes over fds. NULL: no memory, or what was packed makes no sense. */
struct file *eventfd_unpack(struct unpack *u, const int fds[2]) must_check;
