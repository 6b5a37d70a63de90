/* strace.c: prints calls from the table's formats: before (so that a call that never returns is seen) and
 * after with the result. */
#include "syscall/strace.h"
#include "base/log.h"
#include "base/string.h"
#include "syscall/usercopy.h"
#include "thread/thread.h"
#include "process/process.h"

static const struct format {
	const char *name, *fmt;
} formats[512] = {
#define SYS(nr, name, arity, fmt, support, flags) [nr] = { #name, fmt },
#include "syscall/table.h"
#undef SYS
};

static int format_arg(char *buf, size_t size, char kind, uint64_t v)
{
	char str[64];

	switch (kind) {
	case 'd':
	case 'f':
		return snprintf(buf, size, "%d", (int)v);
	case 'u':
		return snprintf(buf, size, "%lu", v);
	case 's':
	case 'P':
		if (v) {
			ssize_t n = strncpy_from_user(str, v, sizeof(str));

			if (n >= 0)
				return snprintf(buf, size, "\"%s\"", str);
		}
		/* fall through */
	default:
		return snprintf(buf, size, "0x%lx", v);
	}
}

static void format_call(char *line, size_t size, uint64_t nr, const struct syscall_args *args)
{
	const struct format *f = nr < ARRAY_SIZE(formats) && formats[nr].name ? &formats[nr] : NULL;
	const char *fmt = f ? f->fmt : "xxxxxx";
	size_t n;

	if (f)
		n = (size_t)snprintf(line, size, "[%d] %s(", current->tid, f->name);
	else
		n = (size_t)snprintf(line, size, "[%d] syscall_%lu(", current->tid, nr);
	for (int i = 0; i < 6 && fmt[i] && n < size; i++) {
		n += (size_t)snprintf(line + n, size - n, i ? ", " : "");
		if (n < size)
			n += (size_t)format_arg(line + n, size - n, fmt[i], args->a[i]);
	}
	if (n < size)
		strlcat(line, ")", size);
}

void strace_enter(uint64_t nr, const struct syscall_args *args)
{
	char line[400];

	format_call(line, sizeof(line), nr, args);
	log_print(LOG_TRACE, "%s ...", line);
}

void strace_exit(uint64_t nr, const struct syscall_args *args, long ret)
{
	const struct format *f = nr < ARRAY_SIZE(formats) && formats[nr].name ? &formats[nr] : NULL;

	(void)args;
	log_print(LOG_TRACE, "[%d] %s = %ld (0x%lx)", current->tid, f ? f->name : "?", ret, (unsigned long)ret);
}
