/* ruleset.c: rulesets and the system calls: landlock_create_ruleset, landlock_add_rule, landlock_restrict_self.
 *
 * A ruleset is an open file that rules are added to. Restricting oneself copies it into a layer on top of the process'
 * domain; later changes of the ruleset do not touch it. Children have their parent's domain. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "ipc/anonfd.h"
#include "landlock/landlock.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define ABI_VERSION 7
#define LAYERS_MAX 16
#define PORT_MAX 65535u

static void ruleset_release(struct file *f)
{
	landlock_put(f->priv);
}

static const struct file_ops ruleset_ops = { .name = "landlock-ruleset", .release = ruleset_release };

/* Takes what it knows of a struct that may have grown; the rest has to be zero. */
static int attr_from_user(struct landlock_ruleset_attr *a, uaddr_t uattr, size_t size)
{
	char rest[64];

	memset(a, 0, sizeof(*a));
	if (size < sizeof(a->handled_access_fs))
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	if (copy_from_user(a, uattr, MIN(size, sizeof(*a))))
		return -EFAULT;
	for (size_t at = sizeof(*a); at < size; at += sizeof(rest)) {
		size_t n = MIN(size - at, sizeof(rest));

		if (copy_from_user(rest, uattr + at, n))
			return -EFAULT;
		for (size_t i = 0; i < n; i++) {
			if (rest[i])
				return -E2BIG;
		}
	}
	return 0;
}

SYSCALL_DEFINE(landlock_create_ruleset, uaddr_t, uattr, size_t, size, uint32_t, flags)
{
	struct landlock_ruleset_attr a;
	struct landlock_layer *l;
	int err;

	if (flags) {
		if (uattr || size)
			return -EINVAL;
		return flags == LANDLOCK_CREATE_RULESET_VERSION ? ABI_VERSION
		       : flags == LANDLOCK_CREATE_RULESET_ERRATA ? 0
								 : -EINVAL;
	}
	err = attr_from_user(&a, uattr, size);
	if (err)
		return err;
	if ((a.handled_access_fs & ~(uint64_t)LANDLOCK_ACCESS_FS_ALL) ||
	    (a.handled_access_net & ~(uint64_t)LANDLOCK_ACCESS_NET_ALL) || (a.scoped & ~(uint64_t)LANDLOCK_SCOPE_ALL))
		return -EINVAL;
	if (!a.handled_access_fs && !a.handled_access_net && !a.scoped)
		return -ENOMSG;
	l = kzalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->ref = 1;
	l->fs = a.handled_access_fs;
	l->net = a.handled_access_net;
	l->scoped = a.scoped;
	list_init(&l->rules);
	return anonfd_install(&ruleset_ops, l, O_CLOEXEC);
}

/* Referenced file of a ruleset. */
static int ruleset_file(int fd, struct file **out)
{
	struct file *f = fd_get(fd, true);

	if (!f)
		return -EBADF;
	if (f->ops != &ruleset_ops) {
		file_put(f);
		return -EBADFD;
	}
	*out = f;
	return 0;
}

/* More rights where there is a rule already. Takes over the reference on inode. */
static int rule_add(struct landlock_layer *l, struct inode *inode, uint64_t port, uint64_t allowed)
{
	struct landlock_rule *r;

	list_for_each(r, &l->rules, node) {
		if (r->inode == inode && r->port == port) {
			r->allowed |= allowed;
			if (inode)
				inode_put(inode);
			return 0;
		}
	}
	r = kzalloc(sizeof(*r));
	if (!r) {
		if (inode)
			inode_put(inode);
		return -ENOMEM;
	}
	r->inode = inode;
	r->port = port;
	r->allowed = allowed;
	list_push_back(&l->rules, &r->node);
	return 0;
}

static int add_path(struct landlock_layer *l, uaddr_t uattr)
{
	struct landlock_path_beneath_attr a;
	struct file *f;
	int err;

	if (copy_from_user(&a, uattr, sizeof(a)))
		return -EFAULT;
	if (!a.allowed_access)
		return -ENOMSG;
	if (a.allowed_access & ~l->fs)
		return -EINVAL;
	f = fd_get(a.parent_fd, true);
	if (!f)
		return -EBADF;
	if (!f->path.dentry || !f->inode || list_empty(&f->path.mnt->all_node))
		err = -EBADFD;
	else if (!S_ISDIR(f->inode->mode) && (a.allowed_access & ~(uint64_t)LANDLOCK_ACCESS_FS_OF_FILES))
		err = -EINVAL;
	else
		err = rule_add(l, inode_get(f->inode), 0, a.allowed_access);
	file_put(f);
	return err;
}

static int add_port(struct landlock_layer *l, uaddr_t uattr)
{
	struct landlock_net_port_attr a;

	if (copy_from_user(&a, uattr, sizeof(a)))
		return -EFAULT;
	if (!a.allowed_access)
		return -ENOMSG;
	if ((a.allowed_access & ~l->net) || a.port > PORT_MAX)
		return -EINVAL;
	return rule_add(l, NULL, a.port, a.allowed_access);
}

SYSCALL_DEFINE(landlock_add_rule, int, fd, int, type, uaddr_t, uattr, uint32_t, flags)
{
	struct file *f;
	int err;

	if (flags)
		return -EINVAL;
	err = ruleset_file(fd, &f);
	if (err)
		return err;
	if (type == LANDLOCK_RULE_PATH_BENEATH)
		err = add_path(f->priv, uattr);
	else
		err = type == LANDLOCK_RULE_NET_PORT ? add_port(f->priv, uattr) : -EINVAL;
	file_put(f);
	return err;
}

static struct landlock_layer *layer_from(const struct landlock_layer *ruleset)
{
	struct landlock_layer *l = kzalloc(sizeof(*l));
	const struct landlock_rule *r;

	if (!l)
		return NULL;
	l->ref = 1;
	l->fs = ruleset->fs;
	l->net = ruleset->net;
	l->scoped = ruleset->scoped;
	list_init(&l->rules);
	list_for_each(r, &ruleset->rules, node) {
		if (rule_add(l, r->inode ? inode_get(r->inode) : NULL, r->port, r->allowed)) {
			landlock_put(l);
			return NULL;
		}
	}
	return l;
}

SYSCALL_DEFINE(landlock_restrict_self, int, fd, uint32_t, flags)
{
	struct process *p = current_process();
	struct landlock_layer *l;
	struct file *f;
	int err;

	if (!p->no_new_privs && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~LANDLOCK_RESTRICT_SELF_FLAGS)
		return -EINVAL;
	if (fd == -1 && flags == LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF)
		return 0;
	err = ruleset_file(fd, &f);
	if (err)
		return err;
	if (p->landlock && p->landlock->depth >= LAYERS_MAX)
		err = -E2BIG;
	l = err ? NULL : layer_from(f->priv);
	file_put(f);
	if (!l)
		return err ? err : -ENOMEM;
	l->parent = p->landlock; /* the process' reference */
	l->depth = l->parent ? l->parent->depth + 1 : 1;
	p->landlock = l;
	return 0;
}
