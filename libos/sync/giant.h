/* giant.h: the giant lock.
 *
 * All LibOS state is guarded by one lock, taken on entry from user code and released on return to it,
 * in waitq_wait()/thread_block() while the thread sleeps, and in blocking host calls. So code between
 * two sleeping calls is atomic: no other lock exists, none is needed. A function that can sleep says
 * "May sleep" in its comment; after it returns, whatever was looked up before must be looked up again
 * or be held by a reference. Sections are short (no sleeping, no long loops; bulk work beyond ~1 MiB
 * calls giant_yield()).
 * Why: correctness of a whole kernel written at once; LibOS sections cost ~100 ns, so two to eight
 * vCPUs rarely meet. Calls marked NOLOCK in syscall/table.h run without it. */
#pragma once
#include "base/types.h"

void giant_lock(void);
void giant_unlock(void);
bool giant_held(void);
/* Lets other vCPUs in for a moment. May sleep. */
void giant_yield(void);
