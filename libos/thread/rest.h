/* rest.h: which vCPUs are of no use just now; see rest.c. Giant lock held over every call. */
#pragma once
#include "entry/vcpu.h"

/* v leaves the idle loop; goes back to it. */
void rest_busy(struct vcpu *v);
void rest_idle(struct vcpu *v);
/* Called at every switch and before it takes others' threads: is v to rest from now on, and to give away its queue? */
bool rest_due(struct vcpu *v) must_check;
/* The vCPU that v leaves its threads to, or NULL. */
struct vcpu *rest_heir(const struct vcpu *v) must_check;
/* Nobody is there to leave the LibOS to. */
void rest_over(struct vcpu *v);
/* It does not take others' threads. (While v->rest it is offered none, and takes only what has waited for long.) */
bool rest_now(const struct vcpu *v) must_check;
