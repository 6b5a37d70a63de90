/* mounts.c: the list "mount" of Occlum.json.
 *
 * The root is always the hashed image, with memory above it (unionfs) or alone (sefs, hashfs:
 * read-only). It is mounted first, whether listed or not; the others follow in the order given.
 * Host directories are written relative to the instance directory; they are measured, so they must
 * not name the place where it is. */
#include "mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "built.h"

#define HERE	   "/proc/self/cwd" /* of the occlum process: the instance directory */
#define MOUNTS_MAX 64

static const struct {
	const char *name;
	uint32_t type;
} types[] = {
	{"unionfs", CONFIG_FS_UNION}, {"sefs", CONFIG_FS_HASHFS},   {"hashfs", CONFIG_FS_HASHFS},
	{"hostfs", CONFIG_FS_HOSTFS}, {"ramfs", CONFIG_FS_RAMFS},   {"tmpfs", CONFIG_FS_RAMFS},
	{"devfs", CONFIG_FS_DEVFS},   {"procfs", CONFIG_FS_PROCFS}, {"sysfs", CONFIG_FS_SYSFS},
};

static uint32_t type_of(const cJSON *node)
{
	for (size_t i = 0; cJSON_IsString(node) && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(node->valuestring, types[i].name))
			return types[i].type;
	return 0;
}

static bool target_ok(const char *s)
{
	if (s[0] != '/' || strlen(s) > 1000 || strstr(s, "//"))
		return false;
	if (s[1] && s[strlen(s) - 1] == '/')
		return false;
	for (const char *c = s; (c = strstr(c, "/.")); c++)
		if (!c[2] || c[2] == '/' || (c[2] == '.' && (!c[3] || c[3] == '/')))
			return false;
	return true;
}

/* keys: names separated by blanks. */
static bool known(const char *keys, const char *name)
{
	size_t n = strlen(name);

	for (const char *k = keys; *k; k += strcspn(k, " "), k += *k == ' ')
		if (n && !strncmp(k, name, n) && (k[n] == ' ' || !k[n]))
			return true;
	return false;
}

static int keys_check(struct config_parser *p, const cJSON *object, const char *path,
		      const char *keys)
{
	char prefix[80];

	snprintf(prefix, sizeof(prefix), "%s.", path);
	if (config_repeated(p, object, prefix))
		return -EINVAL;
	for (const cJSON *c = object->child; c; c = c->next) {
		if (known(keys, c->string))
			continue;
		snprintf(p->err, CONFIG_ERR_SIZE,
			 "%s:%d: key \"%s%.60s\" is not known here: expected one of %s",
			 p->json.file, json_line(&p->json, c), prefix, c->string, keys);
		return -EINVAL;
	}
	return 0;
}

static int layers_check(struct config_parser *p, const cJSON *layers, const char *path)
{
	if (!cJSON_IsArray(layers))
		return config_error(p, layers, path, "a list of layers");
	for (const cJSON *c = layers->child; c; c = c->next) {
		int err = cJSON_IsObject(c) ? 0 : config_error(p, c, path, "an object");

		if (!err)
			err = keys_check(p, c, path, "target type source options");
		if (err)
			return err;
	}
	return 0;
}

/* Options say how the original keeps its files; of them only readonly changes anything here. */
static int options_take(struct config_parser *p, const cJSON *options, const char *path,
			struct mount_spec *m)
{
	const cJSON *layers, *readonly;
	char sub[128];
	int err;

	if (!options)
		return 0;
	if (!cJSON_IsObject(options))
		return config_error(p, options, path, "an object");
	err = keys_check(p, options, path, "MAC layers temporary cache_size disk_size readonly");
	if (err)
		return err;
	layers = cJSON_GetObjectItemCaseSensitive(options, "layers");
	readonly = cJSON_GetObjectItemCaseSensitive(options, "readonly");
	snprintf(sub, sizeof(sub), "%s.layers", path);
	if (layers)
		err = layers_check(p, layers, sub);
	snprintf(sub, sizeof(sub), "%s.readonly", path);
	if (!err && readonly && !cJSON_IsBool(readonly))
		err = config_error(p, readonly, sub, "true or false");
	if (cJSON_IsTrue(readonly))
		m->flags |= CONFIG_MOUNT_RDONLY;
	return err;
}

static int source_take(struct config_parser *p, const cJSON *node, const cJSON *mount,
		       const char *path, struct mount_spec *m)
{
	const char *s;
	char *full;

	if (m->type != CONFIG_FS_HOSTFS)
		return 0; /* the original's places of encrypted files; there are none here */
	if (!cJSON_IsString(node) || !*node->valuestring)
		return config_error(p, node ? node : mount, path,
				    "a directory of the host as \"source\"");
	s = node->valuestring;
	if (s[0] == '/') {
		m->source = s;
		return 0;
	}
	full = config_own(p, strlen(s) + sizeof(HERE) + 1, 1);
	if (!full)
		return -ENOMEM;
	sprintf(full, HERE "/%s", s);
	m->source = full;
	return 0;
}

static const struct mount_spec root_mount = {
	.type = CONFIG_FS_UNION,
	.target = "/",
	.source = BUILT_IMAGE,
	.lower_type = CONFIG_FS_HASHFS,
};

static int root_take(struct config_parser *p, const cJSON *mount, const char *path,
		     struct mount_spec *m)
{
	struct mount_spec *root = &p->out->mounts[0];

	if (m->type != CONFIG_FS_UNION && m->type != CONFIG_FS_HASHFS)
		return config_error(p, cJSON_GetObjectItemCaseSensitive(mount, "type"), path,
				    "unionfs or hashfs for \"/\", which is the image");
	*root = root_mount;
	root->flags = m->flags;
	if (m->type == CONFIG_FS_HASHFS) {
		root->type = CONFIG_FS_HASHFS;
		root->lower_type = 0;
		root->flags |= CONFIG_MOUNT_RDONLY;
	}
	return 0;
}

static bool lies_in(const char *target, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(target, dir, n) && (target[n] == '/' || !target[n]);
}

/* Its place among the others: a directory of the image, not taken. */
static int place_check(struct config_parser *p, const cJSON *target, const char *path, size_t count)
{
	const struct mount_spec *m = p->out->mounts;

	for (size_t i = 1; i < count; i++) {
		if (!strcmp(m[i].target, target->valuestring))
			return config_error(p, target, path, "every target once");
		if (lies_in(target->valuestring, m[i].target))
			return config_error(
				p, target, path,
				"a directory of the image, not one inside another mount");
	}
	return 0;
}

static int mount_take(struct config_parser *p, const cJSON *mount, size_t index, size_t *count)
{
	const cJSON *target = cJSON_GetObjectItemCaseSensitive(mount, "target");
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(mount, "type");
	struct mount_spec m = {0};
	char path[32], key[64];
	int err;

	snprintf(path, sizeof(path), "mount[%zu]", index);
	if (!cJSON_IsObject(mount))
		return config_error(p, mount, path, "an object with \"target\" and \"type\"");
	err = keys_check(p, mount, path, "target type source options");
	if (err)
		return err;
	snprintf(key, sizeof(key), "%s.target", path);
	if (!cJSON_IsString(target) || !target_ok(target->valuestring))
		return config_error(p, target ? target : mount, key,
				    "an absolute path without \"..\"");
	m.target = target->valuestring;
	m.type = type_of(type);
	snprintf(key, sizeof(key), "%s.type", path);
	if (!m.type)
		return config_error(
			p, type ? type : mount, key,
			"unionfs, hashfs, sefs, hostfs, ramfs, tmpfs, devfs, procfs or sysfs");
	if (m.target[1] && (m.type == CONFIG_FS_UNION || m.type == CONFIG_FS_HASHFS))
		return config_error(p, type, key, "another type; only \"/\" comes from the image");
	snprintf(key, sizeof(key), "%s.options", path);
	err = options_take(p, cJSON_GetObjectItemCaseSensitive(mount, "options"), key, &m);
	if (!err && m.target[1]) {
		snprintf(key, sizeof(key), "%s.source", path);
		err = source_take(p, cJSON_GetObjectItemCaseSensitive(mount, "source"), mount, key,
				  &m);
	}
	if (err)
		return err;
	if (!m.target[1]) {
		snprintf(key, sizeof(key), "%s.type", path);
		return root_take(p, mount, key, &m);
	}
	snprintf(key, sizeof(key), "%s.target", path);
	err = place_check(p, target, key, *count);
	if (!err)
		p->out->mounts[(*count)++] = m;
	return err;
}

static size_t default_mounts(struct mount_spec *m)
{
	m[1] = (struct mount_spec){.type = CONFIG_FS_PROCFS, .target = "/proc"};
	m[2] = (struct mount_spec){.type = CONFIG_FS_DEVFS, .target = "/dev"};
	m[3] = (struct mount_spec){.type = CONFIG_FS_SYSFS, .target = "/sys"};
	return 4;
}

int config_mounts_take(struct config_parser *p, const cJSON *list)
{
	struct mount_spec *m = config_own(p, MOUNTS_MAX + 1, sizeof(*m));
	size_t count = 1, index = 0;
	int err = 0;

	if (!m)
		return -ENOMEM;
	p->out->mounts = m;
	m[0] = root_mount;
	if (!list)
		count = default_mounts(m);
	else if (cJSON_GetArraySize(list) > MOUNTS_MAX)
		err = config_error(p, list, "mount", "at most 64 mounts");
	for (const cJSON *c = list ? list->child : NULL; c && !err; c = c->next)
		err = mount_take(p, c, index++, &count);
	p->out->instance.mounts = m;
	p->out->instance.mount_count = count;
	return err;
}
