/* fpu.h: vector and x87 state. While a user thread runs in the LibOS its state stays in the registers:
 * LibOS code is built without them. It is saved at thread switches, host calls and around crypto. */
#pragma once
#include "base/types.h"

void fpu_setup(uint64_t xfrm);
void fpu_save(void *area);
void fpu_load(const void *area);
void fpu_load_init(void);
