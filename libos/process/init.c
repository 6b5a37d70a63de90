/* init.c: pid 1, the LibOS's own process, and what the operator asks of it.
 *
 * Its one thread mounts what the configuration says, then takes requests from the host for ever:
 * start a program, send a signal, stop. Orphans become its children; nobody waits for them, so they
 * are reaped when they end (exit.c). Requests are untrusted: every count and string is checked, and
 * only programs at the configured entry points start. The name that is checked is the one that is
 * opened, with "." and ".." taken out first. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "tunables.h"
#include "eip/eip.h"
#include "eip/pids.h"
#include "entry/config.h"
#include "entry/enclu.h"
#include "entry/start.h"
#include "fs/devfs/hostfd.h"
#include "fs/devfs/tty.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "loader/program.h"
#include "process/internal.h"
#include "process/pid.h"
#include "process/namespace.h"
#include "signal/signal.h"
#include "time/clock.h"
#include "vm/vm.h"

#define REQUEST_MAX 0x10000UL
#define STOP_GRACE (3 * NSEC_PER_SEC) /* between SIGTERM and SIGKILL */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The n-th of the NUL-terminated strings in [p, end), or NULL. */
static const char *nth_string(const char *p, const char *end, size_t n)
{
	for (; p < end && n; n--)
		p += strlen(p) + 1;
	return p < end ? p : NULL;
}

/* Appends name's components to the absolute path in out; "." and ".." are resolved by text alone. */
static int append_normalised(char *out, size_t size, const char *name)
{
	size_t len = strlen(out);

	while (*name) {
		const char *end = name;

		while (*end && *end != '/')
			end++;
		if (end - name == 2 && !memcmp(name, "..", 2)) {
			while (len && out[--len] != '/')
				;
		} else if (end != name && !(end - name == 1 && *name == '.')) {
			if (len + (size_t)(end - name) + 2 > size)
				return -ENAMETOOLONG;
			out[len++] = '/';
			memcpy(out + len, name, (size_t)(end - name));
			len += (size_t)(end - name);
		}
		name = *end ? end + 1 : end;
	}
	out[len] = '\0';
	return 0;
}

static int absolute_name(const char *cwd, const char *name, char *out)
{
	int err = 0;

	out[0] = '\0';
	if (name[0] != '/')
		err = append_normalised(out, PATH_MAX, cwd);
	if (!err)
		err = append_normalised(out, PATH_MAX, name);
	if (!out[0])
		strlcpy(out, "/", PATH_MAX);
	return err;
}

static int open_entry(const char *name, struct file **out)
{
	if (!config_entry_allowed(name)) {
		log_error("%s is not at or below an entry point of the configuration", name);
		return -EACCES;
	}
	return exec_open_file(AT_FDCWD, name, LOOKUP_FOLLOW, out);
}

static const char *env_path(char **envp)
{
	for (; *envp; envp++)
		if (!strncmp(*envp, "PATH=", 5))
			return *envp + 5;
	return DEFAULT_PATH;
}

/* A bare name is looked for in PATH, as execvp(3) does. name: PATH_MAX bytes, where it was found. */
static int search_path(const struct spawn_request *req, char **envp, char *name, struct file **out)
{
	const char *dir = env_path(envp), *end;
	int result = -ENOENT;

	for (;; dir = end + 1) {
		int err;

		end = strchr(dir, ':');
		end = end ? end : dir + strlen(dir);
		if (end - dir >= PATH_MAX)
			return -ENAMETOOLONG;
		name[0] = '\0';
		if (*dir == '/') {
			memcpy(name, dir, (size_t)(end - dir));
			name[end - dir] = '\0';
		} else {
			snprintf(name, PATH_MAX, "%s/%.*s", req->cwd, (int)(end - dir), dir);
		}
		if (strlcat(name, "/", PATH_MAX) + strlen(req->path) < PATH_MAX) {
			char *full = kmalloc(PATH_MAX);

			if (!full)
				return -ENOMEM;
			strlcat(name, req->path, PATH_MAX);
			err = absolute_name("/", name, full);
			strlcpy(name, full, PATH_MAX);
			kfree(full);
			if (!err)
				err = exec_open_file(AT_FDCWD, name, LOOKUP_FOLLOW, out);
			if (!err) {
				file_put(*out);
				return open_entry(name, out);
			}
			if (err == -EACCES)
				result = err;
		}
		if (!*end)
			return result;
	}
}

static int open_program(const struct spawn_request *req, char **envp, char *name, struct file **out)
{
	int err;

	if (!*req->path)
		return -ENOENT;
	if (!strchr(req->path, '/'))
		return search_path(req, envp, name, out);
	err = absolute_name(req->cwd, req->path, name);
	return err ? err : open_entry(name, out);
}

static int fill_strings(const struct spawn_request *req, char **envp, struct exec_strings *s)
{
	struct exec_buffer b = { s, 0, 0x600000 };
	const char *arg = req->args;
	int err = 0;

	for (unsigned i = 0; i < req->argc && !err; i++, arg += strlen(arg) + 1)
		err = exec_buffer_add(&b, arg);
	s->argc = req->argc;
	if (!req->argc && !err) {
		err = exec_buffer_add(&b, "");
		s->argc = 1;
	}
	s->args_len = s->len;
	for (; *envp && !err; envp++, s->envc++)
		err = exec_buffer_add(&b, *envp);
	return err;
}

/* The operator's three descriptors; those that did not become files are closed. */
static int open_stdio(struct process *p, const struct host_request *req)
{
	int err = 0;

	for (int fd = 0; fd < 3; fd++) {
		struct file *f;

		if (req->fds[fd] < 0)
			continue;
		f = err ? NULL
			: hostfd_open(req->fds[fd], req->fd_tty >> fd & 1,
				      fd ? O_WRONLY : O_RDONLY);
		if (f) {
			int slot = fd_install_in(p->files, f, fd);

			if (slot < 0) {
				file_put(f);
				err = slot;
			}
		} else {
			err = err ? err : -ENOMEM;
			host_close(req->fds[fd]);
		}
	}
	return err;
}

static void close_stdio(const struct host_request *req)
{
	for (int fd = 0; fd < 3; fd++)
		if (req->fds[fd] >= 0)
			host_close(req->fds[fd]);
}

static int set_cwd(struct process *p, const struct spawn_request *req)
{
	struct path cwd;
	int err = path_lookup(AT_FDCWD, req->cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &cwd);

	if (err) { /* a directory of the host that is not in the image */
		log_info("the directory %s does not exist inside; starting in /", req->cwd);
		return 0;
	}
	path_put(&p->fs->cwd);
	p->fs->cwd = cwd;
	return 0;
}

static void own_session(struct process *p)
{
	struct file *f;

	pid_hold(p->pid);
	pid_release(p->sid);
	p->sid = p->pid;
	process_set_pgrp(p, p->pid);
	p->tty = NULL;
	for (int fd = 0; fd < 3 && !p->tty; fd++) {
		f = fdtable_lookup(p->files, fd);
		if (f)
			tty_set_controlling(p, f);
	}
}

/* Everything p needs but its memory. Takes over the request's descriptors, even on failure. */
static int give_resources(struct process *p, const struct spawn_request *req)
{
	p->files = fdtable_create();
	if (!p->files) {
		close_stdio(req->host);
		return -ENOMEM;
	}
	p->sighand = sighand_create();
	p->fs = fs_info_copy(init_process->fs);
	if (open_stdio(p, req->host) || !p->sighand || !p->fs)
		return -ENOMEM;
	p->fs->umask = req->host->umask & 0777;
	sighand_ignore(p->sighand, req->host->ignored);
	own_session(p);
	return set_cwd(p, req);
}

static kpid_t start_process(struct program *pg, const struct spawn_request *req)
{
	struct thread *t = thread_alloc();
	struct process *p;
	int err = t ? process_create(init_process, t, &p) : -ENOMEM;

	if (err) {
		close_stdio(req->host);
		if (t)
			thread_free(t);
		return err;
	}
	err = give_resources(p, req);
	if (err) {
		process_discard(p, t);
		thread_free(t);
		return err;
	}
	p->space = pg->space;
	pg->space = NULL;
	p->request_id = req->host->id;
	program_describe(pg, p, t);
	program_set_regs(pg, t->regs);
	thread_start(t);
	return p->pid;
}

static kpid_t load_and_start(struct program *pg, const struct spawn_request *req, char **envp,
			     char *name)
{
	struct process *init = init_process;
	struct file *file;
	int err = open_program(req, envp, name, &file);

	if (err)
		goto fail;
	pg->filename = strchr(req->path, '/') ? req->path : name;
	err = fill_strings(req, envp, &pg->strings);
	if (err) {
		file_put(file);
		goto fail;
	}
	err = program_open(pg, file);
	if (!err)
		err = program_map(pg, init->rlim[RLIMIT_STACK].cur, &init->cred, false);
	if (!err)
		return start_process(pg, req);
fail:
	close_stdio(req->host);
	return err;
}

/* Starts a program for the host (occlum run/exec). Paths are inside. Returns pid or -errno. May sleep. */
static kpid_t process_spawn_host(const struct spawn_request *req)
{
	struct program *pg = kzalloc(sizeof(*pg));
	char *name = kmalloc(PATH_MAX);
	char **envp = NULL;
	int err = pg && name ? config_build_env(req->host, &envp) : -ENOMEM;

	if (err)
		close_stdio(req->host);
	else
		err = load_and_start(pg, req, envp, name);
	if (err < 0)
		log_info("%s cannot be started: error %d", req->path, -err);
	if (pg)
		program_free(pg);
	if (envp)
		config_free_env(envp);
	kfree(pg);
	kfree(name);
	return err;
}

static void serve_spawn(const struct host_request *req)
{
	const char *end = req->strings + req->strings_len;
	struct spawn_request spawn = { .host = req, .argc = req->argc };
	kpid_t pid = -EINVAL;

	spawn.cwd = nth_string(req->strings, end, 0);
	spawn.path = nth_string(req->strings, end, 1);
	spawn.args = nth_string(req->strings, end, 2);
	/* The last string of all must exist: then all others do. */
	if (spawn.path && spawn.cwd[0] == '/' && req->argc < REQUEST_MAX &&
	    req->envc < REQUEST_MAX && nth_string(req->strings, end, 1UL + req->argc + req->envc))
		pid = process_spawn_host(&spawn);
	else
		close_stdio(req);
	if (pid < 0)
		host_exited(req->id, pid * 65536, 0);
}

static struct process *find_request(uint64_t id)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p->request_id == id && !p->zombie)
			return p;
	return NULL;
}

static void serve_signal(const struct host_request *req)
{
	struct process *p = req->id ? find_request(req->id) : NULL;
	kpid_t group;

	if (!p || req->sig < 1 || req->sig > NSIG)
		return;
	group = tty_foreground(p);
	if (signal_send_pgrp(group > 0 ? group : p->pgid, req->sig, NULL))
		log_debug("signal %d for process %d: nobody there", req->sig, p->pid);
}

static void signal_all(int sig)
{
	struct process *p;

	list_for_each(p, &process_all, all_node)
		if (p != init_process && !p->zombie)
			signal_send_process(p, sig, NULL);
}

/* True when pid 1 is alone before the deadline. May sleep. */
static bool wait_alone(nsec_t deadline)
{
	while (init_process->all_node.next != init_process->all_node.prev) {
		nsec_t now = clock_mono();

		if (now >= deadline)
			return false;
		if (waitq_wait(&init_process->child_exit, WAIT_UNINTERRUPTIBLE,
			       now + NSEC_PER_SEC / 200))
			continue;
	}
	return true;
}

static void serve_stop(void)
{
	signal_all(SIGTERM);
	signal_all(SIGCONT);
	if (!wait_alone(clock_mono() + STOP_GRACE)) {
		signal_all(SIGKILL);
		if (!wait_alone(clock_mono() + STOP_GRACE))
			log_warn("stopping although processes are left");
	}
	enclave_stop(0);
}

static void serve(const struct host_request *req)
{
	switch (req->type) {
	case REQUEST_SPAWN:
		serve_spawn(req);
		break;
	case REQUEST_SIGNAL:
		serve_signal(req);
		break;
	case REQUEST_WINSIZE:
		console_winsize_changed();
		break;
	case REQUEST_STOP:
		serve_stop();
		break;
	default:
		log_warn("the host asks for something unknown (%u)", req->type);
	}
}

static void init_main(void *arg)
{
	struct host_request *req = kmalloc(REQUEST_MAX);

	(void)arg;
	if (!req || boot_mounts())
		enclave_stop(9);
	eip_boot();
	if (eip_link_parent())
		eip_child_main();
	if (eip_enabled())
		eip_pids_begin(0);
	for (;;) {
		ssize_t n = host_wait_request(req, REQUEST_MAX);

		if (n >= 0)
			serve(req);
		else if (waitq_wait(&init_process->vfork_done, WAIT_UNINTERRUPTIBLE,
				    clock_mono() + NSEC_PER_SEC / 100))
			log_debug("no request: error %ld", -n);
	}
}

void process_init(void)
{
	const struct config_head *config = config_get();
	const char *hostname = config_string(config->hostname);
	struct thread *t;

	thread_limit = config->max_threads ? config->max_threads : THREADS_MAX_DEFAULT;
	process_limit = config->max_processes ? config->max_processes : thread_limit;
	if (hostname)
		strlcpy(uts_initial.name.nodename, hostname, sizeof(uts_initial.name.nodename));
	t = thread_spawn_kernel("init", init_main, NULL);
	if (!t || process_create(NULL, t, &init_process))
		panic("no memory for pid 1");
	t->sig_blocked = ~(sigset64)0;
	init_process->files = fdtable_create();
	init_process->sighand = sighand_create();
	init_process->fs = fs_info_create();
	if (!init_process->files || !init_process->sighand || !init_process->fs)
		panic("no memory for pid 1");
	init_process->fs->root = init_process->fs->cwd = *mount_root_path();
	path_get(&init_process->fs->root);
	path_get(&init_process->fs->cwd);
	thread_start(t);
}
