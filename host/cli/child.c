/* child.c: the internal command of a process that holds a child's enclave (instance/child.h). */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "instance/child.h"
#include "instance/childstats.h"
#include "instance/instance.h"

static void enclave_ended(void *arg, int code)
{
	(void)arg;
	childstats_end();
	_exit(code > 255 || code < 0 ? EXIT_OCCLUM : code);
}

int cli_child(int argc, char **argv)
{
	struct instance_params p;
	struct instance *in;
	char err[ENCLAVE_ERR_SIZE];
	int ret = child_start_take(argc, argv, &p);

	if (ret)
		return cli_error("%s is for occlum's own use: %s", CHILD_COMMAND, strerror(-ret));
	if (instance_start(&p, &in, err))
		return cli_error("the enclave of a child process: %s", err);
	instance_on_death(in, enclave_ended, NULL);
	for (;;)
		pause();
}
