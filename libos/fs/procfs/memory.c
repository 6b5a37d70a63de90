/* memory.c: files that show a process' address space, or read from it.
 *
 * Reading another process' memory may sleep (pages are brought in); its space is held meanwhile. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"
#include "vm/vm.h"

#define ARGS_MAX 0x200000UL /* no exec allows more */

/* ---- maps ---- */

static void map_file(struct text *out, const struct vma_info *v, size_t start)
{
	struct kstat st = { 0 };

	if (v->file && v->file->inode && inode_getattr(v->file->inode, &st))
		st = (struct kstat){ .ino = v->file->inode->ino, .dev = v->file->inode->sb->dev };
	text_add(out, " ", 1);
	text_hex(out, v->file ? v->offset : 0, 8);
	text_add(out, " ", 1);
	text_hex(out, st.dev >> 8 & 0xfff, 2);
	text_add(out, ":", 1);
	text_hex(out, st.dev & 0xff, 2);
	text_printf(out, " %lu ", st.ino);
	if (!v->file && !v->name)
		return;
	text_pad(out, start, 73);
	if (v->name)
		text_add(out, v->name, strlen(v->name));
	else if (v->file->path.dentry && text_path(out, &v->file->path))
		text_printf(out, "(unreachable)");
}

static void map_line(struct text *out, const struct vma_info *v)
{
	size_t start = out->len;
	const char rights[] = { ' ', v->prot & PROT_READ ? 'r' : '-', v->prot & PROT_WRITE ? 'w' : '-',
				v->prot & PROT_EXEC ? 'x' : '-', v->shared ? 's' : 'p' };

	text_hex(out, v->start, 8);
	text_add(out, "-", 1);
	text_hex(out, v->end, 8);
	text_add(out, rights, sizeof(rights));
	map_file(out, v, start);
	text_add(out, "\n", 1);
}

int show_maps(struct text *out, const struct proc_at *at)
{
	struct vm_space *s = at->process->space;
	struct vma_info v = { 0 };

	while (s && vm_next_vma(s, v.end, &v))
		map_line(out, &v);
	return 0;
}

/* ---- PROCMAP_QUERY: one line of maps, in binary ---- */

struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};
#define PROCMAP_QUERY 0xc0686611u
#define QUERY_SHARED 8u
#define QUERY_COVERING_OR_NEXT 0x10u
#define QUERY_FILE_BACKED 0x20u
#define QUERY_KNOWN 0x3fu

static uint64_t query_flags_of(const struct vma_info *v)
{
	return (uint64_t)(v->prot & 7) | (v->shared ? QUERY_SHARED : 0); /* the bits of PROT_* */
}

static int find_queried(struct vm_space *s, const struct procmap_query *q, struct vma_info *v)
{
	uint64_t want = q->query_flags & (7 | QUERY_SHARED);
	uaddr_t at = q->query_addr;

	while (vm_next_vma(s, at, v)) {
		bool covers = v->start <= q->query_addr;

		if ((query_flags_of(v) & want) == want && (v->file || !(q->query_flags & QUERY_FILE_BACKED)) &&
		    (covers || (q->query_flags & QUERY_COVERING_OR_NEXT)))
			return 0;
		if (!(q->query_flags & QUERY_COVERING_OR_NEXT))
			break;
		at = v->end;
	}
	return -ENOENT;
}

/* The name goes to the program's buffer; its size with the NUL is told. */
static int put_vma_name(struct procmap_query *q, const struct vma_info *v)
{
	struct text name = { 0 };
	int err = 0;

	if (!q->vma_name_size)
		return q->vma_name_addr ? -EINVAL : 0;
	if (v->name)
		text_printf(&name, "%s", v->name);
	else if (v->file && v->file->path.dentry)
		err = text_path(&name, &v->file->path);
	if (!err && name.len + 1 > q->vma_name_size)
		err = -ENAMETOOLONG;
	q->vma_name_size = name.len ? (uint32_t)name.len + 1 : 0;
	if (!err && name.len) {
		text_add(&name, "", 1);
		err = name.failed ? -ENOMEM : copy_to_user(q->vma_name_addr, name.buf, q->vma_name_size);
	}
	text_free(&name);
	return err;
}

static int query_vma(struct vm_space *s, struct procmap_query *q)
{
	struct kstat st = { 0 };
	struct vma_info v;
	int err = find_queried(s, q, &v);

	if (err)
		return err;
	if (v.file && v.file->inode && inode_getattr(v.file->inode, &st))
		st = (struct kstat){ .ino = v.file->inode->ino, .dev = v.file->inode->sb->dev };
	q->vma_start = v.start;
	q->vma_end = v.end;
	q->vma_flags = query_flags_of(&v);
	q->vma_page_size = PAGE_SIZE;
	q->vma_offset = v.file ? v.offset : 0;
	q->inode = st.ino;
	q->dev_major = st.dev >> 8 & 0xfff;
	q->dev_minor = st.dev & 0xff;
	q->build_id_size = 0; /* none is told */
	return put_vma_name(q, &v);
}

long ioctl_maps(const struct proc_at *at, unsigned cmd, uaddr_t arg)
{
	struct vm_space *s = at->process->space;
	struct procmap_query q;
	int err;

	if (cmd != PROCMAP_QUERY)
		return -ENOIOCTLCMD;
	if (copy_from_user(&q, arg, sizeof(q)))
		return -EFAULT;
	if (q.size < 40)
		return -EINVAL;
	if (q.size > sizeof(q))
		return -E2BIG;
	if ((q.query_flags & ~(uint64_t)QUERY_KNOWN) || !q.vma_name_size != !q.vma_name_addr ||
	    !q.build_id_size != !q.build_id_addr)
		return -EINVAL;
	err = s ? query_vma(s, &q) : -ESRCH;
	return err ? err : copy_to_user(arg, &q, q.size);
}

/* ---- smaps ---- */

struct smap {
	uint64_t size, resident, anonymous, shared, private_clean, private_dirty, locked; /* bytes */
};

/* A page of a mapping is private memory, unless it is shared or unwritable file content. */
static void smap_add(struct smap *m, const struct vma_info *v)
{
	m->size += v->end - v->start;
	m->resident += v->resident;
	if (v->shared)
		m->shared += v->resident;
	else if (v->file && !(v->prot & PROT_WRITE))
		m->private_clean += v->resident;
	else
		m->private_dirty += v->resident;
	if (!v->file && !v->shared)
		m->anonymous += v->resident;
	if (v->locked)
		m->locked += v->resident;
}

static void smap_line(struct text *out, const char *name, uint64_t bytes)
{
	size_t start = out->len;

	text_printf(out, "%s:", name);
	text_pad(out, start, 16);
	text_printf(out, "%8lu kB\n", bytes / 1024);
}

static void smap_body(struct text *out, const struct smap *m)
{
	static const char *const none[] = {
		"LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb",
		"Private_Hugetlb", "Swap", "SwapPss",
	};

	smap_line(out, "Rss", m->resident);
	smap_line(out, "Pss", m->resident);
	smap_line(out, "Pss_Dirty", m->private_dirty);
	smap_line(out, "Shared_Clean", 0);
	smap_line(out, "Shared_Dirty", m->shared);
	smap_line(out, "Private_Clean", m->private_clean);
	smap_line(out, "Private_Dirty", m->private_dirty);
	smap_line(out, "Referenced", m->resident);
	smap_line(out, "Anonymous", m->anonymous);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		smap_line(out, none[i], 0);
	smap_line(out, "Locked", m->locked);
}

static void smap_flags(struct text *out, const struct vma_info *v)
{
	text_printf(out, "THPeligible:           0\nVmFlags:%s%s%s%s mr mw me \n", v->prot & PROT_READ ? " rd" : "",
		    v->prot & PROT_WRITE ? " wr" : "", v->prot & PROT_EXEC ? " ex" : "", v->shared ? " sh" : "");
}

int show_smaps(struct text *out, const struct proc_at *at)
{
	struct vm_space *s = at->process->space;
	struct vma_info v = { 0 };

	while (s && vm_next_vma(s, v.end, &v)) {
		struct smap m = { 0 };

		smap_add(&m, &v);
		map_line(out, &v);
		smap_line(out, "Size", m.size);
		smap_line(out, "KernelPageSize", PAGE_SIZE);
		smap_line(out, "MMUPageSize", PAGE_SIZE);
		smap_body(out, &m);
		smap_flags(out, &v);
	}
	return 0;
}

int show_smaps_rollup(struct text *out, const struct proc_at *at)
{
	struct vm_space *s = at->process->space;
	struct vma_info v = { 0 };
	struct smap m = { 0 };
	uaddr_t first = 0;

	while (s && vm_next_vma(s, v.end, &v)) {
		first = first ? first : v.start;
		smap_add(&m, &v);
	}
	if (!first)
		return 0;
	text_printf(out, "%08lx-%08lx ---p 00000000 00:00 0", first, v.end);
	text_pad(out, 0, 73);
	text_printf(out, "[rollup]\n");
	smap_body(out, &m);
	return 0;
}

/* ---- pagemap: 8 bytes for each page of the address space ---- */

#define PM_PRESENT (1UL << 63)
#define PM_FILE (1UL << 61)
#define PM_DIRTY (1UL << 55) /* "soft-dirty": we do not track, all are */

/* There are no frame numbers to tell: an enclave page has no other number than its address. */
static uint64_t pagemap_entry(struct vm_space *s, uaddr_t addr)
{
	bool shared;

	if (!vm_page_resident(s, addr, &shared))
		return 0;
	return PM_PRESENT | PM_DIRTY | (shared ? PM_FILE : 0);
}

ssize_t read_pagemap(const struct proc_at *at, struct iov_iter *to, loff_t *pos)
{
	struct process *p = process_get(at->process);
	uint64_t entries[64];
	ssize_t done = 0, n = 0;

	if ((*pos | (loff_t)to->count) & 7)
		n = -EINVAL;
	while (to->count && !n) {
		size_t count = MIN(to->count / 8, ARRAY_SIZE(entries));

		for (size_t i = 0; i < count; i++)
			entries[i] = p->space ? pagemap_entry(p->space, ((uint64_t)*pos / 8 + i) * PAGE_SIZE) : 0;
		n = copy_to_iter(entries, count * 8, to);
		if (n <= 0)
			break;
		*pos += n;
		done += n;
		n = 0;
	}
	process_put(p);
	return done ? done : n;
}

/* ---- reading from it ---- */

/* Appends [from, to) of the process' memory, up to where it cannot be read. May sleep. */
static int read_range(struct text *out, struct process *p, uaddr_t from, uaddr_t to)
{
	struct vm_space *s = p->space;
	char *page;

	if (!s || from >= to || to - from > ARGS_MAX)
		return 0;
	page = page_alloc(1);
	if (!page)
		return -ENOMEM;
	vm_space_get(s);
	while (from < to) {
		size_t n = MIN(to - from, PAGE_SIZE - (from & (PAGE_SIZE - 1)));

		if (p == current_process() ? copy_from_user(page, from, n) : vm_make_present(s, from, n, PROT_READ))
			break;
		if (p != current_process())
			memcpy(page, (const void *)from, n);
		text_add(out, page, n);
		from += n;
	}
	vm_space_put(s);
	page_free(page, 1);
	return 0;
}

/* A program that changed its title may have gone on into the environment: up to the first NUL there. */
int show_cmdline(struct text *out, const struct proc_at *at)
{
	struct process *p = at->process;
	int err = read_range(out, p, p->arg_start, p->arg_end);
	size_t args = out->len;

	if (err || !args || !out->buf[args - 1] || p->env_start != p->arg_end)
		return err;
	err = read_range(out, p, p->env_start, p->env_end);
	if (out->buf)
		out->len = strnlen(out->buf, out->len);
	return err;
}

int show_environ(struct text *out, const struct proc_at *at)
{
	return read_range(out, at->process, at->process->env_start, at->process->env_end);
}

int show_auxv(struct text *out, const struct proc_at *at)
{
	return read_range(out, at->process, at->process->auxv_start, at->process->auxv_end);
}
