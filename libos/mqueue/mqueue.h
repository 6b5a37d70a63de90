/* mqueue.h: POSIX message queues (mq_overview(7)): queues as files of a file system of their own. */
#pragma once
#include "base/list.h"
#include "fs/inode.h"
#include "sync/waitq.h"
#include "thread/thread.h"

struct process;
struct user_sigevent;

#define MQ_PRIO_MAX 32768u
#define MQ_NAME_MAX 255

struct mq_attr { /* user ABI */
	int64_t flags, maxmsg, msgsize, curmsgs, reserved[4];
};

struct mq_message {
	struct list node;
	unsigned prio;
	size_t size;
	char data[];
};

/* Who waits for a message, or with one for room. The other side completes it. */
struct mq_wait {
	struct list node;
	struct waitq woken;
	struct mq_message *message;
	bool done;
};

#define MQ_COOKIE_LEN 32

/* mq_notify: told once, when a message comes into the empty queue and nobody waits for it. */
struct mq_notify {
	struct process *process; /* only compared, never followed but by mq_tell; NULL: nobody */
	kpid_t pid;
	uint64_t value;
	int how, signo;
	struct file *netlink;    /* SIGEV_THREAD: libc's thread reads the cookie from this socket; referenced */
	char cookie[MQ_COOKIE_LEN];
};

struct mqueue {
	struct list node;      /* in the directory; self-linked once unlinked */
	struct inode *inode;   /* not referenced by the queue: the queue is its content */
	char name[MQ_NAME_MAX + 1];
	int64_t max_messages, max_size, count;
	size_t bytes;
	struct list messages;  /* by falling priority, then age */
	struct list receivers, senders; /* struct mq_wait */
	struct waitq poll;
	struct mq_notify notify;
	uint64_t charge;       /* of RLIMIT_MSGQUEUE */
	uint32_t owner;        /* who is charged */
};

/* queue.c. Sending takes over m on success. deadline: monotonic. May sleep. */
int mq_send(struct mqueue *q, struct mq_message *m, bool nonblock, nsec_t deadline) must_check;
int mq_receive(struct mqueue *q, bool nonblock, nsec_t deadline, struct mq_message **out) must_check;
/* ev NULL: no longer. netlink (reference taken over on success) and cookie: of SIGEV_THREAD. May sleep. */
int mq_notify_set(struct mqueue *q, const struct user_sigevent *ev, struct file *netlink, const char *cookie) must_check;
void mq_notify_drop(struct mqueue *q, const struct process *p); /* may sleep */
void mq_free_messages(struct mqueue *q);

/* fs.c */
extern uint64_t mq_queues_max, mq_msg_max, mq_msg_default, mq_size_max, mq_size_default;
int mq_root(struct path *out) must_check;        /* referenced */
/* A new queue in the directory under a name that is free; *out referenced. */
int mq_create(const char *name, uint32_t mode, const struct mq_attr *attr, struct inode **out) must_check;
struct mqueue *mq_of_file(const struct file *f); /* NULL: no message queue */
