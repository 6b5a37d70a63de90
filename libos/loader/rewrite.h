/* rewrite.h: turns `syscall` (and cpuid) instructions of mapped program code into jumps to the LibOS.
 *
 * Division of work: vm/ decides where things lie and when pages are filled; this file says how many
 * bytes of stubs a mapping wants, and patches pages. What is written depends only on the file's content,
 * its site table and the two addresses, so a parked image keeps its patches.
 *
 * For vm/ (all for private mappings of regular files with PROT_EXEC):
 *   1. size = rewrite_stub_size(inode, off, len). 0: nothing to do for this mapping.
 *   2. Allocate `size` bytes (page aligned, within +-2 GiB of the text) for the stubs: committed, zero, R+W.
 *   3. area = rewrite_attach(inode, text, off, len, stubs). NULL: no memory; go on without.
 *   4. After a run of pages has been filled from the file and before it becomes executable, with
 *      text and stubs writable: rewrite_pages(area, addr, len). Then make both R+X.
 *   5. When the pages are dropped (not when they are parked): rewrite_detach(area).
 * A page must be patched exactly once per filling. Sites that straddle the border of a run stay unpatched
 * (they trap, which is correct and slower). None of these sleeps but rewrite_stub_size. */
#pragma once
#include "base/types.h"

struct inode;
struct rewrite_area;

/* Bytes of stubs for a mapping of [off, off+len) of the file: a multiple of PAGE_SIZE, or 0. May sleep. */
size_t rewrite_stub_size(struct inode *inode, uint64_t off, size_t len);
struct rewrite_area *rewrite_attach(struct inode *inode, uaddr_t text, uint64_t off, size_t len, uaddr_t stubs)
	must_check;
void rewrite_pages(struct rewrite_area *area, uaddr_t addr, size_t len);
void rewrite_detach(struct rewrite_area *area);

/* Signal frames show addresses of the program, not of stubs (musl's cancellation compares them):
 * the address in the original code that a rip inside a stub stands for; any other rip unchanged. */
uaddr_t rewrite_shown_rip(uaddr_t rip);
/* The other way, for sigreturn: where execution goes on when the program asks for rip, which may lie
 * in bytes that a jump has replaced. */
uaddr_t rewrite_resume_rip(uaddr_t rip);

/* Plain image only: is the breakpoint at this address a syscall instruction of the program's? */
bool rewrite_breakpoint(uaddr_t at);

struct rewrite_stats {
	uint64_t patched, refused; /* sites since boot */
};
extern struct rewrite_stats rewrite_stats;
