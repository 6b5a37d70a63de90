/* built.h: what `occlum build` left in the current directory, ready to be started. */
#pragma once
#include <stdbool.h>

#include "instance/instance.h"

/* Is there a built instance here, and newer than its Occlum.json and image? Says what to do if not. */
bool built_here(void);
/* Fills libos_path, config, sizes, vcpus and sigstruct from ./build; 0 or -errno with a line in err. Memory is kept. */
int built_load(struct instance_params *p, char err[ENCLAVE_ERR_SIZE]);
