/* libs.c: DT_NEEDED resolved by ld.so's rules: DT_RPATH (without DT_RUNPATH), DT_RUNPATH,
 * ld.so.cache, the default directories. A library of another architecture under a fitting name is
 * passed over. musl programs have a loader with other directories and no cache. */
#include "libs.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const glibc_dirs[] = {"/lib/x86_64-linux-gnu",
					 "/usr/lib/x86_64-linux-gnu",
					 "/lib64",
					 "/usr/lib64",
					 "/lib",
					 "/usr/lib",
					 "/usr/local/lib",
					 NULL};
static const char *const musl_dirs[] = {"/usr/lib/x86_64-linux-musl",
					"/lib/x86_64-linux-musl",
					"/lib",
					"/usr/local/lib",
					"/usr/lib",
					NULL};

struct dynamic {
	const char *names[256]; /* DT_NEEDED */
	unsigned count;
	const char *rpath, *runpath;
};

static bool fits(const char *path)
{
	unsigned char h[20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read(fd, h, sizeof(h)) == sizeof(h) && !memcmp(h, ELFMAG, SELFMAG) &&
		  h[EI_CLASS] == ELFCLASS64 && (h[18] | h[19] << 8) == EM_X86_64;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The cache of glibc 2.2 and newer: a header, entries of 24 bytes, strings; offsets from the
 * header. */
struct cache_head {
	char magic[20];
	uint32_t count, strings, unused[5];
};
struct cache_entry {
	int32_t flags;
	uint32_t key, value, os_version;
	uint64_t hwcap;
};
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

static const char *cache_map(size_t *size)
{
	static const char *map;
	static size_t len;
	struct stat st;
	int fd;

	if (!map && (fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC)) >= 0) {
		void *p = fstat(fd, &st) || !st.st_size
				  ? MAP_FAILED
				  : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

		close(fd);
		if (p != MAP_FAILED) {
			map = p;
			len = (size_t)st.st_size;
		}
	}
	*size = len;
	return map;
}

static bool in_cache(const char *name, char out[PATH_MAX])
{
	size_t size, len = strlen(name) + 1;
	const char *map = cache_map(&size), *head = map ? memmem(map, size, CACHE_MAGIC, 20) : NULL;
	const struct cache_head *h = (const void *)head;
	size_t room = head ? size - (size_t)(head - map) : 0;
	const struct cache_entry *e;

	if (room < sizeof(*h) || h->count > (room - sizeof(*h)) / sizeof(*e))
		return false;
	e = (const void *)(h + 1);
	for (uint32_t i = 0; i < h->count; i++) {
		const char *key = head + e[i].key, *value = head + e[i].value;

		if (e[i].key > room - len || memcmp(key, name, len) || e[i].value >= room ||
		    e[i].hwcap)
			continue;
		snprintf(out, PATH_MAX, "%.*s", (int)(room - e[i].value), value);
		if (fits(out))
			return true;
	}
	return false;
}

/* dirs: separated by colons, $ORIGIN being the directory of `of`. */
static bool in_path(const char *dirs, const char *of, const char *name, char out[PATH_MAX])
{
	const char *slash = strrchr(of, '/');

	for (const char *d = dirs; d && *d; d += strcspn(d, ":"), d += *d == ':') {
		int n = (int)strcspn(d, ":"), skip = 0;
		const char *origin = "";

		if (!strncmp(d, "$ORIGIN", 7))
			skip = 7;
		else if (!strncmp(d, "${ORIGIN}", 9))
			skip = 9;
		if (skip)
			origin = of;
		snprintf(out, PATH_MAX, "%.*s%.*s/%s", skip && slash ? (int)(slash - of) : 0,
			 origin, n - skip, d + skip, name);
		if (n && fits(out))
			return true;
	}
	return false;
}

static bool library_find(const struct dynamic *d, const char *of, const char *name, bool musl,
			 char out[PATH_MAX])
{
	const char *const *dirs = musl ? musl_dirs : glibc_dirs;

	if (strchr(name, '/')) {
		snprintf(out, PATH_MAX, "%s", name);
		return fits(out);
	}
	if (!d->runpath && in_path(d->rpath, of, name, out))
		return true;
	if (in_path(d->runpath, of, name, out))
		return true;
	if (!musl && in_cache(name, out))
		return true;
	for (; *dirs; dirs++) {
		snprintf(out, PATH_MAX, "%s/%s", *dirs, name);
		if (fits(out))
			return true;
	}
	snprintf(out, PATH_MAX, "%s", name);
	return false;
}

static void dynamic_read(Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, struct dynamic *d)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t n = data && sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;

	for (size_t i = 0; i < n; i++) {
		GElf_Dyn dyn;
		const char *s;

		if (!gelf_getdyn(data, (int)i, &dyn) || dyn.d_tag == DT_NULL)
			return;
		if (dyn.d_tag != DT_NEEDED && dyn.d_tag != DT_RPATH && dyn.d_tag != DT_RUNPATH)
			continue;
		s = elf_strptr(elf, sh->sh_link, dyn.d_un.d_val);
		if (!s)
			continue;
		if (dyn.d_tag == DT_RPATH)
			d->rpath = s;
		else if (dyn.d_tag == DT_RUNPATH)
			d->runpath = s;
		else if (d->count < 256)
			d->names[d->count++] = s;
	}
}

static char *interp_read(Elf *elf, int fd)
{
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;
		char *s;

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_INTERP || ph.p_filesz < 2 ||
		    ph.p_filesz > PATH_MAX)
			continue;
		s = calloc(1, ph.p_filesz + 1);
		if (s && pread(fd, s, ph.p_filesz, (off_t)ph.p_offset) == (ssize_t)ph.p_filesz)
			return s;
		free(s);
	}
	return NULL;
}

/* A library says by its own needs which libc it is for. */
static bool for_musl(const struct needs *n, const struct dynamic *d)
{
	if (n->interp)
		return strstr(n->interp, "ld-musl") != NULL;
	for (unsigned i = 0; i < d->count; i++)
		if (!strcmp(d->names[i], "libc.so") || !strncmp(d->names[i], "libc.musl", 9))
			return true;
	return false;
}

static int resolve(struct needs *n, const struct dynamic *d, const char *path)
{
	bool musl = for_musl(n, d);
	char found[PATH_MAX];

	n->libs = calloc(d->count + 1, sizeof(*n->libs));
	n->missing = calloc(d->count + 1, sizeof(*n->missing));
	if (!n->libs || !n->missing)
		return -ENOMEM;
	for (unsigned i = 0; i < d->count; i++) {
		/* musl's loader is its libc, whatever name it is asked for by. */
		if (musl && !strncmp(d->names[i], "libc.", 5))
			continue;
		n->missing[n->count] = !library_find(d, path, d->names[i], musl, found);
		n->libs[n->count] = strdup(found);
		if (!n->libs[n->count++])
			return -ENOMEM;
	}
	return 1;
}

int needs_find(const char *path, struct needs *n)
{
	struct dynamic d = {.count = 0};
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	Elf *elf;
	int fd, ret;

	*n = (struct needs){0};
	if (!fits(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	while (elf && (scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_DYNAMIC)
			dynamic_read(elf, scn, &sh, &d);
	n->interp = elf ? interp_read(elf, fd) : NULL;
	ret = resolve(n, &d, path);
	elf_end(elf);
	close(fd);
	if (ret < 0)
		needs_free(n);
	return ret;
}

void needs_free(struct needs *n)
{
	for (unsigned i = 0; n->libs && i < n->count; i++)
		free(n->libs[i]);
	free(n->libs);
	free(n->missing);
	free(n->interp);
	*n = (struct needs){0};
}
