/* log.c: messages and the end of the enclave. A line is one host call; longer than a buffer: cut. */
#include "base/log.h"
#include "base/string.h"
#include "entry/enclu.h"
#include "hostcall/hostcall.h"

int log_level = LOG_WARN;

static void log_line(int level, const char *fmt, va_list ap)
{
	char line[512];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	host_log(level, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void log_print(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(level, fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	static bool panicking;
	va_list ap;

	if (!panicking) {
		panicking = true;
		va_start(ap, fmt);
		log_line(LOG_ERROR, fmt, ap);
		va_end(ap);
	}
	enclave_stop(1);
}
