/* socket.h: sockets of the Linux x86-64 ABI: families, types, flags, options, messages. */
#pragma once
#include "base/types.h"

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_MAX 46

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5
#define SOCK_TYPE_MASK 0xf
#define SOCK_TYPE_MAX 11
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define SOMAXCONN 4096

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

#define MSG_OOB 0x1u
#define MSG_PEEK 0x2u
#define MSG_DONTROUTE 0x4u
#define MSG_CTRUNC 0x8u
#define MSG_PROBE 0x10u
#define MSG_TRUNC 0x20u
#define MSG_DONTWAIT 0x40u
#define MSG_EOR 0x80u
#define MSG_WAITALL 0x100u
#define MSG_CONFIRM 0x800u
#define MSG_ERRQUEUE 0x2000u
#define MSG_NOSIGNAL 0x4000u
#define MSG_MORE 0x8000u
#define MSG_WAITFORONE 0x10000u
#define MSG_FASTOPEN 0x20000000u
#define MSG_CMSG_CLOEXEC 0x40000000u

#define SOL_SOCKET 1
#define SO_DEBUG 1
#define SO_REUSEADDR 2
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_DONTROUTE 5
#define SO_BROADCAST 6
#define SO_SNDBUF 7
#define SO_RCVBUF 8
#define SO_KEEPALIVE 9
#define SO_OOBINLINE 10
#define SO_NO_CHECK 11
#define SO_PRIORITY 12
#define SO_LINGER 13
#define SO_REUSEPORT 15
#define SO_PASSCRED 16
#define SO_PEERCRED 17
#define SO_RCVLOWAT 18
#define SO_SNDLOWAT 19
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_BINDTODEVICE 25
#define SO_TIMESTAMP 29
#define SO_ACCEPTCONN 30
#define SO_PEERSEC 31
#define SO_SNDBUFFORCE 32
#define SO_RCVBUFFORCE 33
#define SO_TIMESTAMPNS 35
#define SO_MARK 36
#define SO_PROTOCOL 38
#define SO_DOMAIN 39
#define SO_RXQ_OVFL 40
#define SO_PEEK_OFF 42
#define SO_BUSY_POLL 46
#define SO_INCOMING_CPU 49
#define SO_COOKIE 57
#define SO_PEERGROUPS 59
#define SO_PASSPIDFD 76
#define SO_PEERPIDFD 77

#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#define SCM_PIDFD 4
#define SCM_MAX_FD 253

#define SIOCINQ 0x541b
#define SIOCOUTQ 0x5411
#define FIOSETOWN 0x8901
#define SIOCSPGRP 0x8902
#define FIOGETOWN 0x8903
#define SIOCGPGRP 0x8904

struct sockaddr_storage {
	uint16_t family;
	char data[126];
} __attribute__((aligned(8)));

struct linger {
	int32_t onoff, seconds;
};

#define UNIX_PATH_MAX 108
struct sockaddr_un {
	uint16_t sun_family;
	char sun_path[UNIX_PATH_MAX];
};

struct ucred {
	int32_t pid;
	uint32_t uid, gid;
};

struct user_msghdr {
	uaddr_t name;
	int32_t namelen, pad;
	uaddr_t iov;
	uint64_t iovlen;
	uaddr_t control;
	uint64_t controllen;
	uint32_t flags, pad2;
};
_Static_assert(sizeof(struct user_msghdr) == 56, "msghdr layout");

struct user_mmsghdr {
	struct user_msghdr hdr;
	uint32_t len, pad;
};

struct cmsghdr {
	uint64_t len;
	int32_t level, type;
};
#define CMSG_ALIGN(n) (((n) + 7UL) & ~7UL)
