/* Two programs linked to one fixed address run at once, and one of them forks. */
#include "fork.h"

TEST(two_at_one_address)
{
	char dir[PATH_MAX + 32];
	struct outcome o;
	int in[2][2], out[2][2];
	pid_t pid[2];

	snprintf(dir, sizeof(dir), "%s", self_path());
	strcpy(strrchr(dir, '/') + 1, "fixed");
	if (access(dir, X_OK))
		SKIP("no static libc here");
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(pipe2(in[i], O_CLOEXEC));
		EXPECT_OK(pipe2(out[i], O_CLOEXEC));
		pid[i] = start_child();
		if (!pid[i]) {
			dup2(in[i][0], 0);
			dup2(out[i][1], 1);
			execl(dir, "fixed", i ? "1000" : "500", NULL);
			_exit(127);
		}
		close(out[i][1]);
		close(in[i][0]);
	}
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 2; i++) {
			put_byte(in[i][1], 'x');
			EXPECT_EQ(get_byte(out[i][0]), '+');
		}
	}
	for (int i = 0; i < 2; i++) {
		close(in[i][1]);
		read_all(out[i][0], &o);
		EXPECT_STR(o.out, i ? "1020 1021\n" : "520 521\n");
		EXPECT_EXIT(pid[i], 0);
	}
}
