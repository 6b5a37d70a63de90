/* text.h: a growing string, for files whose content is made when they are read. */
#pragma once
#include "base/types.h"

struct text {
	char *buf;
	size_t len, size;
	bool failed; /* out of memory once: the rest was dropped */
};

void text_add(struct text *t, const char *s, size_t n);
/* %0*lx: maps of large programs are full of them. digits: at least so many, at most 16. */
void text_hex(struct text *t, uint64_t v, unsigned digits);
void text_printf(struct text *t, const char *fmt, ...) printf_like(2, 3);
/* Spaces up to column `column`, counted from byte `start`. */
void text_pad(struct text *t, size_t start, size_t column);
void text_free(struct text *t);
