/* config.c: the configuration blob: a good one, every kind of bad one, entry points, environment. */
#include "entry/config.h"
#include "abi/ocall.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "linux/errno.h"
#include "test/unit.h"

static struct blob {
	struct config_head head;
	struct config_mount mount;
	uint32_t entry[2], env[1], untrusted[1], pad;
	char strings[128];
} blob;

static uint32_t put(const char *s)
{
	static uint32_t at;
	uint32_t where;

	if (!*s) {
		at = 0;
		return 0;
	}
	where = (uint32_t)offsetof(struct blob, strings) + at;
	strlcpy(blob.strings + at, s, sizeof(blob.strings) - at);
	at += (uint32_t)strlen(s) + 1;
	return where;
}

static void build(void)
{
	put("");
	blob = (struct blob){ .head = { .magic = CONFIG_MAGIC, .version = CONFIG_VERSION, .size = sizeof(blob) } };
	blob.entry[0] = put("/bin/");
	blob.entry[1] = put("/opt/app");
	blob.env[0] = put("HOME=/root");
	blob.untrusted[0] = put("TERM");
	blob.mount.type = CONFIG_FS_RAMFS;
	blob.mount.target = put("/");
	blob.head.entry_points = (struct config_strings){ offsetof(struct blob, entry), 2 };
	blob.head.env_default = (struct config_strings){ offsetof(struct blob, env), 1 };
	blob.head.env_untrusted = (struct config_strings){ offsetof(struct blob, untrusted), 1 };
	blob.head.mounts_offset = offsetof(struct blob, mount);
	blob.head.mounts_count = 1;
}

UNIT_TEST(config, entry_points)
{
	build();
	CHECK_EQ(config_load(&blob, sizeof(blob)), 0);
	CHECK(config_entry_allowed("/bin/sh"));
	CHECK(config_entry_allowed("/bin"));
	CHECK(config_entry_allowed("/opt/app/x/y"));
	CHECK(!config_entry_allowed("/opt/application"));
	CHECK(!config_entry_allowed("/binary"));
	CHECK(!config_entry_allowed("/"));
	blob.head.flags = CONFIG_TRY;
	CHECK(config_entry_allowed("/anything"));
}

UNIT_TEST(config, refuses_malformed_blobs)
{
	build();
	CHECK_EQ(config_load(&blob, sizeof(blob) - 1), -EINVAL);
	CHECK_EQ(config_load(&blob, 8), -EINVAL);
	blob.head.version = 2;
	CHECK_EQ(config_load(&blob, sizeof(blob)), -EINVAL);
	build();
	blob.entry[1] = sizeof(blob);
	CHECK_EQ(config_load(&blob, sizeof(blob)), -EINVAL);
	build();
	blob.head.env_default.count = 0x40000000;
	CHECK_EQ(config_load(&blob, sizeof(blob)), -EINVAL);
	build();
	blob.head.mounts_count = 0;
	CHECK_EQ(config_load(&blob, sizeof(blob)), -EINVAL);
	build();
	memset(blob.strings, 'x', sizeof(blob.strings)); /* nothing is terminated */
	CHECK_EQ(config_load(&blob, sizeof(blob)), -EINVAL);
}

UNIT_TEST(config, damaged_blobs_never_crash)
{
	for (int round = 0; round < 20000; round++) {
		build();
		for (uint64_t n = rng_u64() % 8 + 1; n; n--)
			((uint8_t *)&blob)[rng_u64() % sizeof(blob)] = (uint8_t)rng_u64();
		if (!config_load(&blob, sizeof(blob)))
			config_entry_allowed("/bin/sh");
	}
}

UNIT_TEST(config, environment_is_filtered)
{
	static const char strings[] = "/\0prog\0arg0\0TERM=xterm\0LD_PRELOAD=evil\0HOME=/evil";
	static union {
		struct host_request req;
		char space[sizeof(struct host_request) + sizeof(strings)];
	} u;
	char **envp;

	build();
	CHECK_EQ(config_load(&blob, sizeof(blob)), 0);
	u.req.argc = 1;
	u.req.envc = 3;
	u.req.strings_len = sizeof(strings);
	memcpy(u.req.strings, strings, sizeof(strings));
	CHECK_EQ(config_build_env(&u.req, &envp), 0);
	CHECK_STR(envp[0], "HOME=/root");
	CHECK_STR(envp[1], "TERM=xterm");
	CHECK(!envp[2]);
	config_free_env(envp);
	blob.head.flags = CONFIG_TRY;
	CHECK_EQ(config_build_env(&u.req, &envp), 0);
	CHECK_STR(envp[0], "HOME=/evil");
	CHECK_STR(envp[2], "LD_PRELOAD=evil");
	config_free_env(envp);
}
