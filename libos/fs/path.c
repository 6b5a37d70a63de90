/* path.c: from a name to a place in the tree.
 *
 * A walk holds references on where it stands and on its root, so it may sleep in a file system's
 * lookup. A symlink met on the way turns the rest of the name into a new text (target/rest) and the
 * loop goes on, so depth costs no stack; SYMLINK_MAX_DEPTH links give -ELOOP. Magic links
 * (inode_ops.follow) jump. */
#include "fs/path.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "process/process.h"

void path_get(const struct path *p)
{
	p->mnt->ref++;
	dentry_get(p->dentry);
}

void path_put(const struct path *p)
{
	dentry_put(p->dentry);
	mount_put(p->mnt);
}

static void path_set(struct path *p, struct mount *mnt, struct dentry *dentry)
{
	struct path old = *p;

	*p = (struct path){mnt, dentry};
	path_get(p);
	path_put(&old);
}

static const struct path *start_root(void)
{
	struct process *p = current_process();

	return p && p->fs && p->fs->root.dentry ? &p->fs->root : mount_root_path();
}

static int start_at(struct walk *w, int dirfd, const char *name)
{
	struct process *p = current_process();
	struct file *f;
	int err = 0;

	if (name[0] == '/' && !(w->resolve & RESOLVE_IN_ROOT)) {
		w->at = *start_root();
	} else if (dirfd == AT_FDCWD) {
		w->at = p && p->fs && p->fs->cwd.dentry ? p->fs->cwd : *start_root();
	} else {
		f = fd_get(dirfd, true);
		if (!f)
			return -EBADF;
		if (name[0] && (!f->path.dentry || !S_ISDIR(f->path.dentry->inode->mode)))
			err = -ENOTDIR;
		else
			err = file_magic_path(f, &w->at);
		file_put(f);
		return err;
	}
	path_get(&w->at);
	return 0;
}

int walk_start(struct walk *w, int dirfd, const char *name, uint64_t resolve)
{
	struct process *p = current_process();
	int err;

	*w = (struct walk){.cred = p ? &p->cred : NULL, .resolve = resolve};
	if (name[0] == '/' && (resolve & RESOLVE_BENEATH))
		return -EXDEV;
	err = start_at(w, dirfd, name);
	if (err)
		return err;
	w->root = resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? w->at : *start_root();
	path_get(&w->root);
	return 0;
}

void walk_end(struct walk *w)
{
	if (w->at.dentry)
		path_put(&w->at);
	if (w->root.dentry)
		path_put(&w->root);
	kfree(w->text);
}

static int may_search(const struct walk *w)
{
	struct inode *i = w->at.dentry->inode;

	if (!S_ISDIR(i->mode))
		return -ENOTDIR;
	return w->cred ? inode_permission_as(i, X_OK, w->cred) : 0;
}

int dentry_lookup(struct dentry *dir, const char *name, size_t len, uint32_t hash,
		  struct dentry **out)
{
	struct dentry *d = dentry_find(dir, name, len, hash);
	struct inode *inode = NULL;
	char terminated[NAME_MAX + 1];
	int err;

	if (d) {
		*out = d;
		if (!d->inode || !d->inode->ops->revalidate || d->mounts ||
		    d->inode->ops->revalidate(d->inode))
			return 0;
		if (!d->unhashed)
			dentry_unhash(d);
		dentry_put(d);
	}
	if (!dir->inode->ops->lookup)
		return -ENOTDIR;
	memcpy(terminated, name, len);
	terminated[len] = 0;
	err = dir->inode->ops->lookup(dir->inode, terminated, &inode);
	if (err && err != -ENOENT)
		return err;
	*out = dentry_add(dir, name, len, hash, err ? NULL : inode);
	return *out ? 0 : -ENOMEM;
}

void mount_cross(struct path *p)
{
	struct mount *m;

	while (p->dentry->mounts && (m = mount_covering(p)))
		path_set(p, m, m->root);
}

/* ".." from w->at, which it replaces. */
static int walk_up(struct walk *w)
{
	struct mount *first = w->at.mnt;

	for (;;) {
		if (path_equal(&w->at, &w->root))
			return w->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
		if (w->at.dentry != w->at.mnt->root) {
			path_set(&w->at, w->at.mnt, w->at.dentry->parent);
			break;
		}
		if (!w->at.mnt->parent)
			break;
		path_set(&w->at, w->at.mnt->parent, w->at.mnt->mountpoint);
	}
	mount_cross(&w->at);
	return w->at.mnt != first && (w->resolve & RESOLVE_NO_XDEV) ? -EXDEV : 0;
}

static int lookup_child(struct walk *w, struct path *child)
{
	int err;

	if (w->last_len > NAME_MAX)
		return -ENAMETOOLONG;
	err = dentry_lookup(w->at.dentry, w->last, w->last_len, w->last_hash, &child->dentry);
	if (err)
		return err;
	child->mnt = w->at.mnt;
	child->mnt->ref++;
	mount_cross(child);
	if (child->mnt != w->at.mnt && (w->resolve & RESOLVE_NO_XDEV)) {
		path_put(child);
		return -EXDEV;
	}
	return 0;
}

static int jump_to(struct walk *w, struct inode *link)
{
	struct path to;
	int err;

	if (w->resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return w->resolve & RESOLVE_NO_MAGICLINKS ? -ELOOP : -EXDEV;
	err = link->ops->follow(link, &to);
	if (err)
		return err;
	path_put(&w->at);
	w->at = to;
	return 0;
}

/* The new text: the link's target, then what was left of the name. */
static int read_link_text(struct walk *w, struct inode *link, const char *rest, char **out)
{
	size_t rest_len = strlen(rest), room = PATH_MAX + 1 + rest_len + 1;
	char *text = kmalloc(room);
	ssize_t n;

	if (!text)
		return -ENOMEM;
	n = link->ops->readlink ? link->ops->readlink(link, text, PATH_MAX) : -EINVAL;
	if (n <= 0) {
		kfree(text);
		return n < 0 ? (int)n : -ENOENT;
	}
	text[n] = 0;
	if (rest_len || w->slash) {
		text[n++] = '/';
		memcpy(text + n, rest, rest_len + 1);
	}
	if (text[0] == '/' && (w->resolve & RESOLVE_BENEATH)) {
		kfree(text);
		return -EXDEV;
	}
	*out = text;
	return 0;
}

/* Steps through the symlink at `link`; `rest` of the name is continued from *s afterwards. */
static int walk_link(struct walk *w, const struct path *link, const char *rest, const char **s)
{
	struct inode *inode = link->dentry->inode;
	char *text = NULL;
	int err;

	if (++w->links > SYMLINK_MAX_DEPTH || (w->resolve & RESOLVE_NO_SYMLINKS) ||
	    (link->mnt->flags & MS_NOSYMFOLLOW))
		return -ELOOP;
	path_touch_atime(link->mnt, inode);
	if (inode->ops->follow) {
		*s = rest;
		return jump_to(w, inode);
	}
	err = read_link_text(w, inode, rest, &text);
	if (err)
		return err;
	kfree(w->text);
	w->text = text;
	*s = text;
	if (text[0] == '/')
		path_set(&w->at, w->root.mnt, w->root.dentry);
	return 0;
}

/* Takes the next component of s into w->last; returns what follows its slashes. */
static const char *next_component(struct walk *w, const char *s)
{
	uint32_t hash = 2166136261u; /* as dentry_name_hash */
	const char *p = s;

	for (; *p && *p != '/'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	w->last = s;
	w->last_len = (size_t)(p - s);
	w->last_hash = hash;
	w->last_type = LAST_NAME;
	if (s[0] == '.' && w->last_len == 1)
		w->last_type = LAST_DOT;
	else if (s[0] == '.' && s[1] == '.' && w->last_len == 2)
		w->last_type = LAST_DOTDOT;
	w->slash = *p == '/';
	while (*p == '/')
		p++;
	return p;
}

/* Steps into the component in w->last; *s is the rest and may be replaced by a link's text. */
static int walk_step(struct walk *w, const char **s)
{
	struct path child;
	int err;

	if (w->last_type == LAST_DOT)
		return 0;
	if (w->last_type == LAST_DOTDOT)
		return walk_up(w);
	err = lookup_child(w, &child);
	if (err)
		return err;
	if (!child.dentry->inode) {
		path_put(&child);
		return -ENOENT;
	}
	if (S_ISLNK(child.dentry->inode->mode)) {
		err = walk_link(w, &child, *s, s);
		path_put(&child);
		return err;
	}
	path_put(&w->at);
	w->at = child;
	return 0;
}

int walk_parent(struct walk *w, const char *s)
{
	int err;

	for (;;) {
		while (*s == '/')
			s++;
		if (!*s) {
			w->last_type = LAST_ROOT;
			return 0;
		}
		err = may_search(w);
		if (err)
			return err;
		s = next_component(w, s);
		if (!*s)
			return 0;
		err = walk_step(w, &s);
		if (err)
			return err;
	}
}

int walk_last(struct walk *w, bool follow, struct path *child)
{
	const char *s;
	int err;

	for (;;) {
		if (w->last_type == LAST_NAME) {
			err = lookup_child(w, child);
			if (err)
				return err;
			if (!child->dentry->inode || !S_ISLNK(child->dentry->inode->mode) ||
			    !follow)
				return 0;
			err = walk_link(w, child, "", &s);
			path_put(child);
			if (!err)
				err = walk_parent(w, s);
			if (!err && w->creating && w->slash && w->last_type == LAST_NAME)
				err = -EISDIR;
			if (err)
				return err;
			continue;
		}
		if (w->last_type == LAST_DOTDOT) {
			err = walk_up(w);
			if (err)
				return err;
		}
		w->last_type = LAST_ROOT;
		*child = w->at;
		path_get(child);
		return 0;
	}
}

int walk_to_parent(struct walk *w, int dirfd, const char *name)
{
	int err = walk_start(w, dirfd, name, 0);

	if (err)
		return err;
	err = walk_parent(w, name);
	if (!err && !S_ISDIR(w->at.dentry->inode->mode))
		err = -ENOTDIR;
	return err;
}

static int finish_lookup(struct walk *w, unsigned flags, struct path *out)
{
	int err = walk_last(w, (flags & LOOKUP_FOLLOW) || w->slash, out);

	if (err)
		return err;
	if (!out->dentry->inode)
		err = -ENOENT;
	else if ((w->slash || (flags & LOOKUP_DIRECTORY)) && !S_ISDIR(out->dentry->inode->mode))
		err = -ENOTDIR;
	if (err)
		path_put(out);
	return err;
}

static int lookup_empty(int dirfd, unsigned flags, struct path *out)
{
	struct walk w;
	int err;

	if (!(flags & LOOKUP_EMPTY))
		return -ENOENT;
	err = walk_start(&w, dirfd, "", 0);
	if (!err) {
		*out = w.at;
		path_get(out);
	}
	walk_end(&w);
	return err;
}

int path_lookup_as(int dirfd, const char *name, unsigned flags, const struct cred *cred,
		   struct path *out)
{
	struct walk w;
	int err;

	if (!name[0])
		return lookup_empty(dirfd, flags, out);
	err = walk_start(&w, dirfd, name, flags & LOOKUP_NO_SYMLINKS ? RESOLVE_NO_SYMLINKS : 0);
	if (cred)
		w.cred = cred;
	if (!err)
		err = walk_parent(&w, name);
	if (!err)
		err = finish_lookup(&w, flags, out);
	walk_end(&w);
	return err;
}

int path_lookup(int dirfd, const char *name, unsigned flags, struct path *out)
{
	return path_lookup_as(dirfd, name, flags, NULL, out);
}

/* Writes s before *end; false if it does not fit. */
static bool prepend(char **end, const char *buf, const char *s, size_t len)
{
	if ((size_t)(*end - buf) < len)
		return false;
	*end -= len;
	memcpy(*end, s, len);
	return true;
}

/* 1: the root was reached, 0: another root was (unreachable), -ENAMETOOLONG. */
static int prepend_components(struct path at, const struct path *root, const char *buf, char **end)
{
	bool any = false;

	for (;;) {
		if (path_equal(&at, root))
			break;
		if (at.dentry == at.mnt->root) {
			if (!at.mnt->parent)
				break;
			at = (struct path){at.mnt->parent, at.mnt->mountpoint};
			continue;
		}
		if (!prepend(end, buf, at.dentry->name, at.dentry->name_len))
			return -ENAMETOOLONG;
		any = true;
		if (at.dentry->parent == at.dentry)
			return at.dentry->unhashed; /* detached ("pipe:[7]"): its name says all */
		if (!prepend(end, buf, "/", 1))
			return -ENAMETOOLONG;
		at.dentry = at.dentry->parent;
	}
	if (!any && !prepend(end, buf, "/", 1))
		return -ENAMETOOLONG;
	return path_equal(&at, root);
}

int dentry_path(const struct dentry *d, char *buf, size_t size, char **out)
{
	char *end = buf + size;

	*--end = 0;
	for (; d->parent != d; d = d->parent) {
		if (!prepend(&end, buf, d->name, d->name_len) || !prepend(&end, buf, "/", 1))
			return -ENAMETOOLONG;
	}
	if (!*end && !prepend(&end, buf, "/", 1))
		return -ENAMETOOLONG;
	*out = end;
	return 0;
}

int path_name(const struct path *p, char *buf, size_t size, char **out)
{
	char *end = buf + size;
	bool nameless = p->dentry->parent == p->dentry && p->dentry->name[0] != '/';
	bool deleted = p->dentry->unhashed && !nameless;
	int reached;

	if (size == 0)
		return -ENAMETOOLONG;
	*--end = 0;
	if (deleted && !prepend(&end, buf, " (deleted)", 10))
		return -ENAMETOOLONG;
	reached = prepend_components(*p, start_root(), buf, &end);
	if (reached < 0)
		return reached;
	if (!reached && !prepend(&end, buf, "(unreachable)", 13))
		return -ENAMETOOLONG;
	*out = end;
	return 0;
}
