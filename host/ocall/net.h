/* net.h: sockets for the LibOS; libos/abi/net.h says what the calls mean. Sockets are found by the id that the
 * LibOS chose; every call checks that the id is that of the socket in its place. net_events waits on all watched sockets. */
#pragma once
#include <stdint.h>

#include "libos/abi/net.h"

int net_start(void); /* 0 or -errno */
void ocall_net_op(struct ocall_net_op *a);
void ocall_net_write(struct ocall_net_data *a);
void ocall_net_read(struct ocall_net_data *a);
void ocall_net_ahead(struct ocall_net_ahead *a);
void ocall_net_later(struct ocall_net_later *a);
void ocall_net_send(struct ocall_net_msg *a);
void ocall_net_recv(struct ocall_net_msg *a);
void ocall_net_option(struct ocall_net_option *a);
void ocall_net_interfaces(struct ocall_net_interfaces *a);

/* Events into out, after at most timeout_ns (UINT64_MAX: for ever), for spin_ns of which it does not sleep. Ended by
 * net_wake, which is remembered until the next call. One thread at a time may give a timeout other than 0. */
int64_t net_events(struct net_event *out, uint32_t max, uint64_t timeout_ns, uint64_t spin_ns);
void net_wake(void);
