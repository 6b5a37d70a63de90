/* pipe_internal.h: an end of a pipe between enclaves, for pipe.c and pipe_ends.c. */
#pragma once
#include "crypto/gcm.h"
#include "eip/pipe.h"
#include "net/events.h"
#include "sync/waitq.h"

struct writer_seen {
	uint64_t writer;
	uint32_t seq; /* last */
};

struct eip_pipe { /* one end */
	unsigned ref;            /* open files */
	struct eip_pipe **place; /* in struct ends of its inode, which the files hold */
	loff_t pos;              /* bytes read */
	int fd;
	uint8_t key[GCM_KEY_SIZE];
	struct gcm_key gcm;
	bool packets; /* O_DIRECT: a read takes one record */
	uint64_t writer;
	uint32_t seq;
	struct writer_seen *seen;
	unsigned seen_count;
	char *left;   /* [left_at, left_end) has not been read yet */
	size_t left_at, left_end, left_cap;
	char *record; /* RECORDS_ROOM bytes; made at the first use */
	struct waitq waitq;
	struct net_watch watch;
	bool watched;
	bool busy;    /* a transfer is going on; idle is woken when it ends */
	struct waitq idle;
};

struct ends { /* inode->priv */
	struct eip_pipe *end[2]; /* for reading, for writing; NULL: not here */
};

extern const struct file_ops eip_pipe_ops; /* pipe.c */

/* What has been fetched and not read yet. */
static inline size_t left(const struct eip_pipe *e)
{
	return e->left_end - e->left_at;
}

/* pipe_ends.c: room for n bytes more behind what is left. 0, -ENOMEM. */
int eip_pipe_reserve(struct eip_pipe *e, size_t n) must_check;
void eip_pipe_release(struct file *f);
