/* json.c: cJSON keeps no places. But it keeps the order of values, so the n-th value of the tree,
 * parents before children, is the n-th value of the text. */
#include "json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int line_at(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

const char *json_parse(struct json *j, const char *file, const char *text, size_t len, int *line)
{
	const char *end = text, *zero;

	*j = (struct json){.file = file, .text = text};
	*line = 1;
	if (memchr(text, 0, len)) {
		*line = line_at(text, memchr(text, 0, len));
		return "there is a zero byte in it";
	}
	zero = strstr(text, "\\u0000");
	if (zero) {
		*line = line_at(text, zero);
		return "a string contains a zero byte";
	}
	j->root = cJSON_ParseWithLengthOpts(text, len + 1, &end, true);
	if (j->root)
		return NULL;
	*line = line_at(text, end && end >= text && end <= text + len ? end : text);
	return "this is not JSON from here on";
}

/* Counts values before node; true when it was found. */
static bool preorder(const cJSON *at, const cJSON *node, size_t *n)
{
	for (; at; at = at->next) {
		if (at == node)
			return true;
		++*n;
		if (preorder(at->child, node, n))
			return true;
	}
	return false;
}

static const char *string_end(const char *s)
{
	for (s++; *s && *s != '"'; s++)
		if (*s == '\\' && s[1])
			s++;
	return *s ? s + 1 : s;
}

static const char *space_end(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* The next place where a value begins, at or behind s. NULL: none. *end: where to look for the one
 * after it. */
static const char *value_next(const char *s, const char **end)
{
	while (*s) {
		if (*s == '{' || *s == '[') {
			*end = s + 1;
			return s;
		}
		if (*s == '"') {
			*end = string_end(s);
			if (*space_end(*end) != ':')
				return s;
			s = space_end(*end) + 1;
		} else if (strchr("-+.0123456789tfn", *s)) {
			*end = s + strcspn(s, ",]} \t\r\n");
			return s;
		} else {
			s++;
		}
	}
	return NULL;
}

int json_line(const struct json *j, const cJSON *node)
{
	size_t n = 0;
	const char *at = j->text, *end = j->text;

	if (!preorder(j->root, node, &n))
		return 1;
	for (size_t i = 0; i <= n && at; i++)
		at = value_next(end, &end);
	return line_at(j->text, at ? at : j->text);
}

void json_show(const cJSON *node, char *buf, size_t size)
{
	char *s = cJSON_PrintUnformatted(node);

	if (!s || snprintf(buf, size, "%s", s) >= (int)size)
		memcpy(buf + size - 4, "...", 4);
	if (!s)
		buf[0] = 0;
	cJSON_free(s);
}
