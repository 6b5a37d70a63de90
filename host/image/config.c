/* config.c: Occlum.json to struct instance_config. One table says which keys there are and what they take; keys
 * that older versions needed and this one does not (sizes it finds out by itself) are checked and then not used. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mounts.h"

#define VCPUS_DEFAULT 8 /* the same everywhere: it is part of the measurement */

struct values {
	uint64_t user_size, user_max, heap, heap_max, kernel_stack, threads, threads_init, cpus;
	uint64_t stack, user_heap, user_mmap;
	uint64_t product_id, version, debuggable, disable_log, kss, id;
	uint64_t feature;
	const cJSON *entry_points, *env_default, *env_untrusted, *mounts;
	uint64_t loopback, multiprocess, enclave_size, commit, sgx;
	const cJSON *disable_log_given, *heap_node, *user_node, *enclave_size_node;
};

enum kind { KIND_SIZE, KIND_COUNT, KIND_BOOL, KIND_ID, KIND_WORD, KIND_LIST };

struct key {
	const char *path;
	enum kind kind;
	size_t offset; /* in struct values */
	uint64_t min, max;
	const char *expected;
};

#define AT(f) offsetof(struct values, f)
#define SIZE(path, f, low, text) { path, KIND_SIZE, AT(f), low, 1ul << 40, text }
#define COMMIT "vm.commit"
#define SIZE_TEXT "a size such as \"64MB\""
static const struct key keys[] = {
	SIZE("resource_limits.user_space_size", user_size, 8ul << 20, "a size such as \"300MB\", at least 8MB"),
	SIZE("resource_limits.user_space_max_size", user_max, 8ul << 20, "a size such as \"2GB\", at least 8MB"),
	SIZE("resource_limits.kernel_space_heap_size", heap, 1ul << 20, "a size such as \"32MB\", at least 1MB"),
	SIZE("resource_limits.kernel_space_heap_max_size", heap_max, 8ul << 20,
	     "a size such as \"1GB\", at least 8MB"),
	SIZE("resource_limits.kernel_space_stack_size", kernel_stack, 0, SIZE_TEXT),
	{ "resource_limits.max_num_of_threads", KIND_COUNT, AT(threads), 2, 1000000, "a number from 2 to 1000000" },
	{ "resource_limits.init_num_of_threads", KIND_COUNT, AT(threads_init), 1, 1000000,
	  "a number from 1 to 1000000" },
	{ "resource_limits.num_of_cpus", KIND_COUNT, AT(cpus), 1, 64, "a number from 1 to 64" },
	SIZE("process.default_stack_size", stack, 16ul << 10, "a size such as \"8MB\", at least 16KB"),
	SIZE("process.default_heap_size", user_heap, 0, SIZE_TEXT),
	SIZE("process.default_mmap_size", user_mmap, 0, SIZE_TEXT),
	{ "entry_points", KIND_LIST, AT(entry_points), 0, 0, "a list of absolute paths such as [\"/bin\"]" },
	{ "env.default", KIND_LIST, AT(env_default), 0, 0, "a list of strings NAME=value" },
	{ "env.untrusted", KIND_LIST, AT(env_untrusted), 0, 0, "a list of names" },
	{ "metadata.product_id", KIND_COUNT, AT(product_id), 0, 65535, "a number from 0 to 65535" },
	{ "metadata.version_number", KIND_COUNT, AT(version), 0, 65535, "a number from 0 to 65535" },
	{ "metadata.debuggable", KIND_BOOL, AT(debuggable), 0, 1, "true or false" },
	{ "metadata.disable_log", KIND_BOOL, AT(disable_log), 0, 1, "true or false" },
	{ "metadata.enable_kss", KIND_BOOL, AT(kss), 0, 0,
	  "false (key separation and sharing is not in this version)" },
	{ "metadata.family_id.high", KIND_ID, AT(id), 0, 0, "0, as enable_kss is off" },
	{ "metadata.family_id.low", KIND_ID, AT(id), 0, 0, "0, as enable_kss is off" },
	{ "metadata.ext_prod_id.high", KIND_ID, AT(id), 0, 0, "0, as enable_kss is off" },
	{ "metadata.ext_prod_id.low", KIND_ID, AT(id), 0, 0, "0, as enable_kss is off" },
	{ "feature.amx", KIND_COUNT, AT(feature), 0, 2, "0 (off), 1 or 2 (if the CPU has it)" },
	{ "feature.pkru", KIND_COUNT, AT(feature), 0, 2, "0 (off), 1 or 2 (if the CPU has it)" },
	{ "feature.io_uring", KIND_COUNT, AT(feature), 0, 16, "a number from 0 to 16" },
	{ "feature.enable_edmm", KIND_BOOL, AT(feature), 0, 1, "true or false" },
	{ "feature.enable_posix_shm", KIND_BOOL, AT(feature), 0, 1, "true or false" },
	{ "network.loopback", KIND_WORD, AT(loopback), 0, UINT64_MAX, "\"enclave\" or \"host\"" },
	{ "vm.sgx", KIND_COUNT, AT(sgx), 1, 2, "1 (all memory is added before the enclave starts) or 2" },
	{ COMMIT, KIND_WORD, AT(commit), 0, UINT64_MAX, CONFIG_COMMIT_TEXT },
	{ "multiprocess", KIND_WORD, AT(multiprocess), 0, UINT64_MAX,
	  "\"sip\" (all processes in one enclave) or \"eip\" (an enclave for each)" },
	{ "eip.enclave_size", KIND_SIZE, AT(enclave_size), EIP_SIZE_MIN, EIP_SIZE_MAX, EIP_SIZE_TEXT },
	{ "mount", KIND_LIST, AT(mounts), 0, 0, "a list of objects" },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* What the words of a KIND_WORD key stand for. */
static const struct {
	const char *path, *word;
	uint64_t value;
} words[] = {
	{ "network.loopback", "enclave", 0 },
	{ "network.loopback", "host", CONFIG_LOOPBACK_HOST },
	{ COMMIT, "eager", CONFIG_COMMIT_EAGER },
	{ COMMIT, "lazy", CONFIG_COMMIT_LAZY },
	{ COMMIT, "adaptive", 0 },
	{ "multiprocess", "sip", 0 },
	{ "multiprocess", "eip", CONFIG_EIP },
};

bool config_size(const char *s, uint64_t *bytes)
{
	static const struct { const char *unit; unsigned shift; } units[] = {
		{ "", 0 }, { "B", 0 }, { "K", 10 }, { "KB", 10 }, { "M", 20 }, { "MB", 20 },
		{ "G", 30 }, { "GB", 30 }, { "T", 40 }, { "TB", 40 },
	};
	uint64_t n = 0;
	size_t digits = 0;

	for (; isdigit((unsigned char)*s) && digits < 15; s++, digits++)
		n = n * 10 + (uint64_t)(*s - '0');
	while (*s == ' ')
		s++;
	for (size_t i = 0; digits && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcasecmp(s, units[i].unit))
			continue;
		*bytes = n << units[i].shift;
		return *bytes >> units[i].shift == n;
	}
	return false;
}

static bool word_of(const char *path, const char *s, uint64_t *out)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].path, path) || strcmp(words[i].word, s))
			continue;
		*out = words[i].value;
		return true;
	}
	return false;
}

bool config_commit(const char *s, uint64_t *flags)
{
	return word_of(COMMIT, s, flags);
}

int config_error(struct config_parser *p, const cJSON *node, const char *path, const char *expected)
{
	char value[80];

	json_show(node, value, sizeof(value));
	snprintf(p->err, CONFIG_ERR_SIZE, "%s:%d: key \"%s\": value %s: expected %s", p->json.file,
		 json_line(&p->json, node), path, value, expected);
	return -EINVAL;
}

static int no_memory(struct config_parser *p)
{
	snprintf(p->err, CONFIG_ERR_SIZE, "%s: out of memory", p->json.file);
	return -ENOMEM;
}

void *config_own(struct config_parser *p, size_t count, size_t size)
{
	void *m = calloc(count + 1, size);

	if (m)
		p->out->owned[p->out->owned_count++] = m;
	else
		no_memory(p);
	return m;
}

/* What may stand at `prefix` ("" or "a."), one level deep. */
static void list_known(const char *prefix, char *buf, size_t size)
{
	size_t skip = strlen(prefix), len = 0, last_len = 0;
	const char *last = "";

	buf[0] = 0;
	for (size_t i = 0; i < KEYS; i++) {
		const char *name = keys[i].path + skip;
		size_t n = strcspn(strncmp(keys[i].path, prefix, skip) ? "" : name, ".");

		if (!n || (n == last_len && !strncmp(name, last, n)))
			continue;
		last = name;
		last_len = n;
		len += (size_t)snprintf(buf + len, size - len, "%s%.*s", len ? ", " : "", (int)n, name);
		if (len >= size)
			return;
	}
}

static bool number_of(const cJSON *node, uint64_t *out)
{
	double d = node->valuedouble;

	if (!cJSON_IsNumber(node) || !(d >= 0 && d <= 9007199254740992.0) || d != (double)(uint64_t)d)
		return false;
	*out = (uint64_t)d;
	return true;
}

static bool id_of(const cJSON *node, uint64_t *out)
{
	char *end;

	if (!cJSON_IsString(node))
		return number_of(node, out);
	errno = 0;
	*out = strtoull(node->valuestring, &end, 0);
	return end != node->valuestring && !*end && !errno && node->valuestring[0] != '-';
}

static int value_take(struct config_parser *p, const struct key *k, const cJSON *node, struct values *v)
{
	void *to = (char *)v + k->offset;
	uint64_t n = 0;
	bool ok;

	switch (k->kind) {
	case KIND_SIZE:
		ok = cJSON_IsString(node) ? config_size(node->valuestring, &n) : number_of(node, &n);
		break;
	case KIND_COUNT:
		ok = number_of(node, &n);
		break;
	case KIND_BOOL:
		ok = cJSON_IsBool(node);
		n = cJSON_IsTrue(node);
		break;
	case KIND_ID:
		ok = id_of(node, &n);
		break;
	case KIND_WORD:
		ok = cJSON_IsString(node) && word_of(k->path, node->valuestring, &n);
		break;
	default:
		*(const cJSON **)to = node;
		return cJSON_IsArray(node) ? 0 : config_error(p, node, k->path, k->expected);
	}
	if (!ok || n < k->min || n > k->max)
		return config_error(p, node, k->path, k->expected);
	*(uint64_t *)to = n;
	if (!strcmp(k->path, "metadata.disable_log"))
		v->disable_log_given = node;
	if (!strcmp(k->path, "resource_limits.user_space_size"))
		v->user_node = node;
	if (!strcmp(k->path, "eip.enclave_size"))
		v->enclave_size_node = node;
	if (!strcmp(k->path, "resource_limits.kernel_space_heap_size"))
		v->heap_node = node;
	return 0;
}

bool config_repeated(struct config_parser *p, const cJSON *object, const char *path)
{
	for (const cJSON *a = object->child; a; a = a->next) {
		for (const cJSON *b = object->child; b != a; b = b->next) {
			if (strcmp(a->string, b->string))
				continue;
			snprintf(p->err, CONFIG_ERR_SIZE, "%s:%d: key \"%s%s\" is there twice", p->json.file,
				 json_line(&p->json, a), path, a->string);
			return true;
		}
	}
	return false;
}

static int unknown_key(struct config_parser *p, const cJSON *node, const char *prefix)
{
	char known[400];

	list_known(prefix, known, sizeof(known));
	snprintf(p->err, CONFIG_ERR_SIZE, "%s:%d: key \"%s%.60s\" is not known here: expected one of %s", p->json.file,
		 json_line(&p->json, node), prefix, node->string, known);
	return -EINVAL;
}

static const struct key *key_find(const char *path, bool *section)
{
	size_t n = strlen(path);

	*section = false;
	for (size_t i = 0; i < KEYS; i++) {
		if (strncmp(keys[i].path, path, n))
			continue;
		if (!keys[i].path[n])
			return &keys[i];
		*section |= keys[i].path[n] == '.';
	}
	return NULL;
}

static int object_walk(struct config_parser *p, const cJSON *object, const char *prefix, struct values *v)
{
	int err = config_repeated(p, object, prefix) ? -EINVAL : 0;

	for (const cJSON *c = object->child; c && !err; c = c->next) {
		char path[128];
		const struct key *k;
		bool section;

		if (!*c->string || strchr(c->string, '.') ||
		    snprintf(path, sizeof(path) - 1, "%s%s", prefix, c->string) >= (int)sizeof(path) - 1)
			return unknown_key(p, c, prefix);
		k = key_find(path, &section);
		if (k) {
			err = value_take(p, k, c, v);
		} else if (!section) {
			err = unknown_key(p, c, prefix);
		} else if (!cJSON_IsObject(c)) {
			err = config_error(p, c, path, "an object");
		} else {
			strcat(path, ".");
			err = object_walk(p, c, path, v);
		}
	}
	return err;
}

static bool entry_ok(const char *s) { return s[0] == '/'; }
static bool setting_ok(const char *s) { return strchr(s, '=') && s[0] != '='; }
static bool name_ok(const char *s) { return *s && !strchr(s, '='); }

/* A list of strings of the file, or of defaults (NULL-terminated), as an array of pointers. */
static int strings_take(struct config_parser *p, const cJSON *list, const char *path, bool (*ok)(const char *),
			const char *expected, const char *const **out)
{
	const char **v;
	size_t n = 0;

	if (!list)
		return 0;
	v = config_own(p, (size_t)cJSON_GetArraySize(list), sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (const cJSON *c = list->child; c; c = c->next) {
		if (!cJSON_IsString(c) || !ok(c->valuestring))
			return config_error(p, c, path, expected);
		v[n++] = c->valuestring;
	}
	*out = v;
	return 0;
}

static int lists_take(struct config_parser *p, const struct values *v)
{
	static const char *const default_entries[] = { "/bin", NULL }, *const none[] = { NULL };
	struct instance_config *c = &p->out->instance;
	int err;

	c->entry_points = default_entries;
	c->env_default = c->env_untrusted = none;
	err = strings_take(p, v->entry_points, "entry_points", entry_ok, "an absolute path", &c->entry_points);
	if (!err)
		err = strings_take(p, v->env_default, "env.default", setting_ok, "a string NAME=value",
				   &c->env_default);
	if (!err)
		err = strings_take(p, v->env_untrusted, "env.untrusted", name_ok, "the name of a variable",
				   &c->env_untrusted);
	return err ? err : config_mounts_take(p, v->mounts);
}

static int limits_take(struct config_parser *p, const struct values *v)
{
	struct occlum_config *o = p->out;

	if (v->user_max && v->user_size > v->user_max)
		return config_error(p, v->user_node, "resource_limits.user_space_size",
				    "no more than user_space_max_size");
	if (v->heap_max && v->heap > v->heap_max)
		return config_error(p, v->heap_node, "resource_limits.kernel_space_heap_size",
				    "no more than kernel_space_heap_max_size");
	o->instance.user_space_max = v->user_max ? v->user_max : v->user_size;
	o->instance.heap_max = v->heap_max;
	o->heap_init = v->heap;
	if (v->sgx == 1) {
		o->heap_init = v->heap ? v->heap : SGX1_HEAP;
		o->user_init = o->instance.user_space_max ? o->instance.user_space_max : SGX1_USER;
	}
	if (v->enclave_size_node && !v->multiprocess)
		return config_error(p, v->enclave_size_node, "eip.enclave_size", "nothing, as multiprocess is not \"eip\"");
	o->instance.max_threads = (uint32_t)v->threads;
	o->instance.default_stack_size = (v->stack + 4095) & ~4095ul;
	o->vcpus = (uint32_t)v->cpus;
	if (!v->multiprocess)
		return 0;
	o->heap_init = EIP_HEAP;
	o->user_init = (v->enclave_size ? v->enclave_size : EIP_SIZE_DEFAULT) - EIP_HEAP;
	return 0;
}

static int values_take(struct config_parser *p, const struct values *v)
{
	struct occlum_config *o = p->out;
	bool quiet = v->disable_log_given ? v->disable_log : !v->debuggable;

	o->product_id = (uint16_t)v->product_id;
	o->version = (uint16_t)v->version;
	o->debuggable = v->debuggable;
	o->instance.flags = (quiet ? CONFIG_DISABLE_LOG : 0) | (uint32_t)(v->loopback | v->multiprocess | v->commit) |
			    (v->sgx == 1 ? CONFIG_SGX1 : 0);
	/* A release enclave says what goes wrong, and nothing about what programs do. */
	o->instance.log_level_max = v->debuggable ? 5 : 1;
	o->instance.hostname = "occlum";
	return limits_take(p, v);
}

int config_parse(const char *file, const char *text, size_t len, struct occlum_config *c, char err[CONFIG_ERR_SIZE])
{
	struct config_parser p = { .out = c, .err = err };
	struct values v = { .cpus = VCPUS_DEFAULT, .debuggable = 1 };
	const char *problem;
	int line, ret;

	*c = (struct occlum_config){ 0 };
	problem = json_parse(&p.json, file, text, len, &line);
	if (problem) {
		snprintf(err, CONFIG_ERR_SIZE, "%s:%d: %s", file, line, problem);
		return -EINVAL;
	}
	c->json = p.json.root;
	if (!cJSON_IsObject(c->json)) {
		snprintf(err, CONFIG_ERR_SIZE, "%s:%d: expected an object { ... }", file, json_line(&p.json, c->json));
		ret = -EINVAL;
	} else {
		ret = object_walk(&p, c->json, "", &v);
	}
	if (!ret)
		ret = lists_take(&p, &v);
	if (!ret)
		ret = values_take(&p, &v);
	if (ret)
		config_free(c);
	return ret;
}

int config_read(const char *file, struct occlum_config *c, char err[CONFIG_ERR_SIZE])
{
	FILE *f = fopen(file, "re");
	char *text = malloc((1u << 20) + 1);
	size_t n = f && text ? fread(text, 1, 1u << 20, f) : 0;
	int ret = -EINVAL;

	if (!f)
		snprintf(err, CONFIG_ERR_SIZE, "%s: %s%s", file, strerror(errno),
			 errno == ENOENT ? "; 'occlum init' makes an instance here" : "");
	else if (!text || ferror(f) || n == 1u << 20)
		snprintf(err, CONFIG_ERR_SIZE, "%s: cannot be read, or is larger than 1 MB", file);
	else {
		text[n] = 0;
		ret = config_parse(file, text, n, c, err);
	}
	if (f)
		fclose(f);
	free(text);
	return ret;
}

void config_free(struct occlum_config *c)
{
	for (size_t i = 0; i < c->owned_count; i++)
		free(c->owned[i]);
	cJSON_Delete(c->json);
	*c = (struct occlum_config){ 0 };
}
