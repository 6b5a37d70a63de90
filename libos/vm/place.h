/* place.h: who owns which part of ELRANGE, and where new mappings go (vm/ internal).
 *
 * The user ranges are divided into chunks of 128 MiB (8 MiB where addresses are scarce: place_confine). An arena is a run of
 * chunks that belongs to one space at a time; all mappings of a space lie in its arenas. When the space goes, its arenas
 * become free *with what is committed and parked in them* and the next space takes the newest: that
 * is what makes spawning cheap. Free arenas are given up oldest first. */
#pragma once
#include "abi/layout.h"
#include "base/list.h"
#include "base/tree.h"

struct vm_space;
struct vm_family;
struct park_key;

#define CHUNK_SHIFT_MAX 27
#define CHUNK_SHIFT	chunk_shift
#define CHUNK_SIZE	(1UL << CHUNK_SHIFT)

struct arena {
	uaddr_t start, end;
	uaddr_t bottom, top;	/* mappings go down from top, programs up from bottom: randomised */
	struct vm_family *family; /* whose spaces it is for; NULL: free, or kept by pins */
	struct list node;	/* family->arenas, or the free list, newest first */
	struct tree parked;	/* struct parked, by start */
	unsigned pins;		/* shared regions inside that outlive the owner */
	unsigned uses, streak;	/* times adopted; the last ones in a row */
};

struct place_limits {
	uaddr_t low, high; /* the mapping must lie inside */
};
extern struct place_limits place_anywhere, place_32bit; /* constant after boot */
extern unsigned chunk_shift;

/* New arenas are made of this range first, which begins at a chunk: its pages exist already. At boot. */
void place_prefer(uaddr_t start, uaddr_t end);
/* All mappings lie in [start, end): there is no memory elsewhere. At boot. */
void place_confine(uaddr_t start, uaddr_t end);
/* Finds room for len bytes in the arenas of s, or in a new one: an address or -ENOMEM. */
long place_find(struct vm_space *s, size_t len, const struct place_limits *limits) must_check;
/* Room near `at`, in its arena; -ENOMEM if there is none. */
long place_find_near(struct vm_space *s, uaddr_t at, size_t len) must_check;
/* Room for the program of a new space (low in its arena, so that the heap can grow). */
long place_find_program(struct vm_space *s, size_t len) must_check;
/* Makes [start, end) belong to s if it does not yet: 0, or -ENOMEM when someone else is there. */
int place_claim(struct vm_space *s, uaddr_t start, uaddr_t end) must_check;
/* Would place_claim succeed? */
bool place_claimable(struct vm_space *s, uaddr_t start, uaddr_t end);
/* The arena that covers addr, or NULL. */
struct arena *place_arena(uaddr_t addr);
/* Nothing of s lies in the high part yet, where ordinary mappings go: it may take a free arena. */
bool place_homeless(const struct vm_space *s);
/* The newest free arena has been used so often in a row that another one should be. */
bool arena_worn(const struct arena *a);
/* Gives a free arena to s. */
void arena_adopt(struct vm_space *s, struct arena *a);
/* Its family has no mappings in it any more: it becomes free. */
void arena_release(struct arena *a);
/* A region inside the arena holds it even without an owner. */
void arena_pin(struct arena *a);
void arena_unpin(struct arena *a);
/* Gives back at least so many bytes of pooled and parked memory if there is as much. */
void place_reclaim(size_t bytes);
/* Keeps pool and parked memory within their bounds; called when a space has gone. */
void place_trim(void);
