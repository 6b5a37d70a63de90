/* pack.c: see pack.h. */
#include "eip/pack.h"
#include "base/heap.h"
#include "base/string.h"

#define FIRST_CAP 512

void *pack_room(struct pack *p, size_t n)
{
	size_t cap = p->cap ? p->cap : FIRST_CAP;
	uint8_t *data;

	while (cap - p->len < n)
		cap *= 2;
	if (!p->failed && cap != p->cap) {
		data = krealloc(p->data, cap);
		p->failed = !data;
		if (data) {
			p->data = data;
			p->cap = cap;
		}
	}
	if (p->failed)
		return NULL;
	p->len += n;
	return p->data + p->len - n;
}

void pack_bytes(struct pack *p, const void *data, size_t n)
{
	void *to = pack_room(p, n);

	if (to && n)
		memcpy(to, data, n);
}

void pack_u32(struct pack *p, uint32_t v)
{
	pack_bytes(p, &v, sizeof(v));
}

void pack_u64(struct pack *p, uint64_t v)
{
	pack_bytes(p, &v, sizeof(v));
}

void pack_blob(struct pack *p, const void *data, size_t n)
{
	pack_u64(p, n);
	pack_bytes(p, data, n);
}

void pack_string(struct pack *p, const char *s)
{
	pack_blob(p, s, strlen(s) + 1);
}

void pack_free(struct pack *p)
{
	kfree(p->data);
	*p = (struct pack){ 0 };
}

static const uint8_t *take(struct unpack *u, size_t n)
{
	const uint8_t *at = u->at;

	if (u->failed || n > (size_t)(u->end - u->at)) {
		u->failed = true;
		return NULL;
	}
	u->at += n;
	return at;
}

void unpack_bytes(struct unpack *u, void *to, size_t n)
{
	const uint8_t *at = take(u, n);

	if (at)
		memcpy(to, at, n);
	else
		memset(to, 0, n);
}

uint32_t unpack_u32(struct unpack *u)
{
	uint32_t v;

	unpack_bytes(u, &v, sizeof(v));
	return v;
}

uint64_t unpack_u64(struct unpack *u)
{
	uint64_t v;

	unpack_bytes(u, &v, sizeof(v));
	return v;
}

const void *unpack_blob(struct unpack *u, size_t *n)
{
	uint64_t len = unpack_u64(u);
	const void *at = take(u, len);

	*n = at ? len : 0;
	return at;
}

const char *unpack_string(struct unpack *u)
{
	size_t n;
	const char *s = unpack_blob(u, &n);

	if (!n || s[n - 1]) {
		u->failed = true;
		return "";
	}
	return s;
}
