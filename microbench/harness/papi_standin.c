/*
 * A PAPI for the test of microbench/counters: it has two events, which count 1000 and 2000, if they were attached to a living
 * process with PAPI_INHERIT before they were started. PAPI_STANDIN=none: a machine without counters, =old: another version of PAPI.
 */
#include <papi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SETS 16

static struct { int inherit, attached, running; long long value; } sets[SETS];
static int made;

static int mode(const char *name)
{
	const char *s = getenv("PAPI_STANDIN");

	return s && !strcmp(s, name);
}

int PAPI_library_init(int version) { return mode("old") ? PAPI_EINVAL : version; }
char *PAPI_strerror(int error) { return error == PAPI_EINVAL ? (char *)"Invalid argument" : (char *)"No such event"; }

const PAPI_component_info_t *PAPI_get_component_info(int index)
{
	static PAPI_component_info_t c;

	c.disabled = mode("none") ? PAPI_ENOCMP : 0;
	strcpy(c.disabled_reason, "no such PMU here");
	return index ? NULL : &c;
}

int PAPI_create_eventset(int *set)
{
	*set = made++;
	return made <= SETS ? PAPI_OK : PAPI_ENOMEM;
}

int PAPI_assign_eventset_component(int set, int component)
{
	return set >= 0 && !component ? PAPI_OK : PAPI_EINVAL;
}

int PAPI_set_opt(int option, PAPI_option_t *o)
{
	if (option != PAPI_INHERIT || o->inherit.inherit != PAPI_INHERIT_ALL)
		return PAPI_EINVAL;
	sets[o->inherit.eventset].inherit = 1;
	return PAPI_OK;
}

int PAPI_attach(int set, unsigned long pid)
{
	sets[set].attached = !kill((pid_t)pid, 0);
	return sets[set].attached ? PAPI_OK : PAPI_EINVAL;
}

int PAPI_add_named_event(int set, const char *name)
{
	if (mode("none"))
		return PAPI_ENOCMP;
	sets[set].value = !strcmp(name, "PAPI_TOT_CYC") ? 1000 : !strcmp(name, "PAPI_TOT_INS") ? 2000 : 0;
	return sets[set].value ? PAPI_OK : PAPI_ENOEVNT;
}

int PAPI_start(int set)
{
	sets[set].running = sets[set].inherit && sets[set].attached;
	return sets[set].running ? PAPI_OK : PAPI_EINVAL;
}

int PAPI_stop(int set, long long *values)
{
	if (!sets[set].running)
		return PAPI_ENOTRUN;
	*values = sets[set].value;
	return PAPI_OK;
}
