/* execve: caught signals become default, ignored ones stay ignored, blocked ones stay blocked and pending. */
#include "../lst.h"
static void handler(int sig)
{
	(void)sig;
}

static void run(void)
{
	int out[2];
	char buf[4096] = "", *at;
	ssize_t n, len = 0;
	sigset_t set;
	pid_t pid;

	MUST(pipe(out));
	pid = FORK();
	if (!pid) {
		MUST(dup2(out[1], 1));
		signal(SIGUSR1, handler);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		MUST(sigprocmask(SIG_SETMASK, &set, NULL));
		raise(SIGTERM);
		execl("/bin/cat", "cat", "/proc/self/status", NULL);
		_exit(127);
	}
	close(out[1]);
	while ((n = read(out[0], buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	EXPECT_EXIT(pid, 0);
	at = strstr(buf, "SigBlk:");
	EXPECT(at && strtoull(at + 7, NULL, 16) == 1ULL << (SIGTERM - 1));
	at = strstr(buf, "SigIgn:");
	EXPECT(at && strtoull(at + 7, NULL, 16) & 1ULL << (SIGUSR2 - 1));
	at = strstr(buf, "SigCgt:");
	EXPECT(at && !(strtoull(at + 7, NULL, 16) & 1ULL << (SIGUSR1 - 1)));
	at = strstr(buf, "ShdPnd:");
	EXPECT(at && strstr(buf, "SigPnd:") &&
	       (strtoull(at + 7, NULL, 16) | strtoull(strstr(buf, "SigPnd:") + 7, NULL, 16)) & 1ULL << (SIGTERM - 1));
}
