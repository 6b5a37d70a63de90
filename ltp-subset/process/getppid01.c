/* getppid of an orphan is the nearest subreaper; it can wait for it. */
#include "../lst.h"
#include <sys/prctl.h>

static void run(void)
{
	int p[2], on = 0;
	pid_t pid, orphan = 0, got[2];

	MUST(pipe(p));
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_OK(prctl(PR_GET_CHILD_SUBREAPER, &on));
	EXPECT_EQ(on, 1);
	pid = FORK();
	if (!pid) {
		pid_t middle = getpid();

		if (!fork()) {
			while (getppid() == middle)
				sleep_ms(2);
			got[0] = getpid();
			got[1] = getppid();
			_exit(write(p[1], got, sizeof(got)) == sizeof(got) ? 8 : 9);
		}
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(p[0], got, sizeof(got)), sizeof(got));
	orphan = got[0];
	EXPECT_EQ(got[1], getpid());
	EXPECT_EXIT(orphan, 8);
}
