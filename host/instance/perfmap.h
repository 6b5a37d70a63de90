/* perfmap.h: /tmp/perf-PID.map, where perf(1) looks for names of code that is in no file it can see: the LibOS and the
 * programs in the enclave. PID is this process. */
#pragma once
#include <stdint.h>

#include "enclave/enclave.h"

/* Creates DIR/perf-PID.map (replacing our own of an earlier process) with the LibOS's functions. Programs' files are looked
 * for below root ("": as they are named inside). 0, or -1 with a line in err. root is kept. */
int perfmap_start(const char *dir, const char *root, const char *libos_path, char err[ENCLAVE_ERR_SIZE]);
/* Text of the ELF file at path, from that offset on, lies at [addr, addr + len): its functions are added; what has no name
 * gets the file's. A file that cannot be read counts as one without names. "": stubs of the LibOS. Any thread. Without
 * perfmap_start nothing happens. */
void perfmap_add(const char *path, uint64_t addr, uint64_t len, uint64_t offset);
