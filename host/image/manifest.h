/* manifest.h: build/manifest, a few lines "name value". */
#pragma once
#include <stdint.h>

struct manifest {
	uint64_t vcpus, heap_init, user_init, user_memory_max, debuggable;
	char inputs[65], all[65]; /* stamps, hexadecimal SHA-256 */
};

int manifest_read(struct manifest *m);  /* 0 or -errno; -EINVAL: damaged */
int manifest_write(const struct manifest *m);
void manifest_remove(void);
/* The stamp of Occlum.json and image/ as they are now; err: as image_make. */
int stamp_inputs(char out[65], char *err);
/* Adds to it the LibOS, the signer and what else decides the result. */
int stamp_all(const char inputs[65], const char *libos_path, const uint8_t mrsigner[32], char out[65]);
