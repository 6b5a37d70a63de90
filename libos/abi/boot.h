/* boot.h: what the loader tells the LibOS. Two parts with different trust:
 *
 * struct boot_info lies at LIBOS_BOOT_START, is added with EADD and measured; behind it, at
 * config_offset, lies the configuration blob (config.h), measured too.
 * struct boot_host lies in host memory; its address comes with ECALL_VCPU in rdx. It is copied once,
 * and every field is checked. */
#pragma once
#include <stdint.h>

#define BOOT_MAGIC 0x4d554c43434f4f42UL
#define BOOT_ABI_VERSION 3
#define BOOT_EIP_FDS_MAX 256

/* With multiprocess = eip: in memory that all enclaves of an instance share, for pipes between them. Hints to the LibOS. */
struct eip_level {
	uint32_t users;   /* 0: free */
	uint32_t writers; /* of those */
	uint32_t used, size, waiting;
	uint32_t words;   /* that readers sent and nobody has read */
	uint32_t read_at; /* when something was fetched last, us */
	uint32_t pad[9];  /* a cache line each */
};
#define EIP_LEVELS 4096u

struct boot_info {
	uint64_t magic;
	uint32_t abi_version;
	uint32_t vcpus;          /* TCSs present, 1..VCPU_MAX */
	uint64_t image_end;      /* end of the LibOS image, page aligned */
	uint64_t config_offset;  /* from LIBOS_BOOT_START */
	uint64_t config_size;    /* bytes */
	uint64_t heap_start;     /* pages [heap_start, heap_end) are added before EINIT, R+W, zero, */
	uint64_t heap_end;       /* not measured; the rest of the LibOS heap grows by EAUG */
	uint64_t user_memory_max; /* bytes; 0: no limit below ELRANGE */
	/* Likewise for programs, R+W+X but without access in the page tables: [user_start, user_end); the rest of their memory grows
	 * by EAUG (with CONFIG_SGX1 none does). Equal: there is none. */
	uint64_t user_start, user_end;
	uint64_t reserved[6];
};
_Static_assert(sizeof(struct boot_info) == 128, "boot_info layout");

/* Untrusted. */
struct boot_host {
	uint32_t abi_version;
	uint32_t log_level;      /* 0 off .. 5 trace; may be capped by the configuration */
	uint64_t shared_base;    /* untrusted buffer for ocall arguments and data, one slice per vCPU */
	uint64_t shared_size;    /* bytes, a multiple of vcpus * PAGE_SIZE */
	uint64_t control;        /* host address of struct host_control (hostctl.h) */
	uint64_t tsc_hz;         /* 0: unknown; the LibOS falls back to OCALL_CLOCK */
	uint64_t tsc_base;       /* TSC value that belongs to mono_base_ns and real_base_ns */
	uint64_t mono_base_ns;   /* CLOCK_MONOTONIC */
	uint64_t real_base_ns;   /* CLOCK_REALTIME */
	uint64_t boot_base_ns;   /* CLOCK_BOOTTIME */
	uint64_t memory_bytes;   /* advice for /proc/meminfo */
	uint32_t want_text;      /* 1: the host wants OCALL_TEXT (profiling); granted where it may have every log level */
	uint32_t pad;
	/* Started by another enclave (OCALL_EIP_SPAWN): the host descriptor of the connection to it, else -1, and
	 * the host descriptors that it passed on, in its order. */
	int32_t eip_link;
	uint32_t eip_fd_count;
	int32_t eip_fds[BOOT_EIP_FDS_MAX];
	uint64_t eip_levels;     /* address of EIP_LEVELS times struct eip_level; 0: there are none */
};
