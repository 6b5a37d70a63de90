/* interfaces.c: the ioctls that ask about network interfaces, answered from the host's list. Changing interfaces is the
 * host's business: -EPERM. */
#include "base/heap.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/inet.h"
#include "net/interfaces.h"

struct net_record *interfaces_get(int *count)
{
	struct net_record *list = kmalloc(INTERFACES_MAX * sizeof(*list));

	*count = list ? host_net_interfaces(list, INTERFACES_MAX) : -ENOMEM;
	if (*count >= 0)
		return list;
	kfree(list);
	return NULL;
}

static void put_address(struct sockaddr_in *out, const uint8_t *addr)
{
	*out = (struct sockaddr_in){ .family = AF_INET };
	memcpy(out->addr, addr, sizeof(out->addr));
}

/* SIOCGIFCONF: those with an IPv4 address; without a buffer, how long the list is. */
static long list_interfaces(const struct net_record *list, int count, uaddr_t arg)
{
	struct ifconf c;
	int32_t used = 0;

	if (get_user(c, arg))
		return -EFAULT;
	for (int i = 0; i < count; i++) {
		struct ifreq r = { 0 };

		if (list[i].kind != NET_ADDRESS || list[i].family != AF_INET)
			continue;
		memcpy(r.name, list[i].name, sizeof(r.name));
		put_address(&r.addr, list[i].addr);
		if (c.req) {
			if (c.len - used < (int32_t)sizeof(r))
				break;
			if (put_user(r, c.req + (uaddr_t)used))
				return -EFAULT;
		}
		used += (int32_t)sizeof(r);
	}
	c.len = used;
	return put_user(c, arg);
}

static const struct net_record *find(const struct net_record *list, int count, enum net_record_kind kind,
				     const char *name, uint32_t index)
{
	for (int i = 0; i < count; i++) {
		if (list[i].kind != (uint32_t)kind || (kind == NET_ADDRESS && list[i].family != AF_INET))
			continue;
		if (name ? !strcmp(list[i].name, name) : list[i].index == index)
			return &list[i];
	}
	return NULL;
}

static void put_mask(struct sockaddr_in *out, uint32_t prefix)
{
	uint8_t mask[4];

	for (unsigned i = 0; i < sizeof(mask); i++, prefix -= MIN(prefix, 8u))
		mask[i] = prefix >= 8 ? 0xff : (uint8_t)(0xff00 >> prefix);
	put_address(out, mask);
}

static int answer_address(unsigned cmd, struct ifreq *r, const struct net_record *a)
{
	if (!a)
		return -EADDRNOTAVAIL;
	if (cmd == SIOCGIFADDR)
		put_address(&r->addr, a->addr);
	else if (cmd == SIOCGIFNETMASK)
		put_mask(&r->addr, a->prefix);
	else
		put_address(&r->addr, a->other);
	return 0;
}

static int answer_link(unsigned cmd, struct ifreq *r, const struct net_record *l)
{
	memset(r->room, 0, sizeof(r->room));
	switch (cmd) {
	case SIOCGIFNAME:
		r->number = (int32_t)l->index;
		memcpy(r->name, l->name, sizeof(r->name));
		return 0;
	case SIOCGIFINDEX:
		r->number = (int32_t)l->index;
		return 0;
	case SIOCGIFFLAGS:
		r->flags = (int16_t)l->flags;
		return 0;
	case SIOCGIFMTU:
		r->number = (int32_t)l->mtu;
		return 0;
	case SIOCGIFTXQLEN:
		r->number = 1000;
		return 0;
	case SIOCGIFHWADDR:
		r->hw.family = (uint16_t)l->hw_type;
		memcpy(r->hw.bytes, l->addr, l->addr_len);
		return 0;
	default: /* SIOCGIFMETRIC */
		return 0;
	}
}

static bool is_about_addresses(unsigned cmd)
{
	return cmd == SIOCGIFADDR || cmd == SIOCGIFDSTADDR || cmd == SIOCGIFBRDADDR || cmd == SIOCGIFNETMASK;
}

static bool is_question(unsigned cmd)
{
	return cmd >= SIOCGIFNAME && cmd <= SIOCGIFTXQLEN;
}

static long answer(unsigned cmd, const struct net_record *list, int count, uaddr_t arg)
{
	const struct net_record *link;
	struct ifreq r;
	int err;

	if (get_user(r, arg))
		return -EFAULT;
	r.name[sizeof(r.name) - 1] = 0;
	link = find(list, count, NET_LINK, cmd == SIOCGIFNAME ? NULL : r.name, (uint32_t)r.number);
	if (!link)
		return -ENODEV;
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		err = answer_address(cmd, &r, find(list, count, NET_ADDRESS, r.name, 0));
		break;
	case SIOCGIFNAME:
	case SIOCGIFINDEX:
	case SIOCGIFFLAGS:
	case SIOCGIFMTU:
	case SIOCGIFTXQLEN:
	case SIOCGIFHWADDR:
	case SIOCGIFMETRIC:
		err = answer_link(cmd, &r, link);
		break;
	default:
		err = -EPERM;
	}
	return err ? err : put_user(r, arg);
}

long interface_ioctl(int family, unsigned cmd, uaddr_t arg)
{
	struct net_record *list;
	long ret;
	int count;

	if (!is_question(cmd) || (is_about_addresses(cmd) && family != AF_INET && family != AF_INET6))
		return -ENOIOCTLCMD;
	list = interfaces_get(&count);
	if (!list)
		return count;
	ret = cmd == SIOCGIFCONF ? list_interfaces(list, count, arg) : answer(cmd, list, count, arg);
	kfree(list);
	return ret;
}
