/* config.h: the instance's configuration, from the measured blob (abi/config.h). Read-only after boot. */
#pragma once
#include "abi/config.h"
#include "base/types.h"

struct host_request;

/* -EINVAL with a log line if the blob is malformed. The blob stays where it is: config keeps pointers into it. */
int config_load(const void *blob, size_t size) must_check;
const struct config_head *config_get(void);
const char *config_string(uint32_t offset);      /* NULL for 0 */
size_t config_mounts(const struct config_mount **out);
/* May the host start this program (an absolute path inside)? True if it lies at or below an entry point. */
bool config_entry_allowed(const char *path);
/* The environment of a program started by the host: defaults, then the request's variables whose names are listed
 * as untrusted (all of them in a throw-away instance). *envp: kmalloc'ed NULL-terminated array and strings. */
int config_build_env(const struct host_request *req, char ***envp) must_check;
void config_free_env(char **envp);
