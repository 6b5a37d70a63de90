/* fork.c: a copy of a process in a new enclave.
 *
 * After the process' state and descriptors come registers and a list of its mappings, then in EIP_MEMORY messages the pages
 * that a new mapping of the same file would not have, at the same addresses: each enclave has all of them for itself.
 * A process with one thread stands still meanwhile, so its pages are read as they are sent; of one with several threads a
 * copy is taken first, while none of them runs. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "eip/spawn.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/mman.h"
#include "loader/rewrite.h"
#include "process/internal.h"
#include "thread/fpu.h"
#include "time/vdso.h"
#include "vm/checkpoint.h"
#include "vm/vm.h"

#define CHUNK (EIP_MESSAGE_MAX - 0x2000) /* bytes of pages in one message */

struct registers {
	struct regs regs;
	uint64_t fs_base, gs_user;
	uaddr_t clear_child_tid, set_child_tid, rseq, vdso;
	uint32_t rseq_len, rseq_sig;
	uaddr_t arg_start, arg_end, env_start, env_end, auxv_start, auxv_end, brk_start;
	struct vm_heap heap;
	bool exec_done;
};

struct piece { /* a mapping; names follow */
	uaddr_t start, end;
	uint64_t offset;
	int32_t prot, flags;
	uint32_t file_flags;
	bool content, named;
};

struct run { /* in EIP_MEMORY: that many bytes for addr follow */
	uaddr_t addr;
	uint64_t len;
};

/* ---- the process that forks ---- */

static void pack_registers(struct pack *out, const struct process *p, struct thread *t)
{
	struct process *cur = current->process;
	struct registers r = {
		.regs = *t->regs, .fs_base = t->fs_base, .gs_user = t->gs_user, .clear_child_tid = t->clear_child_tid,
		.set_child_tid = t->set_child_tid, .rseq = t->rseq, .rseq_len = t->rseq_len, .rseq_sig = t->rseq_sig,
		.vdso = vdso_map(NULL), .heap = vm_heap_get(cur->space), .exec_done = cur->exec_done,
		.arg_start = p->arg_start, .arg_end = p->arg_end, .env_start = p->env_start, .env_end = p->env_end,
		.auxv_start = p->auxv_start, .auxv_end = p->auxv_end, .brk_start = p->brk_start,
	};

	r.regs.rip = rewrite_shown_rip(r.regs.rip);
	if (t->vectors_dead)
		fpu_area_control(t->xsave, t->x87_control, t->mxcsr);
	pack_bytes(out, &r, sizeof(r));
	pack_blob(out, t->xsave, fpu_used_size(t->xsave));
}

static const char *file_name(const struct path *path, char *buf)
{
	char *name;

	if (!path->dentry || !path->mnt || path_name(path, buf, PATH_MAX, &name) || name[0] != '/')
		return "";
	return name;
}

static void pack_mappings(struct pack *out, struct vm_space *s, char *buf)
{
	struct vm_piece v = { 0 };

	while (vm_piece_next(s, v.end, &v)) {
		const char *name = v.file ? file_name(&v.file->path, buf) : "";
		struct piece piece = {
			.start = v.start, .end = v.end, .offset = v.offset, .prot = v.prot, .flags = v.flags,
			.file_flags = v.file ? v.file->flags : 0, .content = v.content, .named = v.name,
		};

		pack_bytes(out, &piece, sizeof(piece));
		pack_string(out, name);
		if (v.name)
			pack_string(out, v.name);
	}
	pack_bytes(out, &(struct piece){ 0 }, sizeof(struct piece));
}

static int pack_process(struct pack *out, struct process *p, struct thread *t)
{
	char *buf = kmalloc(PATH_MAX);

	if (!buf)
		return -ENOMEM;
	pack_registers(out, p, t);
	pack_string(out, file_name(&p->exe, buf));
	pack_mappings(out, current->process->space, buf);
	kfree(buf);
	return out->failed ? -ENOMEM : 0;
}

struct sender {
	struct eip_link *link;
	struct pack chunk;
	struct pack *kept; /* not sent yet: all of a process with several threads */
	unsigned kept_count;
	bool keep;
};

static int chunk_done(struct sender *s)
{
	struct pack *more;
	int err;

	if (s->chunk.failed)
		return -ENOMEM;
	if (!s->keep) {
		err = eip_link_send(s->link, EIP_MEMORY, s->chunk.data, s->chunk.len);
		s->chunk.len = 0;
		return err;
	}
	more = krealloc(s->kept, (s->kept_count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->kept = more;
	more[s->kept_count++] = s->chunk;
	s->chunk = (struct pack){ 0 };
	return 0;
}

/* The pages from `page` on that lie together. *next: where to go on. */
static int add_run(struct sender *s, struct vm_space *space, const struct vm_piece *v, uaddr_t page, uaddr_t *next)
{
	size_t at = s->chunk.len;
	struct run run = { page, 0 };

	pack_bytes(&s->chunk, &run, sizeof(run));
	do {
		void *to = pack_room(&s->chunk, PAGE_SIZE);
		int err = to ? vm_piece_read(space, page, to) : -ENOMEM;

		if (err)
			return err;
		run.len += PAGE_SIZE;
		page += PAGE_SIZE;
		*next = vm_piece_page(v, page);
	} while (*next == page && page < v->end && s->chunk.len + PAGE_SIZE <= CHUNK);
	memcpy(s->chunk.data + at, &run, sizeof(run));
	return 0;
}

static int add_pages(struct sender *s, struct vm_space *space)
{
	struct vm_piece v = { 0 };
	int err = 0;

	while (!err && vm_piece_next(space, v.end, &v)) {
		uaddr_t page = vm_piece_page(&v, v.start), next = page;

		for (; !err && page < v.end; page = next) {
			err = add_run(s, space, &v, page, &next);
			if (!err && s->chunk.len + sizeof(struct run) + PAGE_SIZE > CHUNK)
				err = chunk_done(s);
		}
	}
	if (!err && s->chunk.len)
		err = chunk_done(s);
	return err;
}

static int send_kept(struct sender *s)
{
	int err = 0;

	for (unsigned i = 0; i < s->kept_count && !err; i++)
		err = eip_link_send(s->link, EIP_MEMORY, s->kept[i].data, s->kept[i].len);
	return err ? err : eip_link_send(s->link, EIP_MEMORY, NULL, 0);
}

static void sender_free(struct sender *s)
{
	for (unsigned i = 0; i < s->kept_count; i++)
		pack_free(&s->kept[i]);
	kfree(s->kept);
	pack_free(&s->chunk);
}

int eip_fork(struct process *p, struct thread *t)
{
	struct vm_space *space = current->process->space;
	struct sender s = { .keep = current->process->nthreads > 1 };
	struct eip_spawn e = { 0 };
	struct pack rest = { 0 };
	int err = eip_may_leave();

	if (!err && s.keep && vm_quiesce)
		vm_quiesce(space);
	if (!err)
		err = pack_process(&rest, p, t);
	if (!err && s.keep)
		err = add_pages(&s, space);
	if (!err)
		err = eip_enclave_start(&e, p, t, EIP_FORK, false, &rest);
	pack_free(&rest);
	if (!err) {
		s.link = e.peer->link;
		if (!s.keep)
			err = add_pages(&s, space);
		if (!err)
			err = send_kept(&s);
	}
	sender_free(&s);
	if (!err)
		err = eip_enclave_started(&e);
	if (!err)
		err = eip_peer_prepare(e.peer);
	pack_free(&e.pending);
	if (err) {
		eip_enclave_drop(&e);
		return err == -ENOMEM ? err : -EAGAIN;
	}
	process_born_elsewhere(p, t, e.peer);
	return 0;
}

/* ---- the copy ---- */

static int open_named(const char *name, unsigned flags, struct file **out)
{
	if (!*name)
		return -ENOENT;
	return file_open(AT_FDCWD, name, (flags & O_ACCMODE) | O_NOCTTY, 0, out);
}

/* Of a file that cannot be had any more what was changed comes along; the rest is zero. */
static int restore(struct vm_space *s, struct vm_piece *v, const struct piece *p, const char *name)
{
	struct file *file = NULL;
	int err;

	if (!(p->flags & MAP_ANONYMOUS) && open_named(name, p->file_flags, &file)) {
		log_info("eip: %s, which the parent has mapped, cannot be opened here", *name ? name : "a file");
		v->flags = MAP_PRIVATE | MAP_ANONYMOUS;
	}
	v->file = file;
	err = vm_piece_restore(s, v);
	if (file)
		file_put(file);
	return err;
}

static const char *known_name(const char *name)
{
	static const char *const names[] = { "[heap]", "[stack]" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return names[i];
	return NULL;
}

/* All mappings: restored, or the second time with their rights. */
static int walk_mappings(struct vm_space *s, struct unpack *u, bool finish)
{
	for (;;) {
		struct piece p;
		struct vm_piece v;
		const char *name;
		int err;

		unpack_bytes(u, &p, sizeof(p));
		if (!p.end || u->failed)
			return u->failed ? -EINVAL : 0;
		name = unpack_string(u);
		v = (struct vm_piece){
			.start = p.start, .end = p.end, .offset = p.offset, .prot = p.prot, .flags = p.flags,
			.content = p.content, .name = p.named ? known_name(unpack_string(u)) : NULL,
		};
		err = finish ? vm_piece_finish(s, &v) : restore(s, &v, &p, name);
		if (err) {
			log_info("eip: %lx-%lx of the parent cannot be mapped here: error %d", p.start, p.end, -err);
			return err;
		}
	}
}

static int take_pages(const struct eip_message *m)
{
	struct unpack u = { m->body, (const uint8_t *)m->body + m->len, false };

	while (u.at < u.end) {
		struct run run;
		const uint8_t *data;

		unpack_bytes(&u, &run, sizeof(run));
		data = u.at;
		if (u.failed || run.len > (uint64_t)(u.end - u.at))
			return -EINVAL;
		u.at += run.len;
		if (copy_to_user(run.addr, data, run.len))
			return -EFAULT;
	}
	return 0;
}

static int receive_pages(struct pack *partial)
{
	struct eip_message m;
	int err;

	for (;;) {
		err = eip_receive(eip_parent->link, partial, &m);
		if (err)
			return err;
		if (m.type != EIP_MEMORY || !m.len)
			break;
		err = take_pages(&m);
		kfree(m.body);
		if (err)
			return err;
	}
	kfree(m.body);
	return m.type == EIP_MEMORY ? 0 : -EINVAL;
}

static void take_registers(struct process *p, struct thread *t, const struct registers *r, const void *area, size_t size)
{
	*t->regs = r->regs;
	t->regs->rip = rewrite_resume_rip(r->regs.rip);
	t->clear_child_tid = r->clear_child_tid;
	t->set_child_tid = r->set_child_tid;
	t->rseq = r->rseq;
	t->rseq_len = r->rseq_len;
	t->rseq_sig = r->rseq_sig;
	t->gs_user = r->gs_user;
	fpu_init_area(t->xsave);
	memcpy(t->xsave, area, MIN(size, fpu_area_size()));
	fpu_load_current();
	set_user_fs_base(r->fs_base);
	p->arg_start = r->arg_start;
	p->arg_end = r->arg_end;
	p->env_start = r->env_start;
	p->env_end = r->env_end;
	p->auxv_start = r->auxv_start;
	p->auxv_end = r->auxv_end;
	p->brk_start = r->brk_start;
	p->exec_done = r->exec_done;
}

static void take_exe(struct process *p, const char *name)
{
	struct path path;

	if (!*name || path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &path))
		return;
	process_set_exe(p, &path);
	path_put(&path);
}

int eip_fork_arrive(struct unpack *u, struct pack *partial)
{
	struct process *p = current->process;
	struct registers r;
	struct unpack mappings;
	const void *area;
	size_t size;
	int err;

	unpack_bytes(u, &r, sizeof(r));
	area = unpack_blob(u, &size);
	take_exe(p, unpack_string(u));
	p->space = vm_space_create();
	if (u->failed || !p->space || !user_fs_base_ok(r.fs_base))
		return p->space ? -EINVAL : -ENOMEM;
	vdso_place(r.vdso);
	mappings = *u;
	err = walk_mappings(p->space, u, false);
	if (!err)
		err = receive_pages(partial);
	if (!err)
		err = walk_mappings(p->space, &mappings, true);
	if (err)
		return err;
	vm_heap_set(p->space, r.heap);
	take_registers(p, current, &r, area, size);
	return 0;
}
