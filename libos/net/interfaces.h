/* interfaces.h: the host's network interfaces, as ioctls and netlink tell about them. */
#pragma once
#include "abi/net.h"
#include "base/types.h"

#define INTERFACES_MAX 256 /* records: links and addresses */

/* Checked records, to be kfree'd; NULL: *count is the error. */
struct net_record *interfaces_get(int *count);

/* SIOCGIF*, on a socket of any family; -ENOIOCTLCMD: not such a request. */
long interface_ioctl(int family, unsigned cmd, uaddr_t arg);
