/* config.h: the configuration blob: Occlum.json (or the defaults of `occlum try`) as the LibOS reads it.
 *
 * Made by host/image/config.c, measured into MRENCLAVE, read by libos/entry/config.c. A fixed head and
 * records; strings are offsets into the blob, NUL-terminated; offset 0 means none. Everything is checked
 * although it is measured: a signer's mistake must give a message, not a crash. */
#pragma once
#include <stdint.h>

#define CONFIG_MAGIC 0x4749464e4f43434fUL
#define CONFIG_VERSION 1

struct config_strings { /* an array of uint32_t string offsets */
	uint32_t offset, count;
};

enum config_fs {
	CONFIG_FS_RAMFS = 1,
	CONFIG_FS_DEVFS,
	CONFIG_FS_PROCFS,
	CONFIG_FS_HOSTFS,
	CONFIG_FS_HASHFS,
	CONFIG_FS_UNION,
	CONFIG_FS_SYSFS,
};
#define CONFIG_MOUNT_RDONLY 1u
#define CONFIG_MOUNT_NOEXEC 2u

struct config_mount { /* in order of mounting; target "/" first */
	uint32_t type;        /* enum config_fs; UNION: upper layer is ramfs, lower is lower_type */
	uint32_t flags;
	uint32_t target;      /* string: absolute path */
	uint32_t source;      /* string: host directory (hostfs) or image file (hashfs) */
	uint32_t lower_type;  /* for UNION: HOSTFS or HASHFS */
	uint32_t reserved;
	uint8_t root_hash[32]; /* HASHFS, or UNION over HASHFS */
};

struct config_head {
	uint64_t magic;
	uint32_t version, size;           /* size of the whole blob */
	uint64_t user_space_max;          /* bytes, 0 = as much as there is */
	uint64_t heap_max;                /* LibOS heap, bytes, 0 = default */
	uint32_t max_threads, max_processes; /* 0 = default */
	uint64_t default_stack_size;      /* bytes, 0 = 8 MiB */
	uint32_t flags;                   /* CONFIG_* below */
	uint32_t log_level_max;
	struct config_strings entry_points; /* path prefixes; empty = none allowed */
	struct config_strings env_default;  /* "NAME=value" */
	struct config_strings env_untrusted; /* names taken from the host */
	uint32_t mounts_offset, mounts_count; /* array of struct config_mount */
	uint32_t hostname;                /* string */
	uint32_t reserved[7];
};
#define CONFIG_TRY 1u             /* throw-away instance: every environment variable and any program of the host */
#define CONFIG_DISABLE_LOG 2u
#define CONFIG_LOOPBACK_HOST 4u     /* both ends inside or not: TCP and UDP over loopback go by the host */
#define CONFIG_EIP 8u               /* every process in a host process and an enclave of its own (libos/eip) */
#define CONFIG_COMMIT_LAZY 0x10u    /* anonymous memory comes in batches of one size */
#define CONFIG_COMMIT_EAGER 0x20u   /* ... when it is mapped; neither: in batches that adapt */
#define CONFIG_SGX1 0x40u           /* all memory is added before EINIT, ELRANGE is 2^36: no leaf of SGX2 is ever used */
