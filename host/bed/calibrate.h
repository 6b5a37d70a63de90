/* calibrate.h: the cost profiles against published totals. Each total is measured: the operation runs in a
 * bed under the profile in account mode, in a process of its own, and the events it caused are priced. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "../sgxsim/cost.h"

#define CALIBRATE_TOLERANCE 0.15

struct calibration {
	double published, modelled; /* cycles; build_page in ns. modelled 0: the processor cannot do it */
	const char *confidence;
	bool required, met; /* required: high confidence */
};

/* 0, -ENOENT: nothing published; other -errno with a line in err. */
int calibrate_check(const struct cost_profile *p, enum cost_check check, struct calibration *out,
		    char err[COST_ERR_SIZE]);
/* The table of one profile; *misses counts required values that are not met. */
int calibrate_print(const char *profile, FILE *to, unsigned int *misses, char err[COST_ERR_SIZE]);
