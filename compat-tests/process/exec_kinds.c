/*
 * Programs linked in every way run and agree: static at a fixed address, static PIE, dynamic at a
 * fixed address, dynamic PIE, with glibc and with musl; several of them one after the other, at
 * once, and starting each other.
 */
#include "child.h"
#include <libgen.h>

static const char *const kinds[] = {
	"static-exec", "static-pie", "dynamic-exec", "dynamic-pie",
	"musl-static-exec", "musl-static-pie",
};

static struct outcome o;

/* The helper beside this program; NULL if it was not built. */
static const char *helper(const char *kind)
{
	static char path[2][PATH_MAX * 2];
	static int turn;
	char self[PATH_MAX];

	turn ^= 1;
	snprintf(self, sizeof(self), "%s", self_path());
	snprintf(path[turn], sizeof(path[0]), "%s/kind-%s", dirname(self), kind);
	return access(path[turn], X_OK) ? NULL : path[turn];
}

static bool is_fixed(const char *kind)
{
	return strstr(kind, "exec") != NULL;
}

static void run_kind(const char *kind)
{
	const char *path = helper(kind);
	char want[128];

	if (!path)
		SKIP("no helper kind-%s", kind);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(run_argv(&o, path, "argv0", "one", "two"), 0);
		snprintf(want, sizeof(want), "one 3 args, data at %s, code at %s\n",
			 is_fixed(kind) ? "low" : "high", is_fixed(kind) ? "low" : "high");
		EXPECT_STR(o.out, want);
		EXPECT(exited(&o, 42));
	}
}

TEST(static_at_fixed_address)
{
	run_kind("static-exec");
}

TEST(static_pie)
{
	run_kind("static-pie");
}

TEST(dynamic_at_fixed_address)
{
	run_kind("dynamic-exec");
}

TEST(dynamic_pie)
{
	run_kind("dynamic-pie");
}

TEST(musl_static_at_fixed_address)
{
	run_kind("musl-static-exec");
}

TEST(musl_static_pie)
{
	run_kind("musl-static-pie");
}

/*
 * Each kind spawns each kind; of the fixed ones, one at a time has the addresses, so those pairs
 * are left out.
 */
TEST(each_starts_each)
{
	int ran = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
			const char *a = helper(kinds[i]), *b = helper(kinds[j]);

			if (!a || !b || (is_fixed(kinds[i]) && is_fixed(kinds[j])))
				continue;
			EXPECT_EQ(run_argv(&o, a, "x", "spawn", b), 0);
			EXPECT(exited(&o, 42));
			EXPECT(strstr(o.out, "spawn 3 args") && strstr(o.out, "leaf 2 args"));
			ran++;
		}
	if (!ran)
		SKIP("no helpers");
}

TEST(position_independent_ones_at_once)
{
	enum { N = 12 };
	static const char *const pie[] = { "static-pie", "dynamic-pie", "musl-static-pie" };
	pid_t pid[N] = { 0 };
	posix_spawn_file_actions_t fa;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < N; i++) {
		const char *path = helper(pie[i % 3]);
		char *argv[] = { "x", NULL };

		if (path)
			EXPECT_EQ(posix_spawn(&pid[i], path, &fa, NULL, argv, environ), 0);
	}
	posix_spawn_file_actions_destroy(&fa);
	for (int i = 0; i < N; i++)
		if (pid[i])
			EXPECT_EXIT(pid[i], 42);
}
