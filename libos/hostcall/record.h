/* record.h: pairs of host sockets that keep records apart (SOCK_SEQPACKET), for pipes between enclaves. Never block. */
#pragma once
#include "base/types.h"

/* Two ends of a new pair, both to read and to write; host descriptors of ours. 0 or -errno. */
int host_record_pair(int fds[2]) must_check;
/* shutdown(2) of one: how 0: nothing is received any more; 1: nothing is sent. 0 or -errno. */
int host_shutdown(int fd, int how) must_check;
/* The buffer for sending of one gets at least that many bytes if it may; how many it has (the host says), or -errno. */
long host_record_buffer(int fd, size_t bytes) must_check;
/* One record of n bytes, whole or not at all. 0; -EAGAIN: full; -EPIPE: nobody has the other end; or another -errno. */
ssize_t host_record_send(int fd, const void *buf, size_t n) must_check;
/* The next records, of at most `largest` bytes each, one behind the other: at least one, and more until there are `want` bytes,
 * `overhead` of each not counted, or no room for the largest. Bytes; 0: nobody has the other end any more; -EAGAIN: none yet. */
ssize_t host_records_receive(int fd, void *buf, size_t room, size_t want, size_t largest,
			     size_t overhead) must_check;
