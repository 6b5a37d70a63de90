/* mqueue: POSIX message queues. See syscall/table.h for the form. */
SYS(240, mq_open, 4, "sxxp", FULL, 0)
SYS(241, mq_unlink, 1, "s", FULL, 0)
SYS(242, mq_timedsend, 5, "fpuup", FULL, 0)
SYS(243, mq_timedreceive, 5, "fpupp", FULL, 0)
SYS(244, mq_notify, 2, "fp", FULL, 0)
SYS(245, mq_getsetattr, 3, "fpp", FULL, 0)
