/* F_SETLKW waits for the holder's death and is interrupted by a signal; a cycle is EDEADLK. */
#include "../lst.h"
static void on_usr1(int sig)
{
	(void)sig;
}

static void run(void)
{
	int fd = new_file("f", "0123456789", 10), go[2];
	struct flock a = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
	struct flock b = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1 };
	struct sigaction sa = { .sa_handler = on_usr1 };
	char c;
	pid_t pid;

	MUST(pipe(go));
	MUST(sigaction(SIGUSR1, &sa, NULL));
	MUST(fcntl(fd, F_SETLK, &a));
	pid = FORK();
	if (!pid) {
		MUST(fcntl(fd, F_SETLK, &b));
		MUST(write(go[1], "x", 1));
		EXPECT_FAIL(fcntl(fd, F_SETLKW, &a), EINTR);
		MUST(write(go[1], "y", 1));
		EXPECT_OK(fcntl(fd, F_SETLKW, &a));
		child_exit();
	}
	MUST(read(go[0], &c, 1));
	EXPECT(wait_state(pid, 'S'));
	MUST(kill(pid, SIGUSR1));
	MUST(read(go[0], &c, 1));
	EXPECT(wait_state(pid, 'S'));
	EXPECT_FAIL(fcntl(fd, F_SETLKW, &b), EDEADLK);
	a.l_type = F_UNLCK;
	EXPECT_OK(fcntl(fd, F_SETLK, &a));
	REAP(pid);
}
