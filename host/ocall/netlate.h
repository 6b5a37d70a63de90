/* netlate.h: what a stream did not take at once of bytes that the LibOS believes sent (OCALL_NET_LATER) is kept here and sent
 * by a thread of its own when there is room. Meanwhile the stream looks full; shutting it down for writing and closing
 * it wait for the bytes. A socket is named by the LibOS's id until it is closed. Any thread may call. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The epoll set in which the LibOS's sockets are watched, and for what: a socket that has room again is announced there. */
void late_start(int watch_fd, uint32_t watch_events);
/* Sends n bytes of a stream: how many were taken at once, the rest being kept; or -errno and the stream is done with. */
int64_t late_send(uint32_t id, int fd, const void *data, size_t n);
/* Bytes still kept for the socket. */
size_t late_bytes(uint32_t id);
/* POLL* or EPOLL* bits, without room for writing while there are such bytes. */
unsigned late_hide(uint32_t id, unsigned events);
/* The socket is to be shut down for writing, or closed: true if that is done here, after the bytes. */
bool late_shutdown(uint32_t id);
bool late_close(uint32_t id);
/* Waits, but no longer than that, until all is sent; what is left. Called at exit(3), too. */
size_t late_finish(unsigned seconds);
