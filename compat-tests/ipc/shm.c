/*
 * System V shared memory: content is shared between attachments and processes, attachments are
 * counted, a marked segment lives until the last detach, and every refusal has its errno.
 */
#include "ipc.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int make(size_t size, int mode)
{
	return EXPECT_OK(shmget(IPC_PRIVATE, size, IPC_CREAT | mode));
}

static struct shmid_ds stat_of(int id)
{
	struct shmid_ds ds;

	EXPECT_OK(shmctl(id, IPC_STAT, &ds));
	return ds;
}

static key_t fresh_key(void)
{
	return 0x51000000 + (getpid() & 0xffffff);
}

TEST(content_and_counts)
{
	int id = make(10000, 0600);
	char *p = EXPECT_OK((char *)shmat(id, NULL, 0));
	struct shmid_ds ds = stat_of(id);

	EXPECT_EQ(ds.shm_segsz, 10000);
	EXPECT_EQ(ds.shm_nattch, 1);
	EXPECT_EQ(ds.shm_cpid, getpid());
	EXPECT_EQ(ds.shm_lpid, getpid());
	EXPECT_EQ(ds.shm_perm.mode & 0777, 0600);
	EXPECT_EQ(ds.shm_perm.cuid, geteuid());
	EXPECT_GT(ds.shm_atime, 0);
	EXPECT_EQ(ds.shm_dtime, 0);
	for (int i = 0; i < 12288; i++)
		EXPECT_EQ(p[i], 0);
	strcpy(p + 9000, "kept");
	EXPECT_OK(shmdt(p));
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_nattch, 0);
	EXPECT_GT(ds.shm_dtime, 0);
	p = EXPECT_OK((char *)shmat(id, NULL, SHM_RDONLY));
	EXPECT_STR(p + 9000, "kept");
	EXPECT_OK(shmdt(p));
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	EXPECT_ERRNO(shmctl(id, IPC_STAT, &ds), EINVAL);
}

TEST(twice_in_one_process)
{
	int id = make(4096, 0600);
	char *a = EXPECT_OK((char *)shmat(id, NULL, 0)), *b = EXPECT_OK((char *)shmat(id, NULL, 0));

	a[5] = 7;
	EXPECT_EQ(b[5], 7);
	EXPECT_EQ(stat_of(id).shm_nattch, 2);
	EXPECT_OK(shmdt(a));
	EXPECT_EQ(b[5], 7);
	EXPECT_EQ(stat_of(id).shm_nattch, 1);
	EXPECT_OK(shmdt(b));
	EXPECT_EQ(stat_of(id).shm_nattch, 0);
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}

TEST(chosen_address)
{
	int id = make(8192, 0600);
	char *p = EXPECT_OK((char *)shmat(id, NULL, 0));

	p[0] = 1;
	EXPECT_ERRNO(shmat(id, p, 0), EINVAL);		/* taken */
	EXPECT_OK(shmdt(p));
	EXPECT_EQ(EXPECT_OK((char *)shmat(id, p, 0)), p);
	EXPECT_EQ(p[0], 1);
	EXPECT_OK(shmdt(p));
	EXPECT_ERRNO(shmat(id, p + 1, 0), EINVAL);
	EXPECT_EQ(EXPECT_OK((char *)shmat(id, p + 1, SHM_RND)), p);
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(EXPECT_OK((char *)shmat(id, p, SHM_REMAP)), p);
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(stat_of(id).shm_nattch, 1);
	EXPECT_OK(shmdt(p));
	EXPECT_ERRNO(shmat(id, NULL, SHM_REMAP), EINVAL);
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}

TEST(marked_until_detached)
{
	int id = EXPECT_OK(shmget(fresh_key(), 4096, IPC_CREAT | IPC_EXCL | 0600));
	char *p = EXPECT_OK((char *)shmat(id, NULL, 0));
	struct shmid_ds ds;

	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_perm.mode & SHM_DEST, SHM_DEST);
	EXPECT_EQ(ds.shm_perm.__key, IPC_PRIVATE);
	EXPECT_ERRNO(shmget(fresh_key(), 4096, 0600), ENOENT);
	p[0] = 1;
	EXPECT_OK(shmdt(p));
	EXPECT_ERRNO(shmctl(id, IPC_STAT, &ds), EINVAL);
	EXPECT_ERRNO(shmat(id, NULL, 0), EINVAL);
}

ROLE(child)
{
	int id = atoi(argv[0]);
	char *p = EXPECT_OK((char *)shmat(id, NULL, 0));

	EXPECT_STR(p, "from the parent");
	EXPECT_EQ(stat_of(id).shm_nattch, 2);
	strcpy(p, "from the child");
	return 0;		/* detaches by ending */
}

TEST(between_processes)
{
	int id = make(4096, 0600);
	char *p = EXPECT_OK((char *)shmat(id, NULL, 0)), num[16];
	pid_t pid;

	strcpy(p, "from the parent");
	snprintf(num, sizeof(num), "%d", id);
	pid = spawn_self("child", num);
	EXPECT_EXIT(pid, 0);
	EXPECT_STR(p, "from the child");
	EXPECT_EQ(stat_of(id).shm_nattch, 1);
	EXPECT_EQ(stat_of(id).shm_lpid, pid);
	EXPECT_OK(shmdt(p));
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}

TEST(keys)
{
	key_t key = fresh_key();
	int id = EXPECT_OK(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600));

	EXPECT_EQ(EXPECT_OK(shmget(key, 4096, 0600)), id);
	EXPECT_EQ(EXPECT_OK(shmget(key, 0, 0)), id);
	EXPECT_ERRNO(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	EXPECT_ERRNO(shmget(key, 4097, 0600), EINVAL);
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	EXPECT_ERRNO(shmget(key, 4096, 0600), ENOENT);
	EXPECT_ERRNO(shmget(key, 0, IPC_CREAT | 0600), EINVAL);
}

TEST(bad_arguments)
{
	int id = make(4096, 0600), local;
	struct shmid_ds ds;

	EXPECT_ERRNO(shmdt(&local), EINVAL);
	EXPECT_ERRNO(shmdt((void *)0x1000), EINVAL);
	EXPECT_ERRNO(shmat(-1, NULL, 0), EINVAL);
	EXPECT_ERRNO(shmctl(-1, IPC_STAT, &ds), EINVAL);
	EXPECT_ERRNO(shmctl(id, 99, &ds), EINVAL);
	EXPECT_ERRNO(shmctl(id, IPC_STAT, bad_ptr()), EFAULT);
	EXPECT_ERRNO(shmctl(id, IPC_SET, bad_ptr()), EFAULT);
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}

TEST(set_and_info)
{
	int id = make(4096, 0600), max;
	struct shmid_ds ds = stat_of(id), other;
	struct shminfo limits;
	struct shm_info used;
	bool seen = false;

	ds.shm_perm.mode = 0440;
	EXPECT_OK(shmctl(id, IPC_SET, &ds));
	EXPECT_EQ(stat_of(id).shm_perm.mode & 0777, 0440);
	max = EXPECT_OK(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits));
	EXPECT_EQ(limits.shmmin, 1);
	EXPECT_GE(limits.shmmni, 100);
	EXPECT_OK(shmctl(0, SHM_INFO, (struct shmid_ds *)&used));
	EXPECT_GE(used.used_ids, 1);
	for (int i = 0; i <= max; i++)
		seen |= shmctl(i, SHM_STAT, &other) == id;
	EXPECT(seen);
	EXPECT_OK(shmctl(id, SHM_LOCK, NULL));
	EXPECT_EQ(stat_of(id).shm_perm.mode & SHM_LOCKED, SHM_LOCKED);
	EXPECT_OK(shmctl(id, SHM_UNLOCK, NULL));
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}

TEST(permission)
{
	int id, locked;

	if (geteuid())
		SKIP("needs root");
	id = make(4096, 0644);
	locked = make(4096, 0000);
	EXPECT_OK(seteuid(65534));
	EXPECT_ERRNO(shmat(id, NULL, 0), EACCES);
	EXPECT_OK(shmdt(EXPECT_OK((char *)shmat(id, NULL, SHM_RDONLY))));
	EXPECT_ERRNO(shmat(locked, NULL, SHM_RDONLY), EACCES);
	EXPECT_ERRNO(shmctl(id, IPC_RMID, NULL), EPERM);
	EXPECT_ERRNO(shmctl(locked, IPC_STAT, &(struct shmid_ds){ 0 }), EACCES);
	EXPECT_OK(seteuid(0));
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	EXPECT_OK(shmctl(locked, IPC_RMID, NULL));
}

TEST(listed_in_proc)
{
	char text[16384], want[64];
	int id = make(12345, 0600);

	EXPECT_GT(read_file("/proc/sysvipc/shm", text, sizeof(text)), 0);
	snprintf(want, sizeof(want), "%10d %10d   600 %21d ", 0, id, 12345);
	EXPECT(strstr(text, want));
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	EXPECT_GT(read_file("/proc/sys/kernel/shmmni", text, sizeof(text)), 0);
	EXPECT_GE(atoi(text), 100);
}

TEST(who_let_go_last)
{
	int id = EXPECT_OK(shmget(IPC_PRIVATE, 8192, 0600)), st;
	struct shmid_ds d;
	char *p = shmat(id, NULL, 0);
	pid_t pid;

	EXPECT(p != (char *)-1);
	*p = 1;
	EXPECT_OK(shmctl(id, IPC_STAT, &d));
	EXPECT_EQ(d.shm_lpid, getpid());
	EXPECT_EQ(d.shm_dtime, 0);
	pid = EXPECT_OK(fork());
	if (!pid)
		_exit(0); /* lets go of what it inherited */
	EXPECT_EQ(waitpid(pid, &st, 0), pid);
	EXPECT_OK(shmctl(id, IPC_STAT, &d));
	EXPECT_EQ(d.shm_nattch, 1);
	EXPECT_EQ(d.shm_lpid, pid);
	EXPECT_NE(d.shm_dtime, 0);
	EXPECT_OK(shmdt(p));
	EXPECT_OK(shmctl(id, IPC_STAT, &d));
	EXPECT_EQ(d.shm_lpid, getpid());
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}
