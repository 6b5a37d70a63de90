/* client.c: the commands' side of the socket. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "proto.h"

extern char **environ;

int client_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = DAEMON_SOCKET };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return -errno;
	if (connect(sock, (struct sockaddr *)&a, sizeof(a))) {
		int err = -errno;

		close(sock);
		return err;
	}
	return sock;
}

static size_t append(char *body, size_t at, const char *s)
{
	size_t n = strlen(s) + 1;

	if (at + n > MESSAGE_MAX)
		return MESSAGE_MAX + 1;
	memcpy(body + at, s, n);
	return at + n;
}

/* A closed descriptor cannot be sent: the program gets /dev/null there. */
static int stdio_to_send(int fds[3])
{
	if (session_dup_stdio(fds))
		return -errno;
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0 && (fds[i] = open("/dev/null", (i ? O_WRONLY : O_RDONLY) | O_CLOEXEC)) < 0)
			return -errno;
	return 0;
}

static int send_exec(int sock, const char *cwd, char **argv)
{
	char *body = malloc(2 * MESSAGE_MAX);
	struct message m = { .type = MESSAGE_EXEC };
	mode_t mask = umask(0);
	size_t n = 0;
	int fds[3], err;

	umask(mask);
	m.value = (int32_t)mask;
	m.id = session_ignored();
	if (!body)
		return -ENOMEM;
	n = append(body, n, cwd);
	n = append(body, n, argv[0]);
	for (; argv[m.argc]; m.argc++)
		n = n <= MESSAGE_MAX ? append(body, n, argv[m.argc]) : n;
	for (char **e = environ; *e && n <= MESSAGE_MAX; e++)
		n = append(body, n, *e);
	m.length = (uint32_t)n;
	err = n > MESSAGE_MAX ? -E2BIG : stdio_to_send(fds);
	if (!err)
		err = message_send(sock, &m, body, fds);
	free(body);
	return err;
}

static void *signal_main(void *arg)
{
	int sock = *(int *)arg;
	sigset_t set;

	session_signals(&set);
	for (;;) {
		struct message m = { .type = MESSAGE_SIGNAL };
		int sig;

		if (sigwait(&set, &sig))
			continue;
		m.value = sig;
		if (sig == SIGWINCH)
			m.type = MESSAGE_WINSIZE;
		if (message_send(sock, &m, NULL, NULL))
			return NULL;
	}
}

int client_exec(int sock, const char *cwd, char **argv)
{
	struct message m;
	char *body;
	int fds[3], err;
	pthread_t t;

	session_prepare();
	err = send_exec(sock, cwd, argv);
	if (err)
		return cli_error("cannot ask the instance: %s", strerror(-err));
	if (pthread_create(&t, NULL, signal_main, &sock))
		return cli_error("cannot make a thread");
	while (!message_receive(sock, &m, &body, fds)) {
		if (m.type == MESSAGE_EXIT)
			return session_exit_status(argv[0], m.value);
		if (m.type == MESSAGE_ERROR)
			return cli_error("%s: %s", argv[0], body ? body : "refused");
		free(body);
	}
	return cli_error("the instance ended while %s was running", argv[0]);
}

static int ask(int sock, uint32_t type, struct message *answer)
{
	struct message m = { .type = type };
	char *body;
	int fds[3], err = message_send(sock, &m, NULL, NULL);

	if (!err)
		err = message_receive(sock, answer, &body, fds);
	if (!err)
		free(body);
	return err;
}

int client_status(int sock, int *pid, int *programs)
{
	struct message m;
	int err = ask(sock, MESSAGE_STATUS, &m);

	if (err)
		return err;
	*pid = (int)m.id;
	*programs = m.value;
	return 0;
}

int client_stats(int sock, char **json)
{
	struct message m = { .type = MESSAGE_STATS };
	int fds[3], err = message_send(sock, &m, NULL, NULL);
	char *body = NULL, *text;

	if (!err)
		err = message_receive(sock, &m, &body, fds);
	if (!err && (m.type != MESSAGE_STATS || !body))
		err = -EPROTO;
	text = err ? NULL : strndup(body, m.length);
	free(body);
	*json = text;
	return err ? err : text ? 0 : -ENOMEM;
}

int client_stop(int sock)
{
	struct message m;
	int err = ask(sock, MESSAGE_STOP, &m);

	return err == -EPIPE || err == -ECONNRESET ? 0 : err;
}
