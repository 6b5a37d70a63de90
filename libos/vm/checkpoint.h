/* checkpoint.h: an address space taken apart, to be put together at the same addresses in another enclave (eip/fork.c).
 *
 * First all pieces are mapped (vm_piece_restore), then the content that travelled is written into them, then they get their
 * rights (vm_piece_finish). What a program's text refers to in the LibOS (stubs, the vDSO) is made anew. */
#pragma once
#include "base/types.h"

struct file;
struct vm_space;

struct vm_piece { /* one mapping */
	uaddr_t start, end;
	uint64_t offset;    /* of start in the file */
	struct file *file;  /* borrowed; NULL: anonymous, or no longer to be had by name */
	const char *name;   /* "[heap]"...; NULL: none */
	int prot, flags;    /* PROT_*, MAP_* */
	bool content;       /* its valid pages are not those of the file */
};

/* The first piece of s that ends above addr. False: there is none. */
bool vm_piece_next(struct vm_space *s, uaddr_t addr, struct vm_piece *out);
/* The first page at or above addr, of a piece with content, that must travel; piece->end: no more. Zeros need not. */
uaddr_t vm_piece_page(const struct vm_piece *piece, uaddr_t addr);
/* Copies such a page of s, which is the current process'. 0, -EFAULT, -ENOMEM. May sleep, but not if the page can be read by
 * the program. */
int vm_piece_read(struct vm_space *s, uaddr_t page, void *buf) must_check;

int vm_piece_restore(struct vm_space *s, const struct vm_piece *piece) must_check; /* may sleep */
int vm_piece_finish(struct vm_space *s, const struct vm_piece *piece) must_check;

struct vm_heap {
	uaddr_t brk_start, brk;
};
struct vm_heap vm_heap_get(const struct vm_space *s);
void vm_heap_set(struct vm_space *s, struct vm_heap h);
