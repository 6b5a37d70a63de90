/* blob.c: lays a configuration out as libos/abi/config.h says: head, arrays, strings. */
#include "blob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct blob {
	char *data;
	size_t size, room;
	int err;
};

/* Reserves n zeroed bytes, 8-aligned if align; their offset. */
static uint32_t blob_reserve(struct blob *b, size_t n, int align)
{
	size_t at = align ? (b->size + 7) & ~(size_t)7 : b->size;

	if (at + n > b->room) {
		size_t room = (at + n) * 2 + 4096;
		char *p = realloc(b->data, room);

		if (!p) {
			b->err = -ENOMEM;
			return 0;
		}
		memset(p + b->room, 0, room - b->room);
		b->data = p;
		b->room = room;
	}
	b->size = at + n;
	return (uint32_t)at;
}

static uint32_t blob_string(struct blob *b, const char *s)
{
	uint32_t at;

	if (!s)
		return 0;
	at = blob_reserve(b, strlen(s) + 1, 0);
	if (!b->err)
		strcpy(b->data + at, s);
	return at;
}

static struct config_strings blob_strings(struct blob *b, const char *const *v)
{
	struct config_strings s = { 0 };

	while (v && v[s.count])
		s.count++;
	s.offset = blob_reserve(b, s.count * sizeof(uint32_t), 1);
	for (uint32_t i = 0; i < s.count && !b->err; i++) {
		uint32_t at = blob_string(b, v[i]);

		if (!b->err)
			((uint32_t *)(b->data + s.offset))[i] = at;
	}
	return s;
}

static uint32_t blob_mounts(struct blob *b, const struct mount_spec *m, size_t count)
{
	uint32_t at = blob_reserve(b, count * sizeof(struct config_mount), 1);

	for (size_t i = 0; i < count && !b->err; i++) {
		struct config_mount e = { .type = m[i].type, .flags = m[i].flags, .lower_type = m[i].lower_type };

		e.target = blob_string(b, m[i].target);
		e.source = blob_string(b, m[i].source);
		memcpy(e.root_hash, m[i].root_hash, sizeof(e.root_hash));
		if (!b->err)
			memcpy(b->data + at + i * sizeof(e), &e, sizeof(e));
	}
	return at;
}

int config_blob(const struct instance_config *c, void **out, size_t *size)
{
	struct config_head h = {
		.magic = CONFIG_MAGIC, .version = CONFIG_VERSION, .user_space_max = c->user_space_max,
		.heap_max = c->heap_max, .max_threads = c->max_threads, .max_processes = c->max_processes,
		.default_stack_size = c->default_stack_size, .flags = c->flags,
		.log_level_max = c->log_level_max, .mounts_count = (uint32_t)c->mount_count,
	};
	struct blob b = { 0 };

	blob_reserve(&b, sizeof(h), 0);
	h.entry_points = blob_strings(&b, c->entry_points);
	h.env_default = blob_strings(&b, c->env_default);
	h.env_untrusted = blob_strings(&b, c->env_untrusted);
	h.mounts_offset = blob_mounts(&b, c->mounts, c->mount_count);
	h.hostname = blob_string(&b, c->hostname);
	if (b.err) {
		free(b.data);
		return b.err;
	}
	h.size = (uint32_t)b.size;
	memcpy(b.data, &h, sizeof(h));
	*out = b.data;
	*size = b.size;
	return 0;
}
