/* file.h: handlers of the LibOS's file calls. Each gets the argument struct in the shared area and
 * stores its result in a->ret (>= 0 or -errno). They are stateless and may run on any thread; READ,
 * WRITE and POLL may block and give -EINTR when their thread is signalled (OCALL_CANCEL). */
#pragma once
#include "libos/abi/ocall.h"

void ocall_open(struct ocall_open *a);
void ocall_pair(struct ocall_pair *a);
void ocall_shutdown(struct ocall_shutdown *a);
void ocall_send_buffer(struct ocall_send_buffer *a);
void ocall_records(struct ocall_records *a);
void ocall_close(struct ocall_fd *a);
void ocall_pread(struct ocall_rw *a);
void ocall_pwrite(struct ocall_rw *a);
void ocall_read(struct ocall_rw *a);
void ocall_write(struct ocall_rw *a);
void ocall_append(struct ocall_rw *a);
void ocall_stat(struct ocall_stat *a);
void ocall_readlink(struct ocall_readlink *a);
void ocall_getdents(struct ocall_rw *a);
void ocall_path_op(struct ocall_path_op *a);
void ocall_setattr(struct ocall_setattr *a);
void ocall_fsync(struct ocall_fd *a);
void ocall_statfs(struct ocall_statfs *a);
void ocall_poll(struct ocall_poll *a);
