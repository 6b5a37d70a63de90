/* interfaces.c: the host's network interfaces and their addresses, as flat records. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ocall/net.h"

static uint32_t mtu_of(const char *name)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &r))
		r.ifr_mtu = 1500;
	if (fd >= 0)
		close(fd);
	return (uint32_t)r.ifr_mtu;
}

/* Bytes of the address. */
static uint32_t copy_hw(uint8_t out[16], const struct sockaddr *sa)
{
	const struct sockaddr_ll *ll = (const void *)sa;

	uint32_t len = !sa ? 0 : ll->sll_halen <= 8 ? ll->sll_halen : 8;

	if (len)
		memcpy(out, ll->sll_addr, len);
	return len;
}

static uint32_t copy_ip(uint8_t out[16], const struct sockaddr *sa)
{
	if (!sa || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return 0;
	if (sa->sa_family == AF_INET)
		memcpy(out, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	else
		memcpy(out, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	return sa->sa_family == AF_INET ? 4 : 16;
}

static uint32_t prefix_of(const struct sockaddr *mask)
{
	uint8_t bits[16];
	uint32_t len = copy_ip(bits, mask), n = 0;

	for (uint32_t i = 0; i < len; i++)
		n += (uint32_t)__builtin_popcount(bits[i]);
	return n;
}

static struct net_record record_of(const struct ifaddrs *i)
{
	struct net_record r = { .index = if_nametoindex(i->ifa_name), .flags = i->ifa_flags };

	strncpy(r.name, i->ifa_name, sizeof(r.name) - 1);
	if (i->ifa_addr->sa_family == AF_PACKET) {
		r.kind = NET_LINK;
		r.mtu = mtu_of(i->ifa_name);
		r.hw_type = ((const struct sockaddr_ll *)(const void *)i->ifa_addr)->sll_hatype;
		r.addr_len = copy_hw(r.addr, i->ifa_addr);
		r.other_len = copy_hw(r.other, i->ifa_broadaddr);
	} else {
		r.kind = NET_ADDRESS;
		r.family = i->ifa_addr->sa_family;
		r.prefix = prefix_of(i->ifa_netmask);
		r.addr_len = copy_ip(r.addr, i->ifa_addr);
		if (i->ifa_flags & (IFF_BROADCAST | IFF_POINTOPOINT))
			r.other_len = copy_ip(r.other, i->ifa_broadaddr);
	}
	return r;
}

void ocall_net_interfaces(struct ocall_net_interfaces *a)
{
	struct net_record *out = (void *)a->buf;
	struct ifaddrs *list;
	uint32_t n = 0;

	if (getifaddrs(&list)) {
		a->ret = -errno;
		return;
	}
	for (const struct ifaddrs *i = list; i && n < a->max; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;

		if (family == AF_PACKET || family == AF_INET || family == AF_INET6)
			out[n++] = record_of(i);
	}
	freeifaddrs(list);
	a->ret = n;
}
