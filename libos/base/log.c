/* log.c: messages and the end of the enclave. A line is one host call; longer than a buffer: cut. */
#include "base/log.h"
#include "abi/layout.h"
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

void log_callers(uint64_t rbp)
{
	const uint64_t *frame = (const uint64_t *)rbp;

	for (int i = 0; i < 24 && (uint64_t)frame >= LIBOS_START && (uint64_t)frame < LIBOS_END && !((uint64_t)frame & 7); i++) {
		log_print(LOG_ERROR, "  called from %lx", frame[1]);
		if (frame[0] <= (uint64_t)frame)
			break;
		frame = (const uint64_t *)frame[0];
	}
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
		log_callers((uint64_t)__builtin_frame_address(0));
	}
	enclave_stop(1);
}
