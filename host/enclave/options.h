/* options.h: how the modelled machine is set up: OCCLUM_SGX_CPU, _EPC, _TLB, _DRIVER, _COST and _STATS
 * (a file for the counters at exit) of the environment.
 * A wrong value is an error that names it. */
#pragma once
#include "driver.h"
#include "enclave.h"

int sgx_options(struct driver_options *o, char err[ENCLAVE_ERR_SIZE]);
