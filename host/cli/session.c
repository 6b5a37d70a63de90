/* session.c: runs one program and behaves as if we were it. The main thread takes our signals synchronously and
 * passes them on; a waiter thread ends the process when the program has ended. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "instance/instance.h"
#include "sgxsim/plain.h"

extern char **environ;

static const int forwarded[] = { SIGINT,  SIGTERM,  SIGHUP,  SIGQUIT, SIGUSR1,
				 SIGUSR2, SIGWINCH, SIGCONT, SIGALRM, SIGTSTP };

struct waiter {
	struct request_queue *queue;
	uint64_t id;
	const char *program;
};

static uint32_t ignored;

uint32_t session_ignored(void)
{
	return ignored;
}

static void note_ignored(void)
{
	struct sigaction sa;

	for (int sig = 1; sig <= 31; sig++)
		if (!sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN)
			ignored |= 1u << (sig - 1);
}

void session_signals(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(set, forwarded[i]);
}

/* Closed descriptors 0 to 2 stay the program's closed ones, whatever we open from here on. */
static bool closed[3];

static void note_closed(void)
{
	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) < 0)
			closed[i] = open("/dev/null", O_PATH | O_CLOEXEC) == i;
}

/* Libraries that valgrind puts into the programs it runs are for us, not for those in the enclave. */
static void preload_clean(void)
{
	char *all = getenv("LD_PRELOAD"), *kept, *rest, *name;

	if (!all || !strstr(all, "/vgpreload_"))
		return;
	rest = strdup(all);
	kept = calloc(1, strlen(all) + 2);
	while (rest && kept && (name = strsep(&rest, ":")))
		if (!strstr(name, "/vgpreload_"))
			strcat(strcat(kept, *kept ? ":" : ""), name);
	if (kept && *kept)
		setenv("LD_PRELOAD", kept, 1);
	else
		unsetenv("LD_PRELOAD");
}

void session_prepare(void)
{
	sigset_t set;

	preload_clean();
	note_closed();
	note_ignored();
	session_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	/* Also those that are ignored are to arrive here. */
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		signal(forwarded[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

int session_exit_status(const char *program, int status)
{
	if (status < 0) {
		int err = -status / 65536;

		fprintf(stderr, "occlum: %s: %s\n", program, strerror(err));
		return err == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static struct termios saved_termios;
static int have_termios;

static void finish(int status)
{
	if (have_termios)
		tcsetattr(0, TCSADRAIN, &saved_termios);
	enclave_stats_write();
	valgrind_end();
	_exit(status);
}

static void *wait_main(void *arg)
{
	struct waiter *w = arg;
	int status = request_wait(w->queue, w->id, NULL);

	finish(session_exit_status(w->program, status));
	return NULL;
}

/* The program stopped: so do we, and who started us sees it. (One that does job control of its own, a shell, does
 * not stop when ^Z stops what it runs.) */
static void program_stopped(void *arg, uint64_t id)
{
	const struct waiter *w = arg;

	if (id == w->id)
		kill(getpid(), SIGSTOP);
}

static void enclave_died(void *arg, int code)
{
	(void)arg;
	fprintf(stderr, "occlum: the enclave stopped (code %d); its programs are gone\n", code);
	finish(EXIT_OCCLUM);
}

static void forward_signals(struct request_queue *q, uint64_t id)
{
	sigset_t set;

	session_signals(&set);
	for (;;) {
		int sig;

		if (sigwait(&set, &sig))
			continue;
		if (sig == SIGWINCH)
			request_winsize(q, id);
		else
			request_signal(q, id, sig);
	}
}

/* Copies for the program: it may close its own while our messages still go to ours. A closed one is -1. */
int session_dup_stdio(int fds[3])
{
	for (int i = 0; i < 3; i++) {
		if (closed[i]) {
			fds[i] = -1;
			continue;
		}
		fds[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		if (fds[i] < 0 && errno != EBADF)
			return -1;
	}
	return 0;
}

int session_run(struct instance *in, const char *cwd, char **argv)
{
	mode_t mask = umask(0);
	struct spawn_spec spec = { .cwd = cwd, .program = argv[0], .argv = argv, .envp = environ, .umask = mask,
				   .ignored = ignored };
	struct waiter w = { .queue = instance_requests(in), .program = argv[0] };
	pthread_t t;

	umask(mask);
	if (session_dup_stdio(spec.fds))
		return cli_error("cannot duplicate standard descriptors: %s", strerror(errno));
	have_termios = !tcgetattr(0, &saved_termios);
	instance_on_death(in, enclave_died, NULL);
	request_on_stop(w.queue, program_stopped, &w);
	w.id = request_spawn(w.queue, &spec);
	if (!w.id)
		return cli_error("cannot start %s: %s", argv[0], strerror(errno));
	if (pthread_create(&t, NULL, wait_main, &w))
		return cli_error("cannot make a thread");
	forward_signals(w.queue, w.id);
	return 0;
}
