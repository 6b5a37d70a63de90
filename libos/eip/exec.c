/* exec.c: execve of a process that borrows its parent's memory: it goes on in a new enclave.
 *
 * The program has been opened and its strings copied here, so what execve refuses it refuses at once. The new enclave
 * loads it and answers; only then does the process leave. Until then it is whole, and any failure is execve's. */
#include "base/log.h"
#include "eip/eip.h"
#include "eip/files.h"
#include "eip/peer.h"
#include "eip/pending.h"
#include "eip/pids.h"
#include "eip/spawn.h"
#include "eip/state.h"
#include "base/heap.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "loader/program.h"
#include "process/internal.h"
#include "seccomp/seccomp.h"
#include "vm/vm.h"

bool eip_exec_leaves(void)
{
	return eip_enabled() && vm_space_shared(current->process->space) && current->process->nthreads == 1;
}

static int pack_program(struct pack *out, const struct program *pg)
{
	char *buf = kmalloc(PATH_MAX), *name;
	int err = buf ? path_name(&pg->file->path, buf, PATH_MAX, &name) : -ENOMEM;

	if (!err && name[0] != '/')
		err = -ENOENT;
	if (!err) {
		pack_string(out, name);
		pack_string(out, pg->filename);
		pack_u32(out, pg->strings.argc);
		pack_u32(out, pg->strings.envc);
		pack_u64(out, pg->strings.args_len);
		pack_blob(out, pg->strings.data, pg->strings.len);
	}
	kfree(buf);
	return err;
}

/* What restricts a process cannot follow it: then it must not go. */
int eip_may_leave(void)
{
	if (!current->process->landlock && !current->seccomp_mode && !current->trace)
		return 0;
	log_warn("eip: process %d is restricted (landlock, seccomp) or traced: it cannot go on in another enclave",
		 current->process->pid);
	return -EAGAIN;
}

int eip_enclave_start(struct eip_spawn *s, struct process *p, struct thread *t, enum eip_type type, bool exec,
		      struct pack *rest)
{
	struct eip_files files = { 0 };
	struct eip_link *link = NULL;
	struct eip_head head;
	struct pack body = { 0 };
	kpid_t first = eip_pids_take();
	int err = first ? 0 : -EAGAIN;

	if (!err) {
		eip_files_prepare(thread_files(t), exec);
		err = eip_files_pack(thread_files(t), exec, &files);
	}

	if (!err)
		err = eip_link_spawn(files.host_fds, files.host_count, &link);
	if (!err) {
		eip_head_fill(&head, p, first);
		pack_bytes(&body, &head, sizeof(head));
		eip_state_pack(&body, p, t);
		eip_pending_take(&s->pending, p, t);
		pack_blob(&body, s->pending.data, s->pending.len);
		pack_blob(&body, files.body.data, files.body.len);
		pack_bytes(&body, rest->data, rest->len);
		body.failed |= rest->failed | files.body.failed | s->pending.failed;
		err = eip_send_pack(link, type, &body);
	}
	s->peer = err ? NULL : eip_peer_create(link, false);
	if (!err && !s->peer)
		err = -ENOMEM;
	if (err && link)
		eip_link_close(link);
	if (err && first)
		eip_pids_return(first);
	if (!err) {
		eip_pids_give(s->peer, first);
		eip_files_given(s->peer, &files);
	}
	eip_files_free(&files);
	pack_free(rest);
	return err;
}

int eip_enclave_started(struct eip_spawn *s)
{
	struct eip_message m;
	struct unpack u;
	int err = eip_receive(s->peer->link, &s->peer->partial, &m);

	if (err)
		return err == -ENOMEM ? err : -EAGAIN;
	u = (struct unpack){ m.body, (uint8_t *)m.body + m.len, false };
	err = m.type == EIP_STARTED ? (int)unpack_u32(&u) : -EIO;
	kfree(m.body);
	return err;
}

void eip_enclave_drop(struct eip_spawn *s)
{
	if (!s->peer)
		return;
	eip_pids_gone(s->peer);
	eip_peer_free(s->peer);
}

int eip_exec(const struct program *pg, struct eip_peer **to)
{
	struct process *p = current->process;
	struct eip_spawn s = { 0 };
	struct pack rest = { 0 };
	int err = eip_may_leave();

	if (!err)
		err = pack_program(&rest, pg);
	if (err) {
		pack_free(&rest);
		return err;
	}
	err = eip_enclave_start(&s, p, current, EIP_EXEC, true, &rest);
	if (!err)
		err = eip_enclave_started(&s);
	if (!err && current->exiting)
		err = -EINTR;
	if (!err)
		err = eip_peer_prepare(s.peer);
	if (err) {
		eip_enclave_drop(&s);
		eip_pending_put_back(&s.pending, p, current);
	}
	pack_free(&s.pending);
	if (err)
		return err;
	p->exit_signal = SIGCHLD;
	p->exec_done = true;
	*to = s.peer;
	return 0;
}
