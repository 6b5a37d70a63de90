/* init.c: new, init: an instance directory: Occlum.json, image/ and run/. Files made here have a fixed time, so that
 * two instances with the same programs have the same measurement. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "image/config.h"

#define FIXED_TIME 315532800 /* 1980-01-01, what archives without times use */

static const struct { const char *path; mode_t mode; } directories[] = {
	{ "image", 0755 }, { "image/usr", 0755 }, { "image/usr/bin", 0755 }, { "image/usr/sbin", 0755 },
	{ "image/usr/lib", 0755 }, { "image/usr/lib64", 0755 }, { "image/etc", 0755 }, { "image/tmp", 01777 },
	{ "image/root", 0700 }, { "image/proc", 0555 }, { "image/sys", 0555 }, { "image/dev", 0755 },
	{ "image/host", 0755 }, { "image/var", 0755 }, { "image/var/tmp", 01777 }, { "run", 0700 },
};

static const struct { const char *path, *target; } links[] = {
	{ "image/bin", "usr/bin" }, { "image/sbin", "usr/sbin" },
	{ "image/lib", "usr/lib" }, { "image/lib64", "usr/lib64" },
};

static const struct { const char *path, *text; } files[] = {
	{ CONFIG_FILE,
	  "{\n"
	  "    \"entry_points\": [\"/bin\", \"/usr/bin\"],\n"
	  "    \"env\": {\n"
	  "        \"default\": [\"PATH=/usr/bin:/bin\", \"HOME=/root\"],\n"
	  "        \"untrusted\": [\"TERM\", \"LANG\"]\n"
	  "    },\n"
	  "    \"metadata\": {\n"
	  "        \"product_id\": 0,\n"
	  "        \"version_number\": 0,\n"
	  "        \"debuggable\": true\n"
	  "    },\n"
	  "    \"mount\": [\n"
	  "        { \"target\": \"/\", \"type\": \"unionfs\" },\n"
	  "        { \"target\": \"/proc\", \"type\": \"procfs\" },\n"
	  "        { \"target\": \"/dev\", \"type\": \"devfs\" },\n"
	  "        { \"target\": \"/sys\", \"type\": \"sysfs\" },\n"
	  "        { \"target\": \"/host\", \"type\": \"hostfs\", \"source\": \".\" }\n"
	  "    ]\n"
	  "}\n" },
	{ "image/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" },
	{ "image/etc/group", "root:x:0:\nnogroup:x:65534:\n" },
	{ "image/etc/hosts", "127.0.0.1 localhost occlum\n::1 localhost\n" },
	{ "image/etc/hostname", "occlum\n" },
	{ "image/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n" },
};

static int failed(const char *path)
{
	return cli_error("%s: %s", path, strerror(errno));
}

static int file_make(const char *path, const char *text)
{
	struct timespec times[2] = { { .tv_sec = FIXED_TIME }, { .tv_sec = FIXED_TIME } };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t n = (ssize_t)strlen(text);

	if (fd < 0)
		return failed(path);
	if (write(fd, text, (size_t)n) != n || fchmod(fd, 0644) || futimens(fd, times)) {
		close(fd);
		return failed(path);
	}
	close(fd);
	return 0;
}

static int instance_make(void)
{
	if (!access(CONFIG_FILE, F_OK))
		return cli_error("there is an " CONFIG_FILE " here already");
	if (!access("image", F_OK))
		return cli_error("there is an image/ here already");
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if ((mkdir(directories[i].path, 0700) && errno != EEXIST) ||
		    chmod(directories[i].path, directories[i].mode))
			return failed(directories[i].path);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i].target, links[i].path))
			return failed(links[i].path);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int ret = file_make(files[i].path, files[i].text);

		if (ret)
			return ret;
	}
	return 0;
}

static int init_run(int argc, char **argv)
{
	if (argc > 1)
		return cli_usage(&cmd_init, "unexpected argument %s", argv[1]);
	return instance_make();
}

static bool is_empty(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return d && n <= 2;
}

static int new_run(int argc, char **argv)
{
	if (argc != 2)
		return cli_usage(&cmd_new, argc < 2 ? "which directory?" : "one directory at a time");
	if (argv[1][0] == '-')
		return cli_usage(&cmd_new, "unknown option %s", argv[1]);
	if (mkdir(argv[1], 0755) && !(errno == EEXIST && is_empty(argv[1])))
		return errno == EEXIST ? cli_error("%s is there already and not empty", argv[1]) : failed(argv[1]);
	return chdir(argv[1]) ? failed(argv[1]) : instance_make();
}

const struct command cmd_new = {
	"new", "new PATH", "make an instance in a new directory",
	"Makes PATH with Occlum.json (the configuration) and image/ (the files programs will see), as 'occlum init'\n"
	"does in the current directory. Next: 'occlum copy' programs into it, 'occlum build', 'occlum run'.", new_run,
};
const struct command cmd_init = {
	"init", "init", "make an instance in the current directory",
	"Makes Occlum.json (the configuration) and image/ (the files programs will see).", init_run,
};
