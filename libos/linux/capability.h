/* capability.h: capability numbers and the structs of capget/capset. */
#pragma once
#include <stdint.h>

#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_BROADCAST 11
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_PACCT 20
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LEASE 28
#define CAP_MAC_OVERRIDE 32
#define CAP_LAST_CAP 40
#define CAP_ALL ((1UL << (CAP_LAST_CAP + 1)) - 1)

#define CAPABILITY_VERSION_1 0x19980330
#define CAPABILITY_VERSION_2 0x20071026
#define CAPABILITY_VERSION_3 0x20080522

struct cap_header {
	uint32_t version;
	int32_t pid;
};
struct cap_data {
	uint32_t effective, permitted, inheritable;
};

/* What the file system user 0 has; changes with it (setfsuid). */
#define CAP_FS_SET                                                                                                    \
	(1UL << CAP_CHOWN | 1UL << CAP_DAC_OVERRIDE | 1UL << CAP_DAC_READ_SEARCH | 1UL << CAP_FOWNER |                \
	 1UL << CAP_FSETID | 1UL << CAP_LINUX_IMMUTABLE | 1UL << CAP_MKNOD | 1UL << CAP_MAC_OVERRIDE)

/* Each has a lock in the bit above it. */
#define SECBIT_NOROOT 0x01u
#define SECBIT_NO_SETUID_FIXUP 0x04u
#define SECBIT_KEEP_CAPS 0x10u
#define SECBIT_NO_CAP_AMBIENT_RAISE 0x40u
#define SECBIT_LOCKS 0xaau
#define SECBIT_ALL 0xffu

struct vfs_cap_data { /* extended attribute security.capability */
	uint32_t magic;
	struct {
		uint32_t permitted, inheritable;
	} set[2];
};
#define VFS_CAP_REVISION_MASK 0xff000000u
#define VFS_CAP_REVISION_2 0x02000000u
#define VFS_CAP_FLAGS_EFFECTIVE 1u
#define VFS_CAP_SIZE_2 20
