/* runner.h: what unit.h makes of a test, for those who run them with libc's headers. */
#pragma once

struct unit_test {
	const char *suite, *name;
	void (*fn)(void);
};
extern const struct unit_test *const __start_unit_tests[], *const __stop_unit_tests[];
void unit_env_reset(void);
void unit_fail(const char *file, int line, const char *fmt, ...);
