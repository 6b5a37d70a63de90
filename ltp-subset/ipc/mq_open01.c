/* POSIX message queues: names, attributes, priorities, full and empty queues. */
#include "../lst.h"
#include <mqueue.h>

static void run(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 }, bad = { .mq_maxmsg = 0, .mq_msgsize = 8 }, got;
	char name[32], buf[16];
	unsigned int prio;
	mqd_t q;

	snprintf(name, sizeof(name), "/lst-%d", getpid());
	EXPECT_FAIL(mq_open(name, O_RDWR), ENOENT);
	EXPECT_FAIL(mq_open("noslash", O_RDWR | O_CREAT, 0600, &attr), EINVAL);
	EXPECT_FAIL(mq_open(name, O_RDWR | O_CREAT, 0600, &bad), EINVAL);
	q = EXPECT_OK(mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr));
	EXPECT_FAIL(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr), EEXIST);
	EXPECT_FAIL(mq_receive(q, buf, 16, NULL), EAGAIN);
	EXPECT_FAIL(mq_receive(q, buf, 4, NULL), EMSGSIZE);
	EXPECT_FAIL(mq_send(q, buf, 9, 0), EMSGSIZE);
	EXPECT_FAIL(mq_send(q, buf, 4, 32768), EINVAL);
	EXPECT_OK(mq_send(q, "low", 3, 1));
	EXPECT_OK(mq_send(q, "high", 4, 5));
	EXPECT_FAIL(mq_send(q, "full", 4, 5), EAGAIN);
	EXPECT_OK(mq_getattr(q, &got));
	EXPECT_EQ(got.mq_curmsgs, 2);
	EXPECT_EQ(mq_receive(q, buf, 16, &prio), 4);
	EXPECT_EQ(prio, 5);
	EXPECT_EQ(mq_receive(q, buf, 16, &prio), 3);
	EXPECT_OK(mq_unlink(name));
	EXPECT_FAIL(mq_unlink(name), ENOENT);
	EXPECT_OK(mq_close(q));
	EXPECT_FAIL(mq_send(q, "x", 1, 0), EBADF);
}
