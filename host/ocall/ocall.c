/* ocall.c: from a call number to its handler. */
#include "ocall.h"

#include "file.h"
#include "instance/child.h"
#include "instance/request.h"
#include "net.h"
#include "tty.h"

#define CALL(nr, fn, type) case nr: fn((struct type *)args); return true
#define HOST_CALL(nr, fn, type) case nr: fn(h, (struct type *)args); return true

bool ocall_dispatch(struct ocall_host *h, uint64_t nr, uint64_t args)
{
	switch (nr) {
	HOST_CALL(OCALL_PARK, ocall_park, ocall_park);
	HOST_CALL(OCALL_UNPARK, ocall_unpark, ocall_unpark);
	HOST_CALL(OCALL_TICK, ocall_tick, ocall_tick);
	HOST_CALL(OCALL_KICK, ocall_kick, ocall_kick);
	HOST_CALL(OCALL_SUBMIT, ocall_submit, ocall_submit);
	HOST_CALL(OCALL_CANCEL, ocall_cancel, ocall_cancel);
	HOST_CALL(OCALL_REQUEST, ocall_request, ocall_request);
	HOST_CALL(OCALL_EXITED, ocall_exited, ocall_exited);
	CALL(OCALL_EIP_SPAWN, ocall_eip_spawn, ocall_eip_spawn);
	CALL(OCALL_EIP_MARK, ocall_eip_mark, ocall_eip_mark);
	CALL(OCALL_RECORDS, ocall_records, ocall_records);
	CALL(OCALL_PAIR, ocall_pair, ocall_pair);
	CALL(OCALL_SHUTDOWN, ocall_shutdown, ocall_shutdown);
	CALL(OCALL_SEND_BUFFER, ocall_send_buffer, ocall_send_buffer);
	CALL(OCALL_LOG, ocall_log, ocall_log);
	CALL(OCALL_CLOCK, ocall_clock, ocall_clock);
	CALL(OCALL_SITES, ocall_sites, ocall_sites);
	CALL(OCALL_TEXT, ocall_text, ocall_text);
	case OCALL_MEM_AUGMENT:
	case OCALL_MEM_PROTECT:
		ocall_mem(h, (enum ocall_nr)nr, (struct ocall_mem *)args);
		return true;
	case OCALL_MEM_HIDE:
	case OCALL_MEM_RESTRICT:
	case OCALL_MEM_TRIM:
	case OCALL_MEM_REMOVE:
		ocall_mem_list(h, (enum ocall_nr)nr, (struct ocall_mem_list *)args);
		return true;
	CALL(OCALL_OPEN, ocall_open, ocall_open);
	CALL(OCALL_CLOSE, ocall_close, ocall_fd);
	CALL(OCALL_PREAD, ocall_pread, ocall_rw);
	CALL(OCALL_PWRITE, ocall_pwrite, ocall_rw);
	CALL(OCALL_READ, ocall_read, ocall_rw);
	CALL(OCALL_WRITE, ocall_write, ocall_rw);
	CALL(OCALL_APPEND, ocall_append, ocall_rw);
	CALL(OCALL_STAT, ocall_stat, ocall_stat);
	CALL(OCALL_READLINK, ocall_readlink, ocall_readlink);
	CALL(OCALL_GETDENTS, ocall_getdents, ocall_rw);
	CALL(OCALL_PATH_OP, ocall_path_op, ocall_path_op);
	CALL(OCALL_SETATTR, ocall_setattr, ocall_setattr);
	CALL(OCALL_FSYNC, ocall_fsync, ocall_fd);
	CALL(OCALL_STATFS, ocall_statfs, ocall_statfs);
	CALL(OCALL_POLL, ocall_poll, ocall_poll);
	CALL(OCALL_TTY, ocall_tty, ocall_tty);
	CALL(OCALL_NET_OP, ocall_net_op, ocall_net_op);
	CALL(OCALL_NET_WRITE, ocall_net_write, ocall_net_data);
	CALL(OCALL_NET_READ, ocall_net_read, ocall_net_data);
	CALL(OCALL_NET_SEND, ocall_net_send, ocall_net_msg);
	CALL(OCALL_NET_RECV, ocall_net_recv, ocall_net_msg);
	CALL(OCALL_NET_AHEAD, ocall_net_ahead, ocall_net_ahead);
	CALL(OCALL_NET_LATER, ocall_net_later, ocall_net_later);
	CALL(OCALL_NET_OPTION, ocall_net_option, ocall_net_option);
	CALL(OCALL_NET_INTERFACES, ocall_net_interfaces, ocall_net_interfaces);
	default:
		return false;
	}
}
