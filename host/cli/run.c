/* run.c: boot the built enclave, run one program, end with it. */
#include <string.h>

#include "cli.h"
#include "image/built.h"
#include "instance/instance.h"
#include "instance/numa.h"
#include "session.h"

/* Another image than was signed: so the signature is a throw-away one, as for `occlum try`. */
static bool plain_take(struct instance_params *p)
{
	if (!p->debug) {
		cli_error("--valgrind-friendly shows the enclave to the world: it needs \"debuggable\": true in Occlum.json");
		return false;
	}
	p->libos_path = cli_plain_path();
	p->sigstruct = NULL;
	p->vcpus = 1;
	return p->libos_path;
}

static int run_run(int argc, char **argv)
{
	struct instance_params p = { 0 };
	struct instance *in;
	char err[ENCLAVE_ERR_SIZE];
	bool plain = false;

	(void)argc;
	for (argv++; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--perf"))
			p.perf_root = "image";
		else if (!strcmp(*argv, "--valgrind-friendly"))
			plain = true;
		else if (strcmp(*argv, "--numa"))
			return cli_usage(&cmd_run, "unknown option %s", *argv);
		else if (!argv[1])
			return cli_usage(&cmd_run, "--numa: expected " NUMA_TEXT);
		else
			p.numa = *++argv;
	}
	if (!*argv)
		return cli_usage(&cmd_run, "which program?");
	if (plain)
		cli_valgrind();
	if (!built_here())
		return EXIT_OCCLUM;
	p.log_level = cli_log_level();
	session_prepare();
	if (built_load(&p, err))
		return cli_error("%s", err);
	if (plain && !plain_take(&p))
		return EXIT_OCCLUM;
	if (instance_start(&p, &in, err))
		return cli_error("%s", err);
	return session_run(in, "/", argv);
}

const struct command cmd_run = {
	"run", "run [OPTIONS] PROGRAM [ARGS...]", "boot the built enclave and run one program in it",
	"PROGRAM is a path inside the image, under an entry point of Occlum.json. The enclave ends with it.\n\n"
	"  --perf   write /tmp/perf-PID.map, so that perf names functions of the LibOS and of all programs; needs\n"
	"           \"debuggable\": true in Occlum.json\n"
	"  --valgrind-friendly   runs under valgrind too: without Syscall User Dispatch, FSGSBASE and low addresses, on\n"
	"           one vCPU; for position-independent programs; needs \"debuggable\": true\n"
	"  --numa NODE   run on the processors of that node of the machine, with its memory; or spread: all nodes\n"
	"           by turns", run_run,
};
