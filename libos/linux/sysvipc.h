/* sysvipc.h: System V IPC: shmget(2), semget(2), msgget(2) and their control calls. */
#pragma once
#include "base/types.h"

#define IPC_CREAT 01000
#define IPC_EXCL 02000
#define IPC_NOWAIT 04000
#define IPC_PRIVATE 0

#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define IPC_INFO 3

struct ipc_perm {
	int32_t key;
	uint32_t uid, gid, cuid, cgid, mode;
	uint16_t seq, pad;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct ipc_perm) == 48, "struct ipc64_perm");

/* Shared memory */
#define SHM_LOCK 11
#define SHM_UNLOCK 12
#define SHM_STAT 13
#define SHM_INFO 14
#define SHM_STAT_ANY 15
#define SHM_DEST 01000u    /* of perm.mode: goes with the last detach */
#define SHM_LOCKED 02000u
#define SHM_HUGETLB 04000
#define SHM_RDONLY 010000  /* of shmat */
#define SHM_RND 020000
#define SHM_REMAP 040000
#define SHM_EXEC 0100000

struct shmid_ds {
	struct ipc_perm perm;
	uint64_t segsz;
	int64_t atime, dtime, ctime;
	int32_t cpid, lpid;
	uint64_t nattch, unused[2];
};
_Static_assert(sizeof(struct shmid_ds) == 112, "struct shmid64_ds");

struct shminfo {
	uint64_t shmmax, shmmin, shmmni, shmseg, shmall, unused[4];
};
struct shm_info {
	int32_t used_ids, pad;
	uint64_t shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

/* Semaphores */
#define GETPID 11
#define GETVAL 12
#define GETALL 13
#define GETNCNT 14
#define GETZCNT 15
#define SETVAL 16
#define SETALL 17
#define SEM_STAT 18
#define SEM_INFO 19
#define SEM_STAT_ANY 20
#define SEM_UNDO 010000
#define SEMVMX 32767
#define SEMAEM SEMVMX
#define SEMUSZ 20 /* what semctl tells of a size nobody uses */

struct sembuf {
	uint16_t num;
	int16_t op, flg;
};
struct semid_ds {
	struct ipc_perm perm;
	int64_t otime;
	uint64_t unused1;
	int64_t ctime;
	uint64_t unused2, nsems, unused3[2];
};
_Static_assert(sizeof(struct semid_ds) == 104, "struct semid64_ds");

struct seminfo {
	int32_t semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

/* Messages */
#define MSG_STAT 11
#define MSG_INFO 12
#define MSG_STAT_ANY 13
#define MSG_NOERROR 010000
#define MSG_EXCEPT 020000
#define MSG_COPY 040000
#define MSGSSZ 16
#define MSGSEG 0xffff

struct msqid_ds {
	struct ipc_perm perm;
	int64_t stime, rtime, ctime;
	uint64_t cbytes, qnum, qbytes;
	int32_t lspid, lrpid;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct msqid_ds) == 120, "struct msqid64_ds");

struct msginfo {
	int32_t msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	uint16_t msgseg, pad;
};
