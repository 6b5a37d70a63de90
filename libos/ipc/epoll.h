/* epoll.h: epoll instances on their way to another enclave (eip/sets.c). */
#pragma once
#include "fs/file.h"

struct epoll_watch {
	struct file *file; /* borrowed */
	int fd;
	uint32_t events;
	uint64_t data;
};

bool file_is_epoll(const struct file *f);
/* A new, empty instance. NULL: no memory. */
struct file *epoll_open(void) must_check;
/* What f watches, number n; false: it is no instance, or has no more. */
bool epoll_watch_at(const struct file *f, unsigned n, struct epoll_watch *out);
/* f, an instance, watches that. keep: with a reference of its own on the file, which has no descriptor here. 0, -EINVAL, -ENOMEM... */
int epoll_watch_add(struct file *f, const struct epoll_watch *w, bool keep) must_check;
