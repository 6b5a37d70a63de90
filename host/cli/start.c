/* start.c: start, exec, status, stop, kill: an instance that stays, and programs run in it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "daemon/client.h"
#include "daemon/proto.h"
#include "daemon/server.h"
#include "image/built.h"
#include "instance/instance.h"
#include "instance/numa.h"
#include "session.h"

/* What we inherited (a shell's pipes, say) must not stay open for the server's lifetime. */
static void close_all_but(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > 3)
		close_range(3, (unsigned)low - 1, 0);
	if (high - low > 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0u, 0);
}

/* The child: becomes the server; '+' on ready, or a line of text, tells the parent how it went. */
static int serve(int sock, int ready, const char *numa)
{
	struct instance_params p = { .numa = numa };
	struct instance *in;
	char err[ENCLAVE_ERR_SIZE];
	int log;

	p.log_level = cli_log_level();
	if (built_load(&p, err) || instance_start(&p, &in, err)) {
		dprintf(ready, "%s", err);
		unlink(DAEMON_SOCKET);
		return EXIT_OCCLUM;
	}
	log = open(DAEMON_LOG, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (log < 0) {
		dprintf(ready, "cannot write " DAEMON_LOG ": %s", strerror(errno));
		unlink(DAEMON_SOCKET);
		return EXIT_OCCLUM;
	}
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(log, 1);
	dup2(log, 2);
	dprintf(ready, "+");
	close(ready);
	return server_run(sock, in);
}

static int wait_ready(int fd)
{
	char line[ENCLAVE_ERR_SIZE + 32];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof(line) - 1 && (k = read(fd, line + n, sizeof(line) - 1 - n)) > 0) {
		n += (size_t)k;
		if (line[0] == '+')
			return 0;
	}
	line[n] = 0;
	return cli_error("%s", n ? line : "the instance died while starting");
}

static int start_run(int argc, char **argv)
{
	const char *numa = NULL;
	int sock, ready[2];
	pid_t pid;

	if (argc > 1 && !strcmp(argv[1], "--numa")) {
		numa = argv[2];
		if (!numa)
			return cli_usage(&cmd_start, "--numa: expected " NUMA_TEXT);
		argc -= 2;
		argv += 2;
	}
	if (argc > 1)
		return cli_usage(&cmd_start, "unexpected argument %s", argv[1]);
	if (!built_here())
		return EXIT_OCCLUM;
	sock = server_bind();
	if (sock == -EADDRINUSE)
		return cli_error("the instance in this directory is already started; 'occlum stop' stops it");
	if (sock < 0)
		return cli_error("cannot make " DAEMON_SOCKET ": %s", strerror(-sock));
	if (pipe2(ready, O_CLOEXEC))
		return cli_error("%s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return cli_error("cannot start a process: %s", strerror(errno));
	if (!pid) {
		close_all_but(sock, ready[1]);
		setsid();
		signal(SIGHUP, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		_exit(serve(sock, ready[1], numa));
	}
	close(ready[1]);
	return wait_ready(ready[0]);
}

static int connect_or_say(void)
{
	int sock = client_connect();

	if (sock < 0)
		cli_error("no instance is started in this directory; 'occlum start' starts it");
	return sock;
}

static int exec_run(int argc, char **argv)
{
	int sock;

	if (argc < 2)
		return cli_usage(&cmd_exec, "which program?");
	sock = connect_or_say();
	return sock < 0 ? EXIT_OCCLUM : client_exec(sock, "/", argv + 1);
}

static int status_run(int argc, char **argv)
{
	int sock, pid, programs;

	if (argc > 1)
		return cli_usage(&cmd_status, "unexpected argument %s", argv[1]);
	sock = client_connect();
	if (sock < 0 || client_status(sock, &pid, &programs)) {
		printf("stopped\n");
		return 1;
	}
	printf("running, process %d, %d program%s\n", pid, programs, programs == 1 ? "" : "s");
	return 0;
}

static int stop_run(int argc, char **argv)
{
	int sock, err;

	if (argc > 1)
		return cli_usage(&cmd_stop, "unexpected argument %s", argv[1]);
	sock = connect_or_say();
	if (sock < 0)
		return EXIT_OCCLUM;
	err = client_stop(sock);
	return err ? cli_error("cannot stop the instance: %s", strerror(-err)) : 0;
}

static int kill_run(int argc, char **argv)
{
	int sock, pid, programs;

	if (argc > 1)
		return cli_usage(&cmd_kill, "unexpected argument %s", argv[1]);
	sock = connect_or_say();
	if (sock < 0)
		return EXIT_OCCLUM;
	if (client_status(sock, &pid, &programs))
		return cli_error("the instance does not answer");
	if (kill(pid, SIGKILL))
		return cli_error("cannot kill process %d: %s", pid, strerror(errno));
	unlink(DAEMON_SOCKET);
	return 0;
}

const struct command cmd_start = {
	"start", "start [--numa NODE]", "start the instance of this directory and leave it running",
	"Loads the built enclave of the current directory in the background; 'occlum exec' runs programs in it.\n"
	"Messages go to " DAEMON_LOG ".\n\n"
	"  --numa NODE   run on the processors of that node of the machine, with its memory; or spread: all nodes\n"
	"            by turns", start_run,
};
const struct command cmd_exec = {
	"exec", "exec PROGRAM [ARGS...]", "run a program in the started instance",
	"PROGRAM is a path inside the image, under an entry point. Standard input, output, signals and the\n"
	"exit status are passed through. Several may run at once.", exec_run,
};
const struct command cmd_status = {
	"status", "status", "is the instance running?", "Prints one line; exit status 0 if running, 1 if not.",
	status_run,
};
const struct command cmd_stop = {
	"stop", "stop", "stop the started instance", "Programs get SIGTERM, then SIGKILL; then the enclave ends.",
	stop_run,
};
const struct command cmd_kill = {
	"kill",
	"kill",
	"end the started instance at once",
	"Kills the process that holds the enclave. Nothing is asked or saved.",
	kill_run,
};
