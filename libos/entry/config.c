/* config.c: checks and reads the configuration blob. Every offset is checked once, in config_load(). */
#include "entry/config.h"
#include "abi/ocall.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"

static const struct config_head *head;

static bool in_blob(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

static bool string_ok(const char *blob, size_t size, uint32_t offset)
{
	return !offset || (offset < size && memchr(blob + offset, 0, size - offset));
}

static bool strings_ok(const char *blob, size_t size, struct config_strings s)
{
	const uint32_t *v = (const uint32_t *)(blob + s.offset);

	if ((s.offset & 3) || !in_blob(s.offset, (uint64_t)s.count * 4, size))
		return false;
	for (uint32_t i = 0; i < s.count; i++)
		if (!v[i] || !string_ok(blob, size, v[i]))
			return false;
	return true;
}

static bool mounts_ok(const char *blob, size_t size, const struct config_head *h)
{
	const struct config_mount *m = (const struct config_mount *)(blob + h->mounts_offset);

	if ((h->mounts_offset & 3) || !h->mounts_count ||
	    !in_blob(h->mounts_offset, (uint64_t)h->mounts_count * sizeof(*m), size))
		return false;
	for (uint32_t i = 0; i < h->mounts_count; i++)
		if (!m[i].target || !string_ok(blob, size, m[i].target) || !string_ok(blob, size, m[i].source) ||
		    blob[m[i].target] != '/')
			return false;
	return true;
}

int config_load(const void *data, size_t size)
{
	const char *blob = data;
	const struct config_head *h = data;

	if (size < sizeof(*h) || h->magic != CONFIG_MAGIC || h->version != CONFIG_VERSION || h->size != size) {
		log_error("configuration: bad head (is this blob from another version of occlum?)");
		return -EINVAL;
	}
	if (!strings_ok(blob, size, h->entry_points) || !strings_ok(blob, size, h->env_default) ||
	    !strings_ok(blob, size, h->env_untrusted) || !string_ok(blob, size, h->hostname)) {
		log_error("configuration: a string lies outside the blob");
		return -EINVAL;
	}
	if (!mounts_ok(blob, size, h)) {
		log_error("configuration: malformed list of mounts");
		return -EINVAL;
	}
	head = h;
	return 0;
}

const struct config_head *config_get(void)
{
	return head;
}

const char *config_string(uint32_t offset)
{
	return offset ? (const char *)head + offset : NULL;
}

size_t config_mounts(const struct config_mount **out)
{
	*out = (const struct config_mount *)((const char *)head + head->mounts_offset);
	return head->mounts_count;
}

static const char *nth(struct config_strings s, uint32_t i)
{
	return config_string(((const uint32_t *)((const char *)head + s.offset))[i]);
}

bool config_entry_allowed(const char *path)
{
	if (head->flags & CONFIG_TRY)
		return true;
	for (uint32_t i = 0; i < head->entry_points.count; i++) {
		const char *prefix = nth(head->entry_points, i);
		size_t n = strlen(prefix);

		while (n > 1 && prefix[n - 1] == '/')
			n--;
		if (!strncmp(path, prefix, n) && (n == 1 || path[n] == '/' || !path[n]))
			return true;
	}
	return false;
}

static size_t name_length(const char *var)
{
	const char *eq = strchr(var, '=');

	return eq ? (size_t)(eq - var) : strlen(var);
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_length(a);

	return n == name_length(b) && !strncmp(a, b, n);
}

static bool env_admitted(const char *var)
{
	if (head->flags & CONFIG_TRY)
		return true;
	for (uint32_t i = 0; i < head->env_untrusted.count; i++)
		if (same_name(nth(head->env_untrusted, i), var))
			return true;
	return false;
}

static int env_set(char **envp, size_t *count, const char *var)
{
	char *copy = kstrdup(var);

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < *count; i++) {
		if (same_name(envp[i], var)) {
			kfree(envp[i]);
			envp[i] = copy;
			return 0;
		}
	}
	envp[(*count)++] = copy;
	return 0;
}

void config_free_env(char **envp)
{
	for (char **e = envp; e && *e; e++)
		kfree(*e);
	kfree(envp);
}

int config_build_env(const struct host_request *req, char ***out)
{
	size_t max = (size_t)head->env_default.count + req->envc + 1, count = 0;
	const char *p = req->strings, *end = req->strings + req->strings_len;
	char **envp = kzalloc(max * sizeof(*envp));
	int err = envp ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < head->env_default.count; i++)
		err = env_set(envp, &count, nth(head->env_default, i));
	for (uint32_t skip = 0; p < end && skip < 2 + req->argc; skip++)
		p += strlen(p) + 1;
	for (uint32_t i = 0; !err && i < req->envc && p < end; i++, p += strlen(p) + 1)
		if (strchr(p, '=') && env_admitted(p))
			err = env_set(envp, &count, p);
	if (err) {
		config_free_env(envp);
		return err;
	}
	*out = envp;
	return 0;
}
