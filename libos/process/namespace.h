/* namespace.h: namespaces as programs see them (namespaces(7)). Only UTS, mount (fs/mount_ns.c) and time (time/timens.h) namespaces can be made; of
 * each other kind there is one, the initial one, and its limit is reached (ENOSPC), as where /proc/sys/user/max_*_namespaces is 0. */
#pragma once
#include "base/types.h"
#include "process/uts.h"

struct process;
struct path;

enum ns_kind { NS_CGROUP, NS_IPC, NS_MNT, NS_NET, NS_PID, NS_TIME, NS_USER, NS_UTS, NS_TIME_CHILDREN /* of /proc/PID/ns only */, NS_KINDS };

struct uts_ns {
	unsigned ref;
	uint64_t ino;
	struct utsname name;
};
extern struct uts_ns uts_initial;

struct uts_ns *uts_ns_get(struct uts_ns *ns);
void uts_ns_put(struct uts_ns *ns);
/* The names that the current process sees. */
struct utsname *uts_current(void);

/* May the current process make these (CLONE_NEW*)? 0, -EPERM, -ENOSPC; -EINVAL for combinations. */
int ns_may_create(uint64_t clone_flags) must_check;
/* Process p gets a copy of what it has as its own. flags as allowed above. -ENOMEM. */
int ns_create(struct process *p, uint64_t clone_flags) must_check;

/* For /proc/PID/ns. */
const char *ns_name(enum ns_kind kind);
uint64_t ns_number(const struct process *p, enum ns_kind kind);
int ns_path(struct process *p, enum ns_kind kind, struct path *out) must_check;
