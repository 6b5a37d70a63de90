/* childstats.h: how long each step of starting a child's enclave took. If OCCLUM_EIP_STATS names a file, a line of JSON is
 * appended to it when the program's first instruction is about to run ("event": "spawn") and one when the enclave
 * ends ("end"). Times in nanoseconds:
 *
 *   process_ns   from the parent's request until the new host process runs
 *   create_ns    ECREATE          add_ns   EADD of `pages` pages and EEXTEND of `measured` of them
 *   einit_ns     EINIT            boot_ns  vCPU threads, EENTER, the LibOS' own start
 *   attest_ns    mutual attestation and key agreement
 *   load_ns      from then until the program's first instruction
 *   other_ns     the host's work between these; total_ns all together
 *   run_ns       ("end") from the first instruction to the end
 *   sgx          what OCCLUM_SGX_STATS would hold now: counts, and cycles if there is a cost profile */
#pragma once
#include <stdint.h>

#include "libos/abi/ocall.h"

struct enclave_times;

uint64_t childstats_now(void);
/* First of all; requested: the parent's childstats_now() when it was asked. */
void childstats_begin(uint64_t requested);
void childstats_built(const struct enclave_times *t);
void childstats_mark(enum eip_mark mark);
void childstats_end(void);
