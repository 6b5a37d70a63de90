/* childstats.c: see childstats.h. */
#include "childstats.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "enclave/enclave.h"

static struct {
	uint64_t requested, began, built; /* requested 0: not a child */
	uint64_t mark[EIP_MARK_MAX];
	struct enclave_times enclave;
} t;

uint64_t childstats_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void childstats_begin(uint64_t requested)
{
	t.requested = requested;
	t.began = childstats_now();
}

void childstats_built(const struct enclave_times *e)
{
	t.built = childstats_now();
	t.enclave = *e;
}

/* One write: lines of several processes do not mix. head: the object without its end. */
static void line_write(const char *head)
{
	const char *path = getenv("OCCLUM_EIP_STATS");
	char *line = NULL;
	size_t n = 0;
	FILE *f = path && *path ? open_memstream(&line, &n) : NULL;
	int fd;

	if (!f)
		return;
	fprintf(f, "%s, \"sgx\": ", head);
	enclave_stats_print(f);
	fclose(f);
	line[n - 1] = '}'; /* in place of the end of its line */
	line[n] = '\n';
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, n + 1) != (ssize_t)n + 1)
		fprintf(stderr, "occlum: cannot write to %s (OCCLUM_EIP_STATS)\n", path);
	if (fd >= 0)
		close(fd);
	free(line);
}

static void spawn_line(void)
{
	const uint64_t *m = t.mark;
	uint64_t process = t.began - t.requested, boot = m[EIP_MARK_BOOTED] - t.built;
	uint64_t attest = m[EIP_MARK_ATTESTED] - m[EIP_MARK_BOOTED];
	uint64_t load = m[EIP_MARK_RUNNING] - m[EIP_MARK_ATTESTED], total = m[EIP_MARK_RUNNING] - t.requested;
	uint64_t known = process + t.enclave.create_ns + t.enclave.add_ns + t.enclave.init_ns + boot + attest + load;
	char line[640];

	snprintf(line, sizeof(line),
		 "{\"event\": \"spawn\", \"pid\": %d, \"process_ns\": %lu, \"create_ns\": %lu, \"add_ns\": %lu, "
		 "\"pages\": %lu, \"measured\": %lu, \"einit_ns\": %lu, \"boot_ns\": %lu, \"attest_ns\": %lu, "
		 "\"load_ns\": %lu, \"other_ns\": %lu, \"total_ns\": %lu",
		 (int)getpid(), process, t.enclave.create_ns, t.enclave.add_ns, t.enclave.pages,
		 t.enclave.measured, t.enclave.init_ns, boot, attest, load, total - known, total);
	line_write(line);
}

void childstats_mark(enum eip_mark mark)
{
	if (!t.requested || mark >= EIP_MARK_MAX || t.mark[mark])
		return;
	t.mark[mark] = childstats_now();
	if (mark == EIP_MARK_RUNNING)
		spawn_line();
}

void childstats_end(void)
{
	uint64_t since = t.mark[EIP_MARK_RUNNING];
	char line[128];

	if (!since)
		return;
	snprintf(line, sizeof(line), "{\"event\": \"end\", \"pid\": %d, \"run_ns\": %lu", (int)getpid(),
		 childstats_now() - since);
	line_write(line);
}
