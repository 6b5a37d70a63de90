/* events.h: what the scheduler and the polling calls know of the network: events of host sockets.
 *
 * Nobody waits for the network but an idle vCPU, which then sleeps in the host on sockets instead of its token. Busy
 * ones look now and then (net_poll_due), on their way back to user code or between threads; calls that poll without
 * waiting look at once. */
#pragma once
#include "abi/net.h"
#include "base/types.h"

extern volatile unsigned net_watching; /* sockets whose events are asked for; readable without the lock */

/* A host descriptor that is no socket of a program (pipes between enclaves), watched the same way. */
struct net_watch {
	uint32_t id;
	void (*event)(struct net_watch *w, unsigned state); /* EPOLL* bits it had; under the giant lock, must not sleep */
};
/* From now on each change of its state is an event. Who waits for one has looked after this returned. 0 or -errno. */
int net_watch_fd(struct net_watch *w, int fd) must_check;
/* From now on only changes to these states are events; one that it has already is one at once. */
int net_watch_mask(struct net_watch *w, int fd, unsigned events) must_check;
void net_unwatch_fd(struct net_watch *w, int fd); /* before fd is closed */

struct net_fetch {
	uint64_t started; /* see net_fetch_start */
	unsigned count;
	struct net_event events[NET_EVENTS_MAX];
};

/* A vCPU that is going to sleep: start under the giant lock; sleep without it; take with it again. */
void net_fetch_start(struct net_fetch *f);
void net_fetch_sleep(struct net_fetch *f, nsec_t timeout, nsec_t spin);
void net_fetch_take(struct net_fetch *f);

/* Sends that wait (inet_later.c) are done now: the current thread turns to something else. Giant lock held; does not sleep. */
void net_send_now(void);

bool net_poll_due(void);
/* Looks once. Giant lock held. */
void net_poll(void);
/* For calls that poll but must not wait: looks, unless nobody watches; was there something? */
bool net_look(void);
