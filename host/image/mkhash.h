/* mkhash.h: makes a hashed image (libos/abi/image.h) of a directory. */
#pragma once
#include <stdint.h>

#define IMAGE_ERR_SIZE 512

struct image_stats {
	uint64_t files, directories, links, others, bytes, patch_sites;
};

/* Writes dir's tree to the file out (replaced only on success). 0 or -errno with a line in err
 * naming the file. The same tree gives the same image: everything belongs to root, names are
 * sorted, and only regular files have times, their own, or SOURCE_DATE_EPOCH if that is earlier.
 * stats may be NULL. */
int image_make(const char *dir, const char *out, uint8_t root_hash[32], struct image_stats *stats,
	       char err[IMAGE_ERR_SIZE]);
