/* counter.h: the counter of an event descriptor that several enclaves have open (ipc/eventfd.c, eip/files.c). See counter.c. */
#pragma once
#include "eip/pack.h"

struct eip_counter;
struct waitq;

/* A counter that stands at `count`; readers is woken (EPOLLIN) when something may have been added anywhere. NULL. */
struct eip_counter *eip_counter_create(uint64_t count, struct waitq *readers) must_check;
void eip_counter_free(struct eip_counter *c);
/* Adds. -EAGAIN: it would pass max. Never sleeps. */
int eip_counter_add(struct eip_counter *c, uint64_t value, uint64_t max) must_check;
/* Takes all there is, or one. -EAGAIN: there is nothing. -EIO: the host tampered with it. */
int eip_counter_take(struct eip_counter *c, bool one, uint64_t *value) must_check;
bool eip_counter_ready(const struct eip_counter *c);
/* Handing on: the two host descriptors, which stay c's, and what else the other side needs. */
void eip_counter_pack(const struct eip_counter *c, struct pack *p, int fds[2]);
/* Takes over fds, also on failure. */
struct eip_counter *eip_counter_unpack(struct unpack *u, const int fds[2], struct waitq *readers) must_check;
