/* netlate.c: bytes that are sent late. See netlate.h.
 *
 * Few calls come here with anything to do: `streams` is looked at first, without the lock. Only the thread frees, after it
 * took the stream out of its epoll set and out of the table, so what the set names is alive. */
#include "ocall/netlate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "libos/abi/net.h"

#define EXIT_SECONDS 10
#define ROOM (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

struct stream {
	uint32_t id;
	int fd;
	bool shut, closed; /* to be done at the end; closed: the LibOS does not know it any more */
	size_t len, at;
	char data[];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t done;
	struct stream *of[NET_SOCKETS_MAX]; /* by index of the id: not closed ones */
	unsigned streams;
	size_t bytes;
	int set;
	int watch_fd;
	uint32_t watch_events;
} late = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER, .set = -1 };

void late_start(int watch_fd, uint32_t watch_events)
{
	late.watch_fd = watch_fd;
	late.watch_events = watch_events;
}

/* ---- the thread ---- */

/* Lock held. Nothing is left of s to be sent. */
static void stream_end(struct stream *s)
{
	struct epoll_event again = { .events = late.watch_events, .data.u32 = s->id };

	epoll_ctl(late.set, EPOLL_CTL_DEL, s->fd, NULL);
	if (s->shut)
		shutdown(s->fd, SHUT_WR);
	if (s->closed) {
		close(s->fd);
	} else {
		late.of[s->id % NET_SOCKETS_MAX] = NULL;
		(void)epoll_ctl(late.watch_fd, EPOLL_CTL_MOD, s->fd, &again); /* an event, if it is watched */
	}
	free(s);
	if (!__atomic_sub_fetch(&late.streams, 1, __ATOMIC_RELEASE))
		pthread_cond_broadcast(&late.done);
}

/* Lock held. An error ends it: the LibOS meets that with its next call. */
static void stream_go_on(struct stream *s)
{
	ssize_t n = send(s->fd, s->data + s->at, s->len - s->at, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		n = (ssize_t)(s->len - s->at);
	s->at += (size_t)n;
	late.bytes -= (size_t)n;
	if (s->at == s->len)
		stream_end(s);
}

static void *sender_main(void *arg)
{
	struct epoll_event ev[16];
	(void)arg;

	for (;;) {
		int n = epoll_wait(late.set, ev, 16, -1);

		pthread_mutex_lock(&late.lock);
		for (int i = 0; i < n; i++)
			stream_go_on(ev[i].data.ptr);
		pthread_mutex_unlock(&late.lock);
	}
	return NULL;
}

static void finish_at_exit(void)
{
	size_t left = late_finish(EXIT_SECONDS);

	if (left)
		fprintf(stderr, "occlum: %zu bytes were not sent: their receivers read nothing for %d seconds\n", left,
			EXIT_SECONDS);
}

/* Lock held. No signal of the process is this thread's. */
static int sender_start(void)
{
	sigset_t all, old;
	pthread_t t;
	int err;

	late.set = epoll_create1(EPOLL_CLOEXEC);
	if (late.set < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = -pthread_create(&t, NULL, sender_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		close(late.set);
		late.set = -1;
		return err;
	}
	pthread_detach(t);
	(void)atexit(finish_at_exit);
	return 0;
}

/* ---- calls ---- */

static int keep(uint32_t id, int fd, const char *data, size_t n)
{
	struct stream *s = malloc(sizeof(*s) + n);
	struct epoll_event ev = { .events = EPOLLOUT, .data.ptr = s };
	int err = 0;

	if (!s)
		return -ENOMEM;
	*s = (struct stream){ .id = id, .fd = fd, .len = n };
	memcpy(s->data, data, n);
	pthread_mutex_lock(&late.lock);
	if (late.set < 0)
		err = sender_start();
	if (!err && epoll_ctl(late.set, EPOLL_CTL_ADD, fd, &ev))
		err = -errno;
	if (!err) {
		late.of[id % NET_SOCKETS_MAX] = s;
		late.bytes += n;
		__atomic_add_fetch(&late.streams, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&late.lock);
	if (err)
		free(s);
	return err;
}

int64_t late_send(uint32_t id, int fd, const void *data, size_t n)
{
	ssize_t sent;

	if (late_bytes(id))
		return -EAGAIN;
	sent = send(fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN)
		return -errno;
	sent = sent < 0 ? 0 : sent;
	if ((size_t)sent < n && keep(id, fd, (const char *)data + sent, n - (size_t)sent)) {
		shutdown(fd, SHUT_RDWR); /* no stream goes on with a hole in it */
		return -ENOBUFS;
	}
	return sent;
}

/* The stream kept for the id, with the lock held; or NULL, without. */
static struct stream *stream_lock(uint32_t id)
{
	struct stream *s;

	if (!__atomic_load_n(&late.streams, __ATOMIC_ACQUIRE))
		return NULL;
	pthread_mutex_lock(&late.lock);
	s = late.of[id % NET_SOCKETS_MAX];
	if (s && s->id == id)
		return s;
	pthread_mutex_unlock(&late.lock);
	return NULL;
}

size_t late_bytes(uint32_t id)
{
	struct stream *s = stream_lock(id);
	size_t n = s ? s->len - s->at : 0;

	if (s)
		pthread_mutex_unlock(&late.lock);
	return n;
}

unsigned late_hide(uint32_t id, unsigned events)
{
	return events & ROOM && late_bytes(id) ? events & ~(unsigned)ROOM : events;
}

bool late_shutdown(uint32_t id)
{
	struct stream *s = stream_lock(id);

	if (!s)
		return false;
	s->shut = true;
	pthread_mutex_unlock(&late.lock);
	return true;
}

bool late_close(uint32_t id)
{
	struct stream *s = stream_lock(id);

	if (!s)
		return false;
	s->closed = true;
	late.of[id % NET_SOCKETS_MAX] = NULL;
	epoll_ctl(late.watch_fd, EPOLL_CTL_DEL, s->fd, NULL);
	pthread_mutex_unlock(&late.lock);
	return true;
}

size_t late_finish(unsigned seconds)
{
	struct timespec end;
	size_t left;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&late.lock);
	while (late.streams && !err)
		err = pthread_cond_timedwait(&late.done, &late.lock, &end);
	left = late.bytes;
	pthread_mutex_unlock(&late.lock);
	return left;
}
