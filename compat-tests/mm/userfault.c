/*
 * userfaultfd: missing pages are brought by the program: copied, zeroed, moved, declared lost; also when it
 * is a system call that touches them. Needs the privilege, or only catches faults of user code.
 */
#include "fault.h"
#include <linux/userfaultfd.h>
#include <poll.h>
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

static int register_pages(char *at, int pages)
{
	struct uffdio_register reg = { .range = { (uintptr_t)at, (size_t)pages * PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING };

	return ioctl(uffd, UFFDIO_REGISTER, &reg);
}

/* Of a part, of what is registered, of what somebody else has; a mapping takes its registration along. */
TEST(registered_again)
{
	struct uffdio_range middle;
	struct uffdio_zeropage z;
	int first;

	start(4);
	EXPECT_OK(register_pages(area, 2));
	middle = (struct uffdio_range){ (uintptr_t)area + PAGE, PAGE };
	EXPECT_OK(ioctl(uffd, UFFDIO_UNREGISTER, &middle));
	EXPECT_EQ(area[PAGE], 0); /* nobody is asked */
	z = (struct uffdio_zeropage){ .range = { (uintptr_t)area + PAGE, PAGE } };
	EXPECT_ERRNO(ioctl(uffd, UFFDIO_ZEROPAGE, &z), ENOENT);
	z.range.start = (uintptr_t)area;
	EXPECT_OK(ioctl(uffd, UFFDIO_ZEROPAGE, &z));
	z.range.start = (uintptr_t)area + 2 * PAGE;
	EXPECT_OK(ioctl(uffd, UFFDIO_ZEROPAGE, &z));
	first = uffd;
	char *before = area;
	start(1);
	EXPECT_ERRNO(register_pages(before, 1), EBUSY);
	EXPECT_OK(register_pages(before + PAGE, 1));
	EXPECT_OK(munmap(before, 4 * PAGE));
	EXPECT_EQ(mmap(before, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), (void *)before);
	EXPECT_OK(register_pages(before, 4));
	close(first);
	close(uffd);
	EXPECT_OK(munmap(before, 4 * PAGE));
	EXPECT_OK(munmap(area, PAGE));
}

static void *touch_page(void *at)
{
	return (void *)(intptr_t)*(volatile char *)at;
}

TEST(several_messages_at_once)
{
	struct uffdio_zeropage z;
	struct uffd_msg m[3];
	pthread_t t[2];
	int n = 0;

	start(2);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, touch_page, area + i * PAGE), 0);
	while (n < 2) {
		ssize_t k = read(uffd, m + n, (3 - (size_t)n) * sizeof(*m));

		EXPECT(k > 0 && !(k % (ssize_t)sizeof(*m)));
		n += (int)(k / (ssize_t)sizeof(*m));
	}
	EXPECT_EQ(m[0].arg.pagefault.address + m[1].arg.pagefault.address, 2 * (uintptr_t)area + PAGE);
	z = (struct uffdio_zeropage){ .range = { (uintptr_t)area, 2 * PAGE } };
	EXPECT_OK(ioctl(uffd, UFFDIO_ZEROPAGE, &z));
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	EXPECT_ERRNO(read(uffd, m, sizeof(*m) - 1), EINVAL);
	close(uffd);
	EXPECT_OK(munmap(area, 2 * PAGE));
}

TEST(bad_sources)
{
	struct uffdio_copy c;

	start(1);
	c = (struct uffdio_copy){ .dst = (uintptr_t)area, .src = 0, .len = PAGE };
	EXPECT_ERRNO(ioctl(uffd, UFFDIO_COPY, &c), EFAULT);
	c = (struct uffdio_copy){ .dst = (uintptr_t)area, .src = -PAGE, .len = PAGE };
	EXPECT_ERRNO(ioctl(uffd, UFFDIO_COPY, &c), EINVAL);
	close(uffd);
	EXPECT_OK(munmap(area, PAGE));
}

static void *touches(void *arg)
{
	*(volatile char *)area = 1;
	return arg;
}

TEST(closing_lets_sleepers_go)
{
	struct uffd_msg m;
	struct pollfd p;
	pthread_t t;

	start(1);
	EXPECT_OK(fcntl(uffd, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(read(uffd, &m, sizeof(m)), EAGAIN);
	EXPECT_EQ(pthread_create(&t, NULL, touches, NULL), 0);
	p = (struct pollfd){ uffd, POLLIN, 0 };
	EXPECT_EQ(poll(&p, 1, 10000), 1); /* it sleeps there, and nobody will serve it */
	close(uffd);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(area[0], 1);
	EXPECT_OK(munmap(area, PAGE));
}
