/* files.c: descriptors on their way to another enclave.
 *
 * What both sides can have open: host descriptors (standard streams, terminals), pipes, internet sockets, connected local
 * sockets and event descriptors are inherited by the new host process; files with a name are opened again by it. An epoll
 * instance is made anew, with what it watches. What lives in one enclave's memory only (terminals and files of the
 * memory layer) is not there in the other: a line in the log says so, and the number is closed.
 *
 * Offsets: relatives share an open file's offset, and so the rest of a record that one of them has read in part (pipe.c). Here
 * each side has its own; the child begins where the parent was, and when it ends tells where it is, and the parent goes
 * on there; so with flags that F_SETFL changes. So what runs one after the other, as a shell and its commands do, sees the shared
 * offset; what runs at the same time does not. */
#include "eip/files.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "eip/pair.h"
#include "eip/peer.h"
#include "eip/pipe.h"
#include "eip/sets.h"
#include "fs/devfs/hostfd.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "ipc/epoll.h"
#include "ipc/eventfd.h"
#include "linux/errno.h"
#include "net/inet_hand.h"
#include "net/socket.h"
#include "process/process.h"

enum file_kind { FILE_NONE, FILE_HOST, FILE_TTY, FILE_PIPE, FILE_NAMED, FILE_INET, FILE_PAIR, FILE_EVENT, FILE_EPOLL };

struct slot { /* a descriptor */
	int32_t fd;
	uint32_t index, cloexec;
};

#define SHARED_FLAGS (O_APPEND | O_NONBLOCK | O_NOATIME) /* of those that F_SETFL changes */

struct position { /* of a file of the parent, by index */
	loff_t came, left; /* left: -1: still open */
	unsigned flags_came, flags_left;
	size_t size;
	void *data;        /* of a pipe or socket: what it had fetched and not read; kmalloc'ed */
};

static struct position *positions;
static unsigned positions_count;

/* ---- handing on ---- */

static int inherit(struct eip_files *out, int host_fd)
{
	int *more;

	if (out->host_count == EIP_FDS_MAX)
		return -EMFILE;
	more = krealloc(out->host_fds, (out->host_count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	out->host_fds = more;
	more[out->host_count++] = host_fd;
	return 0;
}

static const char *name_of(struct file *f, char *buf)
{
	char *name;

	if (!f->path.dentry || !f->path.mnt || path_name(&f->path, buf, PATH_MAX, &name) || name[0] != '/')
		return NULL;
	if (!f->inode || !(S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode) || S_ISCHR(f->inode->mode) || S_ISBLK(f->inode->mode)))
		return NULL;
	return name;
}

static void pack_named(struct eip_files *out, const struct file *f, const char *name)
{
	pack_u32(&out->body, FILE_NAMED);
	pack_u32(&out->body, f->flags);
	pack_u64(&out->body, (uint64_t)f->pos);
	pack_string(&out->body, name);
}

static int pack_host(struct eip_files *out, struct file *f)
{
	bool tty;
	int fd = hostfd_host(f, &tty);

	pack_u32(&out->body, tty ? FILE_TTY : FILE_HOST);
	pack_u32(&out->body, f->flags);
	pack_u64(&out->body, (uint64_t)f->pos);
	return inherit(out, fd);
}

static bool is_inet(const struct file *f)
{
	const struct socket *s = file_socket(f);

	return s && (s->family == AF_INET || s->family == AF_INET6);
}

static int pack_inet(struct eip_files *out, struct file *f)
{
	size_t at = out->body.len;
	int fd;

	pack_u32(&out->body, FILE_INET);
	fd = inet_hand_out(f, &out->body);
	if (fd >= 0)
		return inherit(out, fd);
	out->body.len = MIN(at, out->body.len);
	pack_u32(&out->body, FILE_NONE);
	return 0;
}

static int pack_event(struct eip_files *out, struct file *f)
{
	size_t at = out->body.len;
	int fds[2], err;

	pack_u32(&out->body, FILE_EVENT);
	if (!eventfd_pack(f, &out->body, fds)) {
		err = inherit(out, fds[0]);
		return err ? err : inherit(out, fds[1]);
	}
	out->body.len = MIN(at, out->body.len);
	pack_u32(&out->body, FILE_NONE);
	return 0;
}

static int pack_file(struct eip_files *out, struct file *f)
{
	char *buf;
	const char *name;
	bool tty;

	if (eip_file_is_pipe(f)) {
		pack_u32(&out->body, FILE_PIPE);
		return inherit(out, eip_pipe_pack(f, &out->body));
	}
	if (eip_pair_in(f)) {
		pack_u32(&out->body, FILE_PAIR);
		return inherit(out, eip_pair_pack(f, &out->body));
	}
	if (file_is_eventfd(f))
		return pack_event(out, f);
	if (file_is_epoll(f)) { /* what it watches comes after all files */
		pack_u32(&out->body, FILE_EPOLL);
		return 0;
	}
	if (hostfd_host(f, &tty) >= 0)
		return pack_host(out, f);
	if (is_inet(f))
		return pack_inet(out, f);
	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	name = name_of(f, buf);
	if (name) {
		pack_named(out, f, name);
	} else {
		log_info("eip: an open %s cannot be handed to another enclave", f->ops->name ? f->ops->name : "file");
		pack_u32(&out->body, FILE_NONE);
	}
	kfree(buf);
	return 0;
}

int eip_files_index(struct eip_files *out, struct file *f)
{
	uint64_t *more;
	int err;

	for (unsigned i = 0; i < out->count; i++)
		if (out->ids[i] == f->seals_or_id)
			return (int)i;
	more = krealloc(out->ids, (out->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	out->ids = more;
	more[out->count++] = f->seals_or_id;
	err = pack_file(out, f);
	return err ? err : (int)out->count - 1;
}

void eip_files_prepare(struct fdtable *t, bool exec)
{
	for (int fd = fdtable_next(t, 0); fd >= 0; fd = fdtable_next(t, fd + 1)) {
		struct file *f = exec && fdtable_cloexec(t, fd) ? NULL : file_get(fdtable_lookup(t, fd));
		struct epoll_watch w;

		if (!f)
			continue;
		eip_pair_prepare(f);
		for (unsigned n = 0; epoll_watch_at(f, n, &w); n++) {
			file_get(w.file);
			eip_pair_prepare(w.file);
			file_put(w.file);
		}
		file_put(f);
	}
}

int eip_files_pack(struct fdtable *t, bool exec, struct eip_files *out)
{
	struct pack slots = { 0 }, sets = { 0 }, body;
	int index = 0;

	*out = (struct eip_files){ 0 };
	for (int fd = fdtable_next(t, 0); fd >= 0 && index >= 0; fd = fdtable_next(t, fd + 1)) {
		struct slot s = { .fd = fd, .cloexec = fdtable_cloexec(t, fd) };

		if (exec && s.cloexec)
			continue;
		index = eip_files_index(out, fdtable_lookup(t, fd));
		s.index = (uint32_t)index;
		pack_bytes(&slots, &s, sizeof(s));
	}
	for (int fd = fdtable_next(t, 0); fd >= 0 && index >= 0; fd = fdtable_next(t, fd + 1))
		if (!exec || !fdtable_cloexec(t, fd))
			index = eip_set_pack(out, fdtable_lookup(t, fd), &sets);
	body = out->body;
	out->body = (struct pack){ 0 };
	pack_u32(&out->body, out->count);
	pack_blob(&out->body, body.data, body.len);
	pack_blob(&out->body, slots.data, slots.len);
	pack_blob(&out->body, sets.data, sets.len);
	out->body.failed |= body.failed | slots.failed | sets.failed;
	pack_free(&body);
	pack_free(&slots);
	pack_free(&sets);
	if (index >= 0 && !out->body.failed)
		return 0;
	eip_files_free(out);
	return index < 0 ? index : -ENOMEM;
}

void eip_files_free(struct eip_files *f)
{
	pack_free(&f->body);
	kfree(f->host_fds);
	kfree(f->ids);
	*f = (struct eip_files){ 0 };
}

void eip_files_given(struct eip_peer *peer, struct eip_files *f)
{
	peer->files = f->ids;
	peer->files_count = f->count;
	f->ids = NULL;
}

/* ---- arriving ---- */

static struct file *unpack_host(struct unpack *u, int host_fd, bool tty)
{
	unsigned flags = unpack_u32(u);
	loff_t pos = (loff_t)unpack_u64(u);
	struct file *f = host_fd < 0 || u->failed ? NULL : hostfd_open(host_fd, tty, flags);

	if (f)
		f->pos = pos;
	return f;
}

static struct file *unpack_named(struct unpack *u)
{
	unsigned flags = unpack_u32(u) & ~(unsigned)(O_CREAT | O_EXCL | O_TRUNC);
	loff_t pos = (loff_t)unpack_u64(u);
	const char *name = unpack_string(u);
	struct file *f;
	int err = u->failed ? -EINVAL : file_open(AT_FDCWD, name, flags | O_NOCTTY, 0, &f);

	if (err) {
		log_info("eip: %s, which the parent process has open, cannot be opened here: error %d", name, -err);
		return NULL;
	}
	f->flags = flags;
	f->pos = pos;
	return f;
}

static struct file *unpack_event(struct unpack *u, unsigned *inherited)
{
	int fds[2] = { eip_link_inherited(*inherited), eip_link_inherited(*inherited + 1) };

	*inherited += 2;
	return eventfd_unpack(u, fds);
}

static struct file *unpack_file(struct unpack *u, unsigned *inherited)
{
	switch (unpack_u32(u)) {
	case FILE_HOST:
		return unpack_host(u, eip_link_inherited((*inherited)++), false);
	case FILE_TTY:
		return unpack_host(u, eip_link_inherited((*inherited)++), true);
	case FILE_PIPE:
		return eip_pipe_unpack(u, eip_link_inherited((*inherited)++));
	case FILE_INET:
		return inet_take_over(u, eip_link_inherited((*inherited)++));
	case FILE_PAIR:
		return eip_pair_unpack(u, eip_link_inherited((*inherited)++));
	case FILE_EVENT:
		return unpack_event(u, inherited);
	case FILE_EPOLL:
		return epoll_open();
	case FILE_NAMED:
		return unpack_named(u);
	default:
		return NULL;
	}
}

static int install(struct process *p, struct file **files, unsigned count, struct unpack *u)
{
	size_t size;
	const struct slot *s = unpack_blob(u, &size);

	for (size_t i = 0; i < size / sizeof(*s); i++) {
		struct file *f = s[i].index < count ? files[s[i].index] : NULL;
		int err = f ? fd_install_in(p->files, file_get(f), s[i].fd) : 0;

		if (err < 0) {
			file_put(f);
			return err;
		}
		if (f && s[i].cloexec)
			fdtable_set_cloexec(p->files, s[i].fd);
	}
	return u->failed ? -EINVAL : 0;
}

/* Of what several enclaves read: what has been fetched and is to be given back. */
static struct records_in *records_of(const struct file *f)
{
	struct records_in *in = eip_pipe_in(f);

	return in ? in : eip_pair_in(f);
}

static loff_t position_of(const struct file *f)
{
	struct records_in *in = f ? records_of(f) : NULL;

	return in ? in->taken : f ? f->pos : 0;
}

int eip_files_unpack(struct process *p, struct unpack *u)
{
	unsigned count = unpack_u32(u), inherited = 0;
	struct file **files;
	struct unpack bodies;
	size_t size;
	int err;

	bodies.at = unpack_blob(u, &size);
	bodies.end = bodies.at + size;
	bodies.failed = u->failed;
	if (count > size)
		return -EINVAL;
	files = kzalloc((count + 1) * sizeof(*files));
	positions = kmalloc((count + 1) * sizeof(*positions));
	if (!files || !positions) {
		kfree(files);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < count; i++) {
		files[i] = unpack_file(&bodies, &inherited);
		positions[i] = (struct position){ .came = position_of(files[i]), .left = -1,
						  .flags_came = files[i] ? files[i]->flags & SHARED_FLAGS : 0 };
		if (files[i])
			files[i]->eip_index = i + 1;
	}
	positions_count = count;
	err = bodies.failed ? -EINVAL : install(p, files, count, u);
	if (!err)
		err = eip_sets_unpack(p->files, files, count, u);
	for (unsigned i = 0; i < count; i++)
		if (files[i])
			file_put(files[i]);
	kfree(files);
	return err;
}

/* ---- coming back ---- */

void eip_file_released(const struct file *f)
{
	struct records_in *in = records_of(f);
	struct position *pos;

	if (f->eip_index > positions_count)
		return;
	pos = &positions[f->eip_index - 1];
	pos->flags_left = f->flags & SHARED_FLAGS;
	pos->left = in ? in->taken : f->pos;
	pos->size = in ? records_left(in) : 0;
	pos->data = pos->size ? kmalloc(pos->size) : NULL;
	if (pos->data)
		memcpy(pos->data, records_data(in), pos->size);
	else
		pos->size = 0;
}

void eip_files_returned(struct pack *p)
{
	for (unsigned i = 0; i < positions_count; i++) {
		const struct position *pos = &positions[i];

		if (pos->left < 0 || (pos->left == pos->came && !pos->size && pos->flags_left == pos->flags_came))
			continue;
		pack_u32(p, i);
		pack_u32(p, pos->flags_came);
		pack_u32(p, pos->flags_left);
		pack_u64(p, (uint64_t)pos->came);
		pack_u64(p, (uint64_t)pos->left);
		pack_blob(p, pos->data, pos->size);
	}
}

/* Of the processes here. */
static struct file *open_file(uint64_t id)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		for (int fd = p->files ? fdtable_next(p->files, 0) : -1; fd >= 0; fd = fdtable_next(p->files, fd + 1)) {
			struct file *f = fdtable_lookup(p->files, fd);

			if (f->seals_or_id == id)
				return f;
		}
	}
	return NULL;
}

/* The process moved it; has somebody here meanwhile, too, the farther one counts. */
static void take_back(struct file *f, loff_t came, loff_t pos, const void *data, size_t n)
{
	struct records_in *in = records_of(f);

	if (in)
		records_take_back(in, came, pos, data, n);
	else if (f->inode && S_ISREG(f->inode->mode) && (f->pos == came || f->pos < pos))
		f->pos = pos;
}

void eip_files_take_back(struct eip_peer *peer, struct unpack *u)
{
	while (u->at < u->end && !u->failed) {
		unsigned i = unpack_u32(u), flags_came = unpack_u32(u), flags_left = unpack_u32(u);
		loff_t came = (loff_t)unpack_u64(u), pos = (loff_t)unpack_u64(u);
		size_t n;
		const void *data = unpack_blob(u, &n);
		struct file *f = i < peer->files_count ? open_file(peer->files[i]) : NULL;

		if (!f || u->failed)
			continue;
		if (pos != came || n)
			take_back(f, came, pos, data, n);
		if ((f->flags & SHARED_FLAGS) == flags_came)
			f->flags = (f->flags & ~(unsigned)SHARED_FLAGS) | (flags_left & SHARED_FLAGS);
	}
}
