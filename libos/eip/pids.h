/* pids.h: blocks of process numbers (eip/ internal). See pids.c. */
#pragma once
#include "base/types.h"

struct eip_peer;

/* The first number of a block for a new enclave; 0: there is none, or a signal came. May sleep. */
kpid_t eip_pids_take(void);
void eip_pids_give(struct eip_peer *peer, kpid_t first); /* the new enclave is this neighbour */
void eip_pids_return(kpid_t first);                      /* it did not come to that */
/* The block of this enclave; 0: it is the first one. */
void eip_pids_begin(kpid_t first);
