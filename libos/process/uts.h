/* uts.h: names of the system, for uname(2) and /proc. */
#pragma once

#define UTS_LEN 65

struct utsname {
	char sysname[UTS_LEN], nodename[UTS_LEN], release[UTS_LEN], version[UTS_LEN], machine[UTS_LEN],
		domainname[UTS_LEN];
};
