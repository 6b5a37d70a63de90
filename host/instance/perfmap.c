/* perfmap.c: writes the names of code in the enclave for perf(1): lines "START SIZE NAME" in hexadecimal (perf's
 * jit-interface). Each file's functions come from its .symtab, else from .dynsym; "NAME [file]" says whose they are. Ranges
 * between them get "[file]", so that no time is without an owner. */
#include "perfmap.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *map;
static const char *files_root;
static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;

struct function {
	uint64_t start, size; /* offsets in the file */
	const char *name;
};

struct functions {
	struct function *list;
	size_t count, room;
};

static int by_start(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void functions_put(struct functions *f, uint64_t start, uint64_t size, const char *name)
{
	if (f->count == f->room) {
		size_t room = f->room ? 2 * f->room : 256;
		struct function *list = realloc(f->list, room * sizeof(*list));

		if (!list)
			return;
		f->list = list;
		f->room = room;
	}
	f->list[f->count++] = (struct function){ start, size, name };
}

/* The offset in the file of a linked address, or UINT64_MAX. */
static uint64_t file_offset(Elf *elf, uint64_t value)
{
	GElf_Phdr ph;
	size_t n;

	if (elf_getphdrnum(elf, &n))
		return UINT64_MAX;
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && value >= ph.p_vaddr &&
		    value - ph.p_vaddr < ph.p_filesz)
			return value - ph.p_vaddr + ph.p_offset;
	return UINT64_MAX;
}

static void take_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, struct functions *out)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		uint64_t at;
		const char *name = elf_strptr(elf, sh->sh_link, sym.st_name);

		if (GELF_ST_TYPE(sym.st_info) != STT_FUNC || sym.st_shndx == SHN_UNDEF || !name || !*name)
			continue;
		at = file_offset(elf, sym.st_value);
		if (at != UINT64_MAX)
			functions_put(out, at, sym.st_size, name);
	}
}

static void functions_read(Elf *elf, struct functions *out)
{
	static const GElf_Word kinds[] = { SHT_SYMTAB, SHT_DYNSYM };

	for (size_t k = 0; k < 2 && !out->count; k++) {
		Elf_Scn *scn = NULL;
		GElf_Shdr sh;

		while ((scn = elf_nextscn(elf, scn)))
			if (gelf_getshdr(scn, &sh) && sh.sh_type == kinds[k])
				take_table(elf, scn, &sh, out);
	}
	if (out->count)
		qsort(out->list, out->count, sizeof(*out->list), by_start);
}

/* It may come from anybody's file: no line but ours. */
static void write_name(const char *name)
{
	char clean[NAME_MAX] = { 0 };
	size_t n = 0;

	for (; n < NAME_MAX && name[n]; n++)
		clean[n] = name[n] > ' ' && name[n] < 127 ? name[n] : '?';
	fwrite(clean, 1, n, map);
}

static void write_line(uint64_t start, uint64_t end, const char *name, const char *file)
{
	if (start >= end)
		return;
	fprintf(map, "%" PRIx64 " %" PRIx64 " ", start, end - start);
	write_name(name);
	fputs(*name ? " [" : "[", map);
	write_name(file);
	fputs("]\n", map);
}

/* [offset, offset + len) of the file lies at addr. */
static void write_text(const struct functions *f, const char *file, uint64_t addr, uint64_t len, uint64_t offset)
{
	uint64_t done = offset, end = offset + len;

	for (size_t i = 0; i < f->count && done < end; i++) {
		const struct function *fn = &f->list[i];
		uint64_t next = i + 1 < f->count ? f->list[i + 1].start : end;
		uint64_t stop = fn->size ? fn->start + fn->size : next;

		if (fn->start < done || fn->start >= end) /* an alias, or of another mapping */
			continue;
		if (stop > end)
			stop = end;
		write_line(addr + (done - offset), addr + (fn->start - offset), "", file);
		write_line(addr + (fn->start - offset), addr + (stop - offset), fn->name, file);
		done = stop;
	}
	write_line(addr + (done - offset), addr + len, "", file);
}

static void write_file(const char *path, uint64_t addr, uint64_t len, uint64_t offset)
{
	const char *slash = strrchr(path, '/');
	struct functions f = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	Elf *elf = NULL;

	if (fd >= 0 && elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf)
		functions_read(elf, &f);
	write_text(&f, slash ? slash + 1 : path, addr, len, offset);
	fflush(map);
	free(f.list);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
}

/* The LibOS lies where it was linked. */
static int write_libos(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;
	Elf *elf = fd >= 0 && elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;
	GElf_Phdr ph;
	size_t n;

	for (size_t i = 0; elf && !elf_getphdrnum(elf, &n) && i < n; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && (ph.p_flags & PF_X)) {
			write_file(path, ph.p_vaddr, ph.p_filesz, ph.p_offset);
			ret = 0;
		}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return ret;
}

int perfmap_start(const char *dir, const char *root, const char *libos_path, char err[ENCLAVE_ERR_SIZE])
{
	char name[256];
	int fd;

	files_root = root;
	snprintf(name, sizeof(name), "%s/perf-%d.map", dir, (int)getpid());
	unlink(name); /* of an earlier process of ours with this number; another user's stays, and stops us */
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	map = fd < 0 ? NULL : fdopen(fd, "w");
	if (!map) {
		snprintf(err, ENCLAVE_ERR_SIZE, "--perf: cannot create %.160s: %s; remove it or run as its owner", name,
			 strerror(errno));
		return -1;
	}
	if (write_libos(libos_path)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "--perf: no program text in %s", libos_path);
		return -1;
	}
	fflush(map);
	return 0;
}

void perfmap_add(const char *path, uint64_t addr, uint64_t len, uint64_t offset)
{
	char file[PATH_MAX + 256];

	if (!map || addr + len < addr || offset + len < offset)
		return;
	pthread_mutex_lock(&map_lock);
	if (*path) {
		snprintf(file, sizeof(file), "%s%s", files_root, path);
		write_file(file, addr, len, offset);
	} else {
		write_line(addr, addr + len, "", "stubs");
		fflush(map);
	}
	pthread_mutex_unlock(&map_lock);
}
