/*
 * userfaultfd: missing pages are brought by the program: copied, zeroed, moved, declared lost; also when it
 * is a system call that touches them. Needs the privilege, or only catches faults of user code.
 */
#include "fault.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFDIO_POISON
struct uffdio_poison {
	struct uffdio_range range;
	uint64_t mode;
	int64_t updated;
};
#define UFFDIO_POISON _IOWR(UFFDIO, 0x08, struct uffdio_poison)
#endif

#define RW (PROT_READ | PROT_WRITE)

static int uffd;
static char *area, source[PAGE] __attribute__((aligned(4096)));

static void start(int pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0)
		SKIP("no userfaultfd (%s)", strerror(errno));
	EXPECT_OK(ioctl(uffd, UFFDIO_API, &api));
	area = map_anon((size_t)pages * PAGE, RW);
	reg.range = (struct uffdio_range){ (uintptr_t)area, (size_t)pages * PAGE };
	EXPECT_OK(ioctl(uffd, UFFDIO_REGISTER, &reg));
	EXPECT(reg.ioctls & 1ULL << _UFFDIO_COPY);
}

/* Serves one fault by a copy of `source`, whose first byte counts up. */
static void *serve(void *count)
{
	for (intptr_t i = 0; i < (intptr_t)count; i++) {
		struct uffd_msg m;
		struct uffdio_copy c = { .src = (uintptr_t)source, .len = PAGE };

		if (read(uffd, &m, sizeof(m)) != sizeof(m) || m.event != UFFD_EVENT_PAGEFAULT)
			return (void *)1;
		source[0]++;
		c.dst = m.arg.pagefault.address & ~(PAGE - 1);
		if (ioctl(uffd, UFFDIO_COPY, &c) || c.copy != (int64_t)PAGE)
			return (void *)2;
	}
	return NULL;
}

TEST(copied_when_touched)
{
	pthread_t t;
	void *ret;
	int p[2];

	start(4);
	source[0] = 'a' - 1;
	EXPECT_EQ(pthread_create(&t, NULL, serve, (void *)3), 0);
	EXPECT_EQ(area[2 * PAGE], 'a');
	EXPECT_EQ(area[0], 'b');
	EXPECT_OK(pipe(p));
	EXPECT_EQ(write(p[1], area + PAGE, 1), 1); /* a system call touches it */
	EXPECT_EQ(pthread_join(t, &ret), 0);
	EXPECT_EQ((intptr_t)ret, 0);
	EXPECT_EQ(area[PAGE], 'c');
	EXPECT_EQ(area[2 * PAGE], 'a');
	close(p[0]);
	close(p[1]);
	close(uffd);
	EXPECT_EQ(area[3 * PAGE], 0); /* nobody serves any more */
	EXPECT_OK(munmap(area, 4 * PAGE));
}

TEST(before_it_is_touched)
{
	struct uffdio_zeropage z;
	struct uffdio_copy c;

	start(2);
	z = (struct uffdio_zeropage){ .range = { (uintptr_t)area, PAGE } };
	EXPECT_OK(ioctl(uffd, UFFDIO_ZEROPAGE, &z));
	EXPECT_EQ(z.zeropage, (int64_t)PAGE);
	EXPECT_EQ(area[0], 0);
	EXPECT_ERRNO(ioctl(uffd, UFFDIO_ZEROPAGE, &z), EEXIST);
	c = (struct uffdio_copy){ .dst = (uintptr_t)area + PAGE + 1, .src = (uintptr_t)source, .len = PAGE };
	EXPECT_ERRNO(ioctl(uffd, UFFDIO_COPY, &c), EINVAL);
	close(uffd);
	EXPECT_OK(munmap(area, 2 * PAGE));
}

TEST(lost_pages)
{
	struct uffdio_poison p;

	start(2);
	p = (struct uffdio_poison){ .range = { (uintptr_t)area, PAGE } };
	if (ioctl(uffd, UFFDIO_POISON, &p) && errno == EINVAL)
		SKIP("no UFFDIO_POISON");
	EXPECT_EQ(fault_read(area).sig, SIGBUS);
	close(uffd);
	EXPECT_EQ(fault_read(area).sig, SIGBUS);
	EXPECT_EQ(fault_read(area + PAGE).sig, 0);
	EXPECT_OK(munmap(area, 2 * PAGE));
}

TEST(closing_lets_sleepers_go)
{
	struct uffd_msg m;
	int fd;

	start(1);
	fd = fcntl(uffd, F_SETFL, O_NONBLOCK);
	EXPECT_EQ(fd, 0);
	EXPECT_ERRNO(read(uffd, &m, sizeof(m)), EAGAIN);
	close(uffd);
	area[0] = 1;
	EXPECT_OK(munmap(area, PAGE));
}
