/* account.c: counts of system calls; see account.h. A call that never returns (exit, a call whose thread is
 * killed inside) counts as entered only. */
#include "syscall/account.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/procfs/text.h"

#define ERROR_LAST 134

struct syscall_count syscall_counts[SYSCALL_MAX];

static const char *const names[SYSCALL_MAX] = {
#define SYS(nr, name, arity, fmt, support, flags) [nr] = #name,
#include "syscall/table.h"
#undef SYS
};

void account_error(uint64_t nr, long ret)
{
	struct syscall_count *c = &syscall_counts[nr];
	unsigned e = (unsigned)MIN(-ret, (long)ERROR_LAST);

	c->failed++;
	c->errors[e / 64] |= 1UL << e % 64;
}

/* "NR NAME CALLS FAILED ERRNO,ERRNO,...": ERRNO "-" if no call failed, NAME "-" if it is not implemented. */
static void format_count(char *line, size_t size, unsigned nr)
{
	const struct syscall_count *c = &syscall_counts[nr];
	size_t n = (size_t)snprintf(line, size, "%u %s %lu %lu ", nr, names[nr] ? names[nr] : "-", c->calls, c->failed);
	const char *comma = "";

	for (unsigned e = 0; e <= ERROR_LAST && n < size; e++) {
		if (!(c->errors[e / 64] >> e % 64 & 1))
			continue;
		n += (size_t)snprintf(line + n, size - n, "%s%u", comma, e);
		comma = ",";
	}
	if (!c->failed)
		strlcat(line, "-", size);
}

void account_show(struct text *out)
{
	char line[600];

	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++) {
		if (!syscall_counts[nr].calls)
			continue;
		format_count(line, sizeof(line), nr);
		text_printf(out, "%s\n", line);
	}
}

void account_log(void)
{
	char line[600];

	if (log_level < LOG_INFO)
		return;
	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++) {
		if (!syscall_counts[nr].calls)
			continue;
		format_count(line, sizeof(line), nr);
		log_info("syscall count: %s", line);
	}
}
