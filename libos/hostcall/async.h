/* async.h: host calls that may block: a host worker executes a slot of the shared area while the calling
 * thread (or nobody: watches) waits. Completions are collected by async_poll(). */
#pragma once
#include "abi/ocall.h"
#include "base/types.h"

/* Runs call nr with args (copied out and back); data, if not NULL, is copied to the slot's buffer before
 * (out_len bytes) and from it after (at most in_max, the length being the call's result). The field at
 * data_field in args is set to the buffer's host address. -ERESTARTSYS if a signal came first; the call is then
 * cancelled. May sleep. */
struct async_call {
	enum ocall_nr nr;
	void *args;
	size_t args_size;
	size_t data_field; /* offset in args of the buffer address; (size_t)-1: none */
	void *data;
	size_t out_len, in_max;
	bool unbreakable; /* no signal ends it; the result may be -EINTR if the host's side was broken */
	int64_t ret_max;  /* largest result if it is no length of data; 0: INT32_MAX without data */
};
long async_run(const struct async_call *c);
bool async_pending(void);  /* completions wait; readable without the lock */
void async_poll(void);
void async_init(haddr_t slots, haddr_t data, haddr_t control);
