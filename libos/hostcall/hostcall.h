/* hostcall.h: the only way to the host. One wrapper per call of abi/ocall.h; each checks the reply where
 * it arrives: errno in range, length <= asked, pointers never taken from the host. Results are then trusted
 * to be well-formed (not to be true).
 *
 * Plain wrappers keep the giant lock and return soon. Those marked "May sleep" run on a host worker thread
 * while the calling thread sleeps interruptibly; -ERESTARTSYS when a signal came first. */
#pragma once
#include "abi/ocall.h"
#include "base/types.h"

/* memory (vm/pages.c, base/heap.c only); addr, len page aligned */
/* From now on no page comes or goes and no EPCM right changes, as SGX1 has it: host_mem_augment says -ENOMEM, and only
 * host_mem_protect and host_mem_hide are left. At boot. */
void host_mem_fixed(void);
bool host_mem_is_fixed(void);
int host_mem_augment(uint64_t addr, uint64_t len);             /* EAUG + EACCEPT: zero pages, R+W */
int host_mem_protect(uint64_t addr, uint64_t len, int prot);   /* page tables only; EPCM must allow it */
int host_mem_extend(uint64_t addr, uint64_t len, int prot);    /* EMODPE + page tables: more rights */
/* For up to OCALL_MEM_RANGES ranges at once: other CPUs are interrupted once for all of them. */
int host_mem_hide(const struct mem_range *r, unsigned n);      /* page tables only: no access */
int host_mem_restrict(const struct mem_range *r, unsigned n, int prot); /* EMODPR + EACCEPT: fewer rights */
int host_mem_remove(const struct mem_range *r, unsigned n);    /* trim: pages go back, access faults */

int host_open(const char *path, unsigned flags, unsigned mode);
void host_close(int fd);
ssize_t host_pread(int fd, void *buf, size_t n, uint64_t off);        /* any n; loops over the bounce buffer */
ssize_t host_pwrite(int fd, const void *buf, size_t n, uint64_t off);
/* At the end of the file, whoever else appends: one step for the host, so n bytes at most are written, fewer if n is
 * more than HOST_APPEND_MAX. *end: the end of what was written, at least as much as was. */
#define HOST_APPEND_MAX 0x3f000u
ssize_t host_append(int fd, const void *buf, size_t n, uint64_t *end);
ssize_t host_read(int fd, void *buf, size_t n);          /* stream; may sleep; n capped at 64 KiB */
ssize_t host_write(int fd, const void *buf, size_t n);   /* stream; may sleep; n capped at 64 KiB */
int host_fstat(int fd, struct host_stat *st);
int host_lstat(const char *path, struct host_stat *st);
ssize_t host_readlink(const char *path, char *buf, size_t size);
ssize_t host_getdents(int fd, void *buf, size_t n, uint64_t *cookie); /* checked struct host_dirent records */
int host_path_op(enum host_path_op op, const char *path, const char *path2, unsigned mode);
int host_setattr(const char *path, struct ocall_setattr *a);
int host_fsync(int fd);
int host_statfs(const char *path, struct ocall_statfs *out);
int host_poll_now(int fd, unsigned events);              /* revents, does not wait */
/* Starts watching fd on a worker; when something of events is ready or the watch is cancelled, done(arg, revents)
 * runs under the giant lock (must not sleep). Handle >= 0 or -errno; one watch per handle. */
int host_watch(int fd, unsigned events, void (*done)(void *arg, int revents), void *arg);
void host_watch_cancel(int handle);
long host_tty(int fd, unsigned cmd, void *buf, size_t len);
/* For a profiler outside: file text from offset on lies at addr; path "": stubs. */
void host_text(const char *path, uint64_t addr, uint64_t len, uint64_t offset);
/* Site table of a host file: kmalloc'ed, size-checked, not otherwise trusted. NULL: none. */
struct site_table;
struct site_table *host_sites(const char *path);
ssize_t host_wait_request(struct host_request *buf, size_t size); /* may sleep */
/* Ended or stopped: wait_status says which. */
void host_exited(uint64_t request_id, int wait_status, int pid);
void host_log(int level, const char *msg, size_t len);
nsec_t host_clock(int clock);

/* vCPU */
void host_park(nsec_t timeout);
void host_unpark(unsigned vcpu);
void host_kick(unsigned vcpu);
void host_want_tick(unsigned vcpu, bool wanted);
