/* add.c: add_key(2), request_key(2). There is no helper program: what no ring has is remembered as missing for a minute if
 * the caller wanted it made, as when the helper has no answer. */
#include "base/heap.h"
#include "base/string.h"
#include "keys/key.h"
#include "keys/user.h"
#include "linux/errno.h"
#include "process/process.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/clock.h"

#define NEGATIVE_SECONDS 60
#define PAYLOAD_MAX ((1UL << 20) - 1)

int key_string_from_user(uaddr_t from, size_t max, char **out)
{
	char *s = kmalloc(max);
	ssize_t n;

	if (!s)
		return -ENOMEM;
	n = strncpy_from_user(s, from, max);
	if (n < 0) {
		kfree(s);
		return n == -ENAMETOOLONG ? -EINVAL : (int)n;
	}
	*out = s;
	return 0;
}

int key_name_from_user(uaddr_t utype, uaddr_t udescription, struct key_name *out)
{
	char *type = NULL;
	int err;

	*out = (struct key_name){ 0 };
	err = key_string_from_user(utype, KEY_TYPE_MAX, &type);
	if (err)
		return err;
	out->type = key_type_find(type);
	err = type[0] == '.' ? -EPERM : !type[0] ? -EINVAL : 0;
	kfree(type);
	if (!err)
		err = key_string_from_user(udescription, KEY_DESCRIPTION_MAX, &out->description);
	if (!err && out->type && out->type->ring && out->description[0] == '.') {
		kfree(out->description);
		out->description = NULL;
		err = -EPERM;
	}
	return err;
}

int key_payload_check(const struct key_type *type, const char *description, size_t size)
{
	const char *colon = description ? strchr(description, ':') : NULL;

	if (size < type->min || size > type->max)
		return -EINVAL;
	if (!description)
		return 0;
	return !description[0] || (type->described && (!colon || colon == description)) ? -EINVAL : 0;
}

int key_payload_from_user(uaddr_t from, size_t size, void **out)
{
	*out = NULL;
	if (!size)
		return 0;
	if (size > PAYLOAD_MAX)
		return -EINVAL;
	*out = kmalloc(size);
	if (!*out)
		return -ENOMEM;
	if (!copy_from_user(*out, from, size))
		return 0;
	kfree(*out);
	*out = NULL;
	return -EFAULT;
}

void key_replace_payload(struct key *k, void *payload, size_t size)
{
	kfree(k->payload);
	k->payload = payload;
	k->size = size;
	k->error = 0;
	k->expires = NSEC_NEVER;
}

/* Takes over payload on success. The key's number. */
static long add_to(struct key_ref ring, const struct key_name *name, void *payload, size_t size)
{
	struct key_ref old = { NULL, ring.possessed };
	struct key *k;
	int err;

	if (!ring.key->type->ring)
		return -ENOTDIR;
	if (!name->type)
		return -ENODEV;
	err = key_payload_check(name->type, name->description, size);
	if (err)
		return err;
	if (name->type->updatable)
		old.key = ring_find(ring.key, name->type, name->description);
	if (old.key) {
		if (!key_allows(&old, KEY_WRITE))
			return -EACCES;
		key_replace_payload(old.key, payload, size);
		return old.key->serial;
	}
	k = key_create(name->type, name->description, key_default_perm(name->type), payload, size, &err);
	if (!k)
		return err;
	err = ring_link(ring.key, k);
	if (err)
		k->payload = NULL; /* the caller's still */
	int serial = k->serial;
	key_put(k);
	return err ? err : serial;
}

SYSCALL_DEFINE(add_key, uaddr_t, utype, uaddr_t, udescription, uaddr_t, upayload, size_t, size, int, ring_id)
{
	struct key_name name;
	struct key_ref ring;
	void *payload;
	long ret;

	if (size > PAYLOAD_MAX)
		return -EINVAL;
	ret = key_name_from_user(utype, udescription, &name);
	if (ret)
		return ret;
	ret = key_payload_from_user(upayload, size, &payload);
	if (!ret)
		ret = key_lookup(ring_id, true, KEY_WRITE, &ring);
	if (!ret)
		ret = add_to(ring, &name, payload, size);
	if (ret < 0)
		kfree(payload);
	kfree(name.description);
	return ret;
}

/* Nobody can make the key: that it is missing is what is kept. */
static int remember_missing(const struct key_name *name, struct key *ring)
{
	struct key *k;
	int err;

	if (!name->type->ring) {
		k = key_create(name->type, name->description, key_default_perm(name->type), NULL, 0, &err);
		if (!k)
			return err;
		k->error = -ENOKEY;
		k->expires = clock_mono() + NEGATIVE_SECONDS * NSEC_PER_SEC;
		err = ring_link(ring, k);
		key_put(k);
		if (err)
			return err;
	}
	return -ENOKEY;
}

static long request(const struct key_name *name, bool make, int ring_id)
{
	struct key_ref ring = { NULL, false }, found;
	int err = ring_id ? key_lookup(ring_id, true, KEY_WRITE, &ring) : 0;

	if (err)
		return err;
	if (!name->type)
		return -ENOKEY;
	err = key_search_mine(name->type, name->description, &found);
	if (err == -ENOKEY && make) {
		err = ring.key ? 0 : key_lookup(KEY_SPEC_SESSION, false, KEY_WRITE, &ring);
		return err ? err : remember_missing(name, ring.key);
	}
	if (err)
		return err;
	if (ring.key) {
		err = ring_link(ring.key, found.key);
		if (err)
			return err;
	}
	return found.key->serial;
}

SYSCALL_DEFINE(request_key, uaddr_t, utype, uaddr_t, udescription, uaddr_t, ucallout, int, ring_id)
{
	struct key_name name;
	char *callout = NULL;
	long ret = key_name_from_user(utype, udescription, &name);

	if (ret == -EPERM && name.type == &keyring_type)
		return -ENOKEY;
	if (ret)
		return ret;
	if (ucallout)
		ret = key_string_from_user(ucallout, KEY_DESCRIPTION_MAX, &callout);
	if (!ret)
		ret = request(&name, callout != NULL, ring_id);
	kfree(callout);
	kfree(name.description);
	return ret;
}
