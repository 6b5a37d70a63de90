/* inet.h: internet sockets of the Linux x86-64 ABI: protocols, addresses, options, interface requests. */
#pragma once
#include "base/types.h"

#define IPPROTO_IP 0
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define IPPROTO_ICMPV6 58
#define IPPROTO_UDPLITE 136
#define IPPROTO_MAX 263

struct sockaddr_in {
	uint16_t family, port;
	uint8_t addr[4], zero[8];
};

struct sockaddr_in6 {
	uint16_t family, port;
	uint32_t flowinfo;
	uint8_t addr[16];
	uint32_t scope_id;
};
_Static_assert(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_in6) == 28, "address layout");

#define IP_TOS 1
#define IP_TTL 2
#define IP_RECVOPTS 6
#define IP_PKTINFO 8
#define IP_RECVERR 11
#define IP_RECVTTL 12
#define IP_RECVTOS 13
#define IP_RECVORIGDSTADDR 20
#define IP_CHECKSUM 23
#define IPV6_RECVERR 25
#define IPV6_V6ONLY 26
#define IPV6_RECVPKTINFO 49
#define IPV6_PKTINFO 50
#define IPV6_RECVHOPLIMIT 51
#define IPV6_HOPLIMIT 52
#define IPV6_DONTFRAG 62
#define IPV6_RECVTCLASS 66
#define IPV6_TCLASS 67
#define IPV6_RECVORIGDSTADDR 74
#define TCP_NODELAY 1
#define TCP_INFO 11
#define TCP_QUICKACK 12
#define UDP_CORK 1
#define UDP_SEGMENT 103
#define UDP_GRO 104

#define SIOCATMARK 0x8905
#define SIOCGSTAMP 0x8906
#define SIOCGIFNAME 0x8910
#define SIOCGIFCONF 0x8912
#define SIOCGIFFLAGS 0x8913
#define SIOCGIFADDR 0x8915
#define SIOCGIFDSTADDR 0x8917
#define SIOCGIFBRDADDR 0x8919
#define SIOCGIFNETMASK 0x891b
#define SIOCGIFMETRIC 0x891d
#define SIOCGIFMTU 0x8921
#define SIOCGIFHWADDR 0x8927
#define SIOCGIFINDEX 0x8933
#define SIOCGIFTXQLEN 0x8942

#define IFF_LOOPBACK 0x8u
#define IFF_POINTOPOINT 0x10u

struct ifreq {
	char name[16];
	union {
		struct sockaddr_in addr;
		struct {
			uint16_t family;
			uint8_t bytes[14];
		} hw;
		int16_t flags;
		int32_t number;
		uint8_t room[24];
	};
};

struct ifconf {
	int32_t len, pad;
	uaddr_t req;
};
_Static_assert(sizeof(struct ifreq) == 40 && sizeof(struct ifconf) == 16, "interface request layout");
