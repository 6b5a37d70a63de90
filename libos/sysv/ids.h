/* ids.h: what segments, semaphore sets and message queues have in common: number, key, owner, permission.
 *
 * A number is a place in the kind's table plus a sequence count, so a stale number does not find what came later.
 * Objects are in the table from ipc_add to ipc_remove. Sleepers keep an object by ipc_get: after the sleep they look
 * at `removed` first. Giant lock; nothing here sleeps. */
#pragma once
#include "linux/sysvipc.h"

#define IPC_SLOT_BITS 15
#define IPC_MNI_MAX (1u << IPC_SLOT_BITS)

struct ipc_object {
	int id, key;
	uint32_t uid, gid, cuid, cgid, mode;
	unsigned ref;
	bool removed;
	void (*free)(struct ipc_object *o);
};

struct ipc_ids {
	struct ipc_object **slots; /* IPC_MNI_MAX pointers once something was made */
	unsigned used;
	int last;                  /* the slot given out last; -1: none yet */
	uint16_t seq;
	uint64_t limit;            /* SHMMNI and kin */
	uint64_t next_id;          /* the number wished for the next object; IPC_NO_ID: any */
};
#define IPC_NO_ID UINT64_MAX

extern struct ipc_ids shm_ids, sem_ids, msg_ids;

/* Gives a new object (zeroed but for free) its number, ref 1, the caller as owner. -ENOSPC, -ENOMEM. */
int ipc_add(struct ipc_ids *ids, struct ipc_object *o, int key, int flags) must_check;
/* Out of the table; the table's reference goes. */
void ipc_remove(struct ipc_ids *ids, struct ipc_object *o);
static inline struct ipc_object *ipc_get(struct ipc_object *o)
{
	o->ref++;
	return o;
}
void ipc_put(struct ipc_object *o);

struct ipc_object *ipc_find(const struct ipc_ids *ids, int id);      /* by number; NULL */
struct ipc_object *ipc_at(const struct ipc_ids *ids, int slot);      /* by place; NULL */
int ipc_max_slot(const struct ipc_ids *ids);                         /* 0 when empty, as IPC_INFO tells it */
/* xxxget(key, flags): 0: *out is there and may be used as flags say; 1: to be made; -EEXIST -ENOENT -EACCES. */
int ipc_resolve(const struct ipc_ids *ids, int key, int flags, struct ipc_object **out) must_check;
/* May the caller do what mode (0444, 0222, 0666) asks for? */
bool ipc_may(const struct ipc_object *o, uint32_t mode);
/* By number, for IPC_SET and IPC_RMID: of who is its owner, its creator, or has CAP_SYS_ADMIN. -EINVAL -EPERM. */
int ipc_find_own(const struct ipc_ids *ids, int id, struct ipc_object **out) must_check;
void ipc_perm_fill(const struct ipc_object *o, struct ipc_perm *out);
int ipc_perm_set(struct ipc_object *o, const struct ipc_perm *perm) must_check;
int64_t ipc_now(void); /* seconds since the epoch */

/* The object a STAT-like command names: by number, or by place (and then without permission if any). -EINVAL -EACCES. */
int ipc_stat_target(const struct ipc_ids *ids, int id, bool by_slot, bool any, struct ipc_object **out) must_check;

/* /proc/sys/kernel */
extern uint64_t shm_max_bytes, shm_all_pages, shm_rmid_forced;
extern uint64_t sem_limits[4]; /* SEMMSL SEMMNS SEMOPM; the fourth, SEMMNI, is sem_ids.limit */
extern uint64_t msg_max_bytes, msg_queue_bytes;
