/* aio.h: io_setup(2) and kin. */
#pragma once
#include "base/types.h"

enum { IOCB_CMD_PREAD, IOCB_CMD_PWRITE, IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC, IOCB_CMD_POLL = 5, IOCB_CMD_NOOP,
       IOCB_CMD_PREADV, IOCB_CMD_PWRITEV };
#define IOCB_FLAG_RESFD 1u
#define IOCB_FLAG_IOPRIO 2u

struct iocb {
	uint64_t data;
	uint32_t key;
	int32_t rw_flags;
	uint16_t opcode;
	int16_t reqprio;
	uint32_t fd;
	uint64_t buf, nbytes;
	int64_t offset;
	uint64_t reserved;
	uint32_t flags, resfd;
};
_Static_assert(sizeof(struct iocb) == 64, "struct iocb");

struct io_event {
	uint64_t data, obj;
	int64_t res, res2;
};
