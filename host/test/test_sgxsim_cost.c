/* test_sgxsim_cost.c: the price lists and the counters. Part of the suite in test_sgxsim.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sgxsim/cost.h"
#include "test_sgxsim_fixture.h"

static const char *const names[] = {"skl", "cfl", "glk", "icx"};

Test(sgxsim, profiles_meet_the_published_totals)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE];
	int strong = 0;

	for (int i = 0; i < 4; i++) {
		cr_assert_eq(cost_profile_load(names[i], &p, err), 0, "%s", err);
		for (int c = 0; c < CHECK_COUNT; c++) {
			double want = (double)p.checks[c].cycles, got = (double)cost_check_value(&p, c);

			if (strcmp(p.checks[c].confidence, "high"))
				continue;
			strong++;
			cr_assert(got > 0.85 * want && got < 1.15 * want, "%s, check %d: %g, published %g",
				  names[i], c, got, want);
		}
	}
	cr_assert_geq(strong, 4);
}

static void file_says(const char *text, const char *wanted)
{
	char path[] = "/tmp/occlum-cost-XXXXXX", err[COST_ERR_SIZE] = "";
	struct cost_profile p;
	int fd = mkstemp(path);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	cr_assert_eq(cost_profile_load(path, &p, err), -EINVAL);
	cr_assert_not_null(strstr(err, wanted), "'%s' does not say %s", err, wanted);
	unlink(path);
}

Test(sgxsim, bad_profiles_are_refused_by_name)
{
	char err[COST_ERR_SIZE];
	struct cost_profile p;

	cr_assert_eq(cost_profile_load("i386", &p, err), -EINVAL);
	cr_assert_not_null(strstr(err, "i386"));
	file_says("clock_mhz 3000 high x\nEWARP 5 low x\n", "EWARP");
	file_says("clock_mhz 3000 high x\nECREATE 5 low x\n", "'LLC_MISS' is missing");
	file_says("clock_mhz 3000 high x\nLLC_MISS 1 low x\nECREATE 5 low x\n", "'EADD' is missing");
	file_says("ECREATE 5 low x\n", "clock_mhz");
	file_says("ECREATE -5 low x\n", "ECREATE");
	file_says("ECREATE 5 low x\nECREATE 5 low x\n", "twice");
	file_says("ECREATE 5 sure x\n", "confidence");
	file_says("ECREATE 5\n", "source");
}

/* Leaves any one line of a good profile out: its name must be told. */
Test(sgxsim, each_missing_constant_is_named)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE], full[16384] = "", less[16384], name[40], quoted[64];
	size_t n, lines = 0;
	FILE *f = fopen("host/sgxsim/profiles/icx.cost", "r");

	cr_assert_not_null(f, "run from the top of the tree");
	n = fread(full, 1, sizeof(full) - 1, f);
	fclose(f);
	cr_assert_gt(n, 0);
	for (const char *line = full, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (*line == '#' || !strncmp(line, "check.", 6))
			continue;
		snprintf(less, sizeof(less), "%.*s%s", (int)(line - full), full, end + 1);
		sscanf(line, "%39s", name);
		snprintf(quoted, sizeof(quoted), "'%s' is missing", name);
		file_says(less, quoted);
		lines++;
	}
	cr_assert_eq(lines, EV_COUNT + 2);
	cr_assert_eq(cost_profile_load("icx", &p, err), 0);
}

Test(sgxsim, leaves_are_counted_and_priced)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE], *text;
	struct sgx_enclave *e;
	size_t size;
	FILE *f;

	cr_assert_eq(cost_profile_load("icx", &p, err), 0);
	cost_use(&p, COST_ACCOUNT);
	e = ready();
	cr_assert_eq(epc_alloc(e, FREE, 3 * PAGE), 0);
	for (int i = 0; i < 3; i++)
		is(eaug(e, FREE + i * PAGE), 0);
	f = open_memstream(&text, &size);
	cost_json(f);
	fclose(f);
	cr_assert_not_null(strstr(text, "\"EAUG\":3"), "%s", text);
	cr_assert_not_null(strstr(text, "\"EADD\":7"), "%s", text);
	cr_assert_not_null(strstr(text, "\"profile\":\"icx\""), "%s", text);
	free(text);
}

Test(sgxsim, spinning_takes_the_price)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE];
	struct sgx_enclave *e = ready();
	uint64_t start, ticks;

	cr_assert_eq(cost_profile_load("icx", &p, err), 0);
	p.events[EV_EBLOCK].cycles = 3200000; /* a millisecond */
	cost_use(&p, COST_SPIN);
	start = __builtin_ia32_rdtsc();
	is(sgx_eblock((struct sgx_epc){.e = e, .addr = CONST}), 0);
	ticks = __builtin_ia32_rdtsc() - start;
	cr_assert_geq(ticks, sgx_cost_spin[EV_EBLOCK]);
	cr_assert_gt(sgx_cost_spin[EV_EBLOCK], 500000u);
}
