/* config.h: Occlum.json. Everything in it is optional; what is there must be known and right. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blob.h"

#define CONFIG_FILE "Occlum.json"
#define CONFIG_ERR_SIZE 512

/* multiprocess = eip: what each enclave has, all of it added before EINIT. */
#define EIP_HEAP (16ul << 20) /* of it, for the LibOS; the rest is for the program */
#define EIP_SIZE_MIN (32ul << 20)
#define EIP_SIZE_MAX (16ul << 30)
#define EIP_SIZE_DEFAULT (256ul << 20)
#define EIP_SIZE_TEXT "a size such as \"256MB\", from 32MB to 16GB"

struct cJSON;

struct occlum_config {
	struct instance_config instance; /* its strings live as long as this struct */
	uint32_t vcpus;
	uint64_t heap_init;              /* bytes, 0: default */
	uint64_t user_init;              /* bytes */
	uint16_t product_id, version;
	bool debuggable;
	struct mount_spec *mounts;       /* instance.mounts; the builder fills in the root_hash of the first */
	struct cJSON *json;
	void *owned[72];                 /* freed with it */
	size_t owned_count;
};

/* text: len bytes. 0, or -EINVAL or -ENOMEM and a line "FILE:LINE: key "a.b": ..." in err. */
int config_parse(const char *file, const char *text, size_t len, struct occlum_config *c, char err[CONFIG_ERR_SIZE]);
int config_read(const char *file, struct occlum_config *c, char err[CONFIG_ERR_SIZE]);
void config_free(struct occlum_config *c);
/* "300MB" to bytes; K, M, G, T are powers of 1024. */
bool config_size(const char *s, uint64_t *bytes);
/* vm.sgx = 1: what is there from the start unless resource_limits says otherwise. */
#define SGX1_HEAP (256ul << 20)
#define SGX1_USER (1ul << 30)
/* vm.commit to CONFIG_COMMIT_*; false: no such mode. */
#define CONFIG_COMMIT_TEXT "\"eager\", \"lazy\" or \"adaptive\""
bool config_commit(const char *s, uint64_t *flags);
