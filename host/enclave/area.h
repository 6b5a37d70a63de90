/* area.h: a map from address ranges to small values, as a sorted array: the mappings of an enclave that
 * have no pages yet, and the most that its pages may be mapped with. Ranges are page aligned. The caller
 * locks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
	uint64_t start, end;
	unsigned int value;
};

struct area_map {
	struct area *areas; /* ordered, disjoint; equal neighbours are one */
	size_t count, size;
};

/* [start, end) has this value from now on; 0 or -ENOMEM (then nothing has changed). */
int area_set(struct area_map *m, uint64_t start, uint64_t end, unsigned int value);
int area_clear(struct area_map *m, uint64_t start, uint64_t end);
/* The first area that ends behind addr, or NULL. */
const struct area *area_at(const struct area_map *m, uint64_t addr);
void area_free(struct area_map *m);
