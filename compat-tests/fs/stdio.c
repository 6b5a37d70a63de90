/* stdio over files: buffering, seeking, update mode, append, getline, memory streams, dprintf. */
#include "../test.h"

TEST(lines)
{
	char *line = NULL;
	size_t cap = 0;
	int n = 0;
	FILE *f = fopen(tmp_path("f"), "w+");

	EXPECT(f != NULL);
	for (int i = 0; i < 5000; i++)
		fprintf(f, "line %d\n", i);
	rewind(f);
	while (getline(&line, &cap, f) > 0)
		EXPECT_EQ(atoi(line + 5), n++);
	EXPECT_EQ(n, 5000);
	EXPECT(feof(f));
	free(line);
	fclose(f);
}

TEST(update_mode)
{
	char buf[16];
	FILE *f;

	close(tmp_file("f", "0123456789", 10));
	EXPECT((f = fopen(tmp_path("f"), "r+")) != NULL);
	EXPECT_EQ(fread(buf, 1, 3, f), 3);
	EXPECT_EQ(fseek(f, 0, SEEK_CUR), 0);
	EXPECT_EQ(fputs("XY", f) >= 0, 1);
	EXPECT_EQ(ftell(f), 5);
	EXPECT_EQ(fseek(f, -2, SEEK_END), 0);
	EXPECT_EQ(fgetc(f), '8');
	EXPECT_EQ(ungetc('z', f), 'z');
	EXPECT_EQ(fgetc(f), 'z');
	fclose(f);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 10);
	EXPECT_STR(buf, "012XY56789");
}

TEST(append_mode)
{
	char buf[16];
	FILE *f;

	close(tmp_file("f", "abc", 3));
	EXPECT((f = fopen(tmp_path("f"), "a+")) != NULL);
	EXPECT_EQ(fgetc(f), 'a');
	EXPECT_EQ(fputs("def", f) >= 0, 1);
	fclose(f);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 6);
	EXPECT_STR(buf, "abcdef");
}

TEST(buffers_reach_the_file_when_flushed)
{
	char buf[16];
	FILE *f = fopen(tmp_path("f"), "w");

	EXPECT(f != NULL);
	fputs("abc", f);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 0);
	EXPECT_EQ(fflush(f), 0);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 3);
	setvbuf(f, NULL, _IONBF, 0);
	fputs("d", f);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 4);
	fclose(f);
}

TEST(exclusive_and_missing)
{
	close(tmp_file("f", "", 0));
	EXPECT(!fopen(tmp_path("f"), "wx") && errno == EEXIST);
	EXPECT(!fopen(tmp_path("none"), "r") && errno == ENOENT);
	EXPECT(!fopen(tmp_path("f"), "q") && errno == EINVAL);
}

TEST(memory_streams_and_dprintf)
{
	char *mem = NULL, buf[32];
	size_t len = 0;
	FILE *f = open_memstream(&mem, &len);
	int p[2];

	EXPECT(f != NULL);
	fprintf(f, "%05.1f|%-4s|%x", 3.14159, "ab", 255u);
	fclose(f);
	EXPECT_STR(mem, "003.1|ab  |ff");
	EXPECT_EQ(len, 13);
	free(mem);
	EXPECT_OK(pipe(p));
	EXPECT_EQ(dprintf(p[1], "%s-%d", "x", 42), 4);
	EXPECT_EQ(read(p[0], buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "x-42", 4);
	close(p[0]);
	close(p[1]);
}
