/*
 * Memory that comes and goes: mappings of 1 to 65,536 pages, the heap, and a static against a growing one.
 * Usage: edmm PAGES|heap...
 *
 * Each case is one operation on so many pages: mmap, the first touch of all of them, the second (memory that is there
 * already), mprotect to read-only, mprotect back, munmap; brk: the heap grows by so many pages, which are touched. Small
 * ones are done on many mappings in a row, so that a sample is long enough for the clock. What is unmapped may be kept by
 * the system for the next sample, as in a program that allocates and frees; brk grows on and on until 256 MiB.
 *
 * heap-static and heap-grown write results in chunks of 16 KiB, into memory that was touched before and into chunks
 * that malloc gets from the system: the experiment of the EDBT 2025 paper on SGXv2.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096L
#define PAGES_MAX 65536L	/* of all mappings of a sample, and of the heap */
#define PAGES_A_SAMPLE 256L	/* at least */
#define SAMPLES_MAX 200
#define SAMPLES_ENOUGH 40
#define LEAST_NS 100000000L	/* as in bench.c */
#define BUDGET_NS 300000000L
#define CHUNK 16384
#define HEAP_BYTES (64L << 20)

struct maps {
	char *at[PAGES_A_SAMPLE];
	long count, pages;	/* mappings, pages of each */
};

static void make(struct maps *m)
{
	for (long i = 0; i < m->count; i++) {
		m->at[i] = mmap(NULL, m->pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (m->at[i] == MAP_FAILED)
			bench_fail("mmap of %ld pages: %s", m->pages, strerror(errno));
	}
}

static void touch(char *at, long pages)
{
	for (long i = 0; i < pages; i++)
		*(volatile char *)(at + i * PAGE) = 1;
}

static void touch_all(struct maps *m)
{
	for (long i = 0; i < m->count; i++)
		touch(m->at[i], m->pages);
}

static void protect_all(struct maps *m, int prot)
{
	for (long i = 0; i < m->count; i++)
		if (mprotect(m->at[i], m->pages * PAGE, prot))
			bench_fail("mprotect of %ld pages: %s", m->pages, strerror(errno));
}

static void close_all(struct maps *m)
{
	for (long i = 0; i < m->count; i++)
		if (munmap(m->at[i], m->pages * PAGE))
			bench_fail("munmap of %ld pages: %s", m->pages, strerror(errno));
}

static void read_only(struct maps *m)
{
	protect_all(m, PROT_READ);
}

static void writable(struct maps *m)
{
	protect_all(m, PROT_READ | PROT_WRITE);
}

static const struct {
	const char *name;
	void (*run)(struct maps *m);
} phases[] = {
	{ "mmap", make }, { "touch", touch_all }, { "touch-again", touch_all },
	{ "mprotect-r", read_only }, { "mprotect-rw", writable }, { "munmap", close_all },
};

/* One time through all phases; printed unless it is the warm-up. */
static void cycle(struct maps *m, bool print)
{
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		long start = bench_now_ns();
		char name[48];

		phases[i].run(m);
		snprintf(name, sizeof(name), "%s-%ld", phases[i].name, m->pages);
		if (print)
			bench_sample("edmm", name, "latency", (double)(bench_now_ns() - start) / m->count, "ns");
	}
}

static void brk_case(long pages)
{
	long deadline = bench_now_ns() + BUDGET_NS;
	long steps = pages < PAGES_A_SAMPLE ? PAGES_A_SAMPLE / pages : 1, grown = 0;
	char *start = sbrk(0), name[48];

	snprintf(name, sizeof(name), "brk-%ld", pages);
	for (int n = 0; n < SAMPLES_MAX && grown + steps * pages <= PAGES_MAX; n++) {
		long begin = bench_now_ns();

		if (n && begin > deadline)
			break;
		for (long i = 0; i < steps; i++, grown += pages) {
			char *at = sbrk(pages * PAGE);

			if (at == (void *)-1)
				bench_fail("sbrk of %ld pages: %s", pages, strerror(errno));
			touch(at, pages);
		}
		bench_sample("edmm", name, "latency", (double)(bench_now_ns() - begin) / steps, "ns");
	}
	if (brk(start))
		bench_fail("brk back: %s", strerror(errno));
}

static void run_pages(long pages)
{
	struct maps m = { .pages = pages, .count = pages < PAGES_A_SAMPLE ? PAGES_A_SAMPLE / pages : 1 };
	long begin, ns = 0;

	brk_case(pages);
	cycle(&m, false);
	begin = bench_now_ns();
	for (int n = 0; n < 3 || (n < SAMPLES_MAX && ns < BUDGET_NS && (n < SAMPLES_ENOUGH || ns < LEAST_NS)); n++) {
		cycle(&m, true);
		ns = bench_now_ns() - begin;
	}
}

static void write_static(void *ctx, long steps)
{
	char *base = ctx;

	while (steps--)
		for (long i = 0; i < HEAP_BYTES; i += CHUNK)
			memset(base + i, (int)i, CHUNK);
}

static void write_grown(void *ctx, long steps)
{
	static char *chunk[HEAP_BYTES / CHUNK];

	(void)ctx;
	while (steps--) {
		for (long i = 0; i < HEAP_BYTES / CHUNK; i++) {
			chunk[i] = malloc(CHUNK);
			if (!chunk[i])
				bench_fail("malloc: %s", strerror(errno));
			memset(chunk[i], (int)i, CHUNK);
		}
		for (long i = HEAP_BYTES / CHUNK; i--; )
			free(chunk[i]);
	}
}

static void run_heap(void)
{
	struct bench_case bc = { .bench = "edmm", .name = "heap-static", .unit = "MB/s", .bytes = HEAP_BYTES,
				 .run = write_static };

	bc.ctx = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bc.ctx == MAP_FAILED)
		bench_fail("%ld bytes of memory: %s", HEAP_BYTES, strerror(errno));
	bench_run(&bc);
	munmap(bc.ctx, HEAP_BYTES);
	bc.name = "heap-grown";
	bc.run = write_grown;
	bench_run(&bc);
}

int main(int argc, char **argv)
{
	static char out[65536];

	setvbuf(stdout, out, _IOFBF, sizeof(out));	/* not by malloc: the heap is ours */
	bench_begin(argc, argv);
	for (int i = 1; i < argc; i++) {
		char *end;
		long pages = strtol(argv[i], &end, 10);

		if (!strcmp(argv[i], "heap"))
			run_heap();
		else if (*end || pages < 1 || pages > PAGES_MAX)
			bench_fail("%s is neither a number of pages up to %ld nor heap", argv[i], PAGES_MAX);
		else
			run_pages(pages);
	}
	if (argc == 1)
		run_pages(16);
	bench_end();
	return 0;
}
