/*
 * Leases: who may have one, how an opener breaks it, what the holder hears; and directory signals
 * (F_NOTIFY). The holder and the opener are threads of one process.
 */
#include "../test.h"

static int read_lease_file(void)
{
	int fd;

	close(tmp_file("f", "x", 1));
	fd = open(tmp_path("f"), O_RDONLY);
	EXPECT(fd >= 0);
	if (fcntl(fd, F_SETLEASE, F_RDLCK) && (errno == EINVAL || errno == EACCES))
		SKIP("no leases here");
	return fd;
}

TEST(types)
{
	int fd = read_lease_file(), w;

	EXPECT_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
	EXPECT_OK(fcntl(fd, F_SETLEASE, F_WRLCK));
	EXPECT_EQ(fcntl(fd, F_GETLEASE), F_WRLCK);
	EXPECT_OK(fcntl(fd, F_SETLEASE, F_UNLCK));
	EXPECT_ERRNO(fcntl(fd, F_SETLEASE, F_UNLCK), EAGAIN);
	EXPECT_ERRNO(fcntl(fd, F_SETLEASE, 7), EINVAL);
	w = open(tmp_path("f"), O_RDWR);
	EXPECT_ERRNO(fcntl(fd, F_SETLEASE, F_RDLCK), EAGAIN); /* a writer */
	EXPECT_ERRNO(fcntl(w, F_SETLEASE, F_WRLCK), EAGAIN);  /* another reader */
	close(fd);
	EXPECT_OK(fcntl(w, F_SETLEASE, F_WRLCK));
	close(w);
}

TEST(nonblocking_open_is_refused_and_breaks)
{
	sigset_t set;
	siginfo_t si;
	struct timespec soon = { 5, 0 };
	int fd = read_lease_file(), other;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	EXPECT_OK(fcntl(fd, F_SETSIG, SIGUSR1));
	other = open(tmp_path("f"), O_RDONLY | O_NONBLOCK); /* readers do not mind each other */
	EXPECT(other >= 0);
	close(other);
	EXPECT_ERRNO(open(tmp_path("f"), O_WRONLY | O_NONBLOCK), EAGAIN);
	EXPECT_EQ(sigtimedwait(&set, &si, &soon), SIGUSR1);
	EXPECT_EQ(si.si_fd, fd);
	EXPECT_EQ(fcntl(fd, F_GETLEASE), F_UNLCK); /* what it has to become */
	EXPECT_OK(fcntl(fd, F_SETLEASE, F_UNLCK));
	other = open(tmp_path("f"), O_WRONLY | O_NONBLOCK);
	EXPECT(other >= 0);
	close(other);
	close(fd);
}

static void *open_writer(void *path)
{
	return (void *)(intptr_t)open(path, O_WRONLY);
}

TEST(opener_waits_for_the_holder)
{
	sigset_t set;
	struct timespec soon = { 5, 0 };
	pthread_t t;
	void *got;
	int fd = read_lease_file();

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	EXPECT_EQ(pthread_create(&t, NULL, open_writer, (void *)tmp_path("f")), 0);
	EXPECT_EQ(sigtimedwait(&set, NULL, &soon), SIGIO);
	EXPECT_OK(fcntl(fd, F_SETLEASE, F_UNLCK));
	EXPECT_EQ(pthread_join(t, &got), 0);
	EXPECT((intptr_t)got >= 0);
	close((int)(intptr_t)got);
	close(fd);
}

TEST(directory_signals)
{
	sigset_t set;
	siginfo_t si;
	struct timespec none = { 0, 0 };
	int dir;

	close(tmp_file("f", "x", 1));
	dir = open(tmp_path("."), O_RDONLY | O_DIRECTORY);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	EXPECT_OK(fcntl(dir, F_SETSIG, SIGRTMIN + 3));
	if (fcntl(dir, F_NOTIFY, DN_RENAME | DN_CREATE))
		SKIP("no dnotify");
	EXPECT_OK(chmod(tmp_path("f"), 0600));
	EXPECT_ERRNO(sigtimedwait(&set, &si, &none), EAGAIN);
	close(tmp_file("g", "", 0));
	EXPECT_EQ(sigtimedwait(&set, &si, &none), SIGRTMIN + 3);
	EXPECT_EQ(si.si_fd, dir);
	close(tmp_file("h", "", 0)); /* once only */
	EXPECT_ERRNO(sigtimedwait(&set, &si, &none), EAGAIN);
	close(dir);
}

TEST(created_or_found)
{
	int fd = open(tmp_path("n"), O_CREAT | O_RDONLY, 0600);

	if (fcntl(fd, 1024 + 4, 0) < 0)
		SKIP("no F_CREATED_QUERY");
	EXPECT_EQ(fcntl(fd, 1024 + 4, 0), 1);
	close(fd);
	fd = open(tmp_path("n"), O_CREAT | O_RDONLY, 0600);
	EXPECT_EQ(fcntl(fd, 1024 + 4, 0), 0);
	close(fd);
}
