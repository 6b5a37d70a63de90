/* fuzz_env.c: in fuzz programs a failed CHECK is a crash. */
#include "base/log.h"
#include "base/string.h"
#include "test/unit.h"

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	panic("%s:%d: %s\n", file, line, text);
}
