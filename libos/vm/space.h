/* space.h: an address space and its mappings (vm/ internal).
 *
 * Mappings (struct vma) never overlap inside a space and are kept in a tree by address. generation
 * counts changes of the tree: code that may have slept compares it before it trusts a vma pointer
 * again. */
#pragma once
#include "abi/layout.h"
#include "base/list.h"
#include "base/tree.h"
#include "linux/mman.h"
#include "vm/pages.h"
#include "vm/park.h"
#include "vm/vm.h"

#define VM_MAX_MAPS    65530u
#define STACK_GUARD    (256 * PAGE_SIZE) /* kept free below a growing stack */
#define EAGER_FILL     (128 * 1024UL)	 /* file mappings up to this are filled at mmap */
#define ZERO_MAX       256u  /* pages: reused ranges with more are decommitted instead of zeroed */
#define POOL_RANGE_MAX 1024u /* pages: more than this in one mapping is given back when it goes */

enum vma_flag {
	VMA_SHARED = 1,
	VMA_GROWSDOWN = 2,
	VMA_STACK = 4, /* touched downwards */
	VMA_LOCKED = 8,
	VMA_WRITTEN = 16,   /* has been writable: no longer the file's image */
	VMA_TRANSIENT = 32, /* ld.so's first mapping of a library, soon overlaid: see park.c */
	VMA_STUBS = 64,
	VMA_MAYWRITE = 128, /* shared: the file was open for writing */
	VMA_WIPE = 256,
	VMA_DONTFORK = 512,
	VMA_DONTDUMP = 1024,
	VMA_POISONED = 65536, /* UFFDIO_POISON: its pages are lost; none is valid */
	VMA_UFFD = 32768,   /* a userfaultfd may want to know of missing pages: uffd.c */
	VMA_GUARD = 16384,  /* MADV_GUARD_INSTALL: holds no page, every access faults; split off from its neighbours */
	VMA_SEALED = 8192,  /* mseal: neither unmapped nor given other rights until the space goes */
	VMA_DROPPED = 4096, /* MADV_DONTNEED has zeroed pages of it in place */
	VMA_SHADOWS = 2048, /* a reader's mapping over parked patched text, which has no access */
};
/* There may be parked pieces beneath the mapping. */
#define VMA_OVER_PARKED (VMA_TRANSIENT | VMA_SHADOWS)

struct region;

struct vma {
	struct tree_node node;
	uint64_t gap, max_gap; /* free bytes below, and the largest of the subtree */
	uaddr_t start, end;
	struct vm_space *space;
	struct file *file;   /* referenced; NULL: anonymous */
	uint64_t offset;     /* of start in the file */
	struct park_key key; /* of file when mapped */
	const char *name;
	struct stub_area *stubs; /* of patched text: referenced; of a VMA_STUBS mapping: not */
	struct region *region;	 /* shared: referenced */
	unsigned flags;
	int prot;
	uint16_t mempolicy;   /* MPOL_*, of mbind */
	bool mempolicy_node;  /* it names the node */
	unsigned nest;	      /* shared: further mmaps that were given the same addresses */
	unsigned fault_batch; /* pages committed by the last fault */
	uaddr_t fault_next;   /* where a sequential fault would come */
	struct list by_file;  /* all mappings of files, by inode */
};

struct vm_space {
	struct vm_space_head head; /* first: vm.h */
	unsigned ref;
	struct tree vmas;
	struct vma *last; /* of the last lookup */
	uint64_t generation;
	unsigned count;			   /* mappings */
	uint64_t size, peak, data, locked; /* pages */
	uint64_t resident, peak_resident;  /* valid pages of private mappings */
	uaddr_t brk_start, brk;
	uaddr_t spurious_addr; /* fault.c */
	unsigned spurious;
	unsigned fault_batch; /* commit.c: what became of batches in its mappings */
	bool lock_future;
	bool sealed; /* some mapping is VMA_SEALED */
	struct vm_family *family; /* spaces that claim some of the same addresses (family.c) */
	struct list relative;	  /* its members */
	struct shadow *shadow;	  /* where the pages are while not resident; NULL: resident */
	struct shadow *kept;	  /* of a resident space: its shadow when it came in, or NULL */
	unsigned turn_equal;	  /* pages that were exchanged when it came in last, but the same */
	unsigned turns, rejoin_wait; /* rejoin.c: since it was last done; how many turns there are between */
};

enum retire_mode {
	RETIRE_UNMAP,	/* munmap: later accesses must fault */
	RETIRE_REPLACE, /* something else is mapped there at once */
	RETIRE_EXIT,	/* the space goes */
};

extern uint64_t vm_pages_used; /* valid pages in mappings of all spaces, and in shared regions */

static inline struct vma *vma_of(struct tree_node *n)
{
	return n ? tree_entry(n, struct vma, node) : NULL;
}
static inline struct vma *vma_next(struct vma *v)
{
	return vma_of(tree_next(&v->node));
}
static inline struct vma *vma_prev(struct vma *v)
{
	return vma_of(tree_prev(&v->node));
}
/* Private mapping whose pages are the file's, unchanged. */
static inline bool vma_clean_file(const struct vma *v)
{
	return v->file && !(v->flags & (VMA_SHARED | VMA_WRITTEN));
}

/* space.c */
struct vm_space *vm_space_alloc(void) must_check; /* in no family yet */
struct vma *vma_find(struct vm_space *s, uaddr_t addr); /* the mapping that holds addr, or NULL */
struct vma *vma_find_from(struct vm_space *s,
			  uaddr_t addr); /* the first that ends above addr, or NULL */
bool space_range_free(struct vm_space *s, uaddr_t start, uaddr_t end);
bool space_range_sealed(struct vm_space *s, uaddr_t start, uaddr_t end); /* any part of it */
bool space_range_mapped(struct vm_space *s, uaddr_t start, uaddr_t end); /* without holes */
struct vma *vma_alloc(void) must_check;
void vma_link(struct vm_space *s, struct vma *v); /* insert; takes over references v holds */
void vma_unlink(struct vma *v);
/* All mappings of s, put on a list by their by_file. */
void vma_unlink_all(struct vm_space *s, struct list *gone);
void vma_free(struct vma *v);			     /* unlinked; drops references; may sleep */
/* Both ends of [start, end) become borders of mappings, but for stubs, which are never split. -ENOMEM (map count,
 * memory). */
int space_split(struct vm_space *s, uaddr_t start, uaddr_t end) must_check;
void vma_resize(struct vma *v, uaddr_t start, uaddr_t end);
void space_merge(struct vm_space *s, uaddr_t start, uaddr_t end);
void vma_set_prot(struct vma *v, int prot);
void space_account_valid(struct vm_space *s, long pages);
int space_check_limits(struct vm_space *s, size_t len, int prot, unsigned flags) must_check;
uint64_t space_rlimit(int which);
void vma_list_by_file(struct vma *v);
size_t vma_count_resident(struct vma *v);
/* Highest free room of len in [low, high), or 0. */
uaddr_t space_gap(struct vm_space *s, uaddr_t low, uaddr_t high, size_t len);

/* textnote.c: there is a new executable mapping of a file at addr. */
void vm_text_note(struct vm_space *s, uaddr_t addr);

/* munmap.c: takes [start, end) out of s. Unlinked mappings go on *dead (tree_node.right chain) to
 * be freed by vma_free_dead, which may sleep. Does not sleep itself. */
int space_unmap(struct vm_space *s, uaddr_t start, uaddr_t end, enum retire_mode mode,
		struct vma **dead) must_check;
/* The same with all of s, which goes; returns the chain. */
struct vma *space_clear(struct vm_space *s) must_check;
void vma_free_dead(struct vma *dead);

/* fault.c: fills the pages of [start, end) of v that are not valid. 0; -EAGAIN: the space changed
 * meanwhile, look again; -EIO: the first page cannot be read; -ENXIO: it lies behind the end of the
 * file; -ENOMEM. May sleep. */
int vma_fill(struct vma *v, uaddr_t start, uaddr_t end) must_check;
/* A missing page of private anonymous memory gets this content (NULL: zeros). -EEXIST, -ENOENT (nothing of that kind is
 * mapped there), -ENOMEM. May sleep. */
int vm_install_page(struct vm_space *s, uaddr_t addr, const void *content) must_check;
/* Patches the system calls of pages that were filled before v had stubs. */
int vma_patch_valid(struct vma *v) must_check;
/* Pool pages in a new mapping are zeroed, dropped, or left for vma_fill. */
int vma_clean_pool(struct vma *v, uaddr_t start, uaddr_t end) must_check;

/* commit.c: the pages to bring in for a fault at addr in anonymous memory. */
void commit_window(struct vma *v, uaddr_t addr, uaddr_t *start, uaddr_t *end);
/* Is a new mapping of this kind to be filled at once? */
bool commit_at_once(size_t len, int prot, int flags);

/* mprotect.c: v becomes an ordinary mapping: what is parked beneath it is dropped. */
void vma_settle(struct vma *v);

/* mmap.c */
int vma_attach_stubs(struct vma *v, size_t size);

/* shared.c */
struct region *region_get(struct region *r);
void region_put(struct region *r);	      /* may sleep */
void region_share(struct region *r);	      /* several spaces use it from now on */
/* A relative of s maps in the range what all see at the same address: a region or stubs. */
bool region_blocks(struct vm_space *s, uaddr_t start, uaddr_t end);
void region_forget_space(struct vm_space *s); /* it is going */
/* Finds or makes the region for a shared mapping; at: fixed address or 0. *addr: where the mapping
 * starts. May sleep. */
int region_open(struct vm_space *s, struct inode *inode, uint64_t offset, size_t len, uaddr_t at,
		struct region **out, uaddr_t *addr) must_check;
/* Lies [start, end) where regions are placed? Then it may be asked for as a fixed address of a shared mapping. */
bool region_area(uaddr_t start, uaddr_t end);
int region_map(struct vm_space *s, struct region *r, struct vma *proto) must_check;
int region_fill(struct vma *v, uaddr_t start, uaddr_t end) must_check;
int region_protect(struct vma *v, int prot) must_check;
/* v is out of its tree by munmap(2), parts of its region are still mapped: nobody may touch v's part. May sleep. */
void region_unmapped(struct vma *v);
int region_sync(struct vma *v, uaddr_t start, uaddr_t end);
