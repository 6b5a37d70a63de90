/* /dev/urandom, /dev/random and getrandom(2): full reads, no repeats, flags, refusals. */
#include "../test.h"
#include <sys/random.h>

static bool all_equal(const unsigned char *b, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (b[i] != b[0])
			return false;
	return true;
}

static void two_reads(const char *path)
{
	unsigned char a[64], b[64];
	int fd = EXPECT_OK(open(path, O_RDONLY));

	EXPECT_EQ(read(fd, a, sizeof(a)), sizeof(a));
	EXPECT_EQ(read(fd, b, sizeof(b)), sizeof(b));
	EXPECT(memcmp(a, b, sizeof(a)));
	EXPECT(!all_equal(a, sizeof(a)));
	close(fd);
}

TEST(devices)
{
	two_reads("/dev/urandom");
	two_reads("/dev/random");
}

TEST(large_read)
{
	enum { SIZE = 100000 };
	unsigned char *b = calloc(1, SIZE);
	int count[256] = { 0 }, fd = EXPECT_OK(open("/dev/urandom", O_RDONLY));

	EXPECT_EQ(read(fd, b, SIZE), SIZE);
	for (int i = 0; i < SIZE; i++)
		count[b[i]]++;
	for (int i = 0; i < 256; i++)
		EXPECT(count[i] > 100 && count[i] < 800);
	free(b);
	close(fd);
}

TEST(getrandom_call)
{
	unsigned char a[256], b[256];

	EXPECT_EQ(getrandom(a, sizeof(a), 0), sizeof(a));
	EXPECT_EQ(getrandom(b, sizeof(b), GRND_NONBLOCK), sizeof(b));
	EXPECT(memcmp(a, b, sizeof(a)));
	EXPECT_EQ(getrandom(a, 0, 0), 0);
	EXPECT_EQ(getrandom(a, 1, GRND_RANDOM), 1);
	EXPECT_ERRNO(getrandom(a, 1, 0x80), EINVAL);
	EXPECT_ERRNO(getrandom(a, 1, GRND_RANDOM | GRND_INSECURE), EINVAL);
	EXPECT_ERRNO(getrandom(bad_ptr(), 8, 0), EFAULT);
	EXPECT_EQ(getentropy(a, 32), 0);
	EXPECT_ERRNO(syscall(SYS_getrandom, hide_ptr(0xffff800000000000ul), 8, 0), EFAULT);
}

TEST(writing_is_allowed)
{
	int fd = EXPECT_OK(open("/dev/urandom", O_WRONLY));

	EXPECT_EQ(write(fd, "seed", 4), 4);
	close(fd);
}
