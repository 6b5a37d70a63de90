/* hostfile.h: numbers inside the file calls of ocall.h.
 *
 * HOST_ATTR_*: bits of ocall_setattr.valid. HOST_OFF_*: values of ocall_rw.off in PREAD and PWRITE (and
 * all above them) that mean the descriptor's own position, which it shares with the operator's other
 * programs: STREAM for regular files, NOWAIT for all else: -EAGAIN instead of blocking, -EOPNOTSUPP if
 * the kernel cannot promise that for this descriptor. HOST_FD_SEEK: an OCALL_TTY command that every kind of
 * descriptor takes; it moves the descriptor's own position, which the operator's shell shares, and
 * stores the new one in off. */
#pragma once
#include <stdint.h>

#define HOST_ATTR_MODE 1u
#define HOST_ATTR_UID 2u
#define HOST_ATTR_GID 4u
#define HOST_ATTR_SIZE 8u
#define HOST_ATTR_ATIME 16u
#define HOST_ATTR_MTIME 32u

#define HOST_OFF_STREAM (1UL << 63)
#define HOST_OFF_NOWAIT (3UL << 62)

#define HOST_FD_SEEK 0x4853u

struct host_seek {
	int64_t off;
	uint32_t whence, pad;
};
