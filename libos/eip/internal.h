/* internal.h: between the files of the link. */
#pragma once
#include "base/types.h"

/* A stream of bytes to the other enclave, by the host. Tests put another one under it that loses, repeats and changes. */
struct eip_stream {
	int (*write)(struct eip_stream *s, const void *buf, size_t n);   /* all of it: 0 or -errno; may sleep */
	ssize_t (*read)(struct eip_stream *s, void *buf, size_t n);      /* 1..n, 0: ended, -errno; may sleep */
	int fd;
};
