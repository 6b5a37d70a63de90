/* Reading of /proc for these tests: whole files and "Key: value" fields. */
#pragma once

#include "../test.h"
#include <ctype.h>

static char proc_buf[1 << 18];

/* The whole file, in a static buffer. */
static inline char *proc_read(const char *path)
{
	EXPECT_GE(read_file(path, proc_buf, sizeof(proc_buf)), 0);
	return proc_buf;
}

static inline char *proc_pid_read(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return proc_read(path);
}

/* The value behind "key" and the colon and blanks after it, up to the end of the line; NULL if
 * absent. */
static inline char *field(const char *text, const char *key)
{
	static char value[4][512];
	static int turn;
	size_t len = strlen(key);

	for (const char *p = text; *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : p + strlen(p)) {
		if (strncmp(p, key, len) || (p[len] != ':' && !isspace((unsigned char)p[len])))
			continue;
		p += len;
		while (*p == ':' || *p == ' ' || *p == '\t')
			p++;
		turn = (turn + 1) % 4;
		snprintf(value[turn], sizeof(value[0]), "%.*s", (int)strcspn(p, "\n"), p);
		return value[turn];
	}
	return NULL;
}

/* A decimal field that must be there. */
static inline long long number_field(const char *text, const char *key)
{
	char *v = field(text, key);

	if (!v || !isdigit((unsigned char)*v))
		FAIL("no number behind %s", key);
	return v ? strtoll(v, NULL, 10) : -1;
}

/* One line without its newline, at most size - 1 bytes. */
static inline char *proc_line(const char *path, char *buf, size_t size)
{
	ssize_t n = read_file(path, buf, size);

	EXPECT_GT(n, 0);
	buf[strcspn(buf, "\n")] = 0;
	return buf;
}
