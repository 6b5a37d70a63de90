/* getrandom: flags and addresses; two answers differ. */
#include "../lst.h"
#include <sys/random.h>

static void run(void)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	EXPECT_EQ(getrandom(a, 32, 0), 32);
	EXPECT_EQ(getrandom(b, 32, GRND_NONBLOCK), 32);
	EXPECT(memcmp(a, b, 32) != 0);
	EXPECT_EQ(getrandom(b, 32, GRND_RANDOM), 32);
	EXPECT_EQ(getrandom(b, 32, GRND_INSECURE), 32);
	EXPECT_EQ(getrandom(a, 0, 0), 0);
	EXPECT_FAIL(getrandom(a, 32, 8), EINVAL);
	EXPECT_FAIL(getrandom(a, 32, GRND_RANDOM | GRND_INSECURE), EINVAL);
	EXPECT_FAIL(syscall(SYS_getrandom, BAD_PTR, 32, 0), EFAULT);
}
