/* runner.c: Criterion's main over the tests of unit.h. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "test/runner.h"

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s:%d: %s\n", file, line, msg);
	cr_assert_fail("%s:%d: %s", file, line, msg);
	abort();
}

static void free_params(struct criterion_test_params *p)
{
	cr_free(p->params);
}

ParameterizedTestParameters(unit, all)
{
	size_t n = (size_t)(__stop_unit_tests - __start_unit_tests);
	int *index = cr_malloc(n * sizeof(*index));

	for (size_t i = 0; i < n; i++)
		index[i] = (int)i;
	return cr_make_param_array(int, index, n, free_params);
}

ParameterizedTest(int *i, unit, all, .timeout = 120)
{
	const struct unit_test *t = __start_unit_tests[*i];

	fprintf(stderr, "# %s.%s\n", t->suite, t->name);
	unit_env_reset();
	t->fn();
}
