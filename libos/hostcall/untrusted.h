/* untrusted.h: memory of the host. Addresses are haddr_t; copies are the only access, whole ranges
 * outside ELRANGE. Copy once, then look only at the copy. */
#pragma once
#include "base/types.h"

bool host_range_ok(haddr_t addr, uint64_t len); /* wholly outside the enclave, no wrap */
void copy_from_host(void *dst, haddr_t src, size_t n);
void copy_to_host(haddr_t dst, const void *src, size_t n);
