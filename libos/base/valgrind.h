/* valgrind.h: what the plain image tells valgrind, which else takes each step from one stack to another for a large frame. A
 * request is instructions that do nothing on a processor (host/sgxsim/plain.c); in other images there are none. Giant lock. */
#pragma once
#include "base/types.h"

#ifdef LIBOS_PLAIN
#define VALGRIND_LISTENS 1
/* [start, end) is a stack from now on, and nothing else that was one in there. */
void valgrind_stack(uint64_t start, uint64_t end);
/* Memory of a program that has a value now, whatever it was before: as that of a system call, or of a new mapping. */
void valgrind_defined(uint64_t addr, size_t len);
#else
#define VALGRIND_LISTENS 0
static inline void valgrind_stack(uint64_t start, uint64_t end)
{
	(void)start, (void)end;
}

static inline void valgrind_defined(uint64_t addr, size_t len)
{
	(void)addr, (void)len;
}
#endif
