/* robust.h: locks of a thread that dies while holding them. */
#pragma once
#include "thread/thread.h"

/* Marks every lock on the robust list of t (the current thread) as abandoned and wakes a waiter each. May sleep. */
void robust_list_exit(struct thread *t);
