/* peer.h: the neighbours of this enclave in the tree of enclaves (eip/ internal): its parent, and one per child.
 *
 * A process that started another knows it as a proxy: a struct process without threads and memory whose `elsewhere` is the
 * neighbour behind which it lives. The child's enclave has a proxy of its parent. Whatever concerns a proxy is a message
 * to the neighbour. An enclave whose own process has ended stays and passes messages on while it has children.
 *
 * Two LibOS threads per neighbour: one receives and acts, one sends what was posted; so code that must not sleep can
 * post. All under the giant lock. */
#pragma once
#include "base/list.h"
#include "eip/eip.h"
#include "eip/pack.h"
#include "sync/waitq.h"

struct process;
struct siginfo;

enum eip_type {
	EIP_EXEC = 1, /* down, first of all: a process that shall start a program (start.c) */
	EIP_FORK,     /* down, first of all: a process whose memory follows */
	EIP_PART,     /* a piece of the message whose end comes later */
	EIP_MEMORY,   /* down, after EIP_FORK (fork.c) */
	EIP_STARTED,  /* up: it runs, or -errno */
	EIP_EXIT,     /* up: the process has ended */
	EIP_STATE,    /* up: it has stopped or continues */
	EIP_IDENTITY, /* both ways: the receiver's process, or the one it knows as proxy, has other numbers */
	EIP_ORPHAN,   /* down: a process has another parent, as its own has ended (orphan.c) */
	EIP_ADOPT,    /* up: who takes this child of a process that has ended? */
	EIP_PASSED,   /* up: EIP_EXIT, EIP_STATE or EIP_IDENTITY of a process that got its parent so */
	EIP_ASK,      /* both ways: a question to whom it concerns (query.c) */
	EIP_ANSWER,
	EIP_TTY,      /* both ways, on to all: a terminal has another foreground group */
	EIP_PIDS,     /* up: more numbers, please; down: here they are (pids.c) */
	EIP_PIDS_FREE, /* up: nobody has these any more */
};

struct eip_peer {
	struct list node; /* eip_peers; unlinked once the connection is gone */
	struct eip_link *link;
	bool up;          /* to the parent's enclave */
	bool gone;
	unsigned threads; /* that use link; the last one closes it */
	struct thread *sender, *receiver; /* before they are started */
	struct list out;
	struct waitq out_wait;
	struct process *proxy; /* borrowed: who is known here of the process at the other end; NULL: nobody any more */
	kpid_t father;         /* once there is no proxy: whose child it was */
	kpid_t *pids;          /* a child's blocks of numbers (pids.c) */
	unsigned pids_count;
	uint64_t *files;       /* what a child was given: numbers of open files (files.c) */
	unsigned files_count;
	struct pack partial;   /* parts received so far */
};

extern struct list eip_peers;
extern struct eip_peer *eip_parent; /* NULL in the first enclave */
extern bool eip_started;            /* eip_main has been there */

/* A neighbour on a link that works. Nothing runs yet. NULL: no memory. */
struct eip_peer *eip_peer_create(struct eip_link *link, bool up) must_check;
/* Makes what sends and, for a child (a parent's receiver is pid 1, in eip_peer_receive), receives. -ENOMEM. */
int eip_peer_prepare(struct eip_peer *peer) must_check;
/* They run from now on: peer->proxy may end as soon as this sleeps. */
void eip_peer_start(struct eip_peer *peer);
/* Receives and acts until the other side is gone. May sleep. */
void eip_peer_receive(struct eip_peer *peer);
/* Of a neighbour that was never started: gone with its link. */
void eip_peer_free(struct eip_peer *peer);
/* Queues a message; the body is copied. Without memory the message is lost, and a line says so. Never sleeps. */
void eip_post(struct eip_peer *peer, enum eip_type type, const void *body, size_t len);
void eip_post_pack(struct eip_peer *peer, enum eip_type type, struct pack *p); /* frees p */
/* Sends at once, in parts if it is long; for the beginning, before anybody posts. Frees p. May sleep. */
int eip_send_pack(struct eip_link *link, enum eip_type type, struct pack *p) must_check;
/* The next message, with its parts joined. *out: body to be kfree'd. May sleep. */
int eip_receive(struct eip_link *link, struct pack *partial, struct eip_message *out) must_check;

/* proxy.c */
void eip_peer_gone(struct eip_peer *peer); /* the connection broke or ended */
void eip_exit_received(struct eip_peer *peer, struct unpack *u);
void eip_state_received(struct eip_peer *peer, struct unpack *u);
void eip_identity_received(struct eip_peer *peer, struct unpack *u);
/* Likewise, of a process that lives farther behind peer and was passed on. */
void eip_passed_received(struct eip_peer *peer, struct unpack *u);
/* What process_end and the others tell, for EIP_ADOPT. */
void eip_exit_pack(struct pack *out, const struct process *p);
void eip_exit_unpack(struct process *p, struct unpack *u);
/* A proxy becomes a zombie, as if it had ended here. */
void eip_proxy_end(struct process *p);
/* Whoever p, which is not of this enclave, is: that it has these numbers. */
void eip_session_take(struct process *p, kpid_t sid);

/* orphan.c */
void eip_orphan_received(struct eip_peer *peer, struct unpack *u);
void eip_adopt_received(struct eip_peer *peer, struct unpack *u);

/* query.c */
void eip_ask_received(struct eip_peer *peer, struct unpack *u);
void eip_answer_received(struct eip_peer *peer, struct unpack *u);
void eip_queries_gone(struct eip_peer *peer);
/* A signal for this process behind `to`, or for its thread with that number. Never sleeps. */
void eip_signal_at(struct eip_peer *to, kpid_t id, bool thread, const struct siginfo *info);

/* pids.c */
void eip_pids_received(struct eip_peer *peer, struct unpack *u);
void eip_pids_freed(struct eip_peer *peer, struct unpack *u);
void eip_pids_gone(struct eip_peer *peer);
/* tty.c */
void eip_tty_received(struct eip_peer *peer, struct unpack *u);
