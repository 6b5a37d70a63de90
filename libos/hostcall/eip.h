/* eip.h: what libos/eip asks of the host. Waits are not ended by signals: half a record must not be left behind. */
#pragma once
#include "abi/ocall.h"
#include "base/types.h"

/* A new host process with an enclave like this one; see OCALL_EIP_SPAWN. Our end of the connection or -errno. May sleep. */
int host_eip_spawn(const int *fds, unsigned int n);
void host_eip_mark(enum eip_mark mark);
/* All n bytes: 0; -EPIPE: the other end is closed; or another -errno. May sleep. */
int host_stream_write(int fd, const void *buf, size_t n);
/* At least one and at most n bytes (64 KiB at a time); 0: end of the stream; -errno. May sleep. */
ssize_t host_stream_read(int fd, void *buf, size_t n);
