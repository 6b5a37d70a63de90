/* unix_name.c: names of local sockets. A name is a path of a socket file, found by its inode, or abstract (first byte 0,
 * any bytes after it), found by type and bytes. One hash table holds the sockets that can be found. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/inode.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "net/unix.h"

#define BUCKETS 128u
#define PATH_AT offsetof(struct sockaddr_un, sun_path)

static struct list table[BUCKETS];

static struct list *bucket(size_t hash)
{
	if (!table[0].next) {
		for (unsigned i = 0; i < BUCKETS; i++)
			list_init(&table[i]);
	}
	return &table[(hash ^ hash >> 7 ^ hash >> 14) % BUCKETS];
}

static struct list *inode_bucket(const struct inode *inode)
{
	return bucket((size_t)inode >> 5);
}

static struct list *abstract_bucket(const struct sock_name *name)
{
	size_t hash = 5381;

	for (unsigned i = 0; i < name->len - PATH_AT; i++)
		hash = hash * 33 + (uint8_t)name->addr.data[i];
	return bucket(hash);
}

static bool is_abstract(const struct sock_name *name)
{
	return !name->addr.data[0];
}

static int check_name(const struct sock_name *name)
{
	if (name->len <= PATH_AT || name->len > sizeof(struct sockaddr_un) || name->addr.family != AF_UNIX)
		return -EINVAL;
	return 0;
}

static struct unix_sock *find_abstract(const struct sock_name *name, int type)
{
	struct unix_sock *s;

	list_for_each(s, abstract_bucket(name), bound_node) {
		const struct sock_name *own = &s->name->addr;

		if (s->sk.type == type && !s->name->inode && own->len == name->len &&
		    !memcmp(&own->addr, &name->addr, name->len))
			return s;
	}
	return NULL;
}

static struct unix_sock *find_inode(const struct inode *inode)
{
	struct unix_sock *s;

	list_for_each(s, inode_bucket(inode), bound_node) {
		if (s->name->inode == inode)
			return s;
	}
	return NULL;
}

/* The path in name, terminated. */
static void path_of(const struct sock_name *name, char path[UNIX_PATH_MAX + 1])
{
	size_t len = name->len - PATH_AT;

	memcpy(path, name->addr.data, len);
	path[len] = 0;
}

static int find_by_path(const struct sock_name *name, int type, struct unix_sock **out)
{
	char text[UNIX_PATH_MAX + 1];
	struct unix_sock *s;
	struct path path;
	int err;

	path_of(name, text);
	err = unix_path_lookup(text, &path);
	if (err)
		return err;
	s = find_inode(path.dentry->inode);
	if (!s)
		err = -ECONNREFUSED;
	else if (s->sk.type != type)
		err = -EPROTOTYPE;
	else
		*out = unix_get(s);
	path_put(&path);
	return err;
}

int unix_find(const struct sock_name *name, int type, struct unix_sock **out)
{
	struct unix_sock *s;
	int err = check_name(name);

	if (err)
		return err;
	if (!is_abstract(name))
		return find_by_path(name, type, out);
	s = find_abstract(name, type);
	if (!s)
		return -ECONNREFUSED;
	if (!landlock_in_scope(s->landlock, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET))
		return -EPERM;
	*out = unix_get(s);
	return 0;
}

static struct unix_name *name_alloc(const struct sock_name *name)
{
	struct unix_name *n = kzalloc(sizeof(*n));

	if (!n)
		return NULL;
	n->ref = n->live = 1;
	n->addr.len = name->len;
	memcpy(&n->addr.addr, &name->addr, name->len);
	return n;
}

static int bind_abstract(struct unix_sock *s, const struct sock_name *name)
{
	struct unix_name *n;

	if (s->name)
		return -EINVAL;
	if (find_abstract(name, s->sk.type))
		return -EADDRINUSE;
	n = name_alloc(name);
	if (!n)
		return -ENOMEM;
	s->name = n;
	list_push_back(abstract_bucket(name), &s->bound_node);
	return 0;
}

static int bind_path(struct unix_sock *s, const struct sock_name *name)
{
	struct sock_name full = { .addr.family = AF_UNIX };
	struct unix_name *n;
	struct path path;
	int err;

	if (s->name)
		return -EINVAL;
	path_of(name, full.addr.data);
	full.len = (unsigned)(PATH_AT + strlen(full.addr.data) + 1);
	n = name_alloc(&full);
	if (!n)
		return -ENOMEM;
	err = unix_path_create(full.addr.data, &path);
	if (!err && s->name) { /* another thread was faster */
		path_put(&path);
		err = -EINVAL;
	}
	if (err) {
		kfree(n);
		return err;
	}
	n->path = path;
	n->inode = path.dentry->inode;
	s->name = n;
	list_push_back(inode_bucket(n->inode), &s->bound_node);
	return 0;
}

int unix_bind(struct socket *sk, const struct sock_name *name)
{
	struct unix_sock *s = unix_of(sk);
	int err;

	if (name->len == PATH_AT && name->addr.family == AF_UNIX)
		return unix_autobind(s);
	err = check_name(name);
	if (err)
		return err;
	return is_abstract(name) ? bind_abstract(s, name) : bind_path(s, name);
}

/* Five hexadecimal digits, counting up: unix(7). */
int unix_autobind(struct unix_sock *s)
{
	static uint32_t counter;
	struct sock_name name = { .len = PATH_AT + 6, .addr.family = AF_UNIX };
	int err = -EADDRINUSE;

	if (s->name)
		return 0;
	for (unsigned tries = 0; err == -EADDRINUSE && tries <= 0xfffff; tries++) {
		counter = (counter + 1) & 0xfffff;
		for (unsigned i = 0; i < 5; i++)
			name.addr.data[1 + i] = "0123456789abcdef"[counter >> (16 - 4 * i) & 15];
		err = bind_abstract(s, &name);
	}
	return err == -EADDRINUSE ? -ENOSPC : err;
}

void unix_name_share(struct unix_sock *s, struct unix_name *n)
{
	s->name = n;
	n->ref++;
	n->live++;
}

void unix_unbind(struct unix_sock *s)
{
	struct unix_name *n = s->name;

	list_remove(&s->bound_node);
	list_init(&s->bound_node);
	if (!n || --n->live || !n->inode)
		return;
	n->inode = NULL;
	path_put(&n->path);
}

void unix_name_put(struct unix_name *n)
{
	if (n && !--n->ref)
		kfree(n);
}

void unix_name_copy(const struct unix_sock *s, struct sock_name *out)
{
	out->len = s->name ? s->name->addr.len : 0;
	memcpy(&out->addr, s->name ? &s->name->addr.addr : &out->addr, out->len);
}

int unix_getname(struct socket *sk, bool peer, struct sock_name *name)
{
	const struct unix_sock *s = unix_of(sk);

	if (peer)
		s = s->peer;
	if (!s)
		return -ENOTCONN;
	unix_name_copy(s, name);
	if (!name->len) {
		name->len = sizeof(name->addr.family);
		name->addr.family = AF_UNIX;
	}
	return 0;
}
