/* pidfd.h: descriptors that name a process for as long as they are open. */
#pragma once
#include "process/process.h"

/* A new descriptor (close-on-exec) of the current process for p; flags: O_NONBLOCK. -EMFILE -ENOMEM. */
int pidfd_create(struct process *p, unsigned flags) must_check;
/* The process that fd names, not referenced: valid until the next sleep. nonblock may be NULL. -EBADF. */
int pidfd_process(int fd, struct process **out, bool *nonblock) must_check;
