/* util.h: what all code with secrets needs. */
#pragma once
#include "base/string.h"
#include "base/types.h"

/* Not optimised away. */
static inline void wipe(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* The time it takes tells nothing about the bytes. */
static inline bool same_bytes(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= x[i] ^ y[i];
	return !differ;
}
