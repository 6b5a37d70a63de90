/* copy.c: see copy.h. Every path is walked component by component, and symbolic links on the way
 * are copied as links and followed, so that /bin -> usr/bin of the host is the same in the image.
 */
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs.h"

#define LINKS_MAX 40

static int fail(struct copier *c, int err, const char *path, const char *what)
{
	snprintf(c->err, sizeof(c->err), "%.500s: %.120s", path, what);
	return err;
}

static int fail_errno(struct copier *c, const char *path)
{
	int err = errno ? errno : EIO;

	return fail(c, -err, path, strerror(err));
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True the first time. */
static bool first_time(struct copier *c, const char *path)
{
	char *copy = strdup(path), **found = copy ? tsearch(copy, &c->seen, compare) : NULL;

	if (found && *found == copy)
		return true;
	free(copy);
	return !found;
}

void copy_end(struct copier *c)
{
	tdestroy(c->seen, free);
	c->seen = NULL;
}

static int below_root(struct copier *c, const char *path, char out[PATH_MAX])
{
	if (snprintf(out, PATH_MAX, "%s%s", c->root, path) < PATH_MAX)
		return 0;
	return fail(c, -ENAMETOOLONG, path, "the name is too long");
}

/* One directory on the way. */
static int dir_make(struct copier *c, const char *path)
{
	char to[PATH_MAX];
	struct stat st;
	int err = below_root(c, path, to);

	if (err)
		return err;
	if (stat(path, &st))
		return fail_errno(c, path);
	if (mkdir(to, (st.st_mode & 07777) | 0700) && errno != EEXIST)
		return fail_errno(c, to);
	return 0;
}

static int link_make(struct copier *c, const char *path, const char *target)
{
	char to[PATH_MAX], old[PATH_MAX];
	struct stat st;
	ssize_t n;
	int err = below_root(c, path, to);

	if (err)
		return err;
	n = readlink(to, old, sizeof(old) - 1);
	if (n >= 0) {
		old[n] = 0;
		if (!strcmp(old, target))
			return 0;
		unlink(to);
	} else if (!lstat(to, &st) && S_ISDIR(st.st_mode) && rmdir(to)) {
		return fail(c, -EEXIST, to,
			    "a directory here, but a symbolic link on this machine");
	}
	if (symlink(target, to))
		return fail_errno(c, to);
	c->files++;
	return 0;
}

static bool same_already(const char *to, const struct stat *st)
{
	struct stat old;

	return !lstat(to, &old) && S_ISREG(old.st_mode) && old.st_size == st->st_size &&
	       old.st_mode == st->st_mode && old.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	       old.st_mtim.tv_nsec == st->st_mtim.tv_nsec;
}

static int content_copy(int in, int out, off_t size)
{
	while (size > 0) {
		ssize_t n = copy_file_range(in, NULL, out, NULL, (size_t)size, 0);

		if (n < 0 &&
		    (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS))
			n = sendfile(out, in, NULL, (size_t)size);
		if (n < 0)
			return -1;
		if (!n)
			break;
		size -= n;
	}
	return 0;
}

/* Links in the image are meant for inside; one that leads out of it would let us write to this machine. */
static bool inside_root(const struct copier *c, const char *to)
{
	char dir[PATH_MAX], real[PATH_MAX], root[PATH_MAX];
	size_t n;

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(to, '/') - to), to);
	if (!realpath(dir, real) || !realpath(c->root, root))
		return false;
	n = strlen(root);
	return !strncmp(real, root, n) && (!real[n] || real[n] == '/');
}

/* to: where it goes. */
static int file_copy(struct copier *c, const char *path, const char *to, const struct stat *st)
{
	int in, out, ret = 0;

	if (!inside_root(c, to))
		return fail(c, -EXDEV, to, "a symbolic link on the way leads out of the image");
	if (same_already(to, st))
		return 0;
	in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return fail_errno(c, path);
	unlink(to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0) {
		ret = fail_errno(c, to);
		close(in);
		return ret;
	}
	errno = 0;
	if (content_copy(in, out, st->st_size) || fchmod(out, st->st_mode & 07777) ||
	    futimens(out, (struct timespec[]){st->st_atim, st->st_mtim}))
		ret = fail_errno(c, to);
	close(in);
	if (close(out) && !ret)
		ret = fail_errno(c, to);
	c->files++;
	return ret;
}

static int copy_path(struct copier *c, const char *path, unsigned links, char real[PATH_MAX]);

/* path needs what is not on this machine: an error if it was asked for by name, but trees hold many
 * things. */
static int need_missing(struct copier *c, const char *path, const char *what)
{
	int ret;

	snprintf(c->err, sizeof(c->err), "%.450s: it needs %.120s, which is not on this machine",
		 path, what);
	ret = c->in_tree ? 0 : -ENOENT;
	if (!ret)
		fprintf(stderr, "occlum: warning: %s\n", c->err);
	return ret;
}

static int elf_needs(struct copier *c, const char *path, unsigned links)
{
	char real[PATH_MAX];
	struct needs n;
	int ret = needs_find(path, &n);

	if (ret <= 0)
		return ret ? fail(c, ret, path, strerror(-ret)) : 0;
	if (n.interp && access(n.interp, F_OK))
		ret = need_missing(c, path, n.interp);
	else
		ret = n.interp ? copy_path(c, n.interp, links, real) : 0;
	for (unsigned i = 0; i < n.count && !ret; i++)
		ret = n.missing[i] ? need_missing(c, path, n.libs[i])
				   : copy_path(c, n.libs[i], links, real);
	needs_free(&n);
	return ret;
}

static int script_needs(struct copier *c, const char *path, unsigned links)
{
	char line[256] = {0}, real[PATH_MAX], *s;
	FILE *f = fopen(path, "re");
	bool script = f && fgets(line, sizeof(line), f) && line[0] == '#' && line[1] == '!';

	if (f)
		fclose(f);
	if (!script)
		return 0;
	s = line + 2 + strspn(line + 2, " \t");
	s[strcspn(s, " \t\r\n")] = 0;
	if (*s == '/' && access(s, F_OK))
		return need_missing(c, path, s);
	return *s == '/' ? copy_path(c, s, links, real) : 0;
}

static int tree_copy(struct copier *c, const char *path, unsigned links)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int ret = 0;

	if (!d)
		return fail_errno(c, path);
	c->in_tree++;
	while (!ret && (errno = 0, e = readdir(d))) {
		char child[PATH_MAX], real[PATH_MAX];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", strcmp(path, "/") ? path : "",
			     e->d_name) >= PATH_MAX)
			ret = fail(c, -ENAMETOOLONG, path, "a name in it is too long");
		else
			ret = copy_path(c, child, links, real);
	}
	if (!ret && errno)
		ret = fail_errno(c, path);
	closedir(d);
	c->in_tree--;
	return ret;
}

/* The image is not copied into itself. */
static bool is_root(const struct copier *c, const struct stat *st)
{
	struct stat root;

	return !stat(c->root, &root) && root.st_dev == st->st_dev && root.st_ino == st->st_ino;
}

/* What lies at path, which has no symbolic link in it. */
static int copy_real(struct copier *c, const char *path, unsigned links)
{
	char to[PATH_MAX];
	struct stat st;
	int ret;

	if (!first_time(c, path))
		return 0;
	if (lstat(path, &st))
		return fail_errno(c, path);
	if (S_ISDIR(st.st_mode))
		return is_root(c, &st) ? 0 : tree_copy(c, path, links);
	if (!S_ISREG(st.st_mode))
		return fail(c, -EINVAL, path, "neither a file, a directory nor a symbolic link");
	ret = below_root(c, path, to);
	if (!ret)
		ret = file_copy(c, path, to, &st);
	if (!ret)
		ret = elf_needs(c, path, links);
	return ret || !(st.st_mode & 0111) ? ret : script_needs(c, path, links);
}

/* Replaces the link real + name by its target, in front of rest. A target that is not there is no
 * error: many trees have such links. */
static int follow(struct copier *c, char link[PATH_MAX], const char *dir, const char *rest,
		  unsigned links, char real[PATH_MAX])
{
	char target[PATH_MAX], next[2 * PATH_MAX + 8];
	struct stat st;
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	int ret;

	if (n < 0)
		return fail_errno(c, link);
	target[n] = 0;
	if (links >= LINKS_MAX)
		return fail(c, -ELOOP, link, "too many symbolic links");
	ret = link_make(c, link, target);
	if (ret)
		return ret;
	if (!*rest && stat(link, &st) && errno == ENOENT)
		return 0;
	n = snprintf(next, sizeof(next), "%s%s%s%s%s", *target == '/' ? "" : dir,
		     *target == '/' ? "" : "/", target, *rest ? "/" : "", rest);
	if (n >= PATH_MAX)
		return fail(c, -ENAMETOOLONG, link, "its target is too long");
	return copy_path(c, next, links + 1, real);
}

/* path: absolute. real: where it is without links, of what was walked. */
static int copy_path(struct copier *c, const char *path, unsigned links, char real[PATH_MAX])
{
	char rest[PATH_MAX], *at = rest, at_link[PATH_MAX];
	size_t len = 0;

	if (snprintf(rest, sizeof(rest), "%s", path) >= PATH_MAX)
		return fail(c, -ENAMETOOLONG, path, "the name is too long");
	real[0] = 0;
	for (;;) {
		char *name = at + strspn(at, "/"), *end = name + strcspn(name, "/");
		bool more = *end;
		struct stat st;
		int ret;

		if (!*name)
			return copy_real(c, len ? real : "/", links);
		*end = 0;
		at = more ? end + 1 : end;
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			while (len && real[--len] != '/')
				;
			real[len] = 0;
			continue;
		}
		if (snprintf(at_link, sizeof(at_link), "%s/%s", real, name) >= PATH_MAX)
			return fail(c, -ENAMETOOLONG, path, "the name is too long");
		if (lstat(at_link, &st))
			return fail_errno(c, at_link);
		if (S_ISLNK(st.st_mode))
			return follow(c, at_link, real, at, links, real);
		strcpy(real, at_link);
		len = strlen(real);
		ret = S_ISDIR(st.st_mode) ? dir_make(c, real) : 0;
		if (ret)
			return ret;
	}
}

int copy_to(struct copier *c, const char *path, const char *dir)
{
	const char *name = strrchr(path, '/');
	char to[PATH_MAX];
	struct stat st;
	int ret;

	if (stat(path, &st))
		return fail_errno(c, path);
	if (!S_ISREG(st.st_mode))
		return fail(c, -EINVAL, path, "only single files can be copied to another place");
	if (snprintf(to, sizeof(to), "%s/%s/%s", c->root, dir, name ? name + 1 : path) >= PATH_MAX)
		return fail(c, -ENAMETOOLONG, path, "the name is too long");
	for (char *s = to + strlen(c->root); (s = strchr(s, '/')); *s++ = '/') {
		*s = 0;
		if (mkdir(to, 0755) && errno != EEXIST)
			return fail_errno(c, to);
	}
	ret = file_copy(c, path, to, &st);
	if (!ret)
		ret = elf_needs(c, path, 0);
	return ret || !(st.st_mode & 0111) ? ret : script_needs(c, path, 0);
}

int copy_in(struct copier *c, const char *path)
{
	char full[PATH_MAX], cwd[PATH_MAX], real[PATH_MAX];

	if (!*path)
		return fail(c, -ENOENT, "''", "an empty name");
	if (mkdir(c->root, 0755) && errno != EEXIST)
		return fail_errno(c, c->root);
	if (*path == '/')
		return copy_path(c, path, 0, real);
	if (!getcwd(cwd, sizeof(cwd)))
		return fail_errno(c, ".");
	if (snprintf(full, sizeof(full), "%s/%s", strcmp(cwd, "/") ? cwd : "", path) >= PATH_MAX)
		return fail(c, -ENAMETOOLONG, path, "the name is too long");
	return copy_path(c, full, 0, real);
}
