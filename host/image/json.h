/* json.h: JSON text to a cJSON tree, with line numbers for messages. */
#pragma once
#include <cjson/cJSON.h>
#include <stddef.h>

struct json {
	const char *file, *text;
	cJSON *root;
};

/* Parses text (NUL-terminated, len bytes before it); *line is where it stopped being JSON. NULL: ok. Else why not. */
const char *json_parse(struct json *j, const char *file, const char *text, size_t len, int *line);
/* The line on which node's value begins. */
int json_line(const struct json *j, const cJSON *node);
/* A value as text, shortened to fit. */
void json_show(const cJSON *node, char *buf, size_t size);
