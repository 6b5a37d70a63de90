/* net_env.c: see net_env.h. */
#include "test/net_env.h"
#include "hostcall/net.h"
#include "abi/hostctl.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "linux/inet.h"
#include "net/events.h"
#include "net/inet.h"
#include "net/loop.h"
#include "process/process.h"
#include "signal/signal.h"
#include "thread/fpu.h"
#include "thread/sched.h"


void *aligned_alloc(size_t align, size_t size);
struct vcpu vcpu;
static struct process process;
struct thread thread;
bool net_env_alone;

bool sched_alone(void)
{
	return net_env_alone;
}
static void (*lie)(uint64_t nr, void *args);
struct vcpu *vcpus[VCPU_MAX];
unsigned vcpus_online = 1;
unsigned woken;

void fpu_switch_out(struct thread *t) { (void)t; }
void fpu_switch_in(struct thread *t) { (void)t; }
void fpu_hide(void) {}
long enclave_ocall(uint64_t nr, haddr_t args)
{
	lie(nr, (void *)args);
	return 0;
}
void socket_wake(struct socket *s, struct waitq *q, unsigned events)
{
	(void)s, (void)q;
	woken |= events;
}
int socket_wait(struct waitq *q, bool nonblock, nsec_t deadline)
{
	(void)q, (void)deadline;
	return nonblock ? -EAGAIN : -ERESTARTSYS; /* "would sleep" */
}

/* What of net/file.c and others the sockets use. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type)
{
	s->ops = ops;
	s->family = family;
	s->type = type;
	s->sndbuf = s->rcvbuf = 4096;
	s->rcv_timeout = s->snd_timeout = NSEC_NEVER;
	s->rcvlowat = 1;
	waitq_init(&s->readable);
	waitq_init(&s->writable);
}
int socket_take_error(struct socket *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}
nsec_t socket_deadline(nsec_t timeout) { return timeout; }
int socket_pipe_error(const struct msg_io *io)
{
	(void)io;
	return -EPIPE;
}
void control_put(struct msg_io *io, int level, int type, const void *data, size_t len)
{
	(void)io, (void)level, (void)type, (void)data, (void)len;
}
void file_sigurg(struct file *f) { (void)f; }
int landlock_port_(const struct landlock_layer *l, unsigned port, uint64_t right)
{
	(void)l, (void)port, (void)right;
	return 0;
}

void net_env_setup(void (*fn)(uint64_t nr, void *args))
{
	static void *slice, *buffers;

	unit_env_reset();
	if (!slice) {
		slice = aligned_alloc(4096, SHARED_VCPU_SLICE);
		buffers = aligned_alloc(4096, NET_BUFFERS * NET_BUFFER_SIZE);
		memset(slice, 0, SHARED_VCPU_SLICE);
		memset(buffers, 'h', NET_BUFFERS * NET_BUFFER_SIZE);
	}
	lie = fn;
	thread.process = &process;
	vcpu = (struct vcpu){ .self = &vcpu, .shared = (uint64_t)slice, .running = &thread };
	unit_gs_set(&vcpu);
	host_net_init((haddr_t)buffers);
	woken = 0;
}

struct net_event events[NET_EVENTS_MAX];
int64_t event_count;
unsigned state_now, polls;

void net_env_answer_state(uint64_t nr, void *args)
{
	if (nr == OCALL_PARK) {
		struct ocall_park *p = args;

		memcpy((void *)p->buf, events, sizeof(events));
		p->ret = event_count;
	} else if (nr == OCALL_NET_OP) {
		polls++;
		((struct ocall_net_op *)args)->ret = state_now;
	}
}

struct inet_sock *net_env_sock(void)
{
	static struct inet_sock pool[8];
	static unsigned next;
	struct inet_sock *s = &pool[next++ % 8];

	memset(s, 0, sizeof(*s));
	list_init(&s->options);
	waitq_init(&s->sock.readable);
	waitq_init(&s->sock.writable);
	CHECK_EQ(inet_id_take(s), 0);
	return s;
}

void net_env_deliver(uint32_t id, unsigned state)
{
	events[0] = (struct net_event){ id, state };
	event_count = 1;
	CHECK(net_look());
}
