/*
 * Reading and writing a file of 16 MiB by calls of 4 KiB to 1 MiB.
 * Usage: file [PLACE...]     PLACE: tmp, shm, host, or a directory (its name in the results is "dir")
 *
 * "tmp" is a file in $TMPDIR or /tmp, "shm" in /dev/shm: natively a disk's file system and memory, in Occlum both the
 * enclave's memory. "host" only reads: a file that was there before (this program's largest helper), which in Occlum
 * comes from the host and then from the page cache. Sequential cases go through the file again and again, random ones
 * take offsets that are multiples of the size. Writes go over what is there; nothing is synced, so natively they
 * end in the page cache too. The file is read or written once before anything is measured.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE (16L << 20)
#define CALL_MAX (1 << 20)

struct place {
	const char *name;
	int fd;
	long size;	/* of the file, a multiple of CALL_MAX */
	bool writable;
};

struct access {
	const struct place *place;
	long bytes;	/* a call */
	long at;
	uint64_t seed;
	bool write;
	bool random;
};

static char buf[CALL_MAX];

static long next_offset(struct access *a)
{
	long at = a->at;

	if (!a->random) {
		a->at = at + a->bytes < a->place->size ? at + a->bytes : 0;
		return at;
	}
	a->seed = a->seed * 6364136223846793005u + 1442695040888963407u;
	return (long)((a->seed >> 33) % (a->place->size / a->bytes)) * a->bytes;
}

static void access_steps(void *ctx, long steps)
{
	struct access *a = ctx;

	while (steps--) {
		long at = next_offset(a);
		ssize_t n = a->write ? pwrite(a->place->fd, buf, a->bytes, at) : pread(a->place->fd, buf, a->bytes, at);

		if (n != a->bytes)
			bench_fail("%s: %zd of %ld bytes at %ld: %s", a->place->name, n, a->bytes, at,
				   n < 0 ? strerror(errno) : "cut short");
	}
}

static void size_name(char *name, size_t len, const struct access *a)
{
	snprintf(name, len, "%s-%s-%s-%ldk", a->place->name, a->random ? "rand" : "seq", a->write ? "write" : "read",
		 a->bytes >> 10);
}

static void run_place(const struct place *p)
{
	for (int kind = 0; kind < (p->writable ? 4 : 2); kind++) {
		for (long bytes = 4096; bytes <= CALL_MAX; bytes *= 4) {
			struct access a = { .place = p, .bytes = bytes, .seed = 20200316, .write = kind & 2,
					    .random = kind & 1 };
			char name[64];
			struct bench_case bc = { .bench = "file", .name = name, .unit = "MB/s", .bytes = bytes,
						 .batch_ns = 1000000, .run = access_steps, .ctx = &a };

			size_name(name, sizeof(name), &a);
			bench_run(&bc);
		}
	}
}

/* A new file without a name, written once. */
static void open_new(struct place *p, const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bench-file-XXXXXX", dir);
	p->fd = mkstemp(path);
	if (p->fd < 0)
		bench_fail("%s: %s", path, strerror(errno));
	unlink(path);
	p->size = FILE_SIZE;
	p->writable = true;
	for (long at = 0; at < FILE_SIZE; at += CALL_MAX)
		if (pwrite(p->fd, buf, CALL_MAX, at) != CALL_MAX)
			bench_fail("%s: writing %ld bytes: %s", dir, FILE_SIZE, strerror(errno));
}

static void open_host(struct place *p, const char *self)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/helpers/static-pie-14m", (int)(strrchr(self, '/') - self), self);
	p->fd = open(path, O_RDONLY);
	p->size = p->fd < 0 ? 0 : lseek(p->fd, 0, SEEK_END) / CALL_MAX * CALL_MAX;
	if (p->size <= 0)
		bench_fail("%s: %s", path, p->fd < 0 ? strerror(errno) : "too short");
	for (long at = 0; at < p->size; at += CALL_MAX)
		if (pread(p->fd, buf, CALL_MAX, at) != CALL_MAX)
			bench_fail("%s: %s", path, strerror(errno));
}

static void measure(const char *name, const char *self)
{
	const char *tmp = getenv("TMPDIR");
	struct place p = { .name = name };

	if (!strcmp(name, "host")) {
		open_host(&p, self);
	} else if (!strcmp(name, "tmp")) {
		open_new(&p, tmp ? tmp : "/tmp");
	} else if (!strcmp(name, "shm")) {
		open_new(&p, "/dev/shm");
	} else {
		p.name = "dir";
		open_new(&p, name);
	}
	run_place(&p);
	close(p.fd);
}

int main(int argc, char **argv)
{
	static const char *const all[] = { "tmp", "shm", "host" };

	bench_begin(argc, argv);
	memset(buf, 'x', sizeof(buf));
	for (int i = 1; i < argc; i++)
		measure(argv[i], argv[0]);
	for (int i = 0; argc == 1 && i < 3; i++)
		measure(all[i], argv[0]);
	bench_end();
	return 0;
}
