/*
 * process_vm_readv, process_vm_writev: memory of another process in many pieces, what is done
 * before a fault counts, and who may not; kcmp on top.
 */
#include "../test.h"
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/uio.h>

static char shown[20000];

ROLE(target)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *addr[3] = { shown, p, ro };
	char c;

	munmap(p + 4096, 4096);
	for (size_t i = 0; i < sizeof(shown); i++)
		shown[i] = i % 101;
	strcpy(p, "anonymous");
	EXPECT_EQ(write(1, addr, sizeof(addr)), sizeof(addr));
	EXPECT_EQ(read(0, &c, 1), 1);
	EXPECT_STR(shown, "written");
	EXPECT_STR(shown + 15000, "far");
	return 0;
}

struct target {
	pid_t pid;
	int in, out;
	void *addr[3];
};

static void start(struct target *t)
{
	posix_spawn_file_actions_t fa;
	int in[2], out[2];

	EXPECT_OK(pipe2(in, O_CLOEXEC));
	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	t->pid = spawn_self_with(&fa, NULL, "target");
	posix_spawn_file_actions_destroy(&fa);
	t->in = in[1];
	t->out = out[0];
	close(in[0]);
	close(out[1]);
	EXPECT_EQ(read(t->out, t->addr, sizeof(t->addr)), sizeof(t->addr));
}

static void stop(struct target *t, int code)
{
	EXPECT_EQ(write(t->in, "x", 1), 1);
	EXPECT_EXIT(t->pid, code);
	close(t->in);
	close(t->out);
}

TEST(read_and_write)
{
	static char buf[20000];
	struct target t;

	start(&t);
	struct iovec l[2] = { { buf, 7 }, { buf + 100, 19000 } };
	struct iovec r[2] = { { t.addr[0], 10000 }, { t.addr[1], 10 } };
	EXPECT_EQ(process_vm_readv(t.pid, l, 2, r, 2, 0), 10010);
	for (int i = 0; i < 7; i++)
		EXPECT_EQ(buf[i], i % 101);
	for (int i = 7; i < 10000; i++)
		EXPECT_EQ(buf[100 + i - 7], i % 101);
	EXPECT_STR(buf + 100 + 10000 - 7, "anonymous");
	strcpy(buf, "written");
	strcpy(buf + 8, "far");
	l[0] = (struct iovec){ buf, 12 };
	r[0] = (struct iovec){ t.addr[0], 8 };
	r[1] = (struct iovec){ (char *)t.addr[0] + 15000, 4 };
	EXPECT_EQ(process_vm_writev(t.pid, l, 1, r, 2, 0), 12);
	stop(&t, 0);
}

TEST(faults)
{
	char buf[8192];
	struct target t;

	start(&t);
	struct iovec l = { buf, sizeof(buf) }, r = { t.addr[1], 8192 };
	EXPECT_EQ(process_vm_readv(t.pid, &l, 1, &r, 1, 0), 4096);
	r = (struct iovec){ (char *)t.addr[1] + 4096, 10 };
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1, &r, 1, 0), EFAULT);
	r = (struct iovec){ t.addr[2], 10 };
	EXPECT_ERRNO(process_vm_writev(t.pid, &l, 1, &r, 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1, &r, 1, 1), EINVAL);
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1025, &r, 1, 0), EINVAL);
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1, &r, 1025, 0), EINVAL);
	EXPECT_ERRNO(process_vm_readv(t.pid, bad_ptr(), 1, &r, 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1, bad_ptr(), 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(0x7ffffff, &l, 1, &r, 1, 0), ESRCH);
	EXPECT_EQ(process_vm_readv(t.pid, &l, 0, &r, 1, 0), 0);
	kill(t.pid, SIGKILL);
	EXPECT_SIGNALED(t.pid, SIGKILL);
	close(t.in);
	close(t.out);
}

TEST(permission)
{
	struct target t;
	char buf[8];

	if (geteuid())
		SKIP("needs root");
	start(&t);
	struct iovec l = { buf, 8 }, r = { t.addr[0], 8 };
	EXPECT_OK(setresuid(65534, 65534, 0));
	EXPECT_ERRNO(process_vm_readv(t.pid, &l, 1, &r, 1, 0), EPERM);
	EXPECT_OK(setresuid(0, 0, 0));
	EXPECT_EQ(process_vm_readv(t.pid, &l, 1, &r, 1, 0), 8);
	kill(t.pid, SIGKILL);
	EXPECT_SIGNALED(t.pid, SIGKILL);
	close(t.in);
	close(t.out);
}

static long kcmp(pid_t a, pid_t b, int type, unsigned long i, unsigned long j)
{
	return syscall(SYS_kcmp, a, b, type, i, j);
}

TEST(comparing_what_epoll_watches)
{
	struct { uint32_t efd, tfd, toff; } slot;
	struct epoll_event ev = { .events = EPOLLIN };
	int p[2], ep = EXPECT_OK(epoll_create1(0)), moved;
	pid_t me = getpid();

	EXPECT_OK(pipe(p));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	slot.efd = (uint32_t)ep;
	slot.tfd = (uint32_t)p[0];
	slot.toff = 0;
	EXPECT_EQ(kcmp(me, me, 7, (unsigned long)p[0], (unsigned long)&slot), 0);
	EXPECT_GT(kcmp(me, me, 7, (unsigned long)p[1], (unsigned long)&slot), 0);
	/* another file under the number of a watched one that lives on */
	moved = EXPECT_OK(dup(p[0]));
	EXPECT_OK(dup2(p[1], p[0]));
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	EXPECT_EQ(kcmp(me, me, 7, (unsigned long)p[0], (unsigned long)&slot) +
			  kcmp(me, me, 7, (unsigned long)moved, (unsigned long)&slot) > 0, 1);
	slot.toff = 1;
	EXPECT_GE(kcmp(me, me, 7, (unsigned long)moved, (unsigned long)&slot), 0);
	slot.toff = 2;
	EXPECT_ERRNO(kcmp(me, me, 7, (unsigned long)moved, (unsigned long)&slot), ENOENT);
	slot.toff = 0;
	slot.tfd = 999;
	EXPECT_ERRNO(kcmp(me, me, 7, (unsigned long)moved, (unsigned long)&slot), ENOENT);
	EXPECT_ERRNO(kcmp(me, me, 7, 999, (unsigned long)&slot), EBADF);
	slot.efd = (uint32_t)p[1];
	EXPECT_ERRNO(kcmp(me, me, 7, (unsigned long)moved, (unsigned long)&slot), EINVAL);
	EXPECT_ERRNO(kcmp(me, me, 7, (unsigned long)moved, 8), EFAULT);
}

TEST(comparing)
{
	int f = tmp_file("f", "", 0), g = EXPECT_OK(dup(f)), h = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	pid_t me = getpid(), parent = getppid();
	struct target t;

	if (kcmp(me, me, 1, 0, 0) < 0 && errno == ENOSYS)
		SKIP("no kcmp");
	EXPECT_EQ(kcmp(me, me, 0, f, g), 0);
	EXPECT_GT(kcmp(me, me, 0, f, h), 0);
	EXPECT_EQ(kcmp(me, me, 0, f, h) + kcmp(me, me, 0, h, f), 3);
	EXPECT_ERRNO(kcmp(me, me, 0, f, 9999), EBADF);
	EXPECT_EQ(kcmp(me, me, 1, 0, 0), 0);
	EXPECT_EQ(kcmp(me, me, 2, 0, 0), 0);
	EXPECT_ERRNO(kcmp(me, me, 99, 0, 0), EINVAL);
	EXPECT_ERRNO(kcmp(me, 0x7ffffff, 0, 0, 0), ESRCH);
	start(&t);
	for (int type = 1; type <= 4; type++)
		EXPECT_GT(kcmp(me, t.pid, type, 0, 0), 0);
	kill(t.pid, SIGKILL);
	EXPECT_SIGNALED(t.pid, SIGKILL);
	(void)parent;
	close(f);
	close(g);
	close(h);
}
