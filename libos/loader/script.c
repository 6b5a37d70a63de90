/* script.c: parses "#! interpreter [one argument]" as Linux does: everything behind the interpreter
 * is a single argument, blanks around it dropped. Pure. */
#include "loader/script.h"
#include "base/string.h"
#include "linux/errno.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int script_parse(char *head, size_t len, char **interp, char **arg)
{
	char *end, *p, *name_end;
	bool cut_off;

	len = MIN(len, (size_t)SCRIPT_HEAD_MAX);
	if (len < 2 || head[0] != '#' || head[1] != '!')
		return -ENOEXEC;
	end = memchr(head, '\n', len);
	cut_off = !end && len == SCRIPT_HEAD_MAX;
	if (!end) /* a line that is cut off loses its last byte too */
		end = head + strnlen(head, len - cut_off);
	for (p = head + 2; p < end && is_blank(*p); p++)
		;
	for (name_end = p; name_end < end && !is_blank(*name_end) && *name_end; name_end++)
		;
	if (name_end == p || (cut_off && name_end == end))
		return -ENOEXEC;
	*interp = p;
	for (p = name_end; p < end && is_blank(*p); p++)
		;
	while (end > p && is_blank(end[-1]))
		end--;
	*name_end = '\0';
	*end = '\0';
	*arg = p < end && *p ? p : NULL;
	return 0;
}
