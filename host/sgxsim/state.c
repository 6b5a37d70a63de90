/* state.c: the user's state directory and the fuse key in it.
 *
 * The fuse key stands for the secret burnt into a CPU: sealed data of one user stays readable over
 * restarts and is of no use elsewhere. A file appears by link(2) under its name, so processes that
 * race see one and the same. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int directory_make(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

int state_path(const char *name, char *path, size_t size)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const struct passwd *pw;
	int n;

	if (base && *base == '/') {
		n = snprintf(path, size, "%s/occlum/%s", base, name);
	} else {
		pw = home && *home == '/' ? NULL : getpwuid(getuid());
		if (pw)
			home = pw->pw_dir;
		if (!home)
			return -ENOENT;
		n = snprintf(path, size, "%s/.local/state/occlum/%s", home, name);
	}
	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	return directory_make(path);
}

int state_create(const char *path, const void *data, size_t size)
{
	char temporary[PATH_MAX];
	int fd, ret = 0;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkstemp(temporary);
	if (fd < 0)
		return -errno;
	if (write(fd, data, size) != (ssize_t)size || fsync(fd))
		ret = errno ? -errno : -EIO;
	close(fd);
	if (!ret && link(temporary, path))
		ret = -errno;
	unlink(temporary);
	return ret;
}

static int key_read(const char *path, uint8_t key[SGX_KEY_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, key, SGX_KEY_SIZE);
	close(fd);
	return n == SGX_KEY_SIZE ? 0 : -EIO;
}

int state_fuse_key(uint8_t key[SGX_KEY_SIZE])
{
	uint8_t fresh[SGX_KEY_SIZE];
	char path[PATH_MAX];
	int ret = state_path("fuse", path, sizeof(path));

	if (ret)
		return ret;
	ret = key_read(path, key);
	if (ret != -ENOENT)
		return ret;
	if (getrandom(fresh, sizeof(fresh), 0) != sizeof(fresh))
		return -EIO;
	ret = state_create(path, fresh, sizeof(fresh));
	if (ret && ret != -EEXIST)
		return ret;
	return key_read(path, key);
}
