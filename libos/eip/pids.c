/* pids.c: numbers that no two enclaves give out: blocks of them, handed down from the first enclave.
 *
 * An enclave numbers its own threads and the processes it starts from a block of its own, and each new enclave gets one. The
 * first enclave knows which blocks are taken; the others ask their parent, which asks on. A block comes back when
 * the enclave that had it is gone, and with it all below it. Requests are answered in the order they were made. */
#include "base/heap.h"
#include "base/log.h"
#include "eip/eip.h"
#include "eip/peer.h"
#include "eip/pids.h"
#include "linux/errno.h"
#include "process/pid.h"

#define BLOCK 1024
#define BLOCKS (PID_MAX / BLOCK)
#define FIRST_OWN 64 /* blocks of the first enclave itself */

struct request {
	struct list node;
	struct eip_peer *from; /* NULL: from here */
};

static uint64_t taken[BLOCKS / 64]; /* first enclave: those below FIRST_OWN count as taken */
static unsigned last_block = FIRST_OWN - 1;
static struct list requests = LIST_INIT(requests);
static struct waitq arrived = WAITQ_INIT(arrived);
static kpid_t spare; /* 0: none */
static bool asking;  /* a request of ours is under way */
static bool refused; /* the last one: there were none */
static bool low;

static kpid_t block_take(void)
{
	for (unsigned n = 0; n < BLOCKS; n++) {
		last_block = last_block + 1 < BLOCKS ? last_block + 1 : FIRST_OWN;
		if (taken[last_block / 64] >> last_block % 64 & 1)
			continue;
		taken[last_block / 64] |= 1UL << last_block % 64;
		return (kpid_t)(last_block * BLOCK);
	}
	return 0;
}

static void remember(struct eip_peer *peer, kpid_t first)
{
	kpid_t *more = krealloc(peer->pids, (peer->pids_count + 1) * sizeof(*more));

	if (!more)
		return; /* lost until the end */
	peer->pids = more;
	more[peer->pids_count++] = first;
}

static void block_free(kpid_t first)
{
	unsigned block = (unsigned)first / BLOCK;

	if (eip_parent)
		eip_post(eip_parent, EIP_PIDS_FREE, &first, sizeof(first));
	else if (block >= FIRST_OWN && block < BLOCKS)
		taken[block / 64] &= ~(1UL << block % 64);
}

/* The head of the line gets the block. */
static void hand_out(kpid_t first)
{
	struct request *r = list_first(&requests, struct request, node);
	struct eip_peer *to = r->from;

	list_remove(&r->node);
	kfree(r);
	if (to) {
		remember(to, first);
		eip_post(to, EIP_PIDS, &first, sizeof(first));
		return;
	}
	asking = false;
	refused = !first;
	if (low && first)
		pid_set_range((uint64_t)first, (uint64_t)first + BLOCK);
	else if (!spare)
		spare = first;
	else if (first)
		block_free(first);
	low = false;
	waitq_wake_all(&arrived, 0); /* who waits for a spare one and has none asks again */
}

static void request(struct eip_peer *from)
{
	struct request *r = kzalloc(sizeof(*r));

	if (!r) {
		log_error("eip: no memory to ask for process numbers");
		return;
	}
	r->from = from;
	asking |= !from;
	list_push_back(&requests, &r->node);
	if (eip_parent)
		eip_post(eip_parent, EIP_PIDS, NULL, 0);
	else
		hand_out(block_take());
}

void eip_pids_received(struct eip_peer *peer, struct unpack *u)
{
	if (!peer->up)
		request(peer);
	else if (!list_empty(&requests))
		hand_out((kpid_t)unpack_u32(u));
}

void eip_pids_freed(struct eip_peer *peer, struct unpack *u)
{
	kpid_t first = (kpid_t)unpack_u32(u);

	for (unsigned i = 0; i < peer->pids_count; i++) {
		if (u->failed || peer->pids[i] != first)
			continue;
		peer->pids[i] = peer->pids[--peer->pids_count];
		block_free(first);
		return;
	}
}

void eip_pids_gone(struct eip_peer *peer)
{
	struct request *r, *tmp;

	for (unsigned i = 0; i < peer->pids_count; i++)
		block_free(peer->pids[i]);
	kfree(peer->pids);
	peer->pids = NULL;
	peer->pids_count = 0;
	list_for_each_safe(r, tmp, &requests, node)
		if (r->from == peer)
			r->from = NULL; /* becomes a spare one here */
}

kpid_t eip_pids_take(void)
{
	kpid_t first;

	if (!eip_parent)
		return block_take();
	refused = false;
	while (!spare) {
		if (!asking && !refused)
			request(NULL);
		if (!asking || waitq_wait(&arrived, WAIT_KILLABLE, NSEC_NEVER))
			return 0;
	}
	first = spare;
	spare = 0;
	return first;
}

void eip_pids_give(struct eip_peer *peer, kpid_t first)
{
	remember(peer, first);
}

void eip_pids_return(kpid_t first)
{
	if (eip_parent && !spare)
		spare = first;
	else
		block_free(first);
}

void eip_pids_begin(kpid_t first)
{
	if (first)
		pid_set_range((uint64_t)first, (uint64_t)first + BLOCK);
	else
		pid_set_range(0, (uint64_t)FIRST_OWN * BLOCK);
}

void eip_pids_low(void)
{
	if (!eip_parent || low)
		return;
	low = true;
	if (!asking)
		request(NULL);
	low = asking;
}
