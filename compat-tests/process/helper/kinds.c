/*
 * One program, linked in every way (see ../helpers.mk): it checks what its start-up code was given
 * and prints one line, so that the test beside it can compare the ways. With "spawn PATH" it runs
 * another one.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int data = 41;
static int bss[100000];
static int *pointer = &data;	/* needs a relocation in a PIE */
static __thread int tls = 17;
static __thread int tls_zero;
static int constructed;
static volatile sig_atomic_t caught;

__attribute__((constructor))
static void construct(void)
{
	constructed = 1;
}

static void *thread_main(void *arg)
{
	int ok = tls == 17 && tls_zero == 0;

	tls = 1;
	*pointer += ok;
	return arg;
}

static void on_signal(int sig)
{
	caught = sig;
}

static int spawn_other(char *path)
{
	char *argv[] = { path, "leaf", NULL };
	int status, err;
	pid_t pid;

	fflush(stdout);
	err = posix_spawn(&pid, path, NULL, NULL, argv, environ);
	if (err || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	const Elf64_Phdr *ph = (const void *)getauxval(AT_PHDR);
	pthread_t t;
	char *heap;
	int sum = 0;

	for (size_t i = 0; i < sizeof(bss) / sizeof(bss[0]); i++)
		sum |= bss[i];
	heap = malloc(1 << 20);
	memset(heap, 1, 1 << 20);
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	if (sum || !constructed || *pointer != 41 || tls != 17 || tls_zero || caught != SIGUSR1)
		return 10;
	if (!ph || getauxval(AT_PHENT) != sizeof(*ph) || getauxval(AT_PAGESZ) != 4096 ||
	    !getauxval(AT_RANDOM))
		return 11;
	if (pthread_create(&t, NULL, thread_main, NULL) || pthread_join(t, NULL) || data != 42 ||
	    tls != 17)
		return 12;
	printf("%s %d args, data at %s, code at %s\n", argc > 1 ? argv[1] : "-", argc,
	       (unsigned long)&data < 1UL << 31 ? "low" : "high",
	       (unsigned long)main < 1UL << 31 ? "low" : "high");
	if (argc > 2 && !strcmp(argv[1], "spawn"))
		return spawn_other(argv[2]);
	return 42;
}
