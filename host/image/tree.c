/* tree.c: see tree.h. */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkhash.h"

#define DEPTH_MAX 512

struct hard_link {
	dev_t dev;
	ino_t host_ino;
	uint32_t ino;
};

static int fail(struct tree *t, int err, const char *path, const char *what)
{
	snprintf(t->err, IMAGE_ERR_SIZE, "%.400s: %.100s", path, what);
	return err;
}

static int link_compare(const void *a, const void *b)
{
	const struct hard_link *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->host_ino < y->host_ino ? -1 : x->host_ino > y->host_ino;
}

/* The inode that already stands for this file, or 0 after noting that ino does. */
static uint32_t link_find(struct tree *t, const struct stat *st, uint32_t ino)
{
	struct hard_link *l, **found;

	if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
		return 0;
	l = malloc(sizeof(*l));
	if (!l)
		return 0;
	*l = (struct hard_link){st->st_dev, st->st_ino, ino};
	found = tsearch(l, &t->linked, link_compare);
	if (found && *found == l)
		return 0;
	free(l);
	return found ? (*found)->ino : 0;
}

static const char *type_problem(mode_t mode)
{
	if (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISFIFO(mode))
		return NULL;
	return S_ISSOCK(mode) ? "a socket cannot be in an image"
			      : "a device cannot be in an image; /dev is made by the LibOS";
}

/* A new inode for path (taken over), or an old one for another name of the same file. */
static int node_add(struct tree *t, char *path, uint32_t *ino)
{
	struct stat st;
	const char *problem;
	int err;

	if (lstat(path, &st)) {
		err = -errno;
		fail(t, err, path, strerror(errno));
		free(path);
		return err;
	}
	problem = type_problem(st.st_mode);
	*ino = problem ? 0 : link_find(t, &st, (uint32_t)t->count + 1);
	if (problem || *ino) {
		err = problem ? fail(t, -EINVAL, path, problem) : 0;
		free(path);
		if (!err)
			t->nodes[*ino - 1].links++;
		return err;
	}
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct tree_node *nodes = realloc(t->nodes, room * sizeof(*nodes));

		if (!nodes) {
			free(path);
			return fail(t, -ENOMEM, "image", "out of memory");
		}
		t->nodes = nodes;
		t->room = room;
	}
	t->nodes[t->count] = (struct tree_node){.path = path, .st = st, .links = 1};
	*ino = (uint32_t)++t->count;
	return 0;
}

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct tree_entry *)a)->name, ((const struct tree_entry *)b)->name);
}

static int entry_add(struct tree *t, uint32_t dir, const char *name)
{
	struct tree_node *n = &t->nodes[dir - 1];
	struct tree_entry *e = realloc(n->entries, (n->count + 1) * sizeof(*e));

	if (!e)
		return fail(t, -ENOMEM, n->path, "out of memory");
	n->entries = e;
	e[n->count].ino = 0;
	e[n->count].name = strdup(name);
	if (!e[n->count].name)
		return fail(t, -ENOMEM, n->path, "out of memory");
	n->count++;
	return 0;
}

static int names_read(struct tree *t, uint32_t dir)
{
	const char *path = t->nodes[dir - 1].path;
	DIR *d = opendir(path);
	struct dirent *e;
	int err = 0;

	if (!d)
		return fail(t, -errno, path, strerror(errno));
	while (!err && (errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			err = entry_add(t, dir, e->d_name);
	if (!err && errno)
		err = fail(t, -errno, path, strerror(errno));
	closedir(d);
	if (t->nodes[dir - 1].count)
		qsort(t->nodes[dir - 1].entries, t->nodes[dir - 1].count, sizeof(struct tree_entry),
		      entry_compare);
	return err;
}

/* nodes[] moves while children are added: it is indexed anew each time. */
static int dir_scan(struct tree *t, uint32_t dir, unsigned depth)
{
	int err = names_read(t, dir);

	if (!err && depth > DEPTH_MAX)
		err = fail(t, -ELOOP, t->nodes[dir - 1].path, "directories are nested too deeply");
	for (size_t i = 0; !err && i < t->nodes[dir - 1].count; i++) {
		uint32_t ino = 0;
		char *path;

		if (asprintf(&path, "%s/%s", t->nodes[dir - 1].path,
			     t->nodes[dir - 1].entries[i].name) < 0)
			return fail(t, -ENOMEM, "image", "out of memory");
		err = node_add(t, path, &ino);
		if (err)
			return err;
		t->nodes[dir - 1].entries[i].ino = ino;
		if (S_ISDIR(t->nodes[ino - 1].st.st_mode)) {
			t->nodes[dir - 1].links++;
			t->nodes[ino - 1].links++;
			err = dir_scan(t, ino, depth + 1);
		}
	}
	return err;
}

int tree_scan(struct tree *t, const char *dir)
{
	uint32_t root = 0;
	char *path = strdup(dir);
	int err = path ? node_add(t, path, &root) : -ENOMEM;

	if (err)
		return err;
	if (!S_ISDIR(t->nodes[0].st.st_mode))
		return fail(t, -ENOTDIR, dir, "not a directory");
	t->nodes[0].links++;
	return dir_scan(t, root, 0);
}

void tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++) {
		for (size_t k = 0; k < t->nodes[i].count; k++)
			free(t->nodes[i].entries[k].name);
		free(t->nodes[i].entries);
		free(t->nodes[i].path);
	}
	free(t->nodes);
	tdestroy(t->linked, free);
	*t = (struct tree){0};
}
