/* current.c: the keyrings of the caller: thread, process and session keyring, and those of its user.
 *
 * A thread's and a process' are made when they are first asked for; the session keyring is shared with children, and is
 * the user's session keyring until a program joins another. */
#include "base/heap.h"
#include "base/string.h"
#include "keys/key.h"
#include "keys/keys.h"
#include "linux/errno.h"
#include "process/process.h"

#define PERM_OWN 0x3f010000u
#define PERM_SESSION 0x3f030000u
#define PERM_USER 0x1f3f0000u

struct user_rings {
	struct list node;
	uint32_t uid;
	struct key *user, *session; /* referenced */
};

static struct list users = LIST_INIT(users);

static struct key *ring_make(const char *name, uint32_t perm, int *err)
{
	return key_create(&keyring_type, name, perm, NULL, 0, err);
}

/* A user's rings belong to the user, whoever asks first. */
static struct key *user_ring_make(const char *format, uint32_t uid, int *err)
{
	char name[32];
	struct key *k;

	snprintf(name, sizeof(name), "%s.%u", format, uid);
	k = ring_make(name, PERM_USER, err);
	if (k) {
		k->uid = uid;
		k->gid = UINT32_MAX;
	}
	return k;
}

static struct user_rings *user_rings(int *err)
{
	uint32_t uid = current_process()->cred.uid;
	struct user_rings *u;

	list_for_each(u, &users, node) {
		if (u->uid == uid)
			return u;
	}
	*err = -ENOMEM;
	u = kzalloc(sizeof(*u));
	if (!u)
		return NULL;
	u->uid = uid;
	u->user = user_ring_make("_uid", uid, err);
	u->session = u->user ? user_ring_make("_uid_ses", uid, err) : NULL;
	if (!u->session || (*err = ring_link(u->session, u->user))) {
		key_put(u->session);
		key_put(u->user);
		kfree(u);
		return NULL;
	}
	list_push_back(&users, &u->node);
	return u;
}

static int own_ring(struct key **slot, const char *name, bool create, struct key **out)
{
	int err = -ENOKEY;

	if (!*slot && create)
		*slot = ring_make(name, PERM_OWN, &err);
	*out = *slot;
	return *slot ? 0 : err;
}

int key_join_session(const char *name)
{
	struct process *p = current_process();
	struct key *k = name ? key_find_ring(name) : NULL;
	int err = 0;

	k = k ? key_get(k) : ring_make(name ? name : "_ses", PERM_SESSION, &err);
	if (!k)
		return err;
	key_put(p->session_keyring);
	p->session_keyring = k;
	return k->serial;
}

static int session_ring(bool create, struct key **out)
{
	struct process *p = current_process();
	struct user_rings *u;
	int err = 0;

	if (!p->session_keyring && create)
		err = key_join_session(NULL);
	if (err < 0)
		return err;
	*out = p->session_keyring;
	if (*out)
		return 0;
	u = user_rings(&err);
	*out = u ? u->session : NULL;
	return u ? 0 : err;
}

static int user_ring(bool session, struct key **out)
{
	int err;
	struct user_rings *u = user_rings(&err);

	if (!u)
		return err;
	*out = session ? u->session : u->user;
	return 0;
}

static int special(int id, bool create, struct key **out)
{
	switch (id) {
	case KEY_SPEC_THREAD:
		return own_ring(&current->thread_keyring, "_tid", create, out);
	case KEY_SPEC_PROCESS:
		return own_ring(&current_process()->process_keyring, "_pid", create, out);
	case KEY_SPEC_SESSION:
		return session_ring(create, out);
	case KEY_SPEC_USER:
	case KEY_SPEC_USER_SESSION:
		return user_ring(id == KEY_SPEC_USER_SESSION, out);
	default:
		return id <= -7 && id >= -8 ? -ENOKEY : -EINVAL;
	}
}

/* The rings that are searched, in this order. */
static unsigned my_rings(struct key *rings[3])
{
	struct key *session = NULL;
	unsigned n = 0;

	if (current->thread_keyring)
		rings[n++] = current->thread_keyring;
	if (current_process()->process_keyring)
		rings[n++] = current_process()->process_keyring;
	if (!session_ring(false, &session))
		rings[n++] = session;
	return n;
}

static bool possessed(const struct key *k)
{
	struct key *rings[3];
	unsigned n = my_rings(rings);

	for (unsigned i = 0; i < n; i++) {
		if (ring_reaches(rings[i], k, 0))
			return true;
	}
	return false;
}

int key_search_mine(const struct key_type *type, const char *description, struct key_ref *out)
{
	int err = -ENOKEY, ring_err;
	struct key *rings[3];
	unsigned n = my_rings(rings);

	for (unsigned i = 0; i < n; i++) {
		ring_err = ring_search((struct key_ref){ rings[i], true }, type, description, out);
		if (!ring_err)
			return 0;
		if (err == -ENOKEY)
			err = ring_err;
	}
	return err;
}

int key_lookup(int id, bool create, uint32_t wanted, struct key_ref *out)
{
	int err = 0;

	out->possessed = true;
	out->key = id > 0 ? key_find(id) : NULL;
	if (id <= 0)
		err = special(id, create, &out->key);
	else if (!out->key)
		err = -ENOKEY;
	else
		out->possessed = possessed(out->key);
	if (err)
		return err;
	err = key_validate(out->key);
	return err ? err : key_allows(out, wanted) ? 0 : -EACCES;
}

void keys_inherit(struct process *child, const struct process *parent)
{
	child->session_keyring = parent->session_keyring ? key_get(parent->session_keyring) : NULL;
}

void keys_thread_exit(struct thread *t)
{
	key_put(t->thread_keyring);
	t->thread_keyring = NULL;
}

void keys_exec(struct process *p, struct thread *t)
{
	keys_thread_exit(t);
	key_put(p->process_keyring);
	p->process_keyring = NULL;
}

void keys_process_exit(struct process *p)
{
	key_put(p->process_keyring);
	key_put(p->session_keyring);
	p->process_keyring = p->session_keyring = NULL;
}
