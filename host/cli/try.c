/* try.c: a program of the host in a throw-away enclave, at once. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "image/blob.h"
#include "image/config.h"
#include "instance/instance.h"
#include "instance/numa.h"
#include "session.h"
#include "tryimage.h"

#define RW_MAX 8 /* --rw */
#define MOUNTS 4 /* that are always there */

static struct mount_spec try_mounts[MOUNTS + RW_MAX] = {
	{ .type = CONFIG_FS_UNION, .target = "/", .source = "/", .lower_type = CONFIG_FS_HOSTFS },
	{ .type = CONFIG_FS_PROCFS, .target = "/proc" },
	{ .type = CONFIG_FS_DEVFS, .target = "/dev" },
	{ .type = CONFIG_FS_SYSFS, .target = "/sys" },
};

static void try_config(struct instance_config *c)
{
	static char hostname[256];
	static const char *const none[] = { NULL };

	gethostname(hostname, sizeof(hostname) - 1);
	*c = (struct instance_config){ .flags = CONFIG_TRY, .log_level_max = 5, .hostname = hostname,
				       .entry_points = none, .env_default = none, .env_untrusted = none,
				       .mounts = try_mounts, .mount_count = MOUNTS };
}

struct try_options {
	bool image;
	uint32_t flags; /* CONFIG_* */
	bool perf, plain;
	const char *numa;
	uint64_t enclave_size;
	unsigned rw_dirs; /* behind the other mounts */
};

static int try_start(struct instance **in, const struct try_options *o)
{
	struct instance_params p = { .libos_path = o->plain ? cli_plain_path() : cli_libos_path(),
				     .vcpus = o->plain ? 1 : 0, .log_level = cli_log_level(), .debug = 1,
				     .perf_root = o->perf ? "" : NULL, .numa = o->numa };
	struct instance_config c;
	char err[ENCLAVE_ERR_SIZE];
	void *blob;
	int ret;

	if (!p.libos_path)
		return EXIT_OCCLUM;
	try_config(&c);
	c.flags |= o->flags;
	c.mount_count += o->rw_dirs;
	if (o->flags & CONFIG_EIP) {
		p.heap_init = EIP_HEAP;
		p.user_init = (o->enclave_size ? o->enclave_size : EIP_SIZE_DEFAULT) - EIP_HEAP;
	} else if (o->flags & CONFIG_SGX1) {
		p.heap_init = SGX1_HEAP;
		p.user_init = SGX1_USER;
	}
	if (config_blob(&c, &blob, &p.config_size))
		return cli_error("out of memory");
	p.config = blob;
	ret = instance_start(&p, in, err);
	return ret ? cli_error("%s", err) : 0;
}

/* Instead of the host's files. */
static int root_from_image(const char *program, const char *cwd)
{
	struct mount_spec *root = &try_mounts[0];

	root->lower_type = CONFIG_FS_HASHFS;
	return try_image_make(program, cwd, root->root_hash, &root->source);
}

/* Options with a value, which is NULL if it is missing. 0 or an exit status. */
static int size_take(const char *s, struct try_options *o)
{
	if (s && config_size(s, &o->enclave_size) && o->enclave_size >= EIP_SIZE_MIN && o->enclave_size <= EIP_SIZE_MAX)
		return 0;
	return cli_usage(&cmd_try, "--enclave-size %s: expected " EIP_SIZE_TEXT, s ? s : "");
}

static int commit_take(const char *s, struct try_options *o)
{
	uint64_t mode;

	if (!s || !config_commit(s, &mode))
		return cli_usage(&cmd_try, "--commit %s: expected eager, lazy or adaptive", s ? s : "");
	o->flags = (o->flags & ~(CONFIG_COMMIT_EAGER | CONFIG_COMMIT_LAZY)) | (uint32_t)mode;
	return 0;
}

static int numa_take(const char *words, struct try_options *o)
{
	o->numa = words;
	return words ? 0 : cli_usage(&cmd_try, "--numa: expected " NUMA_TEXT);
}

/* A directory of this machine, to be written at the same place inside. */
static int rw_take(const char *dir, struct try_options *o)
{
	char *path = dir ? realpath(dir, NULL) : NULL;
	struct stat st;

	if (!path || stat(path, &st) || !S_ISDIR(st.st_mode))
		return cli_usage(&cmd_try, "--rw %s: expected a directory", dir ? dir : "");
	if (o->rw_dirs == RW_MAX)
		return cli_usage(&cmd_try, "--rw: at most %d directories", RW_MAX);
	try_mounts[MOUNTS + o->rw_dirs++] =
		(struct mount_spec){ .type = CONFIG_FS_HOSTFS, .target = path, .source = path };
	return 0;
}

/* Where the value goes of an option that has one; NULL: it is no such option. */
static int (*option_with_value(const char *name))(const char *value, struct try_options *o)
{
	static const struct {
		const char *name;
		int (*take)(const char *value, struct try_options *o);
	} with_value[] = { { "--numa", numa_take }, { "--enclave-size", size_take }, { "--commit", commit_take },
			   { "--rw", rw_take } };

	for (size_t i = 0; i < sizeof(with_value) / sizeof(with_value[0]); i++)
		if (!strcmp(with_value[i].name, name))
			return with_value[i].take;
	return NULL;
}

static int flag_take(const char *name, struct try_options *o)
{
	if (!strcmp(name, "--image"))
		o->image = true;
	else if (!strcmp(name, "--perf"))
		o->perf = true;
	else if (!strcmp(name, "--valgrind-friendly"))
		o->plain = true;
	else if (!strcmp(name, "--host-loopback"))
		o->flags |= CONFIG_LOOPBACK_HOST;
	else if (!strcmp(name, "--eip"))
		o->flags |= CONFIG_EIP;
	else if (!strcmp(name, "--sgx1"))
		o->flags |= CONFIG_SGX1;
	else
		return cli_usage(&cmd_try, "unknown option %s", name);
	return 0;
}

/* Takes the options off *argv. 0 or an exit status. */
static int options_take(char ***argv, struct try_options *o)
{
	int (*take)(const char *value, struct try_options *o);
	char **v = *argv;
	int ret = 0;

	for (; *v && **v == '-' && !ret; v++) {
		take = option_with_value(*v);
		ret = take ? take(v[1], o) : flag_take(*v, o);
		if (take && !ret)
			v++;
	}
	*argv = v;
	if (!ret && o->plain && o->flags & (CONFIG_EIP | CONFIG_SGX1))
		return cli_usage(&cmd_try, "--valgrind-friendly and --%s exclude each other: %s",
				 o->flags & CONFIG_EIP ? "eip" : "sgx1",
				 o->flags & CONFIG_EIP ? "valgrind follows one enclave" : "its memory has another place");
	if (!ret && o->enclave_size && !(o->flags & CONFIG_EIP))
		return cli_usage(&cmd_try, "--enclave-size is for --eip; other enclaves grow as they need");
	return ret;
}

static int try_run(int argc, char **argv)
{
	struct try_options o = { 0 };
	struct instance *in = NULL;
	char cwd[PATH_MAX];
	int ret;

	(void)argc;
	argv++;
	ret = options_take(&argv, &o);
	if (ret)
		return ret;
	if (!*argv)
		return cli_usage(&cmd_try, "which program?");
	if (o.plain)
		cli_valgrind();
	if (!getcwd(cwd, sizeof(cwd)))
		return cli_error("cannot find the current directory: %s", strerror(errno));
	ret = o.image ? root_from_image(argv[0], cwd) : 0;
	if (ret)
		return ret;
	session_prepare();
	ret = try_start(&in, &o);
	return ret ? ret : session_run(in, cwd, argv);
}

const struct command cmd_try = {
	"try", "try [OPTIONS] PROGRAM [ARGS...]", "run a program of this machine in a throw-away enclave",
	"Runs PROGRAM with the files of this machine below it, read only and untrusted, and memory above them:\n"
	"whatever it writes is gone afterwards. Current directory, environment and terminal are yours.\n\n"
	"  --image   copy PROGRAM and the libraries it needs into a hashed image first and run from that;\n"
	"            other files of this machine are not there\n"
	"  --numa NODE   run on the processors of that node of the machine, with its memory; or spread: all nodes\n"
	"            by turns\n"
	"  --perf    write /tmp/perf-PID.map, so that perf names functions of the LibOS and of all programs\n"
	"  --valgrind-friendly   runs under valgrind too: without Syscall User Dispatch, FSGSBASE and low addresses, on\n"
	"            one vCPU; for position-independent programs (microbench/PROFILING.md)\n"
	"  --host-loopback   connections to 127.0.0.1 and ::1 go by the host, also if both ends are inside\n"
	"  --commit MODE   when memory is committed: eager (when mapped), lazy (when touched, in batches of one\n"
	"            size) or adaptive (in batches that grow and shrink; the default)\n"
	"  --rw DIR  DIR of this machine is not read only: what is written there stays, and is untrusted\n"
	"  --sgx1    as on processors without SGX2: all memory, 1280 MB, is added before the enclave starts\n"
	"  --eip     every process in an enclave and a host process of its own, as LibOSes without multitasking do\n"
	"            it: to compare with\n"
	"  --enclave-size SIZE   memory of each such enclave, all added before it starts (default 256M)\n\n"
	"This is for trying and testing. It does not protect anything: the program and its data come from\n"
	"the machine you run on. To protect a program, use new, copy, build and run.",
	try_run,
};
