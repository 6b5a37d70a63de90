/* setpgid of a child that has executed a program is EACCES; of a child in another session EPERM. */
#include "../lst.h"

static void run(void)
{
	int ready[2];
	char c;
	pid_t pid;

	pid = FORK();
	if (!pid) {
		execl("/bin/sleep", "sleep", "20", NULL);
		_exit(127);
	}
	for (int i = 0; i < 400; i++) {
		char path[64], comm[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		fd = MUST(open(path, O_RDONLY));
		MUST(read(fd, comm, sizeof(comm) - 1));
		close(fd);
		if (!strcmp(comm, "sleep\n"))
			break;
		sleep_ms(5);
	}
	EXPECT_FAIL(setpgid(pid, pid), EACCES);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	MUST(pipe(ready));
	pid = FORK();
	if (!pid) {
		setsid();
		MUST(write(ready[1], "x", 1));
		for (;;)
			pause();
	}
	MUST(read(ready[0], &c, 1));
	EXPECT_FAIL(setpgid(pid, pid), EPERM);
	EXPECT_EQ(getsid(pid), pid);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}
