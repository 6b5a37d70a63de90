/* stats.c: what the SGX model counted in the started instance, and its price lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bed/calibrate.h"
#include "cli.h"
#include "daemon/client.h"
#include "sgxsim/cost.h"

static int profile_print(const char *name)
{
	struct cost_profile p;
	char err[COST_ERR_SIZE];

	if (cost_profile_load(name, &p, err))
		return cli_error("%s", err);
	cost_profile_print(&p, stdout);
	return 0;
}

/* All built-in profiles, or one. */
static int calibrate(const char *only)
{
	static const char *const all[] = {"skl", "cfl", "glk", "icx"};
	char err[COST_ERR_SIZE];
	unsigned int misses = 0;

	printf("%-8s %-12s %10s %10s %-7s %8s  %s\n", "profile", "check", "published", "modelled", "", "off",
	       "confidence");
	for (size_t i = 0; i < (only ? 1 : sizeof(all) / sizeof(all[0])); i++)
		if (calibrate_print(only ? only : all[i], stdout, &misses, err))
			return cli_error("%s", err);
	if (!misses)
		return 0;
	return cli_error("%u published values of high confidence are missed by more than 15 %%", misses);
}

static int stats_run(int argc, char **argv)
{
	char *json;
	int sock, err;

	if (argc == 3 && !strcmp(argv[1], "--profile"))
		return profile_print(argv[2]);
	if (argc > 1 && argc < 4 && !strcmp(argv[1], "--calibrate"))
		return calibrate(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "--profile"))
		return cli_usage(&cmd_stats, "--profile: which? skl, cfl, glk, icx, or a file");
	if (argc > 1)
		return cli_usage(&cmd_stats, "unexpected argument %s", argv[argc - 1]);
	sock = client_connect();
	if (sock < 0)
		return cli_error("no instance is started in this directory; 'occlum start' starts it");
	err = client_stats(sock, &json);
	if (err)
		return cli_error("the instance does not answer: %s", strerror(-err));
	fputs(json, stdout);
	free(json);
	return 0;
}

const struct command cmd_stats = {
	"stats", "stats [--profile NAME | --calibrate [NAME]]", "SGX events of the started instance as JSON, or a cost profile",
	"Prints how often each SGX instruction and event happened, per vCPU and in total, and what it would have\n"
	"cost if the instance was started with OCCLUM_SGX_COST=account:PROFILE or spin:PROFILE. --profile prints a\n"
	"profile (skl, cfl, glk, icx, or a file): every constant with its source, and the published totals beside\n"
	"what the constants add up to. --calibrate runs the operations behind those totals on a small enclave under\n"
	"each profile (or one) and says how far what was counted is off; status 125 if one of high confidence is off by\n"
	"more than 15 %. Its last line per profile: the time that spin mode spent, as a share of what account says.", stats_run,
};
