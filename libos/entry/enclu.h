/* enclu.h: the ENCLU leaves the LibOS executes, and leaving the enclave. SDM vol. 3D, ch. 38-40.
 * The ENCLU macro is the only place that knows the backend: on hardware the instruction, in SIM a call. */
#pragma once
#include "abi/layout.h"
#include "base/types.h"

#define ENCLU_EREPORT 0
#define ENCLU_EGETKEY 1
#define ENCLU_EEXIT 4
#define ENCLU_EACCEPT 5
#define ENCLU_EMODPE 6

#define SECINFO_R 1UL
#define SECINFO_W 2UL
#define SECINFO_X 4UL
#define SECINFO_PENDING 8UL
#define SECINFO_MODIFIED 0x10UL
#define SECINFO_PR 0x20UL
#define SECINFO_REG 0x200UL
#define SECINFO_TRIM 0x400UL

#define ENCLU_FAULTED (-1) /* there is no page, or not in a state that the leaf takes */
/* 0, the SDM's error code, or ENCLU_FAULTED. addr page aligned. */
int enclu_eaccept(uint64_t addr, uint64_t secinfo_flags);
/* 0 or ENCLU_FAULTED. */
int enclu_emodpe(uint64_t addr, uint64_t secinfo_flags);
/* XFRM of this enclave, from its own REPORT: the host's word is not needed. Before fpu_setup(); boot only. */
uint64_t enclu_xfrm(void);
/* EEXIT for an ocall; returns when the host enters again with ECALL_RETURN. See hostcall/ocall.c. */
long enclave_ocall(uint64_t nr, haddr_t args);
void enclave_stop(int code) noreturn_fn;
