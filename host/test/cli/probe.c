/* probe.c: what cli.sh runs, built in every way a program can be linked: the first argument says what to do. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread int mine = 1;
static volatile sig_atomic_t got;

static void *count(void *arg)
{
	mine += 41;
	*(int *)arg = mine;
	return NULL;
}

static int hello(void)
{
	char *heap = malloc(1 << 20);
	pthread_t t;
	int n = 0;

	memset(heap, 7, 1 << 20);
	if (pthread_create(&t, NULL, count, &n) || pthread_join(t, NULL)) {
		free(heap);
		return 1;
	}
	printf("thread %d main %d heap %d float %.3f\n", n, mine, heap[99999], 1.0 / (n + heap[1]));
	free(heap);
	return 0;
}

static void note(int sig)
{
	got = sig;
}

/* Until a signal that is caught, in reply to which it ends with status 42. */
static int caught(void)
{
	signal(SIGTERM, note);
	signal(SIGUSR1, note);
	puts("ready");
	fflush(stdout);
	while (!got)
		pause();
	printf("got %d\n", got);
	return 42;
}

/* One client, whose first line comes back in capitals. */
static int serve(void)
{
	int l = socket(AF_INET, SOCK_STREAM, 0), c;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	char buf[100];
	ssize_t n;

	if (bind(l, (void *)&a, len) || listen(l, 1) || getsockname(l, (void *)&a, &len))
		return 1;
	printf("ready %d\n", ntohs(a.sin_port));
	fflush(stdout);
	c = accept(l, NULL, NULL);
	n = read(c, buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i++)
		buf[i] = (char)toupper(buf[i]);
	return n > 0 && write(c, buf, (size_t)n) == n ? 5 : 1;
}

_Noreturn static void hold(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* Lines with numbers, so that lost or exchanged bytes show. */
static int lines(long n)
{
	for (long i = 0; i < n; i++)
		printf("line %ld of a long output\n", i);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}

/* A program, and what became of it. */
static int spawn(char **argv)
{
	extern char **environ;
	pid_t pid;
	int status, err = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);

	if (err) {
		printf("spawn: %s\n", strerror(err));
		return 0;
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	printf("%s %d\n", WIFSIGNALED(status) ? "killed" : "exited", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 0;
}

/* The directory, which has a file "probe", becomes the root of this process; what a forked one sees. */
static int change_root(const char *dir)
{
	int status;
	pid_t pid;

	if (chroot(dir) || chdir("/")) {
		perror("probe: chroot");
		return 1;
	}
	pid = fork();
	if (!pid)
		_exit(access("/probe", F_OK) ? 1 : access("/etc/passwd", F_OK) ? 42 : 2);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 3;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "hello";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "hello"))
		return hello();
	if (!strcmp(what, "exit"))
		return n;
	if (!strcmp(what, "raise"))
		return raise(n);
	if (!strcmp(what, "null"))
		return *(volatile int *)(long)n; /* NOLINT: it is to fault */
	if (!strcmp(what, "serve"))
		return serve();
	if (!strcmp(what, "caught"))
		return caught();
	if (!strcmp(what, "hold"))
		hold();
	if (!strcmp(what, "lines"))
		return lines(n);
	if (!strcmp(what, "spawn") && argc > 2)
		return spawn(argv + 2);
	if (!strcmp(what, "chroot") && argc > 2)
		return change_root(argv[2]);
	if (!strcmp(what, "tty")) {
		printf("tty %d%d%d\n", isatty(0), isatty(1), isatty(2));
		return 0;
	}
	fprintf(stderr, "probe: what is %s?\n", what);
	return 2;
}
