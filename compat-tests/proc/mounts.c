/* /proc/mounts, /proc/self/mounts and getmntent: the root and proc are there, six fields each. */
#include "proc.h"
#include <mntent.h>

TEST(fields)
{
	char *save, *text = proc_read("/proc/self/mounts");
	int root = 0, proc = 0;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char dev[512], dir[512], type[64], opts[2048];
		int freq, pass;

		EXPECT_EQ(sscanf(line, "%511s %511s %63s %2047s %d %d", dev, dir, type, opts, &freq,
				 &pass),
			  6);
		EXPECT_EQ(dir[0], '/');
		EXPECT(!strncmp(opts, "rw", 2) || !strncmp(opts, "ro", 2));
		root += !strcmp(dir, "/");
		proc += !strcmp(dir, "/proc") && !strcmp(type, "proc");
	}
	EXPECT_GE(root, 1);
	EXPECT_GE(proc, 1);
}

TEST(links_to_self)
{
	char *a = strdup(proc_read("/proc/mounts"));

	EXPECT_STR(proc_read("/proc/self/mounts"), a);
	free(a);
}

TEST(getmntent_reads_it)
{
	FILE *f = setmntent("/proc/mounts", "r");
	struct mntent *m;
	int n = 0;

	EXPECT(f != NULL);
	while ((m = getmntent(f)))
		n += m->mnt_dir[0] == '/';
	endmntent(f);
	EXPECT_GE(n, 2);
}
