/* Network interfaces: getifaddrs and if_nameindex (netlink), the SIOCGIF* requests, and that they agree. */
#include "inet.h"
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static struct ifreq ask(int fd, const char *name, unsigned long request)
{
	struct ifreq r = { 0 };

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	EXPECT_OK(ioctl(fd, request, &r));
	return r;
}

TEST(loopback_by_ioctl)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, "lo");
	if (ioctl(fd, SIOCGIFFLAGS, &r))
		SKIP("no interface lo");
	EXPECT_EQ(r.ifr_flags & (IFF_LOOPBACK | IFF_UP), IFF_LOOPBACK | IFF_UP);
	r = ask(fd, "lo", SIOCGIFADDR);
	EXPECT_EQ(((struct sockaddr_in *)(void *)&r.ifr_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	r = ask(fd, "lo", SIOCGIFNETMASK);
	EXPECT_EQ(((struct sockaddr_in *)(void *)&r.ifr_netmask)->sin_addr.s_addr, htonl(0xff000000));
	r = ask(fd, "lo", SIOCGIFMTU);
	EXPECT_GT(r.ifr_mtu, 0);
	r = ask(fd, "lo", SIOCGIFINDEX);
	EXPECT_EQ(r.ifr_ifindex, if_nametoindex("lo"));
	memset(r.ifr_name, 0, sizeof(r.ifr_name));
	EXPECT_OK(ioctl(fd, SIOCGIFNAME, &r));
	EXPECT_STR(r.ifr_name, "lo");
	strcpy(r.ifr_name, "none such");
	EXPECT_ERRNO(ioctl(fd, SIOCGIFADDR, &r), ENODEV);
	close(fd);
}

TEST(list_by_ioctl)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq list[64];
	struct ifconf c = { .ifc_len = 0 };
	int need;

	EXPECT_OK(ioctl(fd, SIOCGIFCONF, &c)); /* how much? */
	need = c.ifc_len;
	c = (struct ifconf){ .ifc_len = sizeof(list), .ifc_req = list };
	EXPECT_OK(ioctl(fd, SIOCGIFCONF, &c));
	EXPECT_EQ(c.ifc_len, need);
	EXPECT_EQ(c.ifc_len % sizeof(list[0]), 0);
	close(fd);
}

TEST(getifaddrs_agrees)
{
	struct ifaddrs *list;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), links = 0, names = 0;
	struct if_nameindex *index;

	EXPECT_OK(getifaddrs(&list));
	for (struct ifaddrs *i = list; i; i = i->ifa_next) {
		EXPECT(i->ifa_addr);
		if (i->ifa_addr->sa_family == AF_PACKET) {
			struct ifreq r = ask(fd, i->ifa_name, SIOCGIFFLAGS);

			links++;
			EXPECT_EQ((uint16_t)r.ifr_flags, i->ifa_flags & 0xffff);
		}
		if (i->ifa_addr->sa_family == AF_INET)
			EXPECT(i->ifa_netmask);
	}
	freeifaddrs(list);
	index = if_nameindex();
	EXPECT(index);
	for (; index[names].if_index; names++) {
		char name[IF_NAMESIZE];

		EXPECT_STR(if_indextoname(index[names].if_index, name), index[names].if_name);
	}
	if_freenameindex(index);
	EXPECT_EQ(links, names);
	close(fd);
}

TEST(netlink_socket)
{
	int fd = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	struct { struct nlmsghdr h; struct rtgenmsg g; } q = { .h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_GETLINK,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 99 } };
	socklen_t len = sizeof(a);
	char buf[32768];
	struct nlmsghdr *h = (void *)buf;
	ssize_t n;
	bool done = false;

	EXPECT_OK(bind(fd, (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(fd, (void *)&a, &len));
	EXPECT_EQ(len, sizeof(a));
	EXPECT_NE(a.nl_pid, 0);
	EXPECT_ERRNO(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(poll_now(fd, POLLIN | POLLOUT, 0), POLLOUT);
	EXPECT_EQ(send(fd, &q, sizeof(q), 0), sizeof(q));
	EXPECT_EQ(poll_now(fd, POLLIN, 0), POLLIN);
	while (!done) {
		n = recv(fd, buf, 1, MSG_PEEK | MSG_TRUNC);
		EXPECT_EQ(recv(fd, buf, sizeof(buf), 0), n);
		for (h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			EXPECT_EQ(h->nlmsg_seq, 99);
			EXPECT_EQ(h->nlmsg_pid, a.nl_pid);
			EXPECT_NE(h->nlmsg_flags & NLM_F_MULTI, 0);
			done |= h->nlmsg_type == NLMSG_DONE;
		}
	}
	q.h.nlmsg_type = 5000; /* no such request */
	q.h.nlmsg_flags = NLM_F_REQUEST;
	EXPECT_EQ(send(fd, &q, sizeof(q), 0), sizeof(q));
	EXPECT_GT(recv(fd, buf, sizeof(buf), 0), (int)sizeof(struct nlmsghdr));
	h = (void *)buf;
	EXPECT_EQ(h->nlmsg_type, NLMSG_ERROR);
	EXPECT_EQ(((struct nlmsgerr *)NLMSG_DATA(h))->error, -EOPNOTSUPP);
	close(fd);
	EXPECT_ERRNO(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);
}
