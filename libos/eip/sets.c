/* sets.c: epoll instances on their way to another enclave.
 *
 * The new enclave gets an instance of its own that watches the same open files under the same numbers; from then on each
 * side changes its own. A file that the child has no descriptor for (close-on-exec) is watched all the same, as the parent
 * has it open: the instance keeps it. */
#include "eip/sets.h"
#include "base/log.h"
#include "eip/files.h"
#include "ipc/epoll.h"
#include "linux/errno.h"

struct watched {
	uint32_t set, file; /* by index */
	int32_t fd;
	uint32_t events;
	uint64_t data;
};

int eip_set_pack(struct eip_files *out, struct file *f, struct pack *p)
{
	int set = file_is_epoll(f) ? eip_files_index(out, f) : -1;
	struct epoll_watch w;

	for (unsigned n = 0; set >= 0 && epoll_watch_at(f, n, &w); n++) {
		int index = eip_files_index(out, w.file);
		struct watched item = { (uint32_t)set, (uint32_t)index, w.fd, w.events, w.data };

		if (index < 0)
			return index;
		pack_bytes(p, &item, sizeof(item));
	}
	return 0;
}

static bool has_descriptor(struct fdtable *t, const struct file *f)
{
	for (int fd = fdtable_next(t, 0); fd >= 0; fd = fdtable_next(t, fd + 1))
		if (fdtable_lookup(t, fd) == f)
			return true;
	return false;
}

/* A set that has two descriptors comes twice: what it watches already is refused. */
int eip_sets_unpack(struct fdtable *t, struct file **files, unsigned count, struct unpack *u)
{
	size_t size;
	const struct watched *w = unpack_blob(u, &size);

	for (size_t i = 0; i < size / sizeof(*w); i++) {
		struct file *set = w[i].set < count ? files[w[i].set] : NULL, *f = w[i].file < count ? files[w[i].file] : NULL;
		struct epoll_watch add = { f, w[i].fd, w[i].events, w[i].data };
		int err = set && f && file_is_epoll(set) ? epoll_watch_add(set, &add, !has_descriptor(t, f)) : 0;

		if (err && err != -EEXIST)
			log_info("eip: descriptor %d of an epoll set cannot be watched here: error %d", w[i].fd, -err);
	}
	return u->failed ? -EINVAL : 0;
}
