/*
 * How long a shell script takes that runs pipelines of four programs, a hundred times.
 *
 * Case "busybox": busybox's shell and its applets, each in a process of its own. Case "bash": bash
 * and the distribution's sort, od, grep and wc. Case "subshell": bash alone, with 200 command
 * substitutions that only fork. A sample is one run of the script; its output is checked.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "peer.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 4

#define PIPELINE(prefix) \
	"i=0\n" \
	"while [ $i -lt 100 ]; do\n" \
	"  n=$(echo \"$text\" | " prefix "sort -r | " prefix "od -c | " prefix "grep 0 | " prefix "wc -l)\n" \
	"  [ \"$n\" = 5 ] || exit 3\n" \
	"  i=$((i + 1))\n" \
	"done\n"
#define TEXT "text='one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve'\n"

static const char busybox_script[] = TEXT PIPELINE("$0 ");
static const char bash_script[] = TEXT PIPELINE("");
static const char subshell_script[] =
	"i=0\n"
	"while [ $i -lt 200 ]; do i=$(echo $((i + 1))); done\n"
	"[ $i = 200 ]\n";

static void run_case(const char *name, const char *path, char *const *argv)
{
	if (!bench_wanted(name))
		return;
	for (int i = -1; i < SAMPLES; i++) {	/* the first warms up */
		long start = bench_now_ns();

		peer_wait(peer_spawn(path, argv, (int[]){ -1 }));
		if (i >= 0)
			bench_sample("script", name, "latency", (bench_now_ns() - start) / 1e6, "ms");
	}
}

int main(int argc, char **argv)
{
	char busybox[PATH_MAX];

	bench_begin(argc, argv);
	snprintf(busybox, sizeof(busybox), "%.*s/helpers/busybox",
		 (int)(strrchr(argv[0], '/') - argv[0]), argv[0]);
	run_case("busybox", busybox, (char *[]){ "sh", "-c", (char *)busybox_script, busybox, NULL });
	run_case("bash", "/bin/bash", (char *[]){ "bash", "-c", (char *)bash_script, "bash", NULL });
	run_case("subshell", "/bin/bash", (char *[]){ "bash", "-c", (char *)subshell_script, NULL });
	bench_end();
	return 0;
}
