/* start.h: boot. */
#pragma once
#include "base/types.h"

/* First entry of each vCPU, on its boot stack; from entry.S. */
void vcpu_start(uint64_t tcs, uint64_t index, haddr_t boot_host) noreturn_fn;
/* The machine's memory as the host tells it: for show only. */
uint64_t boot_memory_bytes(void);
/* Host descriptors of an enclave that another one started (abi/boot.h): the connection to it, and those it passed on. -1: none. */
int boot_parent_link(void);
int boot_inherited(unsigned i);
/* The part of boot that needs a thread: pid 1 calls it first. Mounts everything but the root. */
int boot_mounts(void) must_check;
