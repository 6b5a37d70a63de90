/* timens.c: the life of time namespaces, and /proc/PID/timens_offsets. */
#include "time/timens.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "time/clock.h"
#include "time/vdso.h"

#define FIRST_NUMBER 0xeffffffaUL
#define OFFSET_MAX_SEC (4294967296L / 2) /* years enough; keeps sums in range */

struct time_ns *time_ns_get(struct time_ns *ns)
{
	if (ns)
		ns->ref++;
	return ns;
}

void time_ns_put(struct time_ns *ns)
{
	if (ns && !--ns->ref)
		kfree(ns);
}

uint64_t time_ns_number(const struct time_ns *ns)
{
	return ns ? ns->ino : FIRST_NUMBER;
}

int time_ns_unshare(struct process *p)
{
	static uint64_t next = 0xf1000000UL;
	const struct time_ns *old = p->time_ns_children;
	struct time_ns *ns = kzalloc(sizeof(*ns));

	if (!ns)
		return -ENOMEM;
	if (old)
		*ns = *old;
	ns->ref = 1;
	ns->ino = next++;
	ns->frozen = false;
	time_ns_put(p->time_ns_children);
	p->time_ns_children = ns;
	return 0;
}

void time_ns_enter_pending(struct process *p)
{
	if (p->time_ns != p->time_ns_children)
		time_ns_enter(p, p->time_ns_children);
}

void time_ns_enter(struct process *p, struct time_ns *ns)
{
	struct time_ns *old = p->time_ns, *old_children = p->time_ns_children;

	if (ns)
		ns->frozen = true;
	p->time_ns = time_ns_get(ns);
	p->time_ns_children = time_ns_get(ns);
	time_ns_put(old);
	time_ns_put(old_children);
}

/* ---- /proc/PID/timens_offsets ---- */

static void show_offset(struct text *out, const char *clock, int64_t ns)
{
	int64_t sec = ns / (int64_t)NSEC_PER_SEC, rest = ns % (int64_t)NSEC_PER_SEC;

	if (rest < 0) {
		rest += (int64_t)NSEC_PER_SEC;
		sec--;
	}
	text_printf(out, "%-10s %10ld %9ld\n", clock, sec, rest);
}

int show_timens_offsets(struct text *out, const struct proc_at *at)
{
	const struct time_ns *ns = at->process->time_ns_children;

	show_offset(out, "monotonic", ns ? ns->mono : 0);
	show_offset(out, "boottime", ns ? ns->boot : 0);
	return 0;
}

static const char *skip_space(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* A decimal number; NULL: none. */
static const char *parse_number(const char *s, int64_t *v)
{
	bool negative = *s == '-';

	s += negative;
	if (*s < '0' || *s > '9')
		return NULL;
	for (*v = 0; *s >= '0' && *s <= '9'; s++) {
		if (*v > OFFSET_MAX_SEC)
			return NULL;
		*v = *v * 10 + (*s - '0');
	}
	if (negative)
		*v = -*v;
	return s;
}

static const char *parse_clock(const char *s, int64_t *clock)
{
	if (!strncmp(s, "monotonic ", 10)) {
		*clock = CLOCK_MONOTONIC;
		return s + 9;
	}
	if (!strncmp(s, "boottime ", 9)) {
		*clock = CLOCK_BOOTTIME;
		return s + 8;
	}
	return parse_number(s, clock);
}

/* One line: clock, seconds, nanoseconds. */
static int parse_line(const char **at, int64_t *clock, int64_t *offset)
{
	int64_t sec, nsec;
	const char *s = parse_clock(skip_space(*at), clock);

	s = s ? parse_number(skip_space(s), &sec) : NULL;
	s = s ? parse_number(skip_space(s), &nsec) : NULL;
	if (!s || nsec < 0 || nsec >= (int64_t)NSEC_PER_SEC || (*clock != CLOCK_MONOTONIC && *clock != CLOCK_BOOTTIME))
		return -EINVAL;
	s = skip_space(s);
	if (*s && *s != '\n')
		return -EINVAL;
	*at = *s ? s + 1 : s;
	*offset = sec * (int64_t)NSEC_PER_SEC + nsec;
	if (sec > OFFSET_MAX_SEC || (int64_t)clock_boot() + *offset < 0)
		return -ERANGE;
	return 0;
}

ssize_t store_timens_offsets(const struct proc_at *at, const char *buf, size_t n)
{
	struct time_ns *ns = at->process->time_ns_children;
	int64_t clock, offset, mono = ns ? ns->mono : 0, boot = ns ? ns->boot : 0;
	const char *s = buf;
	int err;

	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (!*s)
		return -EINVAL;
	while (*s) {
		err = parse_line(&s, &clock, &offset);
		if (err)
			return err;
		*(clock == CLOCK_MONOTONIC ? &mono : &boot) = offset;
	}
	if (!ns || ns->frozen)
		return -EACCES;
	ns->mono = mono;
	ns->boot = boot;
	vdso_disable();
	return (ssize_t)n;
}
