/* net_env.h: a world for tests of net/inet*.c and hostcall/net.c: one vCPU, one thread, shared memory, and a host that the
 * test plays. */
#pragma once
#include "entry/vcpu.h"
#include "hostcall/net.h"
#include "net/inet.h"
#include "test/unit.h"
#include "thread/thread.h"

extern struct vcpu vcpu;
extern struct thread thread;
extern bool net_env_alone; /* what sched_alone() says */
extern unsigned woken; /* EPOLL* bits that socket_wake() was called with */

/* Afresh; from now on host() is called with every call to the host. */
void net_env_setup(void (*host)(uint64_t nr, void *args));

/* A host that has `events` to tell and finds every socket in the state state_now; polls: so often it was asked. */
extern struct net_event events[NET_EVENTS_MAX];
extern int64_t event_count;
extern unsigned state_now, polls;
void net_env_answer_state(uint64_t nr, void *args);
/* Of a few that are used in turn, with an id. */
struct inet_sock *net_env_sock(void);
/* The host tells one event, which is looked at. */
void net_env_deliver(uint32_t id, unsigned state);
