/* inotify.h: the limits of inotify, for /proc/sys/fs/inotify. */
#pragma once
#include "base/types.h"

extern uint64_t inotify_max_events, inotify_max_instances, inotify_max_watches;
