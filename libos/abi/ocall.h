/* ocall.h: what the LibOS asks of the host. One packed struct per call: IN fields are written by the
 * LibOS, OUT fields by the host; nothing else is read back. Pointers are host addresses (uint64_t) into
 * the shared area. `ret` is >= 0 or -errno. Every reply is checked in libos/hostcall/. */
#pragma once
#include <stdint.h>

enum ocall_nr {
	OCALL_PARK = 1, OCALL_UNPARK, OCALL_TICK, OCALL_KICK, OCALL_LOG, OCALL_CLOCK,
	OCALL_MEM_AUGMENT, OCALL_MEM_PROTECT, OCALL_MEM_HIDE, OCALL_MEM_RESTRICT, OCALL_MEM_TRIM, OCALL_MEM_REMOVE,
	OCALL_OPEN, OCALL_CLOSE, OCALL_PREAD, OCALL_PWRITE, OCALL_READ, OCALL_WRITE, OCALL_STAT, OCALL_READLINK,
	OCALL_GETDENTS, OCALL_PATH_OP, OCALL_SETATTR, OCALL_FSYNC, OCALL_STATFS, OCALL_POLL, OCALL_TTY,
	OCALL_SITES, OCALL_REQUEST, OCALL_EXITED, OCALL_CANCEL, OCALL_SUBMIT,
	OCALL_NET_OP, OCALL_NET_WRITE, OCALL_NET_READ, OCALL_NET_SEND, OCALL_NET_RECV, OCALL_NET_OPTION, OCALL_NET_INTERFACES,
	OCALL_NET_AHEAD, OCALL_NET_LATER,
	OCALL_EIP_SPAWN, OCALL_EIP_MARK, OCALL_PAIR, OCALL_RECORDS, OCALL_SHUTDOWN, OCALL_SEND_BUFFER,
	OCALL_TEXT, OCALL_APPEND,
	OCALL_MAX,
};

#define OCALL_STRUCT(name) struct __attribute__((packed)) name

/* Sleeps until woken, timeout, or spuriously. events: room for socket events (abi/net.h) at buf, which also end the
 * sleep; 0: do not look at sockets; before it sleeps on those it looks again and again for spin_ns, which is part of the
 * timeout. ret: how many there are. */
OCALL_STRUCT(ocall_park) { uint64_t timeout_ns; uint32_t vcpu, events; uint64_t buf; uint64_t spin_ns; int64_t ret; };
OCALL_STRUCT(ocall_unpark) { uint32_t vcpu; int64_t ret; };
OCALL_STRUCT(ocall_tick) { int64_t ret; };                    /* the tick thread was asleep: wake it */
OCALL_STRUCT(ocall_kick) { uint32_t vcpu; int64_t ret; };     /* interrupt that vCPU now */
OCALL_STRUCT(ocall_submit) { int64_t ret; };              /* slots were submitted and workers may sleep: wake one */
OCALL_STRUCT(ocall_log) { uint32_t level, len; uint64_t buf; int64_t ret; };
OCALL_STRUCT(ocall_clock) { uint32_t clock; uint64_t ns; int64_t ret; };
/* AUGMENT: EAUG, mapped R+W; ret ON_DEMAND: EAUG of each page when EACCEPT faults on it. PROTECT: page tables to prot. */
#define OCALL_MEM_ON_DEMAND 1
OCALL_STRUCT(ocall_mem) { uint64_t addr, len; uint32_t prot; int64_t ret; };
/* A list, so that one call, one ETRACK and one round of interrupts do for all its pages. HIDE: page tables to no access
 * at all. RESTRICT: EMODPR to prot. TRIM: EMODT to PT_TRIM. REMOVE: EREMOVE of accepted trimmed pages, unmapped. */
#define OCALL_MEM_RANGES 32
OCALL_STRUCT(mem_range) { uint64_t addr, len; };
OCALL_STRUCT(ocall_mem_list) { uint32_t count, prot; struct mem_range range[OCALL_MEM_RANGES]; int64_t ret; };
/* Host files. fd: a host descriptor the LibOS got from OPEN or from a request. */
OCALL_STRUCT(ocall_open) { uint64_t path; uint32_t path_len, flags, mode; int64_t ret; }; /* flags: Linux O_* */
OCALL_STRUCT(ocall_fd) { int32_t fd; int64_t ret; };          /* CLOSE, FSYNC */
/* PREAD PWRITE; READ WRITE ignore off; GETDENTS: struct host_dirent records; APPEND: at the end, wherever that is when the host
 * writes, in one step; off: where the end is then. It moves the descriptor's own position. */
OCALL_STRUCT(ocall_rw) { int32_t fd; uint64_t buf, len, off; int64_t ret; };
OCALL_STRUCT(host_stat) {
	uint64_t dev, ino; uint32_t mode, nlink, uid, gid; uint64_t rdev, size, blocks, blksize;
	int64_t atime_sec, mtime_sec, ctime_sec; uint32_t atime_nsec, mtime_nsec, ctime_nsec, pad;
};
/* path 0: fstat; else lstat */
OCALL_STRUCT(ocall_stat) { int32_t fd; uint64_t path; uint32_t path_len; struct host_stat st; int64_t ret; };
OCALL_STRUCT(ocall_readlink) { uint64_t path; uint32_t path_len, size; uint64_t buf; int64_t ret; };
OCALL_STRUCT(host_dirent) { uint64_t ino, off; uint16_t reclen; uint8_t type; uint8_t name_len; char name[]; };
enum host_path_op { HOST_MKDIR = 1, HOST_RMDIR, HOST_UNLINK, HOST_RENAME, HOST_SYMLINK, HOST_LINK, HOST_MKFIFO, HOST_MKSOCK };
OCALL_STRUCT(ocall_path_op) { uint32_t op, mode; uint64_t path, path2; uint32_t path_len, path2_len; int64_t ret; };
OCALL_STRUCT(ocall_setattr) {
	uint64_t path; uint32_t path_len, valid, mode, uid, gid; uint64_t size; int64_t atime_sec, mtime_sec;
	uint32_t atime_nsec, mtime_nsec; int64_t ret;
};
OCALL_STRUCT(ocall_statfs) {
	uint64_t path; uint32_t path_len; uint64_t type, bsize, blocks, bfree, bavail, files, ffree; int64_t ret;
};
OCALL_STRUCT(ocall_poll) { int32_t fd; uint32_t events, revents; int64_t timeout_ns; int64_t ret; };
/* cmd: TCGETS, TCSETS*, TIOCGWINSZ, TIOCSWINSZ, FIONREAD */
OCALL_STRUCT(ocall_tty) { int32_t fd; uint32_t cmd; uint64_t buf; uint32_t len; int64_t ret; };
/* Where the syscall instructions of an ELF file are (host/image/sites.c): struct site_table into buf. Hints. */
OCALL_STRUCT(ocall_sites) { uint64_t path; uint32_t path_len; uint64_t buf, size; int64_t ret; }; /* bytes needed */
/* The next request of the operator (run/exec/kill/stop); blocks. Into buf: struct host_request. */
OCALL_STRUCT(ocall_request) { uint64_t buf, size; int64_t ret; };
/* A program that was asked for has ended or only stopped: status is a wait status; or could not start: -errno<<16. */
OCALL_STRUCT(ocall_exited) { uint64_t request_id; int32_t status; int32_t pid; int64_t ret; };
OCALL_STRUCT(ocall_cancel) { uint64_t slot; int64_t ret; };   /* give up a blocking call */

/* EIP: a new host process that loads an enclave of the same image and configuration, which inherits the count descriptors
 * at fds (int32_t each). ret: our end of a connection to it (a descriptor as from OPEN). */
OCALL_STRUCT(ocall_eip_spawn) { uint64_t fds; uint32_t count, pad; int64_t ret; };
/* Two connected sockets that keep records apart, non-blocking and close-on-exec: for pipes between enclaves. */
OCALL_STRUCT(ocall_pair) { int32_t fds[2]; int64_t ret; };
/* Records that wait in such a socket, one behind the other into buf: at least one, and more while they are less than
 * `want` bytes together, without overhead bytes of each, and the largest fits in what is left of room. ret: bytes; 0: the
 * other end is closed. */
OCALL_STRUCT(ocall_records) { int32_t fd; uint32_t room; uint64_t buf; uint32_t want, largest, overhead; int64_t ret; };
/* shutdown(2) of such a socket; how as there. */
OCALL_STRUCT(ocall_shutdown) { int32_t fd, how; int64_t ret; };
/* Its buffer for sending gets at least that many bytes, if it may. ret: how many it has, as the kernel counts. */
OCALL_STRUCT(ocall_send_buffer) { int32_t fd; uint32_t bytes; int64_t ret; };
/* EIP, for statistics: this enclave has come to that point of its life. */
enum eip_mark { EIP_MARK_BOOTED = 1, EIP_MARK_ATTESTED, EIP_MARK_RUNNING, EIP_MARK_MAX };
OCALL_STRUCT(ocall_eip_mark) { uint32_t mark, pad; int64_t ret; };

/* Asked for by boot_host.want_text: [addr, addr + len) now holds the file's bytes from offset on, executable. The path is the
 * one inside; path_len 0: stubs that the LibOS made. ret: 0. */
OCALL_STRUCT(ocall_text) { uint64_t addr, len, offset, path; uint32_t path_len, pad; int64_t ret; };

enum host_request_type { REQUEST_SPAWN = 1, REQUEST_SIGNAL, REQUEST_STOP, REQUEST_WINSIZE };
OCALL_STRUCT(host_request) {
	uint32_t type;
	uint64_t id;           /* chosen by the host; names the process in later requests */
	int32_t fds[3];        /* SPAWN: host descriptors for 0, 1, 2 */
	uint32_t fd_tty;       /* SPAWN: bit i = fds[i] is a terminal */
	int32_t sig;           /* SIGNAL */
	uint32_t argc, envc, umask;
	uint32_t ignored;      /* SPAWN: bit i: signal i + 1 is ignored from the start */
	uint32_t strings_len;  /* cwd, path, argv[0..argc-1], envp..., each NUL-terminated, follow */
	char strings[];
};
