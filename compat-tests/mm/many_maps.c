/*
 * Thousands of mappings in one process: split by protections and holes, found again by address,
 * merged again when they are alike, without losing a byte.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define N	2000

TEST(alternating_protections)
{
	char *p = map_anon(N * PAGE, RW);

	for (int i = 0; i < N; i++)
		*(int *)(p + i * PAGE) = i ^ 0x55aa;
	for (int i = 0; i < N; i += 2)
		EXPECT_OK(mprotect(p + i * PAGE, PAGE, PROT_READ));
	for (int i = 0; i < N; i++)
		EXPECT_EQ(*(int *)(p + i * PAGE), i ^ 0x55aa);
	for (int i = 0; i < N; i += 97)
		EXPECT_EQ(fault_write(p + i * PAGE).sig, i % 2 ? 0 : SIGSEGV);
	EXPECT_OK(mprotect(p, N * PAGE, RW));
	for (int i = 0; i < N; i++)
		*(int *)(p + i * PAGE) += 1;
	EXPECT_OK(munmap(p, N * PAGE));
}

TEST(many_separate_files)
{
	int fd = tmp_file("f", "shared by all", 13);
	static char *p[N];

	for (int i = 0; i < N; i++) {
		p[i] = EXPECT_OK(
			(char *)mmap(NULL, PAGE, i % 2 ? PROT_READ : RW, MAP_PRIVATE, fd, 0));
		if (i % 2 == 0)
			p[i][0] = i;
	}
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(p[i][0], i % 2 ? 's' : (char)i);
		EXPECT_MEM(p[i] + 1, "hared", 5);
		EXPECT_OK(munmap(p[i], PAGE));
	}
	close(fd);
}

TEST(random_churn)
{
	enum { SLOTS = 200 };
	struct { char *p; size_t len; char tag; } slot[SLOTS] = { 0 };
	unsigned int seed = 12345;

	for (int i = 0; i < 5000; i++) {
		int s = rand_r(&seed) % SLOTS;

		if (slot[s].p) {
			EXPECT_EQ(slot[s].p[0], slot[s].tag);
			EXPECT_EQ(slot[s].p[slot[s].len - 1], slot[s].tag);
			EXPECT_OK(munmap(slot[s].p, slot[s].len));
			slot[s].p = NULL;
			continue;
		}
		slot[s].len = (rand_r(&seed) % 16 + 1) * PAGE;
		slot[s].tag = i;
		slot[s].p = map_anon(slot[s].len, RW);
		EXPECT_EQ(slot[s].p[0], 0);
		EXPECT_EQ(slot[s].p[slot[s].len - 1], 0);
		slot[s].p[0] = slot[s].p[slot[s].len - 1] = slot[s].tag;
	}
	for (int s = 0; s < SLOTS; s++)
		if (slot[s].p)
			EXPECT_OK(munmap(slot[s].p, slot[s].len));
}

/* Neighbours that are alike may be one mapping again: lines in maps must not pile up. */
static int count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];
	int n = 0;

	EXPECT(f != NULL);
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	return n;
}

TEST(merged_again)
{
	char *p = map_anon(256 * PAGE, RW);
	int before = count_maps();

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 256; i += 2)
			EXPECT_OK(mprotect(p + i * PAGE, PAGE, PROT_READ));
		EXPECT_GE(count_maps(), before + 200);
		for (int i = 0; i < 256; i++)
			EXPECT_OK(mprotect(p + i * PAGE, PAGE, RW));
		EXPECT_LE(count_maps(), before + 4);
	}
	EXPECT_OK(munmap(p, 256 * PAGE));
}
