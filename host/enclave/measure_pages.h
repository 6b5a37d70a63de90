/* measure_pages.h: MRENCLAVE of pages, computed beside the hardware or without any (measure.c). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct sgx_measure;

/* What EADD and, if measured, EEXTEND of these pages do; src NULL: zero pages. */
void measure_pages(struct sgx_measure *m, uint64_t offset, const void *src, uint64_t len, uint64_t flags,
		   bool measure);
