/* report.h: what an enclave proves about itself to another on the same processor. Layouts: SDM vol. 3D, 38.15 (REPORT), 38.16
 * (TARGETINFO), 38.18 (KEYREQUEST). */
#pragma once
#include "base/types.h"

#define SGX_REPORT_MACED 384 /* bytes under the MAC */
#define SGX_KEY_REPORT 3

struct sgx_report {
	uint8_t cpusvn[16];
	uint32_t miscselect;
	uint8_t cet_attributes, reserved1[11];
	uint8_t isvextprodid[16];
	uint64_t attributes, xfrm;
	uint8_t mrenclave[32], reserved2[32];
	uint8_t mrsigner[32], reserved3[32];
	uint8_t configid[64];
	uint16_t isvprodid, isvsvn, configsvn;
	uint8_t reserved4[42];
	uint8_t isvfamilyid[16];
	uint8_t data[64];
	uint8_t keyid[32];
	uint8_t mac[16];
} __attribute__((aligned(512)));
_Static_assert(offsetof(struct sgx_report, attributes) == 48 && offsetof(struct sgx_report, configid) == 192, "REPORT");
_Static_assert(offsetof(struct sgx_report, isvfamilyid) == 304 && offsetof(struct sgx_report, mac) == 416, "REPORT");
_Static_assert(offsetof(struct sgx_report, keyid) == SGX_REPORT_MACED, "the MAC is over what comes before KEYID");
#define SGX_REPORT_SIZE 432 /* without what alignment adds */

struct sgx_targetinfo {
	uint8_t mrenclave[32];
	uint64_t attributes, xfrm;
	uint8_t cet_attributes, reserved1;
	uint16_t configsvn;
	uint32_t miscselect;
	uint8_t reserved2[8];
	uint8_t configid[64];
	uint8_t reserved3[384];
} __attribute__((aligned(512)));
_Static_assert(sizeof(struct sgx_targetinfo) == 512 && offsetof(struct sgx_targetinfo, configid) == 64, "TARGETINFO");

struct sgx_keyrequest {
	uint16_t keyname, keypolicy, isvsvn;
	uint8_t cet_mask, reserved1;
	uint8_t cpusvn[16];
	uint64_t attribute_mask[2];
	uint8_t keyid[32];
	uint32_t miscmask;
	uint16_t configsvn;
	uint8_t reserved2[434];
} __attribute__((aligned(512)));
_Static_assert(sizeof(struct sgx_keyrequest) == 512 && offsetof(struct sgx_keyrequest, configsvn) == 76, "KEYREQUEST");

/* EREPORT: this enclave's REPORT with that data, which the target can check. All operands by their alignment. */
void enclu_ereport(const struct sgx_targetinfo *target, const uint8_t data[64], struct sgx_report *out);
/* EGETKEY. 0 or the SDM's error code. */
int enclu_egetkey(const struct sgx_keyrequest *request, uint8_t key[16]) must_check;
