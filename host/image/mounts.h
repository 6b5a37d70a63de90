/* mounts.h: inside of the Occlum.json parser: what config.c and mounts.c share. */
#pragma once
#include "config.h"
#include "json.h"

struct config_parser {
	struct json json;
	struct occlum_config *out;
	char *err; /* CONFIG_ERR_SIZE bytes */
};

/* Zeroed memory for count + 1 things that the configuration keeps; NULL with a message. */
void *config_own(struct config_parser *p, size_t count, size_t size);
/* The message "FILE:LINE: key PATH: value NODE: expected ..."; -EINVAL. */
int config_error(struct config_parser *p, const cJSON *node, const char *path, const char *expected);
/* True, with a message, if the object has a key twice. */
bool config_repeated(struct config_parser *p, const cJSON *object, const char *path);
/* The list "mount", or what is mounted if it is not there (NULL). Fills mounts and mount_count. */
int config_mounts_take(struct config_parser *p, const cJSON *list);
