/* uffd.h: userfaultfd, as seen by the fault handler and /dev/userfaultfd. */
#pragma once
#include "base/types.h"

struct vm_space;

enum uffd_result {
	UFFD_NONE,     /* nobody wants to know: fill the page as usual */
	UFFD_RETRY,    /* it has been seen to; look again */
	UFFD_POISONED, /* the access fails */
};

/* A missing page of a VMA_UFFD mapping is touched. May sleep. */
enum uffd_result uffd_fault(struct vm_space *s, uaddr_t addr, bool write, bool user);
/* A mapping with VMA_UFFD goes; all of a space does. Do not sleep. */
void uffd_unmapped(const struct vm_space *s, uaddr_t start, uaddr_t end);
void uffd_space_gone(const struct vm_space *s);
/* A new descriptor; flags O_CLOEXEC, O_NONBLOCK, 1 (user mode only). */
long uffd_create(unsigned flags);
