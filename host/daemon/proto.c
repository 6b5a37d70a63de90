/* proto.c: framing of messages; descriptors travel with the head. */
#include "proto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_all(int sock, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(sock, p, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k ? -errno : -EPIPE;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int read_all(int sock, char *p, size_t n)
{
	while (n) {
		ssize_t k = recv(sock, p, n, 0);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k ? -errno : -EPIPE;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int message_send(int sock, const struct message *m, const void *body, const int fds[3])
{
	struct message head = *m;
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec iov = { &head, sizeof(head) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	head.magic = DAEMON_MAGIC;
	if (fds) {
		struct cmsghdr *c;

		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(3 * sizeof(int));
		memcpy(CMSG_DATA(c), fds, 3 * sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(head))
		return n < 0 ? -errno : -EPIPE;
	return head.length ? write_all(sock, body, head.length) : 0;
}

static void take_fds(struct msghdr *msg, int fds[3])
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(3 * sizeof(int)))
			memcpy(fds, CMSG_DATA(c), 3 * sizeof(int));
}

int message_receive(int sock, struct message *m, char **body, int fds[3])
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control;
	struct iovec iov = { m, sizeof(*m) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
			      .msg_controllen = sizeof(control.space) };
	ssize_t n;
	int err;

	fds[0] = fds[1] = fds[2] = -1;
	*body = NULL;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -EPIPE;
	take_fds(&msg, fds);
	err = n < (ssize_t)sizeof(*m) ? read_all(sock, (char *)m + n, sizeof(*m) - (size_t)n) : 0;
	if (err)
		return err;
	if (m->magic != DAEMON_MAGIC || m->length > MESSAGE_MAX)
		return -EPROTO;
	if (!m->length)
		return 0;
	*body = malloc(m->length + 1);
	if (!*body)
		return -ENOMEM;
	(*body)[m->length] = 0;
	return read_all(sock, *body, m->length);
}
