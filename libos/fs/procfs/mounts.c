/* mounts.c: /proc/PID/mounts and mountinfo, and names of paths. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/mount.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"

#define NAME_SIZE 4096UL

int text_path(struct text *out, const struct path *p)
{
	char *buf = kmalloc(NAME_SIZE), *name;
	int err;

	if (!buf)
		return -ENOMEM;
	err = path_name(p, buf, NAME_SIZE, &name);
	if (!err)
		text_add(out, name, strlen(name));
	kfree(buf);
	return err;
}

/* Characters that would break the columns, in octal. */
static void text_escaped(struct text *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\\')
			text_printf(out, "\\%03o", (unsigned char)s[i]);
		else
			text_add(out, s + i, 1);
	}
}

static void text_source(struct text *out, const struct mount *m)
{
	const char *s = m->source && *m->source ? m->source : "none";

	text_escaped(out, s, strlen(s));
}

/* Where m is mounted; false if the caller cannot see it, or it is in no tree. */
static bool text_mount_point(struct text *out, const struct mount *m)
{
	const struct fs_info *fs = current_process()->fs;
	struct path at = { m->parent, m->mountpoint };
	struct text raw = { 0 };
	bool seen;

	if (fs && m->ns != fs->ns)
		return false;
	if (!m->parent)
		text_add(&raw, "/", 1);
	seen = !m->parent || text_path(&raw, &at) == 0;
	seen = seen && raw.len && raw.buf[0] == '/';
	if (seen)
		text_escaped(out, raw.buf, raw.len);
	text_free(&raw);
	return seen;
}

static void text_options(struct text *out, const struct mount *m)
{
	char options[128];

	mount_show_options(m, options, sizeof(options));
	text_printf(out, "%s", options);
}

static bool mount_line(struct text *out, const struct mount *m)
{
	text_source(out, m);
	text_add(out, " ", 1);
	if (!text_mount_point(out, m))
		return false;
	text_printf(out, " %s ", m->sb->fstype);
	text_options(out, m);
	text_printf(out, " 0 0\n");
	return true;
}

static void text_propagation(struct text *out, const struct mount *m)
{
	if (m->group)
		text_printf(out, " shared:%d", m->group);
	if (m->master)
		text_printf(out, " master:%d", m->master);
	if (m->unbindable)
		text_printf(out, " unbindable");
}

/* The part of the file system that is mounted: its root, but for binds. */
static void text_mount_root(struct text *out, const struct mount *m)
{
	char *buf = kmalloc(NAME_SIZE), *name;

	if (!buf || dentry_path(m->root, buf, NAME_SIZE, &name))
		text_add(out, "/", 1);
	else
		text_escaped(out, name, strlen(name));
	kfree(buf);
}

/* 15 1 0:5 / /proc rw,relatime shared:7 - proc proc rw */
static bool mountinfo_line(struct text *out, const struct mount *m)
{
	uint64_t dev = m->sb->dev;

	text_printf(out, "%d %d %lu:%lu ", m->id, m->parent ? m->parent->id : m->id, dev >> 8, dev & 0xff);
	text_mount_root(out, m);
	text_add(out, " ", 1);
	if (!text_mount_point(out, m))
		return false;
	text_add(out, " ", 1);
	text_options(out, m);
	text_propagation(out, m);
	text_printf(out, " - %s ", m->sb->fstype);
	text_source(out, m);
	text_printf(out, " %s\n", m->sb->readonly ? "ro" : "rw");
	return true;
}

static int each_mount(struct text *out, bool (*line)(struct text *, const struct mount *))
{
	const struct mount *m;

	list_for_each(m, &mount_all, all_node) {
		size_t len = out->len;

		if (!line(out, m))
			out->len = len;
	}
	return 0;
}

/* As Linux: "priority data and an error" when the mounts have changed since the last look. */
unsigned poll_mounts(uint64_t *seen, struct poll_table *pt)
{
	unsigned events = EPOLLIN | EPOLLRDNORM;

	poll_wait(pt, &mounts_changed);
	if (*seen != mount_changes)
		events |= EPOLLERR | EPOLLPRI;
	*seen = mount_changes;
	return events;
}

int show_mounts(struct text *out, const struct proc_at *at)
{
	(void)at;
	return each_mount(out, mount_line);
}

int show_mountinfo(struct text *out, const struct proc_at *at)
{
	(void)at;
	return each_mount(out, mountinfo_line);
}
