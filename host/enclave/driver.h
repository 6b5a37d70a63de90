/* driver.h: the part of an SGX driver that keeps the machine's promises over time: that no old
 * translation is in use when the enclave is told so (ETRACK and interrupts), and that the enclave
 * finds its pages although the EPC is smaller than it (EBLOCK, EWB, ELDU).
 *
 * Page operations of one enclave are serialised by the caller (enclave.c's lock), but driver_fault
 * may come from any vCPU thread at any time. */
#pragma once
#include "../sgxsim/sgxsim.h"

struct driver_options {
	uint64_t epc_pages; /* 0: no limit */
	bool linux_only;    /* nothing that Linux's driver has not */
};

#define DRIVER_EPC_MIN 256 /* pages; less cannot hold what one instruction may need */

int driver_attach(struct sgx_enclave *e, const struct driver_options *o);
void driver_detach(struct sgx_enclave *e); /* drops everything that is written out */

/* As epc_alloc, after making room; pages at most driver_batch at a time. */
int driver_alloc(struct sgx_enclave *e, uint64_t addr, uint64_t len);
uint64_t driver_batch(const struct sgx_enclave *e, uint64_t len);
int driver_free(struct sgx_enclave *e, uint64_t addr, uint64_t len);
/* Makes sure that the page is in the EPC; -ENOENT: there is no such page. */
int driver_need(struct sgx_enclave *e, uint64_t addr);
/* A page fault at addr, or EENTER's or ERESUME's: true if the thread should try again. */
bool driver_fault(struct sgx_enclave *e, uint64_t addr);
bool driver_limited(const struct sgx_enclave *e);
/* Sleeps while e->held. */
void driver_wait(struct sgx_enclave *e);
/* After leaves that restrict: ETRACK, then every thread leaves once. The caller does epc_sync for the pages. */
int driver_track(struct sgx_enclave *e);
