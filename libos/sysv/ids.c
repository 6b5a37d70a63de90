/* ids.c: the tables of System V objects: see ids.h. */
#include "sysv/ids.h"
#include "base/heap.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "time/clock.h"

#define CYCLE_MIN 64u /* slots are not used again before that many others were */
#define SEQ_MAX 0xffffu

int64_t ipc_now(void)
{
	return (int64_t)(clock_real() / NSEC_PER_SEC);
}

static int table_ensure(struct ipc_ids *ids)
{
	if (!ids->slots)
		ids->slots = kzalloc(IPC_MNI_MAX * sizeof(ids->slots[0]));
	return ids->slots ? 0 : -ENOMEM;
}

/* The first free slot from `from` on, below limit. */
static int slot_free(const struct ipc_ids *ids, unsigned from, unsigned limit)
{
	for (unsigned i = from; i < limit; i++) {
		if (!ids->slots[i])
			return (int)i;
	}
	return -ENOSPC;
}

/* Slots are taken in a cycle, and each turn has another sequence number. */
static int number_next(struct ipc_ids *ids)
{
	unsigned cycle = MIN(MAX(ids->used * 3 / 2, CYCLE_MIN), IPC_MNI_MAX);
	int slot = slot_free(ids, (unsigned)(ids->last + 1), cycle);

	if (slot < 0)
		slot = slot_free(ids, 0, cycle);
	if (slot < 0)
		return slot;
	if (slot <= ids->last)
		ids->seq++;
	ids->last = slot;
	return (ids->seq & SEQ_MAX) << IPC_SLOT_BITS | slot;
}

/* The number a checkpoint tool wished for, or the next free slot with its sequence number. */
static int number_wished(struct ipc_ids *ids)
{
	unsigned wish = (unsigned)ids->next_id;
	int slot = slot_free(ids, wish % IPC_MNI_MAX, IPC_MNI_MAX);

	ids->next_id = IPC_NO_ID;
	return slot < 0 ? slot : (int)(wish - wish % IPC_MNI_MAX + (unsigned)slot);
}

int ipc_add(struct ipc_ids *ids, struct ipc_object *o, int key, int flags)
{
	const struct cred *c = &current_process()->cred;
	int id = ids->used >= ids->limit ? -ENOSPC : table_ensure(ids);

	if (!id)
		id = ids->next_id == IPC_NO_ID ? number_next(ids) : number_wished(ids);
	if (id < 0)
		return id;
	o->id = id & 0x7fffffff;
	o->key = key;
	o->uid = o->cuid = c->euid;
	o->gid = o->cgid = c->egid;
	o->mode = (uint32_t)flags & 0777;
	o->ref = 1;
	ids->slots[o->id % IPC_MNI_MAX] = o;
	ids->used++;
	return 0;
}

void ipc_remove(struct ipc_ids *ids, struct ipc_object *o)
{
	o->removed = true;
	ids->slots[o->id % IPC_MNI_MAX] = NULL;
	ids->used--;
	ipc_put(o);
}

void ipc_put(struct ipc_object *o)
{
	if (--o->ref == 0)
		o->free(o);
}

struct ipc_object *ipc_at(const struct ipc_ids *ids, int slot)
{
	return ids->slots && slot >= 0 && slot < (int)IPC_MNI_MAX ? ids->slots[slot] : NULL;
}

struct ipc_object *ipc_find(const struct ipc_ids *ids, int id)
{
	struct ipc_object *o = id < 0 ? NULL : ipc_at(ids, id % (int)IPC_MNI_MAX);

	return o && o->id == id ? o : NULL;
}

int ipc_max_slot(const struct ipc_ids *ids)
{
	unsigned left = ids->used;
	int max = 0;

	for (int i = 0; left; i++) {
		if (!ids->slots[i])
			continue;
		max = i;
		left--;
	}
	return max;
}

static struct ipc_object *find_key(const struct ipc_ids *ids, int key)
{
	unsigned left = ids->used;

	for (int i = 0; left; i++) {
		struct ipc_object *o = ids->slots[i];
		if (!o)
			continue;
		if (o->key == key)
			return o;
		left--;
	}
	return NULL;
}

int ipc_resolve(const struct ipc_ids *ids, int key, int flags, struct ipc_object **out)
{
	if (key == IPC_PRIVATE)
		return 1;
	*out = find_key(ids, key);
	if (!*out)
		return flags & IPC_CREAT ? 1 : -ENOENT;
	return (flags & IPC_CREAT) && (flags & IPC_EXCL) ? -EEXIST : 0;
}

static bool in_group(const struct cred *c, uint32_t gid)
{
	return c->egid == gid || cred_in_groups(c, gid);
}

bool ipc_may(const struct ipc_object *o, uint32_t mode)
{
	const struct cred *c = &current_process()->cred;
	uint32_t wanted = (mode >> 6 | mode >> 3 | mode) & 7, granted = o->mode;

	if (c->euid == o->cuid || c->euid == o->uid)
		granted >>= 6;
	else if (in_group(c, o->cgid) || in_group(c, o->gid))
		granted >>= 3;
	return !(wanted & ~granted) || capable(CAP_IPC_OWNER);
}

static bool ipc_owns(const struct ipc_object *o)
{
	uint32_t euid = current_process()->cred.euid;

	return euid == o->cuid || euid == o->uid || capable(CAP_SYS_ADMIN);
}

int ipc_find_own(const struct ipc_ids *ids, int id, struct ipc_object **out)
{
	*out = ipc_find(ids, id);
	if (!*out)
		return -EINVAL;
	return ipc_owns(*out) ? 0 : -EPERM;
}

void ipc_perm_fill(const struct ipc_object *o, struct ipc_perm *out)
{
	*out = (struct ipc_perm){
		.key = o->key,
		.uid = o->uid,
		.gid = o->gid,
		.cuid = o->cuid,
		.cgid = o->cgid,
		.mode = o->mode,
		.seq = (uint16_t)(o->id >> IPC_SLOT_BITS),
	};
}

int ipc_perm_set(struct ipc_object *o, const struct ipc_perm *perm)
{
	if (perm->uid == UINT32_MAX || perm->gid == UINT32_MAX)
		return -EINVAL;
	o->uid = perm->uid;
	o->gid = perm->gid;
	o->mode = (o->mode & ~0777u) | (perm->mode & 0777);
	return 0;
}

int ipc_stat_target(const struct ipc_ids *ids, int id, bool by_slot, bool any, struct ipc_object **out)
{
	*out = by_slot ? ipc_at(ids, id % (int)IPC_MNI_MAX) : ipc_find(ids, id);
	if (!*out)
		return -EINVAL;
	return any || ipc_may(*out, 0444) ? 0 : -EACCES;
}
