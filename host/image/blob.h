/* blob.h: an instance's configuration in memory, and its form for the LibOS (libos/abi/config.h). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "libos/abi/config.h"

struct mount_spec {
	uint32_t type;        /* enum config_fs */
	uint32_t flags;       /* CONFIG_MOUNT_* */
	const char *target;   /* absolute path inside */
	const char *source;   /* host directory or image file; NULL */
	uint32_t lower_type;  /* CONFIG_FS_UNION: what lies below */
	uint8_t root_hash[32];
};

struct instance_config {
	uint64_t user_space_max, heap_max;     /* bytes, 0: default */
	uint32_t max_threads, max_processes;   /* 0: default */
	uint64_t default_stack_size;           /* bytes, 0: default */
	uint32_t flags;                        /* CONFIG_TRY, CONFIG_DISABLE_LOG, CONFIG_LOOPBACK_HOST */
	uint32_t log_level_max;
	const char *hostname;
	const char *const *entry_points;       /* NULL-terminated arrays */
	const char *const *env_default;        /* "NAME=value" */
	const char *const *env_untrusted;
	const struct mount_spec *mounts;       /* "/" first */
	size_t mount_count;
};

/* malloc'ed blob. 0 or -ENOMEM. Deterministic: the same configuration gives the same bytes. */
int config_blob(const struct instance_config *c, void **out, size_t *size);
