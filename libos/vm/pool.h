/* pool.h: pages that exist but are not in use, and rights that are still to be taken away (vm/ internal). */
#pragma once
#include "base/types.h"

/* Gives back so many pooled pages, the oldest first; fewer if there are no more. */
void pool_release(size_t pages);
/* Does everything that was promised: the pool is empty, EPCM rights are no more than the page tables'. */
void pool_settle(void);
