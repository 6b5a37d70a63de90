/* paths.c: where the pieces of an installation are. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "enclave/enclave.h"

#define IMAGE_PLAIN "libos-plain.elf"

static bool take(char *out, size_t size, const char *dir, const char *rest)
{
	return snprintf(out, size, "%s/%s", dir, rest) < (int)size && !access(out, R_OK);
}

/* In OCCLUM_HOME, or beside the command, or where `make install` puts it. */
static bool find(char *path, size_t size, const char *home, const char *name)
{
	char self[PATH_MAX], installed[64];
	ssize_t n;

	if (home)
		return take(path, size, home, name);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	snprintf(installed, sizeof(installed), "../lib/occlum/%s", name);
	return take(path, size, self, name) || take(path, size, self, installed);
}

const char *cli_plain_path(void)
{
	static char path[PATH_MAX];
	const char *home = getenv("OCCLUM_HOME"), *backend = getenv("OCCLUM_SGX_BACKEND");

	if (backend && strcmp(backend, "sim") && strcmp(backend, "auto"))
		cli_error("--valgrind-friendly runs on the model of SGX only, but OCCLUM_SGX_BACKEND is '%s'", backend);
	else if (find(path, sizeof(path), home, IMAGE_PLAIN))
		return path;
	else
		cli_error("%s, which --valgrind-friendly needs, is neither beside the occlum command nor in ../lib/occlum%s%s",
			  IMAGE_PLAIN, home ? ", but OCCLUM_HOME is " : "", home ? home : "");
	return NULL;
}

const char *cli_libos_path(void)
{
	static char path[PATH_MAX];
	const char *home = getenv("OCCLUM_HOME"), *name;
	char err[ENCLAVE_ERR_SIZE];
	int wanted = enclave_image_name(&name, err);

	if (wanted < 0) {
		cli_error("%s", err);
		return NULL;
	}
	if (find(path, sizeof(path), home, name) || (!wanted && find(path, sizeof(path), home, "libos.elf")))
		return path;
	if (home)
		cli_error("OCCLUM_HOME is '%s', but there is no readable %s in it", home, name);
	else
		cli_error("%s is neither beside the occlum command nor in ../lib/occlum; set OCCLUM_HOME", name);
	return NULL;
}
