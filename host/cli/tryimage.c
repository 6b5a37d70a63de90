/* tryimage.c: copies a program into a temporary directory, makes an image of it, and keeps the
 * image by an open descriptor only: however the process ends, nothing is left behind. */
#include "tryimage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "image/copy.h"
#include "image/mkhash.h"

/* Host files that make names out of numbers; they may be missing. */
static const char *const extras[] = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
				     "/etc/localtime"};
static const char *const mount_points[] = {"/proc", "/dev", "/sys", "/tmp"};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void remove_tree(const char *dir)
{
	nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* As execvp(3) looks for it; err as from the last candidate. */
static int program_find(const char *name, char out[PATH_MAX])
{
	const char *dirs = getenv("PATH"), *d, *end;

	if (strchr(name, '/')) {
		snprintf(out, PATH_MAX, "%s", name);
		return access(out, F_OK) ? -errno : 0;
	}
	for (d = dirs ? dirs : "/usr/bin:/bin"; *name; d = end + 1) {
		end = strchrnul(d, ':');
		snprintf(out, PATH_MAX, "%.*s%s%s", (int)(end - d), d, end == d ? "" : "/", name);
		if (!access(out, X_OK))
			return 0;
		if (!*end)
			break;
	}
	return -ENOENT;
}

static int dirs_make(const char *root, const char *dir)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, dir);
	for (char *s = path + strlen(root); (s = strchr(s + 1, '/')); *s = '/') {
		*s = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
	}
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

static int fill(const char *root, const char *program, const char *cwd)
{
	struct copier c = {.root = root};
	int ret = copy_in(&c, program);

	for (size_t i = 0; !ret && i < sizeof(extras) / sizeof(extras[0]); i++)
		if (!access(extras[i], R_OK))
			ret = copy_in(&c, extras[i]);
	copy_end(&c);
	if (ret)
		return cli_error("%s", c.err);
	for (size_t i = 0; !ret && i < sizeof(mount_points) / sizeof(mount_points[0]); i++)
		ret = dirs_make(root, mount_points[i]);
	if (!ret)
		ret = dirs_make(root, cwd);
	return ret ? cli_error("%s: %s", root, strerror(-ret)) : 0;
}

static int make_in(const char *dir, const char *program, const char *cwd, uint8_t root_hash[32],
		   const char **source)
{
	static char name[32];
	char root[PATH_MAX], image[PATH_MAX], err[IMAGE_ERR_SIZE];
	int ret, fd;

	snprintf(root, sizeof(root), "%s/root", dir);
	snprintf(image, sizeof(image), "%s/image", dir);
	ret = fill(root, program, cwd);
	if (ret)
		return ret;
	if (image_make(root, image, root_hash, NULL, err))
		return cli_error("%s", err);
	fd = open(image, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_error("%s: %s", image, strerror(errno));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	*source = name;
	return 0;
}

int try_image_make(const char *program, const char *cwd, uint8_t root_hash[32], const char **source)
{
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_MAX - 16], found[PATH_MAX];
	int ret = program_find(program, found);

	if (ret) {
		cli_error("%s: %s", program, strerror(-ret));
		return ret == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	snprintf(dir, sizeof(dir), "%s/occlum-try-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return cli_error("%s: %s", dir, strerror(errno));
	ret = make_in(dir, found, cwd, root_hash, source);
	remove_tree(dir);
	return ret;
}
