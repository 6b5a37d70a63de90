/* copy.c: copy: host files into image/. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "image/config.h"
#include "image/copy.h"

static int copy_run(int argc, char **argv)
{
	struct copier c = {.root = "image"};
	const char *to = NULL;
	int i = 1, ret = 0;

	if (argc > 1 && !strcmp(argv[1], "--to")) {
		if (argc < 3 || argv[2][0] != '/')
			return cli_usage(&cmd_copy, "--to takes an absolute path inside the image");
		to = argv[2];
		i = 3;
	}
	if (i == argc)
		return cli_usage(&cmd_copy, "which files?");
	if (argv[i][0] == '-')
		return cli_usage(&cmd_copy, "unknown option %s", argv[i]);
	if (access(CONFIG_FILE, F_OK))
		return cli_error("there is no " CONFIG_FILE
				 " here; 'occlum new PATH' or 'occlum init' makes an instance");
	for (; i < argc && !ret; i++)
		ret = to ? copy_to(&c, argv[i], to) : copy_in(&c, argv[i]);
	copy_end(&c);
	if (ret)
		return cli_error("%s", c.err);
	printf("copied %u file%s\n", c.files, c.files == 1 ? "" : "s");
	return 0;
}

const struct command cmd_copy = {
	"copy",
	"copy [--to DIR] HOSTPATH...",
	"bring programs and files of this machine into the image",
	"Each path goes to the same place below image/. A program brings the libraries and the "
	"interpreter it\n"
	"needs, a directory everything in it, a symbolic link what it points to.\n\n"
	"  --to DIR   single files go into this directory of the image; what they need goes to its "
	"own place",
	copy_run,
};
