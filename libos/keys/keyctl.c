/* keyctl.c: keyctl(2). */
#include "base/heap.h"
#include "base/string.h"
#include "keys/key.h"
#include "keys/user.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"

enum { GET_KEYRING_ID, JOIN_SESSION, UPDATE, REVOKE, CHOWN, SETPERM, DESCRIBE, CLEAR, LINK, UNLINK, SEARCH, READ,
       INSTANTIATE, NEGATE, SET_REQKEY, SET_TIMEOUT, ASSUME_AUTHORITY, GET_SECURITY, REJECT = 19, INSTANTIATE_IOV,
       INVALIDATE };

static long keyring_id(int id, bool create)
{
	struct key_ref r;
	int err = key_lookup(id, create, KEY_SEARCH, &r);

	return err ? err : r.key->serial;
}

static long join_session(uaddr_t uname)
{
	char *name;
	long ret;

	if (!uname)
		return key_join_session(NULL);
	ret = key_string_from_user(uname, KEY_DESCRIPTION_MAX, &name);
	if (ret)
		return ret;
	ret = name[0] == '.' ? -EPERM : !name[0] ? -EINVAL : key_join_session(name);
	kfree(name);
	return ret;
}

static long update(int id, uaddr_t from, size_t size)
{
	struct key_ref r;
	void *payload;
	int err = key_payload_from_user(from, size, &payload);

	if (!err)
		err = key_lookup(id, false, KEY_WRITE, &r);
	if (!err)
		err = r.key->type->updatable ? key_payload_check(r.key->type, NULL, size) : -EOPNOTSUPP;
	if (err)
		kfree(payload);
	else
		key_replace_payload(r.key, payload, size);
	return err;
}

static long revoke(int id)
{
	struct key_ref r;
	int err = key_lookup(id, false, KEY_WRITE, &r);

	if (err == -EACCES)
		err = key_lookup(id, false, KEY_SETATTR, &r);
	if (!err)
		key_revoke(r.key);
	return err;
}

static long invalidate(int id)
{
	struct key_ref r;
	int err = key_lookup(id, false, KEY_SEARCH, &r);

	if (!err)
		key_invalidate(r.key);
	return err;
}

static long change_owner(int id, uint32_t uid, uint32_t gid)
{
	const struct cred *c = &current_process()->cred;
	struct key_ref r;
	int err = key_lookup(id, true, KEY_SETATTR, &r);

	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN)) {
		if (uid != UINT32_MAX && uid != r.key->uid)
			return -EACCES;
		if (gid != UINT32_MAX && gid != r.key->gid && gid != c->fsgid && !cred_in_groups(c, gid))
			return -EACCES;
	}
	if (uid != UINT32_MAX)
		r.key->uid = uid;
	if (gid != UINT32_MAX)
		r.key->gid = gid;
	return 0;
}

static long set_perm(int id, uint32_t perm)
{
	struct key_ref r;
	int err;

	if (perm & ~KEY_PERM_ALL)
		return -EINVAL;
	err = key_lookup(id, true, KEY_SETATTR, &r);
	if (err)
		return err;
	if (r.key->uid != current_process()->cred.fsuid && !capable(CAP_SYS_ADMIN))
		return -EACCES;
	r.key->perm = perm;
	return 0;
}

static long set_timeout(int id, unsigned seconds)
{
	struct key_ref r;
	int err = key_lookup(id, true, KEY_SETATTR, &r);

	if (!err)
		r.key->expires = seconds ? clock_mono() + seconds * NSEC_PER_SEC : NSEC_NEVER;
	return err;
}

static long describe(int id, uaddr_t to, size_t size)
{
	size_t room = KEY_DESCRIPTION_MAX + 80, len;
	struct key_ref r;
	char *text;
	int err = key_lookup(id, true, KEY_VIEW, &r);

	if (err)
		return err;
	text = kmalloc(room);
	if (!text)
		return -ENOMEM;
	len = (size_t)snprintf(text, room, "%s;%d;%d;%08x;%s", r.key->type->name, (int)r.key->uid, (int)r.key->gid,
			       r.key->perm, r.key->description) + 1;
	if (to && size >= len && copy_to_user(to, text, len))
		err = -EFAULT;
	kfree(text);
	return err ? err : (long)len;
}

/* The content in LibOS memory, since the copy may sleep: keyrings are lists of numbers. */
static long content(const struct key *k, void **out)
{
	struct key_link *l;
	size_t size = k->size;
	int *numbers;

	list_for_each(l, &k->links, node)
		size += sizeof(int);
	*out = numbers = kmalloc(size + 1);
	if (!numbers)
		return -ENOMEM;
	if (k->payload)
		memcpy(numbers, k->payload, size);
	list_for_each(l, &k->links, node)
		*numbers++ = l->key->serial;
	return (long)size;
}

static long read_key(int id, uaddr_t to, size_t size)
{
	struct key_ref r;
	void *data;
	long n = key_lookup(id, false, 0, &r);

	if (n)
		return n;
	if (r.key->error)
		return r.key->error;
	if (!key_allows(&r, KEY_READ) && !(r.possessed && key_allows(&r, KEY_SEARCH)))
		return -EACCES;
	if (!r.key->type->readable)
		return -EOPNOTSUPP;
	n = content(r.key, &data);
	if (n < 0)
		return n;
	if (to && (size_t)n <= size && copy_to_user(to, data, (size_t)n))
		n = -EFAULT;
	kfree(data);
	return n;
}

static long clear(int id)
{
	struct key_ref r;
	int err = key_lookup(id, true, KEY_WRITE, &r);

	if (!err && !r.key->type->ring)
		err = -ENOTDIR;
	if (!err)
		ring_clear(r.key);
	return err;
}

static long link(int id, int ring_id)
{
	struct key_ref ring, r;
	int err = key_lookup(ring_id, true, KEY_WRITE, &ring);

	if (!err)
		err = key_lookup(id, true, KEY_LINK, &r);
	return err ? err : ring_link(ring.key, r.key);
}

static long unlink(int id, int ring_id)
{
	struct key_ref ring;
	struct key_link *l;
	struct key *k = id > 0 ? key_find(id) : NULL;
	int err = key_lookup(ring_id, false, KEY_WRITE, &ring);

	if (err)
		return err;
	if (id <= 0) {
		struct key_ref r;
		err = key_lookup(id, false, 0, &r);
		if (err)
			return err;
		k = r.key;
	}
	if (!k)
		return -ENOKEY;
	if (!ring.key->type->ring)
		return -ENOTDIR;
	l = ring_find_link(ring.key, k);
	if (l)
		ring_unlink(l);
	return l ? 0 : -ENOENT;
}

static long search(int top_id, uaddr_t utype, uaddr_t udescription, int ring_id)
{
	struct key_ref top, ring = { NULL, false }, found;
	struct key_name name;
	int err = key_name_from_user(utype, udescription, &name);

	if (err)
		return err;
	err = key_lookup(top_id, false, KEY_SEARCH, &top);
	if (!err && ring_id)
		err = key_lookup(ring_id, true, KEY_WRITE, &ring);
	if (!err)
		err = name.type ? ring_search(top, name.type, name.description, &found) : -ENOKEY;
	if (!err && ring.key)
		err = key_allows(&found, KEY_LINK) ? ring_link(ring.key, found.key) : -EACCES;
	kfree(name.description);
	return err ? err : found.key->serial;
}

/* Where request_key puts what a helper makes; there is none, so it is only remembered. */
static long set_request_ring(int where)
{
	struct thread *t = current;
	int old = t->request_keyring;
	struct key_ref r;

	if (where == -1)
		return old;
	if (where < -1 || where > 7 || where == 6)
		return -EINVAL;
	if (where == 1 || where == 2) {
		int err = key_lookup(-where, true, 0, &r);
		if (err)
			return err;
	}
	t->request_keyring = where;
	return old;
}

static long security(int id, uaddr_t to, size_t size)
{
	struct key_ref r;
	int err = key_lookup(id, false, KEY_VIEW, &r);

	if (err)
		return err;
	return to && size && put_user((char)0, to) ? -EFAULT : 1;
}

SYSCALL_DEFINE(keyctl, int, op, uint64_t, a, uint64_t, b, uint64_t, c, uint64_t, d)
{
	switch (op) {
	case GET_KEYRING_ID:
		return keyring_id((int)a, (int)b != 0);
	case JOIN_SESSION:
		return join_session(a);
	case UPDATE:
		return update((int)a, b, c);
	case REVOKE:
		return revoke((int)a);
	case CHOWN:
		return change_owner((int)a, (uint32_t)b, (uint32_t)c);
	case SETPERM:
		return set_perm((int)a, (uint32_t)b);
	case DESCRIBE:
		return describe((int)a, b, c);
	case CLEAR:
		return clear((int)a);
	case LINK:
		return link((int)a, (int)b);
	case UNLINK:
		return unlink((int)a, (int)b);
	case SEARCH:
		return search((int)a, b, c, (int)d);
	case READ:
		return read_key((int)a, b, c);
	case INSTANTIATE:
	case NEGATE:
	case REJECT:
	case INSTANTIATE_IOV:
		return -EPERM; /* only the helper of a request may */
	case SET_REQKEY:
		return set_request_ring((int)a);
	case SET_TIMEOUT:
		return set_timeout((int)a, (unsigned)b);
	case ASSUME_AUTHORITY:
		return (int)a < 0 ? -EINVAL : a ? -ENOKEY : 0;
	case GET_SECURITY:
		return security((int)a, b, c);
	case INVALIDATE:
		return invalidate((int)a);
	default:
		return -EOPNOTSUPP;
	}
}
