/* netlink_route.c: what is told about network interfaces: RTM_GETLINK and RTM_GETADDR, from the host's list. That is what
 * getifaddrs, if_nameindex, getaddrinfo and `ip address` ask. Changes are refused, as without CAP_NET_ADMIN. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/interfaces.h"
#include "net/netlink.h"

static bool is_dump(const struct nlmsghdr *h)
{
	return (h->flags & NLM_F_DUMP) == NLM_F_DUMP;
}

static bool put_link(struct nl_sock *s, const struct nlmsghdr *h, const struct net_record *r, unsigned flags)
{
	struct ifinfomsg info = { .type = (uint16_t)r->hw_type, .index = (int32_t)r->index, .flags = r->flags };
	struct nlmsghdr *m = nl_message(s, h, RTM_NEWLINK, flags, &info, sizeof(info));
	uint32_t mtu = r->mtu, queue = 1000;
	uint8_t state = r->flags & IFF_LOOPBACK ? 0 : r->flags & 0x40 ? 6 : 2; /* unknown, up, down */

	if (!m)
		return false;
	nl_attribute(s, m, IFLA_IFNAME, r->name, (uint32_t)strlen(r->name) + 1);
	nl_attribute(s, m, IFLA_TXQLEN, &queue, sizeof(queue));
	nl_attribute(s, m, IFLA_OPERSTATE, &state, sizeof(state));
	nl_attribute(s, m, IFLA_MTU, &mtu, sizeof(mtu));
	if (r->addr_len)
		nl_attribute(s, m, IFLA_ADDRESS, r->addr, r->addr_len);
	if (r->other_len)
		nl_attribute(s, m, IFLA_BROADCAST, r->other, r->other_len);
	return true;
}

static uint8_t scope_of(const struct net_record *r)
{
	if (r->flags & IFF_LOOPBACK)
		return RT_SCOPE_HOST;
	return r->family == AF_INET6 && r->addr[0] == 0xfe && (r->addr[1] & 0xc0) == 0x80 ? RT_SCOPE_LINK :
											     RT_SCOPE_UNIVERSE;
}

static bool put_address(struct nl_sock *s, const struct nlmsghdr *h, const struct net_record *r)
{
	struct ifaddrmsg info = { (uint8_t)r->family, (uint8_t)r->prefix, IFA_F_PERMANENT, scope_of(r), r->index };
	struct nlmsghdr *m = nl_message(s, h, RTM_NEWADDR, NLM_F_MULTI, &info, sizeof(info));
	bool to_peer = r->flags & IFF_POINTOPOINT && r->other_len;
	uint32_t flags = IFA_F_PERMANENT;

	if (!m)
		return false;
	nl_attribute(s, m, IFA_ADDRESS, to_peer ? r->other : r->addr, r->addr_len);
	if (r->family == AF_INET) {
		nl_attribute(s, m, IFA_LOCAL, r->addr, r->addr_len);
		if (r->other_len && !to_peer)
			nl_attribute(s, m, IFA_BROADCAST, r->other, r->other_len);
		nl_attribute(s, m, IFA_LABEL, r->name, (uint32_t)strlen(r->name) + 1);
	}
	nl_attribute(s, m, IFA_FLAGS, &flags, sizeof(flags));
	return true;
}

static int dump(struct nl_sock *s, const struct nlmsghdr *h, const struct net_record *list, int count)
{
	uint8_t family = h->len > sizeof(*h) ? *(const uint8_t *)(h + 1) : 0;
	int32_t end = 0;

	for (int i = 0; i < count; i++) {
		const struct net_record *r = &list[i];
		bool ok = true;

		if (h->type == RTM_GETLINK && r->kind == NET_LINK)
			ok = put_link(s, h, r, NLM_F_MULTI);
		else if (h->type == RTM_GETADDR && r->kind == NET_ADDRESS && (!family || family == r->family))
			ok = put_address(s, h, r);
		if (!ok)
			return -ENOBUFS;
	}
	return nl_message(s, h, NLMSG_DONE, NLM_F_MULTI, &end, sizeof(end)) ? 0 : -ENOBUFS;
}

/* The IFLA_IFNAME of a request; empty: none. */
static void wanted_name(const struct nlmsghdr *h, char name[16])
{
	size_t at = sizeof(*h) + sizeof(struct ifinfomsg);
	struct rtattr a;

	name[0] = 0;
	while (h->len >= at + sizeof(a)) {
		size_t size;

		memcpy(&a, (const char *)h + at, sizeof(a));
		if (a.len < sizeof(a) || a.len > h->len - at)
			return;
		size = MIN((size_t)a.len - sizeof(a), (size_t)15);
		if (a.type == IFLA_IFNAME) {
			memcpy(name, (const char *)h + at + sizeof(a), size);
			name[size] = 0;
		}
		at += NLMSG_ALIGN(a.len);
	}
}

static int one_link(struct nl_sock *s, const struct nlmsghdr *h, const struct net_record *list, int count)
{
	struct ifinfomsg want;
	char name[16];

	if (h->len < sizeof(*h) + sizeof(want))
		return -EINVAL;
	memcpy(&want, h + 1, sizeof(want));
	wanted_name(h, name);
	if (want.index <= 0 && !name[0])
		return -EINVAL;
	for (int i = 0; i < count; i++) {
		const struct net_record *r = &list[i];

		if (r->kind != NET_LINK)
			continue;
		if (want.index > 0 ? r->index == (uint32_t)want.index : !strcmp(r->name, name))
			return put_link(s, h, r, 0) ? 0 : -ENOBUFS;
	}
	return -ENODEV;
}

int netlink_route(struct nl_sock *s, const struct nlmsghdr *h)
{
	struct net_record *list;
	int count, err;

	if (h->type < RTM_LAST && (h->type & 3) != 2) /* NEW, DEL, SET */
		return -EPERM;
	if (h->type != RTM_GETLINK && !(h->type == RTM_GETADDR && is_dump(h)))
		return -EOPNOTSUPP;
	list = interfaces_get(&count);
	if (!list)
		return count;
	err = is_dump(h) ? dump(s, h, list, count) : one_link(s, h, list, count);
	kfree(list);
	return err;
}
