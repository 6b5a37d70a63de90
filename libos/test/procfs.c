/* procfs.c (test): formats that programs parse, and processes that go while they are looked at. */
#include "fs/procfs/procfs.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/devfs/tty.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "process/loadavg.h"
#include "process/pid.h"
#include "process/loadavg.h"
#include "process/namespace.h"
#include "signal/internal.h"
#include "signal/signal.h"
#include "test/unit.h"
#include "thread/sched.h"
#include "time/calibrate.h"
#include "vm/vm.h"

void unix_proc_show(struct text *out);
void unix_proc_show(struct text *out) { (void)out; }
size_t filemap_shrink(size_t pages) { return pages; }

/* What the tables refer to, as far as this test goes. */
struct clock_params clock_params;
unsigned thread_limit = 4096;
struct list mount_all = LIST_INIT(mount_all);
const struct fs_type *const fs_types[] = { NULL };
static bool alive;

unsigned thread_total(void) { return 1; }
struct process *process_find(kpid_t pid) { return alive && pid == unit_process.pid ? &unit_process : NULL; }
struct thread *thread_find(kpid_t tid) { return alive && tid == unit_thread.tid ? &unit_thread : NULL; }
struct process *process_get(struct process *p) { return p; }
void process_put(struct process *p) { (void)p; }
kpid_t ptrace_tracer_pid(const struct thread *t);
kpid_t ptrace_tracer_pid(const struct thread *t) { (void)t; return 0; }
nsec_t thread_cpu_time(struct thread *t) { return t->utime + t->stime; }
nsec_t thread_user_time(struct thread *t);
nsec_t thread_user_time(struct thread *t) { return t->utime; }
void process_times(const struct process *p, nsec_t *utime, nsec_t *stime)
{
	(void)p;
	*utime = 1230000000;
	*stime = 450000000;
}
unsigned sigqueue_count(uint32_t uid) { return uid == 0 ? 3 : 0; }
void signal_status_masks(struct process *p, sigset64 *ign, sigset64 *caught)
{
	(void)p;
	*ign = 0x1000;
	*caught = 0x4002;
}
struct file *fdtable_lookup(struct fdtable *t, int fd)
{
	(void)t, (void)fd;
	return NULL;
}
uint64_t tty_device(const struct process *p) { return p->tty ? MKDEV(136, 1) : 0; }

static struct vma_info vmas[] = {
	{ .start = 0x400000, .end = 0x401000, .prot = PROT_READ | PROT_EXEC, .resident = 4096 },
	{ .start = 0x1000000000,
	  .end = 0x1000021000,
	  .prot = PROT_READ | PROT_WRITE,
	  .name = "[heap]",
	  .resident = 8192 },
	{ .start = 0x7f00000000, .end = 0x7f00100000, .prot = PROT_READ | PROT_WRITE, .shared = true },
};
unsigned seccomp_count(const struct thread *t)
{
	(void)t;
	return 0;
}
bool vm_next_vma(struct vm_space *s, uaddr_t addr, struct vma_info *out)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(vmas); i++) {
		if (vmas[i].end > addr) {
			*out = vmas[i];
			return true;
		}
	}
	return false;
}
void vm_space_stats(struct vm_space *s, struct vm_stats *out)
{
	(void)s;
	*out = (struct vm_stats){ .size = 0x122000, .peak = 0x200000, .resident = 0x3000, .text = 0x1000 };
}
struct vm_space *vm_space_get(struct vm_space *s) { return s; }
void vm_space_put(struct vm_space *s) { (void)s; }
int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	(void)s, (void)addr, (void)len, (void)prot;
	return 0;
}

static struct utsname names;
struct utsname *uts_current(void) { return &names; }
const char *ns_name(enum ns_kind kind)
{
	(void)kind;
	return "ns";
}
uint64_t ns_number(const struct process *p, enum ns_kind kind)
{
	(void)p;
	return (uint64_t)kind;
}
int ns_path(struct process *p, enum ns_kind kind, struct path *out)
{
	(void)p;
	(void)kind;
	(void)out;
	return -ENOMEM;
}
void load_average(uint64_t load[3]) { load[0] = load[1] = load[2] = 0; }
uint64_t lease_break_time, pid_last, mount_changes;
struct waitq mounts_changed = WAITQ_INIT(mounts_changed);
nsec_t clock_running(void) { return 1; }
int show_timens_offsets(struct text *out, const struct proc_at *at)
{
	(void)out, (void)at;
	return 0;
}
ssize_t store_timens_offsets(const struct proc_at *at, const char *buf, size_t n)
{
	(void)at, (void)buf;
	return (ssize_t)n;
}
bool vm_page_resident(struct vm_space *s, uaddr_t addr, bool *shared)
{
	(void)s, (void)addr, (void)shared;
	return false;
}
bool fdtable_cloexec(struct fdtable *t, int fd)
{
	(void)t, (void)fd;
	return false;
}
int fdtable_next(struct fdtable *t, int fd)
{
	(void)t, (void)fd;
	return -1;
}
int file_magic_path(struct file *f, struct path *out)
{
	(void)f, (void)out;
	return -ENXIO;
}
void filemap_free(struct inode *inode) { (void)inode; }
size_t filemap_total_pages(void) { return 0; }
void filemap_truncate(struct inode *inode, uint64_t size) { (void)inode, (void)size; }
const struct path *mount_root_path(void) { return NULL; }
size_t mount_show_options(const struct mount *m, char *buf, size_t size)
{
	(void)m, (void)size;
	*buf = 0;
	return 0;
}
void path_get(const struct path *p) { (void)p; }
int path_name(const struct path *p, char *buf, size_t size, char **out)
{
	(void)p, (void)size;
	strlcpy(buf, "/", size);
	*out = buf;
	return 0;
}
int dentry_path(const struct dentry *d, char *buf, size_t size, char **out)
{
	(void)d;
	strlcpy(buf, "/", size);
	*out = buf;
	return 0;
}
void sched_stats(uint64_t *switches, nsec_t *idle, unsigned *runnable)
{
	*switches = *idle = 0;
	*runnable = 1;
}
void vm_drop_caches(void)
{
}

void vm_global_stats(struct vm_global_stats *out)
{
	*out = (struct vm_global_stats){ .total = 1UL << 30, .free = 1UL << 29 };
}

static struct super_block *sb;

/* Only the processes' part of the tree. */
static const struct proc_entry test_root = { .name = "/", .mode = S_IFDIR | 0555, .dir = &pid_dir };

static void start(void)
{
	alive = true;
	list_push_back(&process_all, &unit_process.all_node);
	strlcpy(unit_thread.comm, "te st)", sizeof(unit_thread.comm));
	unit_thread.state = THREAD_RUNNING;
	unit_process.space = (void *)1;
	unit_process.sighand = (void *)1;
	CHECK_EQ(proc_super_create("proc", &test_root, &sb), 0);
}

static struct inode *look(struct inode *dir, const char *name)
{
	struct inode *i = NULL;

	return dir->ops->lookup(dir, name, &i) ? NULL : i;
}

/* What /proc/100/name shows; the result lives until the next call. */
static const char *show(const char *name)
{
	static char buf[16384];
	struct inode *dir = look(sb->root->inode, "100"), *i = dir ? look(dir, name) : NULL;
	struct file f = { .ref = 1, .flags = O_RDONLY, .inode = i };
	struct iov_iter it;
	loff_t pos = 0;
	ssize_t n;

	CHECK(i);
	CHECK_EQ(i->fops->open(i, &f), 0);
	iov_iter_kernel(&it, buf, sizeof(buf) - 1);
	n = i->fops->read(&f, &it, &pos);
	CHECK(n >= 0);
	buf[n] = 0;
	i->fops->release(&f);
	inode_put(i);
	inode_put(dir);
	return buf;
}

const struct proc_entry sysvipc_entries[] = { { 0 } };
uint64_t inotify_max_events, inotify_max_instances, inotify_max_watches;
uint64_t key_max_keys, key_max_bytes, key_root_max_keys, key_root_max_bytes;
uint64_t mq_queues_max, mq_msg_max, mq_msg_default, mq_size_max, mq_size_default;

UNIT_TEST(procfs, maps)
{
	start();
	CHECK_STR(show("maps"),
		  "00400000-00401000 r-xp 00000000 00:00 0 \n"
		  "1000000000-1000021000 rw-p 00000000 00:00 0                              [heap]\n"
		  "7f00000000-7f00100000 rw-s 00000000 00:00 0 \n");
}

static size_t count_fields(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == ' ';
	return n;
}

UNIT_TEST(procfs, stat)
{
	const char *s;

	start();
	s = show("stat");
	CHECK(strncmp(s, "100 (te st)) R 0 100 100 0 -1 ", 30) == 0);
	/* comm with its space counts as two */
	CHECK_EQ(count_fields(s), 53);
	CHECK(strstr(s, " 123 45 0 0 20 0 1 0 "));
	CHECK(strstr(s, " 1187840 3 "));
	CHECK_EQ(s[strlen(s) - 1], '\n');
}

UNIT_TEST(procfs, status)
{
	const char *s;

	start();
	s = show("status");
	CHECK(strncmp(s, "Name:\tte st)\nUmask:\t0000\nState:\tR (running)\nTgid:\t100\n", 53) == 0);
	CHECK(strstr(s, "\nVmRSS:\t      12 kB\n"));
	CHECK(strstr(s, "\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000004002\n"));
	CHECK(strstr(s, "\nSigQ:\t3/18446744073709551615\n"));
	CHECK(strstr(s, "\nThreads:\t1\n"));
	CHECK(strstr(s, "\nUid:\t0\t0\t0\t0\n"));
}

UNIT_TEST(procfs, limits)
{
	const char *s;

	start();
	s = show("limits");
	CHECK(strncmp(s, "Limit                     Soft Limit           Hard Limit           Units     \n", 79) == 0);
	CHECK(strstr(s, "\nMax open files            1024                 4096                 files     \n"));
	CHECK(strstr(s, "\nMax cpu time              unlimited") || strstr(s, "Max cpu time              unlimited"));
}

UNIT_TEST(procfs, smaps)
{
	const char *s;

	start();
	s = show("smaps");
	CHECK(strstr(s, "\nSize:                132 kB\n"));
	CHECK(strstr(s, "\nRss:                   8 kB\n"));
	CHECK(strstr(show("smaps_rollup"), "[rollup]\nRss:                  12 kB\n"));
}

UNIT_TEST(procfs, arguments)
{
	static const char args[] = "prog\0one\0two";
	static const char title[] = "a title that is\0longer";

	start();
	unit_process.arg_start = (uaddr_t)args;
	unit_process.arg_end = (uaddr_t)args + sizeof(args);
	CHECK_STR(show("cmdline"), "prog");
	CHECK_STR(show("cmdline") + 5, "one");
	unit_process.arg_start = (uaddr_t)title;
	unit_process.arg_end = unit_process.env_start = (uaddr_t)title + 5;
	unit_process.env_end = (uaddr_t)title + sizeof(title);
	CHECK_STR(show("cmdline"), "a title that is");
	CHECK_STR(show("environ"), "le that is");
	unit_process.arg_end = unit_process.arg_start;
	CHECK_STR(show("cmdline"), "");
}

/* The process ends; then another one gets its number. */
UNIT_TEST(procfs, process_goes)
{
	struct inode *dir, *status, *again = NULL;
	struct file f = { .ref = 1, .flags = O_RDONLY };
	struct iov_iter it;
	loff_t pos = 0;
	char buf[64];

	start();
	dir = look(sb->root->inode, "100");
	status = look(dir, "status");
	f.inode = status;
	CHECK(dir->ops->revalidate(dir));
	CHECK_EQ(status->fops->open(status, &f), 0);
	alive = false;
	CHECK(!dir->ops->revalidate(dir));
	CHECK_EQ(dir->ops->lookup(dir, "status", &again), -ENOENT);
	iov_iter_kernel(&it, buf, sizeof(buf));
	CHECK_EQ(status->fops->read(&f, &it, &pos), -ESRCH);
	alive = true;
	unit_process.start_time++;
	CHECK(!dir->ops->revalidate(dir));
	CHECK_EQ(status->fops->read(&f, &it, &pos), -ESRCH);
	status->fops->release(&f);
	inode_put(status);
	inode_put(dir);
}

UNIT_TEST(procfs, names)
{
	struct inode *i = NULL, *root;

	start();
	root = sb->root->inode;
	CHECK(!look(root, "0100"));
	CHECK(!look(root, "+100"));
	CHECK(!look(root, "99999999999999999999"));
	CHECK(!look(root, "-1"));
	CHECK(!look(root, ""));
	i = look(root, "100");
	CHECK(i && i->ino != root->ino);
	CHECK(!look(i, "no such file"));
	inode_put(i);
}

UNIT_TEST(procfs, comm_is_written)
{
	struct inode *dir, *i;
	struct file f = { .ref = 1, .flags = O_RDWR };
	struct iov_iter it;
	loff_t pos = 0;

	start();
	dir = look(sb->root->inode, "100");
	i = look(dir, "comm");
	f.inode = i;
	CHECK_EQ(i->fops->open(i, &f), 0);
	iov_iter_kernel(&it, "a name that is too long\n", 24);
	CHECK_EQ(i->fops->write(&f, &it, &pos), 24);
	i->fops->release(&f);
	CHECK_STR(show("comm"), "a name that is \n");
	inode_put(i);
	i = look(dir, "status");
	f.inode = i;
	CHECK_EQ(i->fops->open(i, &f), -EACCES);
	inode_put(i);
	inode_put(dir);
}

UNIT_TEST(procfs, cpu_lists)
{
	static const struct {
		uint64_t mask;
		const char *list;
	} cases[] = { { 0, "" }, { 1, "0" }, { 3, "0-1" }, { 0xb, "0-1,3" }, { ~0UL, "0-63" }, { 1UL << 63, "63" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text t = { 0 };

		text_cpu_list(&t, cases[i].mask);
		text_add(&t, "", 1);
		CHECK_STR(t.buf, cases[i].list);
		text_free(&t);
	}
}

UNIT_TEST(procfs, out_of_memory)
{
	struct inode *dir, *i;
	struct file f = { .ref = 1, .flags = O_RDONLY };
	static char buf[8192];
	struct iov_iter it;
	loff_t pos = 0;

	start();
	dir = look(sb->root->inode, "100");
	i = look(dir, "status");
	f.inode = i;
	CHECK_EQ(i->fops->open(i, &f), 0);
	unit_alloc_fail_after = 0;
	iov_iter_kernel(&it, buf, sizeof(buf));
	CHECK_EQ(i->fops->read(&f, &it, &pos), -ENOMEM);
	unit_alloc_fail_after = -1;
	CHECK(i->fops->read(&f, &it, &pos) > 100);
	i->fops->release(&f);
	inode_put(i);
	inode_put(dir);
}
