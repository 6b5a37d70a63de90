/* family.c: which address families there are. */
#include "linux/errno.h"
#include "net/inet.h"
#include "net/netlink.h"
#include "net/socket.h"
#include "net/unix.h"

static const struct socket_family *const families[] = {
	&unix_family, &inet_family, &inet6_family, &netlink_family,
};

int socket_create(int family, int type, int protocol, struct socket **out)
{
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_TYPE_MAX)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i]->family == family)
			return families[i]->create(type, protocol, out);
	}
	return -EAFNOSUPPORT;
}
