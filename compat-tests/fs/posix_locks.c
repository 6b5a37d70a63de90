/*
 * fcntl(2) record locks: ranges split and merge, F_GETLK reports the owner, any close drops them,
 * they block between processes only, deadlocks are found.
 */
#include "../test.h"
#include <sys/time.h>

static int set_lock(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &l);
}

/* Status: 0 free; 1 a read lock, 2 a write lock of the parent that starts at argv[4] blocks. */
ROLE(probe)
{
	struct flock l = { .l_type = atoi(argv[1]), .l_whence = SEEK_SET, .l_start = atol(argv[2]),
			   .l_len = atol(argv[3]) };
	int fd = open(argv[0], O_RDWR);

	EXPECT_OK(fcntl(fd, F_GETLK, &l));
	if (l.l_type == F_UNLCK)
		return 0;
	if (l.l_pid != getppid() || l.l_start != atol(argv[4]))
		return 3;
	return l.l_type == F_RDLCK ? 1 : 2;
}

static int probe(int type, const char *start, const char *len, const char *want_start)
{
	char t[8];

	snprintf(t, sizeof(t), "%d", type);
	return WEXITSTATUS(
		wait_status(spawn_self("probe", tmp_path("f"), t, start, len, want_start)));
}

TEST(getlk_reports_the_owner)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 2, 4));
	EXPECT_EQ(probe(F_RDLCK, "0", "0", "2"), 2);
	EXPECT_EQ(probe(F_RDLCK, "5", "1", "2"), 2);
	EXPECT_EQ(probe(F_WRLCK, "0", "2", "0"), 0);
	EXPECT_EQ(probe(F_WRLCK, "6", "0", "0"), 0);
	close(fd);
}

TEST(read_locks_share)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_OK(set_lock(fd, F_SETLK, F_RDLCK, 0, 0));
	EXPECT_EQ(probe(F_RDLCK, "0", "0", "0"), 0);
	EXPECT_EQ(probe(F_WRLCK, "1000", "1", "0"), 1);
	close(fd);
}

TEST(split_and_merge)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 100));
	EXPECT_OK(set_lock(fd, F_SETLK, F_UNLCK, 40, 20));
	EXPECT_EQ(probe(F_WRLCK, "40", "20", "0"), 0);
	EXPECT_EQ(probe(F_WRLCK, "39", "1", "0"), 2);
	EXPECT_EQ(probe(F_WRLCK, "60", "1", "60"), 2);
	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 40, 20));
	EXPECT_EQ(probe(F_WRLCK, "70", "1", "0"), 2);
	EXPECT_OK(set_lock(fd, F_SETLK, F_RDLCK, 10, 10));
	EXPECT_EQ(probe(F_WRLCK, "12", "1", "10"), 1);
	EXPECT_EQ(probe(F_RDLCK, "20", "1", "20"), 2);
	EXPECT_EQ(probe(F_RDLCK, "10", "10", "0"), 0);
	close(fd);
}

TEST(negative_length_and_whence)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -3 };
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_OK(fcntl(fd, F_SETLK, &l));
	EXPECT_EQ(probe(F_WRLCK, "7", "1", "7"), 2);
	EXPECT_EQ(probe(F_WRLCK, "10", "1", "0"), 0);
	EXPECT_EQ(probe(F_WRLCK, "6", "1", "0"), 0);
	EXPECT_EQ(lseek(fd, 2, SEEK_SET), 2);
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = -1, .l_len = 1 };
	EXPECT_OK(fcntl(fd, F_SETLK, &l));
	EXPECT_EQ(probe(F_WRLCK, "0", "5", "1"), 2);
	close(fd);
}

TEST(any_close_drops_all)
{
	int fd = tmp_file("f", "0123456789", 10);

	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
	EXPECT_EQ(probe(F_WRLCK, "0", "1", "0"), 2);
	close(EXPECT_OK(open(tmp_path("f"), O_RDONLY)));
	EXPECT_EQ(probe(F_WRLCK, "0", "1", "0"), 0);
	close(fd);
}

TEST(own_locks_never_conflict)
{
	int fd = tmp_file("f", "0123456789", 10), other = EXPECT_OK(open(tmp_path("f"), O_RDWR));

	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
	EXPECT_OK(set_lock(other, F_SETLK, F_WRLCK, 0, 0));
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	EXPECT_OK(fcntl(other, F_GETLK, &l));
	EXPECT_EQ(l.l_type, F_UNLCK);
	close(fd);
	close(other);
}

/* Holds a write lock on [0,1) until its input ends; says "L" when it has it. */
ROLE(hold)
{
	int fd = open(argv[0], O_RDWR);
	char c;

	EXPECT_OK(set_lock(fd, F_SETLKW, F_WRLCK, 0, 1));
	EXPECT_EQ(write(1, "L", 1), 1);
	EXPECT_EQ(read(0, &c, 1), 0);
	return 0;
}

static pid_t spawn_holder(int *to_child)
{
	posix_spawn_file_actions_t fa;
	int in[2], out[2];
	pid_t pid;
	char c;

	EXPECT_OK(pipe2(in, O_CLOEXEC));
	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	pid = spawn_self_with(&fa, NULL, "hold", tmp_path("f"));
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(out[1]);
	EXPECT_EQ(read(out[0], &c, 1), 1);
	close(out[0]);
	*to_child = in[1];
	return pid;
}

TEST(another_process_blocks)
{
	int stop, fd = tmp_file("f", "0123456789", 10);
	pid_t pid = spawn_holder(&stop);
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	EXPECT_OK(fcntl(fd, F_GETLK, &l));
	EXPECT_EQ(l.l_pid, pid);
	EXPECT_EQ(l.l_type, F_WRLCK);
	EXPECT_EQ(l.l_start, 0);
	EXPECT_EQ(l.l_len, 1);
	EXPECT(set_lock(fd, F_SETLK, F_RDLCK, 0, 1) == -1 && (errno == EAGAIN || errno == EACCES));
	EXPECT_OK(set_lock(fd, F_SETLK, F_WRLCK, 1, 1));
	close(stop);
	EXPECT_OK(set_lock(fd, F_SETLKW, F_WRLCK, 0, 1));
	EXPECT_EXIT(pid, 0);
	close(fd);
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(wait_is_interrupted)
{
	struct itimerval every_50_ms = { { 0, 50000 }, { 0, 50000 } };
	struct sigaction sa = { .sa_handler = on_signal };
	int stop, fd = tmp_file("f", "0123456789", 10);
	pid_t pid = spawn_holder(&stop);

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every_50_ms, NULL);
	EXPECT_ERRNO(set_lock(fd, F_SETLKW, F_WRLCK, 0, 1), EINTR);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	close(stop);
	EXPECT_EXIT(pid, 0);
	close(fd);
}

TEST(refusals)
{
	int fd = tmp_file("f", "0123456789", 10), r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	int w = EXPECT_OK(open(tmp_path("f"), O_WRONLY));

	EXPECT_ERRNO(set_lock(r, F_SETLK, F_WRLCK, 0, 1), EBADF);
	EXPECT_ERRNO(set_lock(w, F_SETLK, F_RDLCK, 0, 1), EBADF);
	EXPECT_ERRNO(set_lock(fd, F_SETLK, 77, 0, 1), EINVAL);
	EXPECT_ERRNO(set_lock(fd, F_SETLK, F_WRLCK, -1, 1), EINVAL);
	EXPECT_ERRNO(set_lock(fd, F_SETLK, F_WRLCK, 0, -1), EINVAL);
	EXPECT_ERRNO(set_lock(fd, F_GETLK, F_UNLCK, 0, 1), EINVAL);
	EXPECT_ERRNO(set_lock(-1, F_SETLK, F_WRLCK, 0, 1), EBADF);
	EXPECT_ERRNO(fcntl(fd, F_SETLK, bad_ptr()), EFAULT);
	close(r);
	close(w);
	close(fd);
}
