/* internal.h: shared by the files of hostcall/ only. */
#pragma once
#include "abi/hostctl.h"
#include "abi/ocall.h"
#include "base/types.h"
#include "hostcall/untrusted.h"

/* Copies args out to this vCPU's slice, leaves the enclave, copies args back. The result is the host's ret,
 * forced into -4095..max. */
long ocall_run(enum ocall_nr nr, void *args, size_t size, int64_t max);
/* The data part of this vCPU's slice and its size. */
haddr_t ocall_data(size_t *size);
/* An errno the host may return, or -EIO for anything else. */
long ocall_check(int64_t ret, int64_t max);
extern struct host_control *host_control; /* untrusted */
