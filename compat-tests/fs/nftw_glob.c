/* Tree walks of libc over the directory calls: nftw, fts order, scandir, glob, telldir. */
#include "../test.h"
#include <dirent.h>
#include <fts.h>
#include <glob.h>

static int seen_files, seen_dirs, seen_links, max_level, post_order;

static void make_tree(void)
{
	char name[64];

	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		EXPECT_OK(mkdir(tmp_path(name), 0755));
		for (int j = 0; j < 4; j++) {
			snprintf(name, sizeof(name), "d%d/f%d", i, j);
			close(tmp_file(name, "", 0));
		}
	}
	EXPECT_OK(mkdir(tmp_path("d0/sub"), 0755));
	close(tmp_file("d0/sub/leaf", "", 0));
	EXPECT_OK(symlink("d0", tmp_path("link")));
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	seen_files += type == FTW_F;
	seen_dirs += type == FTW_D || type == FTW_DP;
	seen_links += type == FTW_SL;
	post_order += type == FTW_DP;
	if (ftw->level > max_level)
		max_level = ftw->level;
	return !strcmp(path + ftw->base, "stop") ? 42 : 0;
}

TEST(nftw_physical)
{
	make_tree();
	EXPECT_EQ(nftw(test_tmpdir(), visit, 8, FTW_PHYS), 0);
	EXPECT_EQ(seen_files, 13);
	EXPECT_EQ(seen_dirs, 5);
	EXPECT_EQ(seen_links, 1);
	EXPECT_EQ(max_level, 3);
	EXPECT_EQ(nftw(test_tmpdir(), visit, 1, FTW_PHYS | FTW_DEPTH), 0);
	EXPECT_EQ(post_order, 5);
	close(tmp_file("d1/stop", "", 0));
	EXPECT_EQ(nftw(test_tmpdir(), visit, 8, FTW_PHYS), 42);
}

TEST(fts_walk)
{
	char *paths[] = { (char *)test_tmpdir(), NULL };
	int files = 0, pre = 0, post = 0;
	FTSENT *e;
	FTS *fts;

	make_tree();
	EXPECT((fts = fts_open(paths, FTS_PHYSICAL, NULL)) != NULL);
	while ((e = fts_read(fts))) {
		files += e->fts_info == FTS_F;
		pre += e->fts_info == FTS_D;
		post += e->fts_info == FTS_DP;
	}
	EXPECT_OK(fts_close(fts));
	EXPECT_EQ(files, 13);
	EXPECT_EQ(pre, 5);
	EXPECT_EQ(post, 5);
}

TEST(scandir_sorted)
{
	struct dirent **list;
	int n;

	make_tree();
	n = EXPECT_OK(scandir(tmp_path("d1"), &list, NULL, alphasort));
	EXPECT_EQ(n, 6);
	EXPECT_STR(list[0]->d_name, ".");
	EXPECT_STR(list[1]->d_name, "..");
	EXPECT_STR(list[5]->d_name, "f3");
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

TEST(glob_patterns)
{
	glob_t g;

	make_tree();
	EXPECT_EQ(glob(tmp_path("d[01]/f*"), 0, NULL, &g), 0);
	EXPECT_EQ(g.gl_pathc, 8);
	EXPECT_STR(g.gl_pathv[0], tmp_path("d0/f0"));
	globfree(&g);
	EXPECT_EQ(glob(tmp_path("none*"), 0, NULL, &g), GLOB_NOMATCH);
}

TEST(telldir_seekdir)
{
	char second[NAME_MAX + 1];
	struct dirent *e;
	long at;
	DIR *d;

	make_tree();
	EXPECT((d = opendir(tmp_path("d0"))) != NULL);
	EXPECT(readdir(d) != NULL);
	at = telldir(d);
	EXPECT((e = readdir(d)) != NULL);
	strcpy(second, e->d_name);
	while (readdir(d))
		;
	seekdir(d, at);
	EXPECT((e = readdir(d)) != NULL);
	EXPECT_STR(e->d_name, second);
	closedir(d);
}
