/* calibrate.c: the measuring of calibrate.h. */
#include "calibrate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sgxsim/sgxsim.h"
#include "bed.h"

#define PAGES	   8192 /* of a heap that is built */
#define GROWN	   2048 /* pages */
#define SPIN_PAGES  48
#define SPIN_ROUNDS 30
#define TRAPS	   1000
#define FAULT_EPC  "16M"
#define FAULT_PAGES 8192 /* of the heap beside it */

/* What an operation cost in one process. */
struct measured {
	double cycles; /* of one operation */
	double ns;     /* wall time of one, where that is measured */
	int err;
	char why[COST_ERR_SIZE];
};

typedef int (*operation_t)(struct bed *b, struct measured *m);

static double cycles_now(void)
{
	uint64_t n[EV_COUNT];

	cost_counts(n);
	return (double)cost_cycles(n);
}

/* Building and destroying, per page: what more pages cost more. */
static int op_build(struct bed *b, struct measured *m)
{
	double empty, full;
	int ret = bed_create(b, 0, false);

	if (ret)
		return ret;
	bed_destroy(b);
	empty = cycles_now();
	ret = bed_create(b, PAGES * SGX_PAGE_SIZE, false);
	if (ret)
		return ret;
	bed_destroy(b);
	full = cycles_now() - empty;
	m->cycles = (full - empty) / PAGES;
	return 0;
}

/* The same by the clock, without signing: the shortest of some, as other processes are about. */
static int op_build_time(struct bed *b, struct measured *m)
{
	uint64_t ns;
	int ret = 0;

	for (int i = 0; i < SPIN_ROUNDS && !ret; i++) {
		ret = bed_create(b, SPIN_PAGES * SGX_PAGE_SIZE, false);
		if (ret)
			break;
		bed_destroy(b);
		ns = b->times.create_ns + b->times.base_ns + b->times.add_ns + b->times.init_ns + b->times.destroy_ns;
		if (!i || (double)ns < m->ns)
			m->ns = (double)ns;
	}
	m->cycles = cycles_now() / SPIN_ROUNDS;
	return ret;
}

static int op_exception(struct bed *b, struct measured *m)
{
	double before;
	int ret = bed_create(b, 0, false);

	if (ret)
		return ret;
	before = cycles_now();
	ret = bed_call(b, BED_TRAP, TRAPS, 0, 0);
	m->cycles = (cycles_now() - before) / TRAPS;
	return ret;
}

static int op_growth(struct bed *b, struct measured *m)
{
	double before;
	int ret = bed_create(b, 0, false);

	if (ret)
		return ret;
	before = cycles_now();
	ret = bed_grow(b, GROWN);
	m->cycles = (cycles_now() - before) / GROWN;
	return ret;
}

/* The second round over a heap twice as large as the EPC faults at every page. */
static int op_epc_fault(struct bed *b, struct measured *m)
{
	double before;
	int ret = bed_create(b, FAULT_PAGES * SGX_PAGE_SIZE, false);

	if (!ret)
		ret = bed_call(b, BED_WRITE, b->heap, FAULT_PAGES, 0);
	before = cycles_now();
	if (!ret)
		ret = bed_call(b, BED_TOUCH, b->heap, FAULT_PAGES, 0);
	m->cycles = (cycles_now() - before) / FAULT_PAGES;
	return ret;
}

static const operation_t operations[CHECK_COUNT] = {
	[CHECK_BUILD_PAGE] = op_build,
	[CHECK_EXCEPTION] = op_exception,
	[CHECK_GROWTH] = op_growth,
	[CHECK_EPC_FAULT] = op_epc_fault,
};

static void machine_set(const struct cost_profile *p, const char *mode, const char *epc)
{
	char cost[sizeof(p->name) + 16];

	snprintf(cost, sizeof(cost), "%s:%s", mode, p->name);
	setenv("OCCLUM_SGX_COST", strcmp(mode, "off") ? cost : "off", 1);
	if (strchr(p->name, '/')) /* of no processor that we know */
		unsetenv("OCCLUM_SGX_CPU");
	else
		setenv("OCCLUM_SGX_CPU", p->name, 1);
	if (epc)
		setenv("OCCLUM_SGX_EPC", epc, 1);
	else
		unsetenv("OCCLUM_SGX_EPC");
	unsetenv("OCCLUM_SGX_TLB");
	unsetenv("OCCLUM_SGX_DRIVER");
	unsetenv("OCCLUM_SGX_STATS");
}

static _Noreturn void child(const struct cost_profile *p, const char *mode, const char *epc, operation_t op, int fd)
{
	struct measured m = {0};
	struct bed b = {0};

	machine_set(p, mode, epc);
	m.err = op(&b, &m);
	memccpy(m.why, b.err, 0, sizeof(m.why) - 1);
	_exit(write(fd, &m, sizeof(m)) != sizeof(m));
}

static int measure(const struct cost_profile *p, const char *mode, const char *epc, operation_t op, struct measured *m)
{
	int fds[2], status;
	pid_t pid;

	memset(m, 0, sizeof(*m));
	if (pipe(fds))
		return -errno;
	fflush(NULL);
	pid = fork();
	if (!pid)
		child(p, mode, epc, op, fds[1]);
	close(fds[1]);
	if (pid < 0 || read(fds[0], m, sizeof(*m)) != sizeof(*m))
		m->err = -EIO;
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return m->err;
}

static int failed(const struct cost_profile *p, const char *what, const struct measured *m, int ret,
		  char err[COST_ERR_SIZE])
{
	if (ret)
		snprintf(err, COST_ERR_SIZE, "profile %.40s, %s: %.120s", p->name, what, m->why[0] ? m->why : strerror(-ret));
	return ret;
}

int calibrate_check(const struct cost_profile *p, enum cost_check check, struct calibration *out,
		    char err[COST_ERR_SIZE])
{
	const struct cost_entry *published = &p->checks[check];
	struct measured m;
	int ret;

	if (!published->cycles)
		return -ENOENT;
	ret = measure(p, "account", check == CHECK_EPC_FAULT ? FAULT_EPC : NULL, operations[check], &m);
	if (ret)
		return failed(p, cost_check_name(check), &m, ret, err);
	*out = (struct calibration){.published = (double)published->cycles, .modelled = m.cycles};
	if (check == CHECK_BUILD_PAGE)
		out->modelled = m.cycles * 1000 / (double)p->clock_mhz.cycles;
	out->confidence = published->confidence;
	out->required = !strcmp(published->confidence, "high");
	out->met = out->modelled > out->published * (1 - CALIBRATE_TOLERANCE) &&
		   out->modelled < out->published * (1 + CALIBRATE_TOLERANCE);
	return 0;
}

/* How much longer building and destroying took with spin than with off, as a share of what account says. */
static int calibrate_spin(const struct cost_profile *p, double *share, char err[COST_ERR_SIZE])
{
	struct measured m, spin;
	int ret = measure(p, "spin", NULL, op_build_time, &spin);

	if (ret)
		return failed(p, "spin", &spin, ret, err);
	ret = measure(p, "account", NULL, op_build_time, &m);
	if (ret)
		return failed(p, "spin", &m, ret, err);
	*share = (spin.ns - m.ns) * (double)p->clock_mhz.cycles / 1000 / m.cycles;
	return 0;
}

int calibrate_print(const char *profile, FILE *to, unsigned int *misses, char err[COST_ERR_SIZE])
{
	struct calibration c;
	struct cost_profile p;
	double share;
	int ret = cost_profile_load(profile, &p, err);

	for (int i = 0; i < CHECK_COUNT && !ret; i++) {
		ret = calibrate_check(&p, i, &c, err);
		if (ret == -ENOENT) {
			ret = 0;
			continue;
		}
		if (ret)
			break;
		*misses += c.required && !c.met;
		fprintf(to, "%-8s %-12s %10.0f %10.0f %-7s %+7.1f%%  %-10s %s\n", p.name, cost_check_name(i), c.published,
			c.modelled, i == CHECK_BUILD_PAGE ? "ns" : "cycles",
			100 * (c.modelled - c.published) / c.published, c.confidence,
			c.met ? "ok" : c.required ? "MISSED" : "off, but not asked for");
	}
	if (!ret)
		ret = calibrate_spin(&p, &share, err);
	if (!ret)
		fprintf(to, "%-8s %-12s %44.2f  of what account mode says was spent\n", p.name, "spin", share);
	return ret;
}
