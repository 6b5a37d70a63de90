/* child.h: enclaves that enclaves start (multiprocess = eip): each in a host process of its own, which is this program run
 * again with an internal command.
 *
 * What a new one needs lies in a sealed memory file that all of an instance's processes inherit: the parameters of the
 * enclave, its SIGSTRUCT and configuration, and the first enclave's clock. Every page is added and measured anew.
 * The connection to the parent is a socket pair; it ends with either process. A process dies with its parent. */
#pragma once
#include <stdint.h>

#include "libos/abi/boot.h"
#include "libos/abi/ocall.h"
#include "instance.h"

#define CHILD_COMMAND "eip-child" /* of main(): not for people */

struct child_start;

/* In a process started by CHILD_COMMAND, with its arguments: fills what instance_start() wants. Memory is kept. 0 or -errno. */
int child_start_take(int argc, char **argv, struct instance_params *p);
/* The clock and the descriptors of a child. */
void child_boot(const struct child_start *c, struct boot_host *b);
/* After the enclave is built: makes the memory files if it may start others. 0 or -errno. */
int child_start_prepare(const struct enclave *e, const struct instance_params *p, struct boot_host *b);

void ocall_eip_spawn(struct ocall_eip_spawn *a);
void ocall_eip_mark(struct ocall_eip_mark *a);
