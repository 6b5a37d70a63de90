/* base.c: printf, string helpers, iterators over buffers. */
#include "base/string.h"
#include "linux/errno.h"
#include "syscall/usercopy.h"
#include "test/unit.h"

int libos_snprintf(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);
int libos_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

int libos_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = libos_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

#define CHECK_FORMAT(want, ...)                                                                    \
	do {                                                                                       \
		char got_[128];                                                                    \
		int n_ = libos_snprintf(got_, sizeof(got_), __VA_ARGS__);                          \
		CHECK_STR(got_, want);                                                             \
		CHECK_EQ(n_, sizeof(want) - 1);                                                    \
	} while (0)

UNIT_TEST(printf, numbers)
{
	CHECK_FORMAT("-5|  -5|-5  |-0005", "%d|%4d|%-4d|%05d", -5, -5, -5, -5);
	CHECK_FORMAT("ff|0xff|00ff|FF", "%x|%#x|%04x|%X", 255, 255, 255, 255);
	CHECK_FORMAT("18446744073709551615", "%lu", ~0UL);
	CHECK_FORMAT("-9223372036854775808", "%ld", INT64_MIN);
	CHECK_FORMAT("+7| 7|0755|007", "%+d|% d|%#o|%.3d", 7, 7, 0755, 7);
	CHECK_FORMAT("255|-1", "%hhu|%hhd", (unsigned char)255, (signed char)-1);
}

UNIT_TEST(printf, strings)
{
	CHECK_FORMAT("abc|  abc|abc  |ab", "%s|%5s|%-5s|%.2s", "abc", "abc", "abc", "abc");
	CHECK_FORMAT("x%|0x10", "%c%%|%p", 'x', (void *)16);
	CHECK_FORMAT("   7|ab", "%*d|%.*s", 4, 7, 2, "abcdef");
}

UNIT_TEST(printf, cuts_and_counts)
{
	char buf[4] = "zzz";

	CHECK_EQ(libos_snprintf(buf, sizeof(buf), "%s", "abcdef"), 6);
	CHECK_STR(buf, "abc");
	CHECK_EQ(libos_snprintf(NULL, 0, "%d", 12345), 5);
}

UNIT_TEST(strutil, bounded_copies)
{
	char buf[5];

	CHECK_EQ(strlcpy(buf, "abcdef", sizeof(buf)), 6);
	CHECK_STR(buf, "abcd");
	strlcpy(buf, "ab", sizeof(buf));
	CHECK_EQ(strlcat(buf, "cdef", sizeof(buf)), 6);
	CHECK_STR(buf, "abcd");
}

UNIT_TEST(strutil, numbers)
{
	uint64_t v;

	CHECK(str_to_u64("0", 10, &v) && v == 0);
	CHECK(str_to_u64("18446744073709551615", UINT64_MAX, &v) && v == UINT64_MAX);
	CHECK(!str_to_u64("18446744073709551616", UINT64_MAX, &v));
	CHECK(!str_to_u64("11", 10, &v));
	CHECK(!str_to_u64("", 10, &v));
	CHECK(!str_to_u64("1x", 10, &v));
	CHECK(!str_to_u64("-1", 10, &v));
}

UNIT_TEST(iov, walks_segments)
{
	char a[3], b[5], out[8];
	struct iovec v[3] = { { (uaddr_t)a, 3 }, { (uaddr_t)a, 0 }, { (uaddr_t)b, 5 } };
	struct iov_iter it;

	/* user addresses end with ELRANGE; the test's do not, so the vector is used as a LibOS one */
	iov_iter_kernel(&it, a, 3);
	it.vec = v;
	it.segs = 3;
	it.count = 8;
	CHECK_EQ(copy_to_iter("abcdefgh", 8, &it), 8);
	CHECK(!memcmp(a, "abc", 3) && !memcmp(b, "defgh", 5));
	CHECK_EQ(it.count, 0);
	CHECK_EQ(copy_to_iter("x", 1, &it), 0);
	iov_iter_kernel(&it, a, 3);
	it.vec = v;
	it.segs = 3;
	it.count = 8;
	iov_iter_truncate(&it, 4);
	CHECK_EQ(copy_from_iter(out, 8, &it), 4);
	CHECK(!memcmp(out, "abcd", 4));
}

UNIT_TEST(iov, refuses_wrapping_ranges)
{
	struct iov_iter it;

	CHECK_EQ(iov_iter_user(&it, 4096, (size_t)-1), -EFAULT);
	CHECK_EQ(iov_iter_user(&it, ~0UL - 10, 100), -EFAULT);
	CHECK_EQ(iov_iter_user_vec(&it, 4096, IOV_MAX + 1), -EINVAL);
}
