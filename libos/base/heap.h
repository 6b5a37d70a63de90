/* heap.h: memory for LibOS objects, inside the enclave. Caller holds the giant lock.
 *
 * kmalloc serves any size; sizes of a page and more are page aligned. Returns NULL when the LibOS
 * area is exhausted (callers answer ENOMEM). kfree(NULL) is allowed. */
#pragma once
#include "base/types.h"

void heap_init(uint64_t start, uint64_t committed_end, uint64_t end);
void *kmalloc(size_t size) must_check;
void *kzalloc(size_t size) must_check;
void *krealloc(void *p, size_t size) must_check;
void kfree(void *p);
char *kstrdup(const char *s) must_check;

/* Whole pages, page aligned, not zeroed; count in pages. For page caches, stacks, pipe buffers. */
void *page_alloc(size_t count) must_check;
void *page_alloc_zero(size_t count) must_check;
void page_free(void *p, size_t count);

struct heap_stats {
	uint64_t committed, used, peak; /* bytes */
};
void heap_stats(struct heap_stats *out);
