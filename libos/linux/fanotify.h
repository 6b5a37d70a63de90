/* fanotify.h: fanotify(7). Events up to FAN_OPEN have inotify's numbers. */
#pragma once
#include "base/types.h"

#define FAN_ACCESS 0x1u
#define FAN_MODIFY 0x2u
#define FAN_CLOSE_WRITE 0x8u
#define FAN_CLOSE_NOWRITE 0x10u
#define FAN_OPEN 0x20u
#define FAN_OPEN_EXEC 0x1000u
#define FAN_Q_OVERFLOW 0x4000u
#define FAN_OPEN_PERM 0x10000u
#define FAN_ACCESS_PERM 0x20000u
#define FAN_OPEN_EXEC_PERM 0x40000u
#define FAN_EVENT_ON_CHILD 0x08000000u
#define FAN_ONDIR 0x40000000u
#define FAN_EVENTS (FAN_ACCESS | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_CLOSE_NOWRITE | FAN_OPEN | FAN_OPEN_EXEC)
#define FAN_PERM_EVENTS (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM)

#define FAN_CLOEXEC 0x1u
#define FAN_NONBLOCK 0x2u
#define FAN_CLASS_CONTENT 0x4u
#define FAN_CLASS_PRE_CONTENT 0x8u
#define FAN_CLASSES 0xcu
#define FAN_UNLIMITED_QUEUE 0x10u
#define FAN_UNLIMITED_MARKS 0x20u
#define FAN_REPORT_TID 0x100u

#define FAN_MARK_ADD 0x1u
#define FAN_MARK_REMOVE 0x2u
#define FAN_MARK_DONT_FOLLOW 0x4u
#define FAN_MARK_ONLYDIR 0x8u
#define FAN_MARK_MOUNT 0x10u
#define FAN_MARK_IGNORED_MASK 0x20u
#define FAN_MARK_IGNORED_SURV_MODIFY 0x40u
#define FAN_MARK_FLUSH 0x80u
#define FAN_MARK_FILESYSTEM 0x100u
#define FAN_MARK_TYPES (FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM)

#define FAN_ALLOW 1u
#define FAN_DENY 2u
#define FAN_NOFD (-1)
#define FANOTIFY_METADATA_VERSION 3

struct fanotify_event_metadata {
	uint32_t event_len;
	uint8_t vers, reserved;
	uint16_t metadata_len;
	uint64_t mask;
	int32_t fd, pid;
};
struct fanotify_response {
	int32_t fd;
	uint32_t response;
};
