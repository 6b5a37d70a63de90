/*
 * Helpers for programs that start others: run one with its output caught, write scripts, find the
 * test program itself and the helper programs that lie beside it.
 */
#pragma once

#include "../test.h"
#include <sys/resource.h>

/* Output and wait status of one finished program. */
struct outcome {
	char out[65536];
	size_t len;
	int status;
};

static inline void read_all(int fd, struct outcome *o)
{
	ssize_t n;

	o->len = 0;
	while (o->len < sizeof(o->out) - 1) {
		n = read(fd, o->out + o->len, sizeof(o->out) - 1 - o->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		o->len += n;
	}
	o->out[o->len] = 0;
}

/* Spawns path with stdout into o->out and waits. 0, or the error of posix_spawn. */
static inline int run_program(struct outcome *o, const char *path, const char *const *argv,
			      char **env)
{
	posix_spawn_file_actions_t fa;
	int fd[2], err;
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	err = posix_spawn(&pid, path, &fa, NULL, (char *const *)argv, env);
	posix_spawn_file_actions_destroy(&fa);
	close(fd[1]);
	if (!err) {
		read_all(fd[0], o);
		o->status = wait_status(pid);
	}
	close(fd[0]);
	return err;
}

#define run_argv(o, path, ...) run_program(o, path, (const char *[]){ __VA_ARGS__, NULL }, environ)

/* Runs a role of this program with its output caught. */
#define run_self(o, ...) run_argv(o, "/proc/self/exe", "self", "--role", __VA_ARGS__)

static inline bool exited(const struct outcome *o, int code)
{
	return WIFEXITED(o->status) && WEXITSTATUS(o->status) == code;
}

/* The path of this program's file. */
static inline const char *self_path(void)
{
	static char path[PATH_MAX];
	ssize_t n = EXPECT_OK(readlink("/proc/self/exe", path, sizeof(path) - 1));

	path[n] = 0;
	return path;
}

/* An executable file in the scratch directory with this content. */
static inline const char *tmp_program(const char *name, const void *data, size_t len)
{
	int fd = tmp_file(name, data, len);

	EXPECT_OK(fchmod(fd, 0755));
	close(fd);
	return tmp_path(name);
}

#define tmp_script(name, text)	tmp_program(name, text, strlen(text))
