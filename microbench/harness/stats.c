/*
 * stats.c: turns samples into statistics.
 * Usage: stats csv <RAW >micro.csv    or    stats table BASE SYSTEM... <RAW    or    stats spread <RAW
 *
 * RAW has the lines "system,round,bench,case,metric,value,unit". A series is all samples
 * that agree in everything but round and value; series keep the order in which they first
 * appear, so all systems' rows of a case should come from one pass over the rounds.
 * Percentiles interpolate linearly between samples. `low` and `high` of the CSV are the
 * smallest and largest median of one round: what compare.c takes for noise. A table says
 * behind each value how many times better than BASE the system is: the ratio of the medians,
 * and, if there is one other system only, the smallest and largest ratio of one round's medians. `spread` prints how many
 * percent of the median lie between `low` and `high`, of the series where that is most, rounded up.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEN 40
#define ROUNDS_MAX 1000

struct series {
	char system[NAME_LEN];
	char bench[NAME_LEN];
	char name[NAME_LEN];
	char metric[NAME_LEN];
	char unit[NAME_LEN];
	double *values;
	int *rounds;	/* the round of each value */
	size_t n;
	int round_max;
};

static struct series *all;
static size_t nr_all;

static void *grow(void *p, size_t n, size_t size)
{
	if (n & (n - 1))
		return p;
	p = reallocarray(p, n ? 2 * n : 1, size);
	if (!p)
		abort();
	return p;
}

static bool same_case(const struct series *a, const struct series *b)
{
	return !strcmp(a->bench, b->bench) && !strcmp(a->name, b->name) &&
	       !strcmp(a->metric, b->metric) && !strcmp(a->unit, b->unit);
}

static struct series *series_find(const struct series *key, const char *system)
{
	for (size_t i = 0; i < nr_all; i++)
		if (same_case(&all[i], key) && !strcmp(all[i].system, system))
			return &all[i];
	return NULL;
}

static void sample_add(const struct series *key, int round, double value)
{
	static size_t last; /* most samples are of the series of the one before */
	struct series *s = last < nr_all && same_case(&all[last], key) && !strcmp(all[last].system, key->system) ?
				   &all[last] : series_find(key, key->system);

	if (!s) {
		all = grow(all, nr_all, sizeof(*all));
		s = &all[nr_all++];
		*s = *key;
	}
	last = (size_t)(s - all);
	s->values = grow(s->values, s->n, sizeof(*s->values));
	s->rounds = grow(s->rounds, s->n, sizeof(*s->rounds));
	s->values[s->n] = value;
	s->rounds[s->n++] = round;
	if (round > s->round_max)
		s->round_max = round;
}

static int raw_read(FILE *f)
{
	char line[512];
	int line_nr = 0;

	while (fgets(line, sizeof(line), f)) {
		struct series key = { 0 };
		double value;
		int round;

		line_nr++;
		if (sscanf(line, "%39[^,],%d,%39[^,],%39[^,],%39[^,],%lf,%39[^,\n]", key.system,
			   &round, key.bench, key.name, key.metric, &value, key.unit) != 7 ||
		    round < 0 || round >= ROUNDS_MAX) {
			fprintf(stderr, "stats: line %d is not a sample: %s", line_nr, line);
			return -1;
		}
		sample_add(&key, round, value);
	}
	return 0;
}

static int double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the values of one round, or of all with round < 0. Returns a negative number if none. */
static double series_percentile(const struct series *s, double p, int round)
{
	double *sorted = calloc(s->n, sizeof(*sorted));
	double pos, value;
	size_t n = 0, low;

	if (!sorted)
		abort();
	for (size_t i = 0; i < s->n; i++)
		if (round < 0 || s->rounds[i] == round)
			sorted[n++] = s->values[i];
	qsort(sorted, n, sizeof(*sorted), double_cmp);
	pos = n ? p / 100 * (n - 1) : 0;
	low = (size_t)pos;
	value = n ? sorted[low] : -1;
	if (low + 1 < n)
		value += (pos - low) * (sorted[low + 1] - value);
	free(sorted);
	return value;
}

/* The smallest and the largest median of one round. */
static void series_range(const struct series *s, double *low, double *high)
{
	*low = *high = -1;
	for (int round = 0; round <= s->round_max; round++) {
		double value = series_percentile(s, 50, round);

		if (value < 0)
			continue;
		if (*low < 0 || value < *low)
			*low = value;
		if (value > *high)
			*high = value;
	}
}

static void csv_print(void)
{
	puts("bench,case,system,metric,value,unit,samples,p5,p95,low,high");
	for (size_t i = 0; i < nr_all; i++) {
		struct series *s = &all[i];
		double low, high;

		series_range(s, &low, &high);
		printf("%s,%s,%s,%s,%.6g,%s,%zu,%.6g,%.6g,%.6g,%.6g\n", s->bench, s->name,
		       s->system, s->metric, series_percentile(s, 50, -1), s->unit, s->n,
		       series_percentile(s, 5, -1), series_percentile(s, 95, -1), low, high);
	}
}

static void spread_print(void)
{
	double most = 0;

	for (size_t i = 0; i < nr_all; i++) {
		double low, high, middle = series_percentile(&all[i], 50, -1);

		if (strcmp(all[i].metric, "latency") && strcmp(all[i].metric, "throughput"))
			continue;
		series_range(&all[i], &low, &high);
		if (middle > 0 && (high - low) / middle > most)
			most = (high - low) / middle;
	}
	printf("%ld\n", (long)(100 * most + 0.999));
}

/* Of these more is better. */
static bool unit_is_rate(const char *unit)
{
	return strstr(unit, "/s") != NULL;
}

/* How many times better b is than a, in one round or over all; 0 if one has no sample. */
static double better(const struct series *a, const struct series *b, int round)
{
	double x = series_percentile(a, 50, round);
	double y = series_percentile(b, 50, round);

	if (x <= 0 || y <= 0)
		return 0;
	return unit_is_rate(a->unit) ? y / x : x / y;
}

static void value_print(const struct series *s)
{
	double value = s ? series_percentile(s, 50, -1) : 0;

	if (s)
		printf(" %10.*f", value < 10 ? 2 : value < 1000 ? 1 : 0, value);
	else
		printf(" %10s", "-");
}

/* Of the smallest and the largest ratio of a round if `ranges`. */
static void ratio_print(const struct series *base, const struct series *s, bool ranges)
{
	double min = 0, max = 0, all_rounds;
	char text[64] = "";
	int n;

	if (!base || !s)
		goto out;
	all_rounds = better(base, s, -1);
	n = all_rounds < 0.1 ? snprintf(text, sizeof(text), "%.1gx", all_rounds) :
			       snprintf(text, sizeof(text), "%.*fx", all_rounds < 10 ? 2 : all_rounds < 100 ? 1 : 0,
					all_rounds);
	for (int round = 0; ranges && round <= s->round_max; round++) {
		double r = better(base, s, round);

		if (r && (!min || r < min))
			min = r;
		if (r > max)
			max = r;
	}
	if (ranges)
		snprintf(text + n, sizeof(text) - n, " [%.2f .. %.2f]", min, max);
out:
	printf(" %-*s", ranges ? 22 : 8, text);
}

static bool case_seen_before(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_case(&all[j], &all[i]))
			return true;
	return false;
}

static void table_print(int nr_systems, char **systems)
{
	bool ranges = nr_systems == 2;

	printf("%-10s %-22s %-10s %-5s", "bench", "case", "metric", "unit");
	for (int k = 0; k < nr_systems; k++)
		printf(" %10s %-*s", systems[k], !k ? 0 : ranges ? 22 : 8, "");
	putchar('\n');
	for (size_t i = 0; i < nr_all; i++) {
		struct series *s = &all[i];

		if (case_seen_before(i))
			continue;
		printf("%-10s %-22s %-10s %-5s", s->bench, s->name, s->metric, s->unit);
		for (int k = 0; k < nr_systems; k++) {
			value_print(series_find(s, systems[k]));
			if (k)
				ratio_print(series_find(s, systems[0]), series_find(s, systems[k]), ranges);
			else
				putchar(' ');
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	bool csv = argc == 2 && !strcmp(argv[1], "csv");
	bool spread = argc == 2 && !strcmp(argv[1], "spread");
	bool table = argc > 2 && !strcmp(argv[1], "table");

	if (!csv && !spread && !table) {
		fputs("usage: stats csv | stats spread | stats table BASE SYSTEM...   (samples on stdin)\n", stderr);
		return 2;
	}
	if (raw_read(stdin))
		return 1;
	if (csv)
		csv_print();
	else if (spread)
		spread_print();
	else
		table_print(argc - 2, argv + 2);
	return 0;
}
