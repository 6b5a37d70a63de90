/* alarm: seconds left, replacement, cancellation; the child has none. */
#include "../lst.h"
static volatile int hits;

static void handler(int sig)
{
	(void)sig;
	hits++;
}

static void run(void)
{
	struct sigaction sa = { .sa_handler = handler };

	EXPECT_EQ(alarm(100), LST_SECONDS);
	EXPECT_EQ(alarm(0), 100);
	EXPECT_EQ(alarm(0), 0);
	MUST(sigaction(SIGALRM, &sa, NULL));
	alarm(1);
	EXPECT_FAIL(pause(), EINTR);
	EXPECT_EQ(hits, 1);
	EXPECT_EQ(alarm(0), 0);
}
