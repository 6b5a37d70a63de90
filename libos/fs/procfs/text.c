/* text.c: see text.h. Doubling keeps it linear; a failed text stays what it was. */
#include "fs/procfs/text.h"

#include "base/heap.h"
#include "base/string.h"

static bool text_room(struct text *t, size_t n)
{
	size_t size = t->size ? t->size : 1024;
	char *buf;

	if (t->failed)
		return false;
	while (size - t->len < n)
		size *= 2;
	if (size == t->size)
		return true;
	buf = krealloc(t->buf, size);
	if (!buf) {
		t->failed = true;
		return false;
	}
	t->buf = buf;
	t->size = size;
	return true;
}

void text_add(struct text *t, const char *s, size_t n)
{
	if (!text_room(t, n + 1))
		return;
	memcpy(t->buf + t->len, s, n);
	t->len += n;
}

void text_hex(struct text *t, uint64_t v, unsigned digits)
{
	char buf[16];
	unsigned n = 0;

	for (; v || n < digits; v >>= 4)
		buf[sizeof(buf) - ++n] = "0123456789abcdef"[v & 15];
	text_add(t, buf + sizeof(buf) - n, n);
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	size_t room;
	int n;

	if (!text_room(t, 64))
		return;
	room = t->size - t->len;
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n >= (int)room && text_room(t, (size_t)n + 1))
		n = vsnprintf(t->buf + t->len, (size_t)n + 1, fmt, again);
	va_end(again);
	if (n > 0 && !t->failed)
		t->len += (size_t)n;
}

void text_pad(struct text *t, size_t start, size_t column)
{
	size_t have = t->len - start, n = have < column ? column - have : 0;

	if (!n || !text_room(t, n + 1))
		return;
	memset(t->buf + t->len, ' ', n);
	t->len += n;
}

void text_free(struct text *t)
{
	kfree(t->buf);
	*t = (struct text){ 0 };
}
