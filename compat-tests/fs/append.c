/* O_APPEND: every write goes to the end whatever the offset, also between threads and processes. */
#include "../test.h"

static int open_append(void)
{
	return EXPECT_OK(open(tmp_path("f"), O_RDWR | O_CREAT | O_APPEND, 0644));
}

TEST(ignores_the_offset)
{
	char buf[8];
	int fd;

	close(tmp_file("f", "abc", 3));
	fd = open_append();
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_EQ(read(fd, buf, 1), 1);
	EXPECT_EQ(write(fd, "de", 2), 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, "f", 1), 1);
	EXPECT_EQ(pread(fd, buf, 8, 0), 6);
	EXPECT_MEM(buf, "abcdef", 6);
	close(fd);
}

TEST(pwrite_appends_too)
{
	char buf[8];
	int fd;

	close(tmp_file("f", "abc", 3));
	fd = open_append();
	EXPECT_EQ(pwrite(fd, "X", 1, 0), 1);
	EXPECT_EQ(pread(fd, buf, 8, 0), 4);
	EXPECT_MEM(buf, "abcX", 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
}

TEST(setfl_switches)
{
	char buf[8];
	int fd = tmp_file("f", "abc", 3);

	EXPECT_OK(fcntl(fd, F_SETFL, O_APPEND));
	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
	EXPECT_EQ(write(fd, "d", 1), 1);
	EXPECT_OK(fcntl(fd, F_SETFL, 0));
	EXPECT(!(fcntl(fd, F_GETFL) & O_APPEND));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(fd, "Z", 1), 1);
	EXPECT_EQ(pread(fd, buf, 8, 0), 4);
	EXPECT_MEM(buf, "Zbcd", 4);
	close(fd);
}

static void append_lines(int id)
{
	char line[32];
	int fd = open(tmp_path("f"), O_WRONLY | O_APPEND);

	memset(line, 'a' + id, sizeof(line));
	line[31] = '\n';
	for (int i = 0; i < 200; i++)
		EXPECT_EQ(write(fd, line, 32), 32);
	close(fd);
}

static void *append_thread(void *arg)
{
	append_lines((int)(intptr_t)arg);
	return NULL;
}

/* Begins when its standard input ends. */
ROLE(appender)
{
	char c;

	if (read(0, &c, 1))
		return 1;
	snprintf(test_state.tmpdir, sizeof(test_state.tmpdir), "%s", argv[0]);
	append_lines(atoi(argv[1]));
	return 0;
}

static void expect_whole_lines(int writers)
{
	int count[26] = { 0 };
	char line[32];
	int fd = EXPECT_OK(open(tmp_path("f"), O_RDONLY));

	while (EXPECT_OK(read(fd, line, 32)) == 32) {
		EXPECT(line[0] >= 'a' && line[0] < 'a' + writers && line[31] == '\n');
		for (int i = 1; i < 31; i++)
			EXPECT_EQ(line[i], line[0]);
		count[line[0] - 'a']++;
	}
	for (int i = 0; i < writers; i++)
		EXPECT_EQ(count[i], 200);
	close(fd);
}

TEST(threads_do_not_overwrite)
{
	pthread_t t[4];

	close(tmp_file("f", "", 0));
	for (intptr_t i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, append_thread, (void *)i), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	expect_whole_lines(4);
}

TEST(processes_do_not_overwrite)
{
	posix_spawn_file_actions_t fa;
	pid_t pid[3];
	char id[4];
	int start[2];

	close(tmp_file("f", "", 0));
	EXPECT_OK(pipe2(start, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, start[0], 0);
	for (int i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "%d", i);
		pid[i] = spawn_self_with(&fa, NULL, "appender", test_tmpdir(), id);
	}
	posix_spawn_file_actions_destroy(&fa);
	close(start[0]);
	close(start[1]); /* all at once */
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pid[i], 0);
	expect_whole_lines(3);
}
