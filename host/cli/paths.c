/* paths.c: where the pieces of an installation are. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool take(char *out, size_t size, const char *dir, const char *rest)
{
	return snprintf(out, size, "%s/%s", dir, rest) < (int)size && !access(out, R_OK);
}

const char *cli_libos_path(void)
{
	static char path[PATH_MAX];
	const char *home = getenv("OCCLUM_HOME");
	char self[PATH_MAX];
	ssize_t n;

	if (home) {
		if (take(path, sizeof(path), home, "libos.elf"))
			return path;
		cli_error("OCCLUM_HOME is '%s', but there is no readable libos.elf in it", home);
		return NULL;
	}
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = 0;
		*strrchr(self, '/') = 0;
		if (take(path, sizeof(path), self, "libos.elf") ||
		    take(path, sizeof(path), self, "../lib/occlum/libos.elf"))
			return path;
	}
	cli_error("libos.elf is neither beside the occlum command nor in ../lib/occlum; set OCCLUM_HOME");
	return NULL;
}
