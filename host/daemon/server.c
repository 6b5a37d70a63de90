/* server.c: one thread per client; each client has at most one program. When a client goes away, its program gets
 * SIGHUP, as with a lost terminal. */
#include "server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "instance/instance.h"
#include "proto.h"
#include "sgxsim/cost.h"

struct client {
	int sock;
	uint64_t id;      /* request, 0: none yet */
	struct instance *in;
	pthread_mutex_t send_lock;
	unsigned ref;     /* reader thread and waiter thread; under lock */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_told = PTHREAD_COND_INITIALIZER;
static unsigned running; /* programs whose clients do not know the end yet; under lock */

int server_bind(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = DAEMON_SOCKET };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask;
	int err = 0;

	if (sock < 0)
		return -errno;
	if (!connect(sock, (struct sockaddr *)&a, sizeof(a))) {
		close(sock);
		return -EADDRINUSE;
	}
	if ((mkdir("run", 0700) && errno != EEXIST) || (unlink(DAEMON_SOCKET) && errno != ENOENT)) {
		err = -errno;
		close(sock);
		return err;
	}
	mask = umask(0177);
	if (bind(sock, (struct sockaddr *)&a, sizeof(a)) || listen(sock, 64))
		err = -errno;
	umask(mask);
	if (err) {
		close(sock);
		return err;
	}
	return sock;
}

static void client_put(struct client *c)
{
	unsigned left;

	pthread_mutex_lock(&lock);
	left = --c->ref;
	pthread_mutex_unlock(&lock);
	if (left)
		return;
	close(c->sock);
	free(c);
}

static void client_send(struct client *c, const struct message *m, const char *text)
{
	pthread_mutex_lock(&c->send_lock);
	message_send(c->sock, m, text, NULL);
	pthread_mutex_unlock(&c->send_lock);
}

static void client_error(struct client *c, const char *text)
{
	struct message m = { .type = MESSAGE_ERROR, .length = (uint32_t)strlen(text) };

	client_send(c, &m, text);
}

static void *waiter_main(void *arg)
{
	struct client *c = arg;
	struct message m = { .type = MESSAGE_EXIT };

	m.value = request_wait(instance_requests(c->in), c->id, NULL);
	client_send(c, &m, NULL);
	pthread_mutex_lock(&lock);
	running--;
	pthread_cond_signal(&one_told);
	pthread_mutex_unlock(&lock);
	client_put(c);
	return NULL;
}

/* Splits length bytes of strings into an array; NULL if the last is not terminated. */
static char **split(char *p, size_t length, size_t *count)
{
	char **v = calloc(length + 1, sizeof(*v)), *end = p + length;

	*count = 0;
	if (!v || !length || end[-1])
		goto bad;
	for (; p < end; p += strlen(p) + 1)
		v[(*count)++] = p;
	return v;
bad:
	free(v);
	return NULL;
}

static void client_exec(struct client *c, const struct message *m, char *body, int fds[3])
{
	struct spawn_spec spec = { .umask = (unsigned)m->value, .ignored = m->id };
	size_t count = 0;
	char **v = split(body, m->length, &count);
	char **argv = v ? calloc(m->argc + 1ul, sizeof(*argv)) : NULL;
	pthread_t t;

	if (c->id || fds[0] < 0 || !argv || m->argc > count || count < 2 + (size_t)m->argc) {
		client_error(c, "malformed request");
		goto out;
	}
	memcpy(argv, v + 2, m->argc * sizeof(*argv));
	spec.cwd = v[0];
	spec.program = v[1];
	spec.argv = argv;
	spec.envp = v + 2 + m->argc;
	memcpy(spec.fds, fds, sizeof(spec.fds));
	c->id = request_spawn(instance_requests(c->in), &spec);
	if (!c->id) {
		client_error(c, strerror(errno));
		goto out;
	}
	pthread_mutex_lock(&lock);
	c->ref++;
	running++;
	pthread_mutex_unlock(&lock);
	if (pthread_create(&t, NULL, waiter_main, c)) {
		client_error(c, "cannot make a thread");
		client_put(c);
	} else {
		pthread_detach(t);
	}
out:
	free(argv);
	free(v);
}

/* The waiters still tell their clients how the programs ended; a LibOS that does not say so is not waited for. */
static void wait_told(void)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec++;
	pthread_mutex_lock(&lock);
	while (running && !pthread_cond_timedwait(&one_told, &lock, &end))
		;
	pthread_mutex_unlock(&lock);
}

static void stop_all(struct client *c)
{
	struct message m = { .type = MESSAGE_EXIT };

	request_stop(instance_requests(c->in));
	instance_wait_dead(c->in);
	wait_told();
	client_send(c, &m, NULL);
	unlink(DAEMON_SOCKET);
	_exit(0);
}

static void client_stats(struct client *c)
{
	struct message answer = { .type = MESSAGE_STATS };
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f) {
		client_error(c, strerror(errno));
		return;
	}
	cost_json(f);
	fclose(f);
	answer.length = (uint32_t)size;
	client_send(c, &answer, text);
	free(text);
}

static void client_message(struct client *c, const struct message *m, char *body, int fds[3])
{
	struct message answer = { .type = MESSAGE_STATUS, .id = (uint32_t)getpid() };

	switch (m->type) {
	case MESSAGE_EXEC:
		client_exec(c, m, body, fds);
		break;
	case MESSAGE_SIGNAL:
		if (c->id)
			request_signal(instance_requests(c->in), c->id, m->value);
		break;
	case MESSAGE_WINSIZE:
		if (c->id)
			request_winsize(instance_requests(c->in), c->id);
		break;
	case MESSAGE_STATUS:
		pthread_mutex_lock(&lock);
		answer.value = (int32_t)running;
		pthread_mutex_unlock(&lock);
		client_send(c, &answer, NULL);
		break;
	case MESSAGE_STATS:
		client_stats(c);
		break;
	case MESSAGE_STOP:
		stop_all(c);
		break;
	default:
		client_error(c, "unknown message");
	}
}

static void *client_main(void *arg)
{
	struct client *c = arg;
	struct message m;
	char *body;
	int fds[3];

	while (!message_receive(c->sock, &m, &body, fds)) {
		client_message(c, &m, body, fds);
		free(body);
	}
	if (c->id)
		request_signal(instance_requests(c->in), c->id, SIGHUP);
	client_put(c);
	return NULL;
}

static void died(void *arg, int code)
{
	(void)arg;
	if (code) {
		fprintf(stderr, "occlum: the enclave stopped (code %d)\n", code);
		unlink(DAEMON_SOCKET);
		_exit(125);
	}
}

int server_run(int sock, struct instance *in)
{
	instance_on_death(in, died, NULL);
	for (;;) {
		struct client *c;
		pthread_t t;
		int fd = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return 125;
		c = calloc(1, sizeof(*c));
		if (!c) {
			close(fd);
			continue;
		}
		c->sock = fd;
		c->in = in;
		c->ref = 1;
		pthread_mutex_init(&c->send_lock, NULL);
		if (pthread_create(&t, NULL, client_main, c))
			client_put(c);
		else
			pthread_detach(t);
	}
}
