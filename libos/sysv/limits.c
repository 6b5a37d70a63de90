/* limits.c: the tables' sizes and the limits that /proc/sys/kernel shows and sets; first values as Linux has them. */
#include "abi/layout.h"
#include "sysv/ids.h"

struct ipc_ids shm_ids = { .limit = 4096, .last = -1, .next_id = IPC_NO_ID };
struct ipc_ids sem_ids = { .limit = 32000, .last = -1, .next_id = IPC_NO_ID };
struct ipc_ids msg_ids = { .limit = 32000, .last = -1, .next_id = IPC_NO_ID };

uint64_t shm_max_bytes = UINT64_MAX - (1UL << 24);
uint64_t shm_all_pages = UINT64_MAX - (1UL << 24);
uint64_t shm_rmid_forced;
uint64_t sem_limits[4] = { 32000, 1024000000, 500 };
uint64_t msg_max_bytes = 8192, msg_queue_bytes = 16384;
