/*
 * /proc/net/unix lists sockets with state, type, inode and name.
 */
#include "net.h"

static char text[1 << 20];

/* The fields of the line that ends with this name. */
static bool find_line(const char *name, unsigned *flags, unsigned *type, unsigned *st, unsigned long *ino)
{
	char *save = NULL, *line;

	EXPECT_GT(read_file("/proc/net/unix", text, sizeof(text)), 0);
	EXPECT_MEM(text, "Num       RefCount Protocol Flags    Type St Inode Path\n", 56);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strlen(line), m = strlen(name);

		if (n > m && !strcmp(line + n - m, name) && line[n - m - 1] == ' ')
			return sscanf(line, "%*x: %*x %*x %x %x %x %lu", flags, type, st, ino) == 4;
	}
	return false;
}

TEST(lines)
{
	struct un u = un_path("s"), v = un_abstract("d");
	int s = un_listener(SOCK_STREAM, u, 1), d = un_bound(SOCK_DGRAM, v);
	unsigned flags, type, st;
	unsigned long ino;
	char name[128] = "@";
	struct stat sb;

	EXPECT(find_line(u.addr.sun_path, &flags, &type, &st, &ino));
	EXPECT_EQ(flags, 0x10000);
	EXPECT_EQ(type, SOCK_STREAM);
	EXPECT_EQ(st, 1);
	EXPECT_OK(fstat(s, &sb));
	EXPECT_EQ(sb.st_ino, ino);
	EXPECT(S_ISSOCK(sb.st_mode));
	memcpy(name + 1, v.addr.sun_path + 1, v.len - UN_AT - 1);
	EXPECT(find_line(name, &flags, &type, &st, &ino));
	EXPECT_EQ(type, SOCK_DGRAM);
	EXPECT_EQ(flags, 0);
	close(s);
	EXPECT(!find_line(u.addr.sun_path, &flags, &type, &st, &ino));
	close(d);
}
