/* stats.h: what programs asked for that does not exist. */
#pragma once
#include "base/types.h"

uint64_t syscall_missed(unsigned nr); /* calls of that unimplemented number so far */
