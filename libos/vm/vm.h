/* vm.h: address spaces.
 *
 * An enclave page has exactly one linear address, and all processes live in one ELRANGE. So a space is
 * a set of mappings (struct vma) over addresses handed out by one global allocator (vm/place.c); two
 * spaces never overlap, except for families of forked or fixed-address programs, of which one is
 * resident at a time (space->resident).
 *
 * Page invariant: inside a mapping, a committed page is filled: it holds what the process may see.
 * Uncommitted pages fault and are filled then (vm_fault). */
#pragma once
#include "base/types.h"

struct vm_space;
struct file;
struct inode;
struct process;

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4

/* What others see of a space without a call. */
struct vm_space_head {
	bool resident; /* its pages are in place (vm/family.c): its threads may run user code */
	bool wanted;   /* while its threads are on a CPU, others of its family wait: tell vm_space_left */
};
static inline bool vm_space_resident(const struct vm_space *s)
{
	return ((const struct vm_space_head *)s)->resident;
}
static inline bool vm_space_wanted(const struct vm_space *s)
{
	return ((const struct vm_space_head *)s)->wanted;
}

struct vm_space *vm_space_create(void) must_check; /* ref 1; NULL: no memory */
struct vm_space *vm_space_create_fixed(void) must_check; /* for the LibOS: its addresses are nobody else's, ever */
/* A copy of the parent's, with copies of its private pages, and resident; ref 1; NULL: no memory. Does not sleep. */
struct vm_space *vm_space_fork(struct vm_space *parent) must_check;
/* Makes s resident, waiting for its turn while another space of its family runs, at most until that has been resident for at_most ns.
 * 0, -ENOMEM, or what waitq_wait() says when a signal came. May sleep. */
int vm_space_turn(struct vm_space *s, nsec_t at_most) must_check;
/* s is not resident, and who is runs on another CPU just now. */
bool vm_space_blocked(const struct vm_space *s);
/* Different members of one family: one of them at a time runs. */
bool vm_space_related(const struct vm_space *a, const struct vm_space *b);
/* A thread of s, which is wanted, has left its CPU. */
void vm_space_left(struct vm_space *s);
/* s, which has relatives, became resident less than `age` ago. */
bool vm_space_turn_young(const struct vm_space *s, nsec_t age);
/* Set by the scheduler: does a thread of s run on another CPU? NULL: only one vCPU runs. */
extern bool (*vm_space_running)(const struct vm_space *s);
struct vm_space *vm_space_get(struct vm_space *s);
bool vm_space_shared(const struct vm_space *s); /* by several processes */
void vm_space_put(struct vm_space *s);  /* the last put unmaps; clean file pages are parked */

/* The mmap(2) family on a given space; offsets in bytes, page aligned. Address or -errno. file may be NULL.
 * vm_mmap takes its own reference on file. May sleep (file reads). */
long vm_mmap(struct vm_space *s, uaddr_t addr, size_t len, int prot, int flags, struct file *file,
	     uint64_t offset) must_check;
int vm_munmap(struct vm_space *s, uaddr_t addr, size_t len) must_check;
int vm_mprotect(struct vm_space *s, uaddr_t addr, size_t len, int prot) must_check;
/* Sets the start of the heap (after the program's bss). */
void vm_brk_init(struct vm_space *s, uaddr_t start);
/* Asks for a place to put a program of len bytes whose file is `file` (PIE): a parked one of the same
 * file version if there is, else a random one. -ENOMEM. */
long vm_place_for(struct vm_space *s, struct file *file, size_t len) must_check;

/* Makes [addr, addr+len) present with at least prot (PROT_READ|PROT_WRITE) in the current space, for
 * usercopy. 0 or -EFAULT. May sleep. Fast when already present. */
int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot) must_check;

/* Copies between buf and the memory of a process that need not be the current one, within one page. 0 or -EFAULT.
 * May sleep. */
int vm_access(struct vm_space *s, uaddr_t addr, void *buf, size_t len, bool write) must_check;

/* A page fault of the current process. pfec: bit1 write, bit4 fetch. 0: retry the access;
 * else the signal to send: *sig (SIGSEGV/SIGBUS), *code (SEGV_MAPERR...). May sleep. */
int vm_fault(struct vm_space *s, uaddr_t addr, unsigned pfec, int *sig, int *code);

/* For /proc/PID/maps, smaps, statm. */
struct vma_info {
	uaddr_t start, end;
	int prot;
	bool shared;
	uint64_t offset;
	struct file *file;    /* NULL: anonymous */
	const char *name;     /* "[heap]", "[stack]", "[vdso]" or NULL */
	size_t resident;      /* bytes */
	bool locked;
};
/* Is there a mapping at addr? shared: MAP_SHARED. */
bool vm_mapped(struct vm_space *s, uaddr_t addr, bool *shared);
/* Is there a page at addr now? shared: of a shared mapping. */
bool vm_page_resident(struct vm_space *s, uaddr_t addr, bool *shared);
/* The first mapping that ends above addr; false if none. */
bool vm_next_vma(struct vm_space *s, uaddr_t addr, struct vma_info *out);
struct vm_stats {
	uint64_t size, peak, resident, peak_resident, locked, data, stack, text, lib, brk_start, brk;
};
void vm_space_stats(struct vm_space *s, struct vm_stats *out);
struct vm_global_stats {
	uint64_t total, free, cached, parked; /* bytes, for /proc/meminfo */
};
void vm_global_stats(struct vm_global_stats *out);
/* Gives up what is only kept for the next program: parked pieces and free arenas. */
void vm_drop_caches(void);
/* Names a mapping for /proc/PID/maps ("[stack]"...); name is static. */
void vm_name_range(struct vm_space *s, uaddr_t addr, const char *name);
/* Maps and fills [addr, addr+len) now, as MAP_POPULATE does; what cannot be filled is left to faults. May sleep. */
void vm_populate(struct vm_space *s, uaddr_t addr, size_t len);
/* Committed user memory may not exceed this many bytes; 0: no limit. Set at boot from the configuration. */
extern uint64_t vm_user_limit;
/* When anonymous memory is committed (vm/commit.c). Set at boot from the configuration. */
enum vm_commit { VM_COMMIT_ADAPTIVE, VM_COMMIT_LAZY, VM_COMMIT_EAGER };
extern enum vm_commit vm_commit_mode;
extern bool vm_text_wanted; /* the host is told where program text lies: textnote.c */
/* Set by the scheduler: returns when no other vCPU executes user code in space s (NULL: in any space) and
 * keeps it so until the giant lock is let go, so that a page may be filled in place though other threads
 * of the process know its address. Must not sleep. NULL: only one vCPU runs. */
extern void (*vm_quiesce)(struct vm_space *s);
/* The page cache is about to write into a page that lies in a window (filemap_window_open), and has done so:
 * the window may be mapped read-only. In between the caller may sleep only to read other user memory. */
void vm_window_write_begin(uaddr_t page);
void vm_window_write_end(uaddr_t page);
/* mappings of a truncated file beyond new_size fault with SIGBUS from now on */
void vm_truncate_mappings(struct inode *inode, uint64_t new_size);
/* How many mappings, in all spaces, show this file. */
unsigned long vm_count_mappings(struct inode *inode);
/* [added_start, added_end): memory for programs that the enclave has from the start (abi/boot.h); may be empty. fixed: there
 * will never be another page for them. */
void vm_init(uaddr_t added_start, uaddr_t added_end, bool fixed);
