/* cost.c: profiles, and reports of the counters. */
#include "cost.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "thread.h"

#define PROFILE_SIZE_MAX 65536
#define CALIBRATE_NS	 2000000L

extern const char cost_profile_skl[], cost_profile_cfl[], cost_profile_glk[], cost_profile_icx[];

static const struct {
	const char *name, *text;
} profiles[] = {{"skl", cost_profile_skl}, {"cfl", cost_profile_cfl}, {"glk", cost_profile_glk}, {"icx", cost_profile_icx}};

#define SGX_EVENT_NAME(name) #name,
static const char *const event_names[] = {SGX_EVENTS(SGX_EVENT_NAME)};
static const char *const check_names[] = {"check.build_page", "check.exception", "check.growth", "check.epc_fault"};

struct sgx_counters sgx_counters_other;
_Thread_local struct sgx_counters *sgx_counters_here;
uint32_t sgx_cost_spin[EV_COUNT];
static struct cost_profile in_use;
static enum cost_mode mode_in_use;

static struct cost_entry *entry_find(struct cost_profile *p, const char *name)
{
	if (!strcmp(name, "clock_mhz"))
		return &p->clock_mhz;
	if (!strcmp(name, "LLC_MISS"))
		return &p->llc_miss;
	for (int i = 0; i < EV_COUNT; i++)
		if (!strcmp(name, event_names[i]))
			return &p->events[i];
	for (int i = 0; i < CHECK_COUNT; i++)
		if (!strcmp(name, check_names[i]))
			return &p->checks[i];
	return NULL;
}

static bool confidence_ok(const char *s)
{
	return !strcmp(s, "high") || !strcmp(s, "medium") || !strcmp(s, "low") || !strcmp(s, "none");
}

static int line_parse(struct cost_profile *p, const char *line, char err[COST_ERR_SIZE])
{
	struct cost_entry *entry, e = {0};
	char name[40], value[24], *end;

	if (*line == '#' || !*line)
		return 0;
	if (sscanf(line, "%39s %23s %7s %119[^\n]", name, value, e.confidence, e.source) != 4) {
		snprintf(err, COST_ERR_SIZE, "'%.60s' is not: name, value, confidence, source", line);
		return -EINVAL;
	}
	entry = entry_find(p, name);
	e.cycles = strtoull(value, &end, 10);
	if (!entry)
		snprintf(err, COST_ERR_SIZE, "unknown constant '%s'", name);
	else if (entry->confidence[0])
		snprintf(err, COST_ERR_SIZE, "constant '%s' twice", name);
	else if (*end || value[0] == '-' || e.cycles > INT_MAX)
		snprintf(err, COST_ERR_SIZE, "constant '%s': '%s' is not a number of cycles", name, value);
	else if (!confidence_ok(e.confidence))
		snprintf(err, COST_ERR_SIZE, "constant '%s': confidence is high, medium, low or none", name);
	else {
		*entry = e;
		return 0;
	}
	return -EINVAL;
}

static int text_parse(struct cost_profile *p, const char *text, char err[COST_ERR_SIZE])
{
	char line[256];
	int ret = 0;

	for (size_t n; *text && !ret; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1), text);
		ret = line_parse(p, line, err);
	}
	if (!ret && !p->clock_mhz.cycles) {
		snprintf(err, COST_ERR_SIZE, "constant 'clock_mhz' is missing");
		return -EINVAL;
	}
	if (!ret && !p->llc_miss.confidence[0]) {
		snprintf(err, COST_ERR_SIZE, "constant 'LLC_MISS' is missing");
		return -EINVAL;
	}
	for (int i = 0; i < EV_COUNT && !ret; i++) {
		if (p->events[i].confidence[0])
			continue;
		snprintf(err, COST_ERR_SIZE, "constant '%s' is missing", event_names[i]);
		ret = -EINVAL;
	}
	return ret;
}

static int file_parse(struct cost_profile *p, const char *path, char err[COST_ERR_SIZE])
{
	char *text = calloc(1, PROFILE_SIZE_MAX);
	FILE *f = fopen(path, "re");
	int ret = -EINVAL;

	if (f && text && fread(text, 1, PROFILE_SIZE_MAX - 1, f) && !ferror(f))
		ret = text_parse(p, text, err);
	else
		snprintf(err, COST_ERR_SIZE, "cannot be read");
	if (f)
		fclose(f);
	free(text);
	return ret;
}

int cost_profile_load(const char *name, struct cost_profile *p, char err[COST_ERR_SIZE])
{
	char what[COST_ERR_SIZE / 2] = "there is none of that name (skl, cfl, glk, icx, or a file's path)";
	char full[COST_ERR_SIZE];
	int ret = -EINVAL;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	full[0] = 0;
	if (strchr(name, '/'))
		ret = file_parse(p, name, full);
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]) && ret; i++)
		if (!strcmp(profiles[i].name, name))
			ret = text_parse(p, profiles[i].text, full);
	if (ret)
		snprintf(err, COST_ERR_SIZE, "cost profile '%.40s': %.140s", name, full[0] ? full : what);
	return ret;
}

const char *cost_check_name(enum cost_check check)
{
	return check_names[check] + strlen("check.");
}

uint64_t cost_check_value(const struct cost_profile *p, enum cost_check check)
{
	const struct cost_entry *e = p->events;

	switch (check) {
	case CHECK_BUILD_PAGE: /* ns */
		return (e[EV_EADD].cycles + e[EV_EREMOVE].cycles + e[EV_KERNEL_PAGE].cycles) * 1000 / p->clock_mhz.cycles;
	case CHECK_EXCEPTION:
		return e[EV_AEX].cycles + e[EV_SIGNAL].cycles + e[EV_EENTER].cycles + e[EV_EEXIT].cycles +
		       e[EV_ERESUME].cycles;
	case CHECK_GROWTH:
		return e[EV_AEX].cycles + e[EV_PAGE_FAULT].cycles + e[EV_EAUG].cycles + e[EV_EACCEPT].cycles +
		       e[EV_ERESUME].cycles;
	case CHECK_EPC_FAULT:
		return e[EV_AEX].cycles + e[EV_EPC_MISS].cycles + e[EV_ELD].cycles + e[EV_EWB].cycles +
		       e[EV_ERESUME].cycles;
	default:
		return 0;
	}
}

void cost_profile_print(const struct cost_profile *p, FILE *to)
{
	fprintf(to, "profile %s, %lu MHz\n\n%-16s %8s  %-10s %s\n", p->name, p->clock_mhz.cycles, "event", "cycles",
		"confidence", "source");
	for (int i = 0; i < EV_COUNT; i++)
		fprintf(to, "%-16s %8lu  %-10s %s\n", event_names[i], p->events[i].cycles, p->events[i].confidence,
			p->events[i].source);
	fprintf(to, "%-16s %8lu  %-10s %s\n", "LLC_MISS", p->llc_miss.cycles, p->llc_miss.confidence, p->llc_miss.source);
	fprintf(to, "\n%-16s %8s %8s %6s  %-10s %s\n", "check", "profile", "publ.", "off", "confidence", "source");
	for (int i = 0; i < CHECK_COUNT; i++) {
		const struct cost_entry *c = &p->checks[i];

		if (c->cycles)
			fprintf(to, "%-16s %8lu %8lu %+5.1f%%  %-10s %s\n", check_names[i] + 6,
				cost_check_value(p, i), c->cycles,
				100.0 * ((double)cost_check_value(p, i) - (double)c->cycles) / (double)c->cycles,
				c->confidence, c->source);
	}
}

/* TSC ticks per microsecond, by the host's clock. */
static double tsc_mhz(void)
{
	struct timespec a, b;
	uint64_t start = __builtin_ia32_rdtsc();
	long ns;

	clock_gettime(CLOCK_MONOTONIC, &a);
	do {
		clock_gettime(CLOCK_MONOTONIC, &b);
		ns = (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec;
	} while (ns < CALIBRATE_NS);
	return (double)(__builtin_ia32_rdtsc() - start) * 1000.0 / (double)ns;
}

void cost_use(const struct cost_profile *p, enum cost_mode mode)
{
	double scale = mode == COST_SPIN ? tsc_mhz() / (double)p->clock_mhz.cycles : 0;

	in_use = *p;
	mode_in_use = mode;
	for (int i = 0; i < EV_COUNT; i++)
		sgx_cost_spin[i] = (uint32_t)((double)p->events[i].cycles * scale);
}

uint64_t cost_cycles(const uint64_t n[EV_COUNT])
{
	uint64_t cycles = 0;

	for (int i = 0; i < EV_COUNT; i++)
		cycles += n[i] * in_use.events[i].cycles;
	return cycles;
}

static void counters_json(FILE *to, const uint64_t n[EV_COUNT])
{
	const char *comma = "";

	fputc('{', to);
	for (int i = 0; i < EV_COUNT; i++)
		if (n[i])
			fprintf(to, "%s\"%s\":%lu", comma, event_names[i], n[i]), comma = ",";
	if (mode_in_use != COST_OFF)
		fprintf(to, "%s\"cycles\":%lu", comma, cost_cycles(n));
	fputc('}', to);
}

static void counters_add(uint64_t sum[EV_COUNT], uint64_t n[EV_COUNT], const struct sgx_counters *c)
{
	for (int i = 0; i < EV_COUNT; i++) {
		n[i] = atomic_load_explicit(&c->n[i], memory_order_relaxed);
		sum[i] += n[i];
	}
}

void cost_counts(uint64_t sum[EV_COUNT])
{
	const struct sgx_thread *t;
	uint64_t n[EV_COUNT];

	memset(sum, 0, EV_COUNT * sizeof(sum[0]));
	for (int i = 0; (t = thread_at(i)); i++)
		counters_add(sum, n, &t->counters);
	counters_add(sum, n, &sgx_counters_other);
}

void cost_json(FILE *to)
{
	static const char *const modes[] = {"off", "account", "spin"};
	uint64_t sum[EV_COUNT] = {0}, n[EV_COUNT];
	const struct sgx_thread *t;
	const char *comma = "";

	fprintf(to, "{\"cpu\":\"%s\",\"mode\":\"%s\",", sim_cpu.name, modes[mode_in_use]);
	if (mode_in_use != COST_OFF)
		fprintf(to, "\"profile\":\"%s\",\"clock_mhz\":%lu,", in_use.name, in_use.clock_mhz.cycles);
	fputs("\"vcpus\":[", to);
	for (int i = 0; (t = thread_at(i)); i++) {
		counters_add(sum, n, &t->counters);
		fputs(comma, to);
		counters_json(to, n);
		comma = ",";
	}
	counters_add(sum, n, &sgx_counters_other);
	fputs("],\"other\":", to);
	counters_json(to, n);
	fputs(",\"total\":", to);
	counters_json(to, sum);
	fputs("}\n", to);
}
