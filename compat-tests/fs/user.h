/*
 * For the permission tests: acting as an ordinary user. Root becomes the user nobody by effective
 * ids (and comes back), an ordinary user just stays one.
 */
#pragma once

#include "../test.h"
#include <grp.h>

enum { NOBODY = 65534 };

static inline void become_user(void)
{
	if (geteuid())
		return;
	EXPECT_OK(setgroups(0, NULL));
	EXPECT_OK(setegid(NOBODY));
	EXPECT_OK(seteuid(NOBODY));
}

static inline void become_root(void)
{
	if (getuid())
		return;
	EXPECT_OK(seteuid(0));
	EXPECT_OK(setegid(0));
}

/* A directory in the scratch directory that belongs to the user of become_user(). */
static inline const char *user_dir(void)
{
	EXPECT_OK(mkdir(tmp_path("u"), 0755));
	if (!geteuid())
		EXPECT_OK(chown(tmp_path("u"), NOBODY, NOBODY));
	return tmp_path("u");
}
