/* stash.h: pages of spaces that are not resident: copies kept elsewhere in enclave memory (vm/ internal, see stash.c). */
#pragma once
#include "base/list.h"
#include "base/types.h"

struct stash_page {
	unsigned ref; /* spaces whose page this is */
	void *data;   /* PAGE_SIZE bytes */
};

/* ref 1; the content is not initialised. NULL: no memory. Never sleeps. */
struct stash_page *stash_alloc(void) must_check;
void stash_put(struct stash_page *p);
