/* arch.h: SGX structures, numbers and error codes as the Intel SDM, volume 3D, defines them.
 *
 * Only what hardware defines: shared by the software SGX, the signer and the loader, and valid for
 * a hardware backend too. Every offset that somebody else depends on is asserted here. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SGX_PAGE_SIZE	 4096UL
#define SGX_EXTEND_SIZE	 256UL
#define SGX_HASH_SIZE	 32
#define SGX_KEY_SIZE	 16
#define SGX_MODULUS_SIZE 384

enum sgx_encls {
	ENCLS_ECREATE = 0x0,
	ENCLS_EADD = 0x1,
	ENCLS_EINIT = 0x2,
	ENCLS_EREMOVE = 0x3,
	ENCLS_EDBGRD = 0x4,
	ENCLS_EDBGWR = 0x5,
	ENCLS_EEXTEND = 0x6,
	ENCLS_ELDB = 0x7,
	ENCLS_ELDU = 0x8,
	ENCLS_EBLOCK = 0x9,
	ENCLS_EPA = 0xa,
	ENCLS_EWB = 0xb,
	ENCLS_ETRACK = 0xc,
	ENCLS_EAUG = 0xd,
	ENCLS_EMODPR = 0xe,
	ENCLS_EMODT = 0xf,
};

enum sgx_enclu {
	ENCLU_EREPORT = 0,
	ENCLU_EGETKEY = 1,
	ENCLU_EENTER = 2,
	ENCLU_ERESUME = 3,
	ENCLU_EEXIT = 4,
	ENCLU_EACCEPT = 5,
	ENCLU_EMODPE = 6,
	ENCLU_EACCEPTCOPY = 7,
	ENCLU_EDECCSSA = 9,
};

/* What a leaf leaves in RAX with ZF=1. */
enum sgx_error {
	SGX_INVALID_SIG_STRUCT = 1,
	SGX_INVALID_ATTRIBUTE = 2,
	SGX_BLKSTATE = 3,
	SGX_INVALID_MEASUREMENT = 4,
	SGX_NOTBLOCKABLE = 5,
	SGX_PG_INVLD = 6,
	SGX_EPC_PAGE_CONFLICT = 7,
	SGX_INVALID_SIGNATURE = 8,
	SGX_MAC_COMPARE_FAIL = 9,
	SGX_PAGE_NOT_BLOCKED = 10,
	SGX_NOT_TRACKED = 11,
	SGX_VA_SLOT_OCCUPIED = 12,
	SGX_CHILD_PRESENT = 13,
	SGX_ENCLAVE_ACT = 14,
	SGX_ENTRYEPOCH_LOCKED = 15,
	SGX_INVALID_EINITTOKEN = 16,
	SGX_PREV_TRK_INCMPL = 17,
	SGX_PG_IS_SECS = 18,
	SGX_PAGE_ATTRIBUTES_MISMATCH = 19,
	SGX_PAGE_NOT_MODIFIABLE = 20,
	SGX_PAGE_NOT_DEBUGGABLE = 21,
	SGX_INVALID_CPUSVN = 32,
	SGX_INVALID_ISVSVN = 64,
	SGX_UNMASKED_EVENT = 128,
	SGX_INVALID_KEYNAME = 256,
};

enum x86_vector {
	VECTOR_DE = 0,
	VECTOR_DB = 1,
	VECTOR_BP = 3,
	VECTOR_BR = 5,
	VECTOR_UD = 6,
	VECTOR_GP = 13,
	VECTOR_PF = 14,
	VECTOR_MF = 16,
	VECTOR_AC = 17,
	VECTOR_XM = 19,
};

#define PFEC_SGX (1u << 15) /* page-fault error code: the EPCM forbade it, not the page table */

#define SGX_ATTR_INIT	       0x1UL
#define SGX_ATTR_DEBUG	       0x2UL
#define SGX_ATTR_MODE64	       0x4UL
#define SGX_ATTR_PROVISIONKEY  0x10UL
#define SGX_ATTR_EINITTOKENKEY 0x20UL
#define SGX_ATTR_KSS	       0x80UL
#define SGX_ATTR_AEXNOTIFY     0x400UL

#define TCS_DBGOPTIN  0x1UL
#define TCS_AEXNOTIFY 0x2UL

#define GPR_AEXNOTIFY 0x1 /* sgx_gpr.aexnotify: ERESUME shall enter the handler instead */

#define SGX_MISC_EXINFO 0x1u

enum sgx_page_type {
	SGX_PT_SECS = 0,
	SGX_PT_TCS = 1,
	SGX_PT_REG = 2,
	SGX_PT_VA = 3,
	SGX_PT_TRIM = 4,
};

/* SECINFO.FLAGS. The low six bits have the same places in an EPCM entry (epcm.h). */
#define SECINFO_R	   0x01UL
#define SECINFO_W	   0x02UL
#define SECINFO_X	   0x04UL
#define SECINFO_RWX	   0x07UL
#define SECINFO_PENDING	   0x08UL
#define SECINFO_MODIFIED   0x10UL
#define SECINFO_PR	   0x20UL
#define SECINFO_TYPE_SHIFT 8
#define SECINFO_TYPE_MASK  0xff00UL
#define SECINFO_TYPE(t)	   ((uint64_t)(t) << SECINFO_TYPE_SHIFT)
#define SECINFO_REG	   SECINFO_TYPE(SGX_PT_REG)
#define SECINFO_TCS	   SECINFO_TYPE(SGX_PT_TCS)
#define SECINFO_TRIM	   SECINFO_TYPE(SGX_PT_TRIM)

struct sgx_attributes {
	uint64_t flags;
	uint64_t xfrm;
};

struct sgx_secs {
	uint64_t size;
	uint64_t base;
	uint32_t ssa_frame_size; /* pages */
	uint32_t miscselect;
	uint8_t reserved1[24];
	struct sgx_attributes attributes;
	uint8_t mrenclave[SGX_HASH_SIZE];
	uint8_t reserved2[32];
	uint8_t mrsigner[SGX_HASH_SIZE];
	uint8_t reserved3[32];
	uint8_t configid[64];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint16_t configsvn;
	uint8_t reserved4[3834];
};

struct sgx_tcs {
	uint64_t state; /* the CPU's own; zero when added */
	uint64_t flags;
	uint64_t ossa;
	uint32_t cssa;
	uint32_t nssa;
	uint64_t oentry;
	uint64_t aep;
	uint64_t ofsbase;
	uint64_t ogsbase;
	uint32_t fslimit;
	uint32_t gslimit;
	uint8_t reserved[4024];
};

struct sgx_secinfo {
	uint64_t flags;
	uint64_t reserved[7];
} __attribute__((aligned(64)));

struct sgx_pageinfo {
	uint64_t linaddr;
	uint64_t srcpge;
	uint64_t secinfo;
	uint64_t secs;
} __attribute__((aligned(32)));

/* What EWB leaves beside the sealed page. */
struct sgx_pcmd {
	struct sgx_secinfo secinfo;
	uint64_t enclaveid;
	uint8_t reserved[40];
	uint8_t mac[SGX_KEY_SIZE];
} __attribute__((aligned(128)));

#define SGX_VA_SLOTS 512 /* versions in a version array page */

/* The last 184 bytes of an SSA frame. */
struct sgx_gpr {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip;
	uint64_t ursp, urbp;
	uint32_t exitinfo;
	uint8_t reserved[3];
	uint8_t aexnotify;
	uint64_t fsbase, gsbase;
};

#define EXITINFO_VALID	  (1u << 31)
#define EXITINFO_HARDWARE (3u << 8)
#define EXITINFO_SOFTWARE (6u << 8)

/* Just below the GPRs when MISCSELECT.EXINFO is set. */
struct sgx_exinfo {
	uint64_t maddr;
	uint32_t errcd;
	uint32_t reserved;
};

struct sgx_report {
	uint8_t cpusvn[16];
	uint32_t miscselect;
	uint8_t reserved1[12];
	uint8_t isvextprodid[16];
	struct sgx_attributes attributes;
	uint8_t mrenclave[SGX_HASH_SIZE];
	uint8_t reserved2[32];
	uint8_t mrsigner[SGX_HASH_SIZE];
	uint8_t reserved3[32];
	uint8_t configid[64];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint16_t configsvn;
	uint8_t reserved4[42];
	uint8_t isvfamilyid[16];
	uint8_t reportdata[64];
	uint8_t keyid[32]; /* not covered by the MAC */
	uint8_t mac[SGX_KEY_SIZE];
};

struct sgx_targetinfo {
	uint8_t measurement[SGX_HASH_SIZE];
	struct sgx_attributes attributes;
	uint8_t reserved1[2];
	uint16_t configsvn;
	uint32_t miscselect;
	uint8_t reserved2[8];
	uint8_t configid[64];
	uint8_t reserved3[384];
};

enum sgx_keyname {
	SGX_KEY_EINITTOKEN = 0,
	SGX_KEY_PROVISION = 1,
	SGX_KEY_PROVISION_SEAL = 2,
	SGX_KEY_REPORT = 3,
	SGX_KEY_SEAL = 4,
};

#define SGX_KEYPOLICY_MRENCLAVE	   0x01
#define SGX_KEYPOLICY_MRSIGNER	   0x02
#define SGX_KEYPOLICY_NOISVPRODID  0x04
#define SGX_KEYPOLICY_CONFIGID	   0x08
#define SGX_KEYPOLICY_ISVFAMILYID  0x10
#define SGX_KEYPOLICY_ISVEXTPRODID 0x20

struct sgx_keyrequest {
	uint16_t keyname;
	uint16_t keypolicy;
	uint16_t isvsvn;
	uint16_t reserved1;
	uint8_t cpusvn[16];
	struct sgx_attributes attributemask;
	uint8_t keyid[32];
	uint32_t miscmask;
	uint16_t configsvn;
	uint8_t reserved2[434];
};

struct sgx_sigstruct {
	uint8_t header[16];
	uint32_t vendor;
	uint32_t date; /* BCD, 0xyyyymmdd */
	uint8_t header2[16];
	uint32_t swdefined;
	uint8_t reserved1[84];
	uint8_t modulus[SGX_MODULUS_SIZE]; /* little endian, like all numbers here */
	uint32_t exponent;
	uint8_t signature[SGX_MODULUS_SIZE];
	uint32_t miscselect;
	uint32_t miscmask;
	uint8_t reserved2[4];
	uint8_t isvfamilyid[16];
	struct sgx_attributes attributes;
	struct sgx_attributes attributemask;
	uint8_t enclavehash[SGX_HASH_SIZE];
	uint8_t reserved3[16];
	uint8_t isvextprodid[16];
	uint16_t isvprodid;
	uint16_t isvsvn;
	uint8_t reserved4[12];
	uint8_t q1[SGX_MODULUS_SIZE];
	uint8_t q2[SGX_MODULUS_SIZE];
};

/* The signed message is the two runs [0, 128) and [900, 1028). */
#define SIGSTRUCT_SIGNED1_SIZE	 128
#define SIGSTRUCT_SIGNED2_OFFSET 900
#define SIGSTRUCT_SIGNED2_SIZE	 128

#define SGX_ASSERT_AT(type, field, offset)                                                         \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)
#define SGX_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

SGX_ASSERT_SIZE(sgx_secs, 4096);
SGX_ASSERT_AT(sgx_secs, attributes, 48);
SGX_ASSERT_AT(sgx_secs, mrenclave, 64);
SGX_ASSERT_AT(sgx_secs, mrsigner, 128);
SGX_ASSERT_AT(sgx_secs, configid, 192);
SGX_ASSERT_AT(sgx_secs, isvprodid, 256);
SGX_ASSERT_AT(sgx_secs, configsvn, 260);
SGX_ASSERT_SIZE(sgx_tcs, 4096);
SGX_ASSERT_AT(sgx_tcs, ossa, 16);
SGX_ASSERT_AT(sgx_tcs, oentry, 32);
SGX_ASSERT_AT(sgx_tcs, ogsbase, 56);
SGX_ASSERT_AT(sgx_tcs, reserved, 72);
SGX_ASSERT_SIZE(sgx_secinfo, 64);
SGX_ASSERT_SIZE(sgx_pageinfo, 32);
SGX_ASSERT_SIZE(sgx_pcmd, 128);
SGX_ASSERT_AT(sgx_pcmd, enclaveid, 64);
SGX_ASSERT_AT(sgx_pcmd, mac, 112);
SGX_ASSERT_SIZE(sgx_gpr, 184);
SGX_ASSERT_AT(sgx_gpr, rflags, 128);
SGX_ASSERT_AT(sgx_gpr, ursp, 144);
SGX_ASSERT_AT(sgx_gpr, exitinfo, 160);
SGX_ASSERT_AT(sgx_gpr, aexnotify, 167);
SGX_ASSERT_AT(sgx_gpr, gsbase, 176);
SGX_ASSERT_SIZE(sgx_exinfo, 16);
SGX_ASSERT_SIZE(sgx_report, 432);
SGX_ASSERT_AT(sgx_report, isvextprodid, 32);
SGX_ASSERT_AT(sgx_report, configid, 192);
SGX_ASSERT_AT(sgx_report, isvfamilyid, 304);
SGX_ASSERT_AT(sgx_report, reportdata, 320);
SGX_ASSERT_AT(sgx_report, keyid, 384);
SGX_ASSERT_AT(sgx_report, mac, 416);
SGX_ASSERT_SIZE(sgx_targetinfo, 512);
SGX_ASSERT_AT(sgx_targetinfo, configsvn, 50);
SGX_ASSERT_AT(sgx_targetinfo, miscselect, 52);
SGX_ASSERT_AT(sgx_targetinfo, configid, 64);
SGX_ASSERT_SIZE(sgx_keyrequest, 512);
SGX_ASSERT_AT(sgx_keyrequest, cpusvn, 8);
SGX_ASSERT_AT(sgx_keyrequest, attributemask, 24);
SGX_ASSERT_AT(sgx_keyrequest, keyid, 40);
SGX_ASSERT_AT(sgx_keyrequest, miscmask, 72);
SGX_ASSERT_AT(sgx_keyrequest, configsvn, 76);
SGX_ASSERT_SIZE(sgx_sigstruct, 1808);
SGX_ASSERT_AT(sgx_sigstruct, modulus, 128);
SGX_ASSERT_AT(sgx_sigstruct, exponent, 512);
SGX_ASSERT_AT(sgx_sigstruct, signature, 516);
SGX_ASSERT_AT(sgx_sigstruct, miscselect, 900);
SGX_ASSERT_AT(sgx_sigstruct, isvfamilyid, 912);
SGX_ASSERT_AT(sgx_sigstruct, attributes, 928);
SGX_ASSERT_AT(sgx_sigstruct, enclavehash, 960);
SGX_ASSERT_AT(sgx_sigstruct, isvextprodid, 1008);
SGX_ASSERT_AT(sgx_sigstruct, isvprodid, 1024);
SGX_ASSERT_AT(sgx_sigstruct, q1, 1040);
