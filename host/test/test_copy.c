/* test_copy.c: bringing files into an image: libraries, links, trees, and what cannot be brought. */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/copy.h"
#include "image/libs.h"

static char dir[64], root[80];
static struct copier c;

static void sh(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/occlum-copy-%d", getppid());
	mkdir(dir, 0755);
	snprintf(dir, sizeof(dir), "/tmp/occlum-copy-%d/%d", getppid(), getpid());
	snprintf(root, sizeof(root), "%s/image", dir);
	cr_assert_eq(mkdir(dir, 0755), 0);
	cr_assert_eq(chdir(dir), 0);
	c = (struct copier){ .root = root };
}

static void cleanup(void)
{
	copy_end(&c);
}

/* Each test is a child of the runner; also what one leaves that fails goes. */
ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	char command[100];

	(void)stats;
	snprintf(command, sizeof(command), "rm -rf /tmp/occlum-copy-%d", getpid());
	if (system(command))
		perror(command);
}

TestSuite(copy, .init = setup, .fini = cleanup, .timeout = 60);

/* Below the image, at the place it has here. */
static const char *in_image(const char *path)
{
	static char out[512];

	snprintf(out, sizeof(out), "%s%s%s", root, *path == '/' ? "" : dir, *path == '/' ? path : "");
	if (*path != '/')
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "/%s", path);
	return out;
}

static void good(const char *path)
{
	cr_assert_eq(copy_in(&c, path), 0, "%s", c.err);
}

Test(copy, a_program_brings_its_libraries)
{
	struct needs n;

	good("/bin/ls");
	cr_assert_eq(needs_find("/bin/ls", &n), 1);
	cr_assert(n.count && n.interp);
	cr_assert_eq(access(in_image(n.interp), X_OK), 0);
	for (unsigned i = 0; i < n.count; i++)
		cr_expect_eq(access(in_image(n.libs[i]), R_OK), 0, "%s", n.libs[i]);
	needs_free(&n);
}

Test(copy, the_second_time_copies_nothing)
{
	good("/bin/ls");
	copy_end(&c);
	cr_assert_gt(c.files, 2);
	c.files = 0;
	good("/bin/ls");
	cr_assert_eq(c.files, 0);
}

Test(copy, links_are_kept_and_followed)
{
	char target[64] = "";

	sh("mkdir a b && echo hi > b/file && ln -s ../b/file a/rel && ln -s $PWD/b abs && ln -s nowhere a/dangling "
	   "&& ln -s a/rel one && ln -s . a/self");
	good("abs/file");
	good("one");
	good("a");
	cr_assert_gt(readlink(in_image("a/rel"), target, sizeof(target) - 1), 0);
	cr_assert_str_eq(target, "../b/file");
	cr_assert_eq(access(in_image("b/file"), R_OK), 0);
	cr_assert_gt(readlink(in_image("a/dangling"), target, sizeof(target)), 0);
	cr_assert_gt(readlink(in_image("one"), target, sizeof(target)), 0);
}

Test(copy, a_script_brings_its_interpreter)
{
	sh("printf '#! /bin/sh -e\\n' > script && chmod +x script");
	good("script");
	cr_assert_eq(access(in_image("/bin/sh"), X_OK), 0);
}

Test(copy, to_another_place)
{
	sh("cp /bin/true hello");
	cr_assert_eq(copy_to(&c, "hello", "/opt/my/bin"), 0, "%s", c.err);
	cr_assert_eq(access(in_image("/opt/my/bin/hello"), X_OK), 0);
	cr_assert_eq(access(in_image("/lib64/ld-linux-x86-64.so.2"), X_OK), 0);
	cr_assert_neq(copy_to(&c, ".", "/opt"), 0);
	sh("mkdir outside && ln -s $PWD/outside image/out");
	cr_assert_eq(copy_to(&c, "hello", "/out"), -EXDEV);
	cr_assert_neq(access("outside/hello", F_OK), 0);
}

Test(copy, the_image_is_not_copied_into_itself)
{
	sh("mkdir -p image && echo x > file");
	good(".");
	cr_assert_eq(access(in_image("file"), R_OK), 0);
	cr_assert_neq(access(in_image("image/tmp"), F_OK), 0);
}

Test(copy, errors_name_the_file)
{
	cr_assert_eq(copy_in(&c, "nothing-here"), -ENOENT);
	cr_assert(strstr(c.err, "nothing-here"), "%s", c.err);
	sh("ln -s loop2 loop1; ln -s loop1 loop2");
	cr_assert_neq(copy_in(&c, "loop1"), 0);
	cr_assert_eq(copy_in(&c, "/dev/null"), -EINVAL);
	cr_assert(strstr(c.err, "/dev/null"), "%s", c.err);
	sh("mkdir -p image$PWD/taken/full && mkdir real && ln -s real taken");
	cr_assert_eq(copy_in(&c, "taken"), -EEXIST, "%s", c.err);
}

Test(copy, a_missing_library_is_named)
{
	sh("echo 'int f(void){return 1;}' | cc -shared -fPIC -x c - -o libgone.so && echo 'int f(void);int "
	   "main(){return f();}' |"
	   "cc -x c - -o prog -L. -lgone && rm libgone.so");
	cr_assert_eq(copy_in(&c, "prog"), -ENOENT);
	cr_assert(strstr(c.err, "prog") && strstr(c.err, "libgone.so"), "%s", c.err);
	sh("mkdir tree && mv prog tree && printf '#!/no/such\\n' > tree/script && chmod +x tree/script");
	good("tree");
}

Test(copy, runpath_and_origin)
{
	sh("mkdir lib && echo 'int f(void){return 1;}' | cc -shared -fPIC -x c - -o lib/libhere.so && echo 'int "
	   "f(void);int main(){return f();}' |"
	   "cc -x c - -o prog -Llib -lhere '-Wl,-rpath,$ORIGIN/lib'");
	good("prog");
	cr_assert_eq(access(in_image("lib/libhere.so"), R_OK), 0);
}

Test(copy, damaged_elf_files_are_plain_files)
{
	char command[160];

	for (int size = 1; size < 4000; size = size * 3 / 2 + 7) {
		snprintf(command, sizeof(command), "head -c %d /bin/true > broken%d", size, size);
		sh(command);
		snprintf(command, sizeof(command), "broken%d", size);
		good(command);
	}
}
