/* misc.c: log lines, the clock, and site tables of host files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "image/sites.h"
#include "instance/perfmap.h"
#include "ocall.h"

void ocall_log(struct ocall_log *a)
{
	static const char *const names[] = { "", "error: ", "warning: ", "", "debug: ", "" };
	uint32_t len = a->len < 4000 ? a->len : 4000, level = a->level < 6 ? a->level : 1;
	char line[4096];
	int n = snprintf(line, sizeof(line), "occlum: %s%.*s\n", names[level], (int)len, (const char *)a->buf);

	a->ret = write(2, line, (size_t)n) == n ? 0 : -EIO;
}

void ocall_clock(struct ocall_clock *a)
{
	struct timespec ts;

	a->ret = clock_gettime((clockid_t)a->clock, &ts) ? -errno : 0;
	a->ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The path at the argument's place, as a string; false: too long. */
static bool take_path(char path[4096], uint64_t at, uint32_t len)
{
	if (len >= 4096)
		return false;
	memcpy(path, (const void *)at, len);
	path[len] = 0;
	return true;
}

void ocall_text(struct ocall_text *a)
{
	char path[4096];

	a->ret = take_path(path, a->path, a->path_len) ? 0 : -ENAMETOOLONG;
	if (!a->ret)
		perfmap_add(path, a->addr, a->len, a->offset);
}

void ocall_sites(struct ocall_sites *a)
{
	char path[4096];

	a->ret = take_path(path, a->path, a->path_len) ? sites_for_path(path, (void *)a->buf, a->size) : -ENAMETOOLONG;
}
