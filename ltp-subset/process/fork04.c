/* fork: stack, data and heap are copies, at every depth of ten generations. */
#include "../lst.h"
static int data = 5;

static int generation(int depth, int *heap)
{
	int local = depth * 3, status;
	pid_t pid;

	if (depth == 10)
		return data == 15 && *heap == 10 ? 0 : 1;
	pid = fork();
	if (!pid) {
		data++;
		++*heap;
		_exit(generation(depth + 1, heap) || local != depth * 3);
	}
	status = lst_wait(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) || data != 5 + depth || *heap != depth : 2;
}

static void run(void)
{
	int *heap = malloc(sizeof(*heap));

	*heap = 0;
	EXPECT_EQ(generation(0, heap), 0);
	EXPECT_EQ(data, 5);
	EXPECT_EQ(*heap, 0);
}
