/* park.h: file pages that stay in place after their mapping has gone (vm/ internal, see park.c). */
#pragma once
#include "base/list.h"
#include "base/tree.h"
#include "vm/place.h"

struct file;
struct inode;
struct vma;
struct vm_space;
struct stub_area;

/* Names one state of one file without holding its inode. */
struct park_key {
	uint64_t dev, ino, version, size;
	int64_t mtime_sec, mtime_nsec;
};

struct parked {
	struct tree_node node; /* arena->parked */
	struct list hash, age; /* by inode; oldest last */
	struct arena *arena;
	uaddr_t start, end;
	uint64_t offset; /* of start in the file */
	size_t pages;	 /* with PG_VALID */
	struct park_key key;
	struct stub_area *stubs; /* patched text: holds a reference; for is_stub: the area itself */
	bool is_stub;		 /* these are the stubs of parked text elsewhere in the arena */
};

/* The stubs of one executable mapping (loader/rewrite.h). Lives while text in mappings or parked
 * text uses it. */
struct stub_area {
	unsigned ref;
	uaddr_t start, end;
	struct vm_space *space; /* has a VMA for it (relatives may too); NULL while parked */
	struct parked *parked;	/* its own piece while parked */
	struct rewrite_area *rewrite;
	bool broken; /* its pages went away: the text must not be used again */
};

void park_key_init(struct park_key *key, const struct inode *inode);
bool park_key_equal(const struct park_key *a, const struct park_key *b);

/* A mapping piece [start, end) of vma (private, of a file, never writable) goes: keep its valid
 * pages. False: not kept. */
bool park_range(struct vma *vma, uaddr_t start, uaddr_t end);
/* A new mapping covers [start, end): takes over pieces that fit it (their pages become valid in
 * it), drops the others. The range is a mapping of s already. */
void park_adopt(struct vm_space *s, struct vma *vma, uaddr_t start, uaddr_t end, bool wants_stubs);
/* Drops every piece that touches the range. */
void park_drop_range(struct arena *a, uaddr_t start, uaddr_t end);
/* The lowest piece that touches [start, end), or NULL. */
struct parked *park_first(struct arena *a, uaddr_t start, uaddr_t end);
/* Where a mapping of the file from offset is parked: in an arena of s, or (fresh: s has none yet)
 * in a free arena: another one than lately if that one is worn). NULL. */
struct parked *park_lookup(struct vm_space *s, const struct park_key *key, uint64_t offset,
			   size_t len, bool fresh);
void park_drop(struct parked *p);
/* Drops the oldest pieces until bytes are free; how many were. */
size_t park_shrink(size_t bytes);

void stub_get(struct stub_area *a);
void stub_put(struct stub_area *a);
/* The stub mapping of a space goes with the space (parked if text still wants it), or is unmapped
 * by hand. */
void stub_park(struct stub_area *a);
/* s gives up its mapping of the stubs: has a relative one too, who is the owner from now on? */
bool stub_shared(struct stub_area *a, struct vm_space *s);

extern uint64_t park_pages; /* valid pages of all pieces */
