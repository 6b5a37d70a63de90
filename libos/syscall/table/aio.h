/* aio: kernel asynchronous I/O. See syscall/table.h for the form. */
SYS(206, io_setup, 2, "up", FULL, 0)
SYS(207, io_destroy, 1, "x", FULL, 0)
SYS(208, io_getevents, 5, "xddpp", FULL, 0)
SYS(209, io_submit, 3, "xdp", PARTIAL("IOCB_CMD_POLL; operations are done while they are submitted"), 0)
SYS(210, io_cancel, 3, "xpp", FULL, 0)
SYS(333, io_pgetevents, 6, "xddppp", FULL, 0)
