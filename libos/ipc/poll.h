/* poll.h: waiting on many files: what a file's poll operation is given.
 *
 * file_ops.poll(f, pt) returns the EPOLL* events ready now and, if pt is not NULL, registers on every
 * wait queue that announces a change, with poll_wait(). Users: poll/select (a table of waiters that wake
 * the thread) and epoll (waiters with notify). */
#pragma once
#include "sync/waitq.h"

#define EPOLLIN 0x001u
#define EPOLLPRI 0x002u
#define EPOLLOUT 0x004u
#define EPOLLERR 0x008u
#define EPOLLHUP 0x010u
#define EPOLLNVAL 0x020u
#define EPOLLRDNORM 0x040u
#define EPOLLRDBAND 0x080u
#define EPOLLWRNORM 0x100u
#define EPOLLWRBAND 0x200u
#define EPOLLMSG 0x400u
#define EPOLLRDHUP 0x2000u
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP (1u << 29)
#define EPOLLONESHOT (1u << 30)
#define EPOLLET (1u << 31)

struct poll_table {
	/* Puts a waiter on q. May fail for want of memory: sets err. NULL: nobody will wait. */
	void (*wait)(struct poll_table *pt, struct waitq *q);
	unsigned want; /* events of use to who asks, besides EPOLLERR and EPOLLHUP; others may be wrong. 0: all are */
	int err;
};

static inline void poll_wait(struct poll_table *pt, struct waitq *q)
{
	if (pt && pt->wait)
		pt->wait(pt, q);
}
