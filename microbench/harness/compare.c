/*
 * compare.c: what changed between two runs beyond noise.
 * Usage: compare [spread] A.csv B.csv       (files as stats.c writes them)
 *
 * A median changed if it differs by more than CHANGE_MIN and the ranges of the two runs' rounds
 * (columns `low` and `high`; of older files the p5 and p95) have no value in common. The last line counts
 * the medians that differ by less than SPREAD, which is what a run against itself is asked for; with "spread" those
 * that differ by more are listed, changed beyond noise or not.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEN 40
#define CHANGE_MIN 0.05
#define SPREAD 0.10

struct row {
	char bench[NAME_LEN];
	char name[NAME_LEN];
	char system[NAME_LEN];
	char metric[NAME_LEN];
	char unit[NAME_LEN];
	double value;
	double low;
	double high;
};

struct table {
	struct row *rows;
	size_t nr;
};

static bool row_parse(const char *line, struct row *r)
{
	double p5, p95;
	int n = sscanf(line, "%39[^,],%39[^,],%39[^,],%39[^,],%lf,%39[^,],%*u,%lf,%lf,%lf,%lf", r->bench, r->name,
		       r->system, r->metric, &r->value, r->unit, &p5, &p95, &r->low, &r->high);

	if (n == 8) {
		r->low = p5;
		r->high = p95;
	}
	return n == 8 || n == 10;
}

/* Returns false after a message if the file cannot be read. */
static bool table_read(const char *path, struct table *t)
{
	FILE *f = fopen(path, "r");
	char line[512];

	*t = (struct table){ 0 };
	if (!f) {
		perror(path);
		return false;
	}
	for (int nr = 1; fgets(line, sizeof(line), f); nr++) {
		if (nr == 1 && !strncmp(line, "bench,case,", 11))
			continue;
		t->rows = reallocarray(t->rows, t->nr + 1, sizeof(*t->rows));
		if (!t->rows)
			abort();
		if (!row_parse(line, &t->rows[t->nr++])) {
			fprintf(stderr, "%s: line %d is not a row of results: %s", path, nr, line);
			fclose(f);
			return false;
		}
	}
	fclose(f);
	return true;
}

static const struct row *row_find(const struct table *t, const struct row *key)
{
	for (size_t i = 0; i < t->nr; i++) {
		const struct row *r = &t->rows[i];

		if (!strcmp(r->bench, key->bench) && !strcmp(r->name, key->name) &&
		    !strcmp(r->system, key->system) && !strcmp(r->metric, key->metric))
			return r;
	}
	return NULL;
}

/* How much larger the larger one is: 0.1 is ten percent. */
static double difference(const struct row *a, const struct row *b)
{
	if (a->value <= 0 || b->value <= 0)
		return a->value == b->value ? 0 : 1;
	return a->value > b->value ? a->value / b->value - 1 : b->value / a->value - 1;
}

static bool changed(const struct row *a, const struct row *b)
{
	return difference(a, b) > CHANGE_MIN && (a->high < b->low || b->high < a->low);
}

static void change_print(const struct row *a, const struct row *b)
{
	bool more_is_better = strstr(a->unit, "/s") != NULL;
	bool better = more_is_better == (b->value > a->value);

	printf("%-10s %-22s %-10s %-10s %10.5g -> %-10.5g %-5s %5.1f %% %s\n", a->bench, a->name, a->system, a->metric,
	       a->value, b->value, a->unit, difference(a, b) * 100, better ? "better" : "worse");
}

static int count_missing(const struct table *a, const struct table *b, const char *where)
{
	int n = 0;

	for (size_t i = 0; i < a->nr; i++) {
		const struct row *r = &a->rows[i];

		if (row_find(b, r))
			continue;
		printf("%-10s %-22s %-10s %-10s only in %s\n", r->bench, r->name, r->system, r->metric, where);
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	bool spread = argc == 4 && !strcmp(argv[1], "spread");
	int nr_both = 0, nr_changed = 0, nr_near = 0;
	struct table a, b;

	argv += spread;
	if (argc != 3 + spread) {
		fputs("usage: compare [spread] A.csv B.csv\n", stderr);
		return 2;
	}
	if (!table_read(argv[1], &a) || !table_read(argv[2], &b))
		return 2;
	for (size_t i = 0; i < a.nr; i++) {
		const struct row *other = row_find(&b, &a.rows[i]);
		bool near;

		if (!other)
			continue;
		nr_both++;
		near = difference(&a.rows[i], other) < SPREAD;
		nr_near += near;
		nr_changed += changed(&a.rows[i], other);
		if (spread ? !near : changed(&a.rows[i], other))
			change_print(&a.rows[i], other);
	}
	count_missing(&a, &b, "A");
	count_missing(&b, &a, "B");
	printf("%d medians in both, %d changed beyond noise, %d differ by less than %.0f %%\n", nr_both, nr_changed,
	       nr_near, SPREAD * 100);
	return 0;
}
