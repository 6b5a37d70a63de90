/* build.c: build, print: the signed enclave of an instance, and what it measures. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "image/built.h"

static void report(const struct build_options *o, const struct build_report *r)
{
	if (r->up_to_date) {
		printf("nothing to do: build/ is up to date\n");
		return;
	}
	if (r->key_made)
		printf("no --sign-key given: made " BUILT_OWN_KEY " for this instance; keep it, it decides MRSIGNER\n");
	printf("built build/: %lu file%s, %.1f MB; %lu system call sites can be patched; signed with %s\n", r->files,
	       r->files == 1 ? "" : "s", (double)r->image_bytes / 1e6, r->patch_sites, o->key ? o->key : BUILT_OWN_KEY);
}

static int build_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sgx-mode", required_argument, NULL, 'm' }, { "sign-key", required_argument, NULL, 'k' },
		{ "force", no_argument, NULL, 'f' }, { 0 },
	};
	struct build_options o = { 0 };
	struct build_report r;
	const char *mode = getenv("SGX_MODE");
	char err[BUILT_ERR_SIZE];
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (c == 'm')
			mode = optarg;
		else if (c == 'k')
			o.key = optarg;
		else if (c == 'f')
			o.force = true;
		else
			return cli_usage(&cmd_build, "%s: unknown option, or its value is missing", argv[optind - 1]);
	}
	if (optind < argc)
		return cli_usage(&cmd_build, "unexpected argument %s", argv[optind]);
	if (mode && *mode && strcasecmp(mode, "SIM") && strcasecmp(mode, "HW"))
		return cli_error("SGX mode '%s' is not known; it can be SIM or HW", mode);
	if (mode && *mode)
		setenv("OCCLUM_SGX_BACKEND", strcasecmp(mode, "HW") ? "sim" : "hw", 1);
	o.libos_path = cli_libos_path();
	if (!o.libos_path)
		return EXIT_OCCLUM;
	if (built_make(&o, &r, err))
		return cli_error("%s", err);
	report(&o, &r);
	return 0;
}

static int print_run(int argc, char **argv)
{
	uint8_t mrenclave[32], mrsigner[32];
	char err[BUILT_ERR_SIZE];
	bool signer;

	if (argc != 2)
		return cli_usage(&cmd_print, argc < 2 ? "mrenclave or mrsigner?" : "unexpected argument %s",
				 argv[argc - 1]);
	signer = !strcmp(argv[1], "mrsigner");
	if (!signer && strcmp(argv[1], "mrenclave"))
		return cli_usage(&cmd_print, "'%s' is neither mrenclave nor mrsigner", argv[1]);
	if (built_identity(mrenclave, mrsigner, err))
		return cli_error("%s", err);
	for (int i = 0; i < 32; i++)
		printf("%02x", signer ? mrsigner[i] : mrenclave[i]);
	putchar('\n');
	return 0;
}

const struct command cmd_build = {
	"build",
	"build [--sgx-mode SIM|HW] [--sign-key FILE] [-f]",
	"make the signed enclave from image/ and Occlum.json",
	"Puts into build/: the files of image/ as one hashed image, the measured configuration, the LibOS and the\n"
	"signature. Does nothing if nothing changed.\n\n"
	"  --sgx-mode SIM|HW  software SGX or hardware; the default is SGX_MODE, or else OCCLUM_SGX_BACKEND\n"
	"  --sign-key FILE    RSA-3072 key with exponent 3, PEM (openssl genrsa -3 3072); without it the instance\n"
	"                     gets a key of its own, " BUILT_OWN_KEY "\n"
	"  -f, --force        build even if nothing changed\n\n"
	"SOURCE_DATE_EPOCH limits the times of files in the image, for reproducible measurements.",
	build_run,
};
const struct command cmd_print = {
	"print", "print mrenclave|mrsigner", "show what the built enclave measures",
	"mrenclave: SHA-256 over the LibOS, the configuration and (by its root hash) the image.\n"
	"mrsigner: SHA-256 of the signing key's modulus.", print_run,
};
