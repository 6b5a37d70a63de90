/* string.c: the mem* and str* functions. No vector registers: LibOS code must leave the program's alone.
 * Copies above a few words use the string instructions, which are fast on every CPU that has SGX. */
#include "base/string.h"

typedef uint64_t __attribute__((may_alias)) word;
typedef uint64_t __attribute__((may_alias, aligned(1))) word_u;
#define ONES 0x0101010101010101UL
#define HIGHS 0x8080808080808080UL

/* Up to 32 bytes by overlapping word moves; dst and src must not overlap unless all loads come first. */
static inline void copy_small(unsigned char *d, const unsigned char *s, size_t n)
{
	typedef uint64_t __attribute__((may_alias, aligned(1))) u64u;
	typedef uint32_t __attribute__((may_alias, aligned(1))) u32u;
	typedef uint16_t __attribute__((may_alias, aligned(1))) u16u;

	if (n >= 16) {
		uint64_t a = *(const u64u *)s, b = *(const u64u *)(s + 8);
		uint64_t c = *(const u64u *)(s + n - 16), e = *(const u64u *)(s + n - 8);

		*(u64u *)d = a;
		*(u64u *)(d + 8) = b;
		*(u64u *)(d + n - 16) = c;
		*(u64u *)(d + n - 8) = e;
	} else if (n >= 8) {
		uint64_t a = *(const u64u *)s, b = *(const u64u *)(s + n - 8);

		*(u64u *)d = a;
		*(u64u *)(d + n - 8) = b;
	} else if (n >= 4) {
		uint32_t a = *(const u32u *)s, b = *(const u32u *)(s + n - 4);

		*(u32u *)d = a;
		*(u32u *)(d + n - 4) = b;
	} else if (n >= 2) {
		uint16_t a = *(const u16u *)s, b = *(const u16u *)(s + n - 2);

		*(u16u *)d = a;
		*(u16u *)(d + n - 2) = b;
	} else if (n) {
		*d = *s;
	}
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	void *d = dst;

	if (n <= 32) {
		copy_small(dst, src, n);
		return dst;
	}
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (n <= 32) {
		copy_small(dst, src, n);
		return dst;
	}
	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	d += n - 1;
	s += n - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return dst;
}

static inline void set_small(unsigned char *d, uint64_t word, size_t n)
{
	if (n >= 8) {
		for (size_t i = 0; i + 8 <= n; i += 8)
			*(word_u *)(d + i) = word;
		*(word_u *)(d + n - 8) = word;
		return;
	}
	while (n--)
		d[n] = (unsigned char)word;
}

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;

	if (n <= 64) {
		set_small(dst, ONES * (unsigned char)c, n);
		return dst;
	}
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n >= 8 && *(const word_u *)x == *(const word_u *)y; n -= 8)
		x += 8, y += 8;
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/* Nonzero if a byte of w is 0; the lowest set bit is in the first such byte. */
static inline uint64_t zero_bytes(uint64_t w)
{
	return (w - ONES) & ~w & HIGHS;
}

/* Whole aligned words are read: they may reach beyond the range, but never into another page. */
void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s, *end = p + n;
	uint64_t pattern = ONES * (unsigned char)c;

	if (end < p)
		end = (const unsigned char *)UINTPTR_MAX;
	for (; p < end && ((uintptr_t)p & 7); p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	for (; p < end; p += 8) {
		uint64_t hit = zero_bytes(*(const word *)p ^ pattern);

		if (!hit)
			continue;
		p += __builtin_ctzl(hit) / 8;
		return p < end ? (void *)p : NULL;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	return (size_t)((const char *)memchr(s, 0, SIZE_MAX) - s);
}

size_t strnlen(const char *s, size_t max)
{
	const char *nul = memchr(s, 0, max);

	return nul ? (size_t)(nul - s) : max;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (!*a || *a != *b)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (!*s)
			return (char *)found;
	}
}

char *strstr(const char *hay, const char *needle)
{
	size_t n = strlen(needle);

	for (; *hay; hay++)
		if (!strncmp(hay, needle, n))
			return (char *)hay;
	return n ? NULL : (char *)hay;
}
