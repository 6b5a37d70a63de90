/* request.c: a queue of encoded requests that OCALL_REQUEST takes from, and the list of ended programs that
 * OCALL_EXITED adds to. */
#include "request.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocall/ocall.h"

struct item {
	struct item *next;
	size_t size;
	struct host_request req; /* strings follow */
};

struct ended {
	struct ended *next;
	uint64_t id;
	int status, pid;
};

struct request_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct item *first, **last;
	struct ended *ended;
	uint64_t next_id;
	void (*on_stop)(void *arg, uint64_t id);
	void *on_stop_arg;
};

struct request_queue *request_queue_create(void)
{
	struct request_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	q->last = &q->first;
	q->next_id = 1;
	return q;
}

static struct item *item_create(uint32_t type, size_t strings)
{
	struct item *it = calloc(1, sizeof(*it) + strings);

	if (!it)
		return NULL;
	it->size = sizeof(it->req) + strings;
	it->req.type = type;
	it->req.strings_len = (uint32_t)strings;
	return it;
}

static void enqueue(struct request_queue *q, struct item *it)
{
	pthread_mutex_lock(&q->lock);
	*q->last = it;
	q->last = &it->next;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

static size_t strings_size(char *const *v, uint32_t *count)
{
	size_t n = 0;

	for (*count = 0; v && v[*count]; (*count)++)
		n += strlen(v[*count]) + 1;
	return n;
}

static char *append(char *p, const char *s)
{
	size_t n = strlen(s) + 1;

	memcpy(p, s, n);
	return p + n;
}

uint64_t request_spawn(struct request_queue *q, const struct spawn_spec *spec)
{
	uint32_t argc, envc;
	uint64_t id;
	size_t n = strlen(spec->cwd) + 1 + strlen(spec->program) + 1 + strings_size(spec->argv, &argc) +
		   strings_size(spec->envp, &envc);
	struct item *it;
	char *p;

	if (sizeof(struct host_request) + n > ASYNC_DATA_SIZE) {
		errno = E2BIG;
		return 0;
	}
	it = item_create(REQUEST_SPAWN, n);
	if (!it)
		return 0;
	it->req.argc = argc;
	it->req.envc = envc;
	it->req.umask = spec->umask;
	it->req.ignored = spec->ignored;
	for (int i = 0; i < 3; i++) {
		it->req.fds[i] = spec->fds[i];
		if (isatty(spec->fds[i]))
			it->req.fd_tty |= 1u << i;
	}
	p = append(append(it->req.strings, spec->cwd), spec->program);
	for (uint32_t i = 0; i < argc; i++)
		p = append(p, spec->argv[i]);
	for (uint32_t i = 0; i < envc; i++)
		p = append(p, spec->envp[i]);
	pthread_mutex_lock(&q->lock);
	id = it->req.id = q->next_id++;
	pthread_mutex_unlock(&q->lock);
	enqueue(q, it); /* it is the taker's now */
	return id;
}

static int request_simple(struct request_queue *q, uint32_t type, uint64_t id, int sig)
{
	struct item *it = item_create(type, 0);

	if (!it)
		return -ENOMEM;
	it->req.id = id;
	it->req.sig = sig;
	enqueue(q, it);
	return 0;
}

int request_signal(struct request_queue *q, uint64_t id, int sig)
{
	return request_simple(q, REQUEST_SIGNAL, id, sig);
}

int request_winsize(struct request_queue *q, uint64_t id)
{
	return request_simple(q, REQUEST_WINSIZE, id, 0);
}

int request_stop(struct request_queue *q)
{
	return request_simple(q, REQUEST_STOP, 0, 0);
}

void ocall_request(struct ocall_host *h, struct ocall_request *a)
{
	struct request_queue *q = h->requests;
	struct item *it;

	pthread_mutex_lock(&q->lock);
	while (!q->first)
		pthread_cond_wait(&q->changed, &q->lock);
	it = q->first;
	q->first = it->next;
	if (!q->first)
		q->last = &q->first;
	pthread_mutex_unlock(&q->lock);
	a->ret = it->size <= a->size ? (int64_t)it->size : -E2BIG;
	if (a->ret > 0)
		memcpy((void *)a->buf, &it->req, it->size);
	free(it);
}

void request_on_stop(struct request_queue *q, void (*fn)(void *arg, uint64_t id), void *arg)
{
	q->on_stop_arg = arg;
	q->on_stop = fn;
}

void ocall_exited(struct ocall_host *h, struct ocall_exited *a)
{
	struct request_queue *q = h->requests;
	struct ended *e;

	a->ret = 0;
	if ((a->status & 0xff) == 0x7f) {
		if (q->on_stop)
			q->on_stop(q->on_stop_arg, a->request_id);
		return;
	}
	e = calloc(1, sizeof(*e));
	if (!e) {
		a->ret = -ENOMEM;
		return;
	}
	e->id = a->request_id;
	e->status = a->status;
	e->pid = a->pid;
	pthread_mutex_lock(&q->lock);
	e->next = q->ended;
	q->ended = e;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

int request_wait(struct request_queue *q, uint64_t id, int *pid)
{
	int status = 0;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		for (struct ended **p = &q->ended, *e; (e = *p); p = &e->next) {
			if (e->id != id)
				continue;
			*p = e->next;
			status = e->status;
			if (pid)
				*pid = e->pid;
			free(e);
			pthread_mutex_unlock(&q->lock);
			return status;
		}
		pthread_cond_wait(&q->changed, &q->lock);
	}
}
