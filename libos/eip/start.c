/* start.c: the beginning of a process in its own enclave, after another one asked for it.
 *
 * pid 1 takes the first message and makes two processes: a proxy of the parent, and the process itself, whose thread does the
 * rest as execve would, in its own name, and answers. From then on pid 1 serves the parent's enclave. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "eip/files.h"
#include "eip/peer.h"
#include "eip/pending.h"
#include "eip/pids.h"
#include "eip/spawn.h"
#include "eip/state.h"
#include "entry/enclu.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "loader/program.h"
#include "process/internal.h"
#include "process/pid.h"
#include "signal/signal.h"

static struct {
	struct eip_message m;
	struct unpack u;
	struct pack partial;
	bool done;
	struct waitq wait;
} first = { .wait = WAITQ_INIT(first.wait) };

static void say_started(int err)
{
	int32_t body = err;

	if (eip_link_send(eip_parent->link, EIP_STARTED, &body, sizeof(body)) || err)
		enclave_stop(0); /* the parent knows, or nobody wants to */
}

static int unpack_strings(struct exec_strings *s, struct unpack *u)
{
	size_t len;
	const void *data;

	s->argc = unpack_u32(u);
	s->envc = unpack_u32(u);
	s->args_len = unpack_u64(u);
	data = unpack_blob(u, &len);
	if (u->failed)
		return -EINVAL;
	s->data = kmalloc(len + 1);
	if (!s->data)
		return -ENOMEM;
	memcpy(s->data, data, len);
	s->len = len;
	return 0;
}

static int start_program(struct program *pg, struct unpack *u)
{
	const char *path = unpack_string(u);
	struct file *file;
	int err;

	pg->filename = unpack_string(u);
	err = unpack_strings(&pg->strings, u);
	if (!err)
		err = exec_open_file(AT_FDCWD, path, LOOKUP_FOLLOW, &file);
	if (!err)
		err = program_open(pg, file);
	return err ? err : exec_first(pg);
}

static int start_exec(struct unpack *u)
{
	struct program *pg = kzalloc(sizeof(*pg));
	int err = pg ? start_program(pg, u) : -ENOMEM;

	if (pg)
		program_free(pg);
	kfree(pg);
	return err;
}

/* A part of the message that is one itself. */
static struct unpack unpack_inner(struct unpack *u)
{
	size_t size;
	const uint8_t *at = unpack_blob(u, &size);

	return (struct unpack){ at, at + size, u->failed };
}

static int arrive(struct process *p, struct thread *t)
{
	struct unpack *u = &first.u, pending, files;
	int err = eip_state_unpack(p, t, u);

	pending = unpack_inner(u);
	files = unpack_inner(u);
	if (!err)
		err = eip_files_unpack(p, &files);
	if (err)
		return err;
	eip_state_become(p);
	err = first.m.type == EIP_FORK ? eip_fork_arrive(u, &first.partial) : start_exec(u);
	if (!err)
		eip_pending_arrive(&pending, p, t);
	return err;
}

/* The first thing that the process' thread does. */
static void begin(struct thread *t)
{
	struct process *p = t->process;
	int err = arrive(p, t);

	if (err)
		log_info("eip: process %d cannot go on in its new enclave: error %d", p->pid, -err);
	kfree(first.m.body);
	eip_main = p;
	eip_started = true;
	say_started(err);
	first.done = true;
	waitq_wake_all(&first.wait, 0);
	eip_running();
}

static int give_resources(struct process *p)
{
	p->files = fdtable_create();
	p->sighand = sighand_create();
	p->fs = fs_info_copy(init_process->fs);
	return p->files && p->sighand && p->fs ? 0 : -ENOMEM;
}

static void take_numbers(struct process *p, kpid_t pgid, kpid_t sid)
{
	pid_hold(sid);
	pid_release(p->sid);
	p->sid = sid;
	process_set_pgrp(p, pgid);
}

static int make_processes(const struct eip_head *h, struct thread **out)
{
	struct process *parent = init_process, *p;
	struct thread *t = thread_alloc();
	int err = t ? 0 : -ENOMEM;

	if (!err && h->parent != init_process->pid)
		err = process_create_elsewhere(init_process, h->parent, &parent);
	if (err)
		return err;
	if (parent != init_process) {
		parent->elsewhere = eip_parent;
		parent->cred.uid = parent->cred.euid = parent->cred.suid = h->parent_uid;
		eip_parent->proxy = parent;
		take_numbers(parent, h->parent_pgid, h->parent_sid);
	}
	pid_last = (uint64_t)h->pid - 1;
	err = process_create(parent, t, &p);
	if (err)
		return err;
	take_numbers(p, h->pgid, h->sid);
	eip_pids_begin(h->first_pid);
	t->begin = begin;
	*out = t;
	return give_resources(p);
}

void eip_child_main(void)
{
	struct eip_head head;
	struct thread *t = NULL;
	int err;

	eip_parent = eip_peer_create(eip_link_parent(), true);
	if (!eip_parent)
		enclave_stop(9);
	err = eip_receive(eip_parent->link, &first.partial, &first.m);
	first.u = (struct unpack){ first.m.body, (uint8_t *)first.m.body + first.m.len, false };
	unpack_bytes(&first.u, &head, sizeof(head));
	if (err || first.u.failed || (first.m.type != EIP_EXEC && first.m.type != EIP_FORK))
		enclave_stop(0);
	err = make_processes(&head, &t);
	if (err)
		say_started(err);
	thread_start(t);
	while (!first.done)
		if (waitq_wait(&first.wait, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			continue;
	if (eip_peer_prepare(eip_parent))
		enclave_stop(9);
	eip_peer_start(eip_parent);
	eip_peer_receive(eip_parent);
	enclave_stop(0);
}
