# tests.mk: one line per unit test program: unit-NAME := the test and the LibOS files it is linked with
# (libos/test/host_env.c and runner.c come by themselves). unit-NAME-flags: extra link flags.
unit-elf := libos/test/elf.c libos/loader/elf.c libos/loader/script.c libos/loader/stack.c
unit-rewrite := libos/test/rewrite.c libos/loader/rewrite.c libos/loader/elf.c
unit-rewrite_plain := $(unit-rewrite)
unit-rewrite_plain-flags := -DLIBOS_PLAIN
unit-process := libos/test/process.c libos/process/pid.c libos/process/wait.c
unit-signal := libos/test/signal.c $(addprefix libos/signal/,queue.c send.c kill.c action.c mask.c wait.c deliver.c frame.c altstack.c) libos/landlock/domain.c
unit-futex := libos/test/futex.c libos/thread/futex.c libos/thread/futex_pi.c libos/thread/robust.c
unit-rest := libos/test/rest.c libos/thread/rest.c
unit-timer := libos/test/timer.c libos/base/tree.c $(addprefix libos/time/,ktimer.c utimer.c itimer.c posix_timer.c cputime.c sys_time.c) \
	libos/signal/queue.c libos/signal/send.c libos/signal/action.c libos/landlock/domain.c
unit-vm := libos/test/vm.c libos/vm/exchange.S
unit-vm_pages := libos/test/vm_pages.c libos/vm/exchange.S
unit-vm_park := libos/test/vm_park.c libos/vm/exchange.S
unit-vm_walk := libos/test/vm_walk.c libos/vm/exchange.S
unit-vm_family := libos/test/vm_family.c libos/vm/exchange.S
unit-ldisc := libos/test/ldisc.c libos/fs/devfs/ldisc.c
unit-pty := libos/test/pty.c $(addprefix libos/fs/devfs/,pty.c devpts.c tty.c ldisc.c) libos/syscall/iov.c libos/base/strutil.c
unit-hostfs := libos/test/hostfs.c $(wildcard libos/fs/hostfs/*.c) libos/fs/inode.c libos/fs/dcache.c libos/fs/filemap.c \
	libos/fs/filemap_window.c libos/fs/pagetree.c libos/syscall/iov.c libos/base/strutil.c
unit-procfs := libos/test/procfs.c libos/sysv/limits.c $(filter-out %/sysfs.c,$(wildcard libos/fs/procfs/*.c)) libos/fs/inode.c \
	libos/fs/dcache.c libos/syscall/iov.c libos/syscall/account.c libos/base/strutil.c
unit-hashfs := libos/test/hashfs.c $(wildcard libos/fs/hashfs/*.c) libos/fs/inode.c libos/fs/dcache.c \
	libos/fs/pagetree.c libos/base/strutil.c $(addprefix $(BUILD)/host/image/,mkhash.o tree.o sites.o functions.o)
unit-hashfs-flags := -lZydis
vfs-sources := libos/test/fs_env.c $(filter-out %/fs_types.c,$(wildcard libos/fs/*.c)) $(wildcard libos/fs/ramfs/*.c) \
	$(wildcard libos/fs/unionfs/*.c) libos/landlock/domain.c libos/ipc/anonfd.c libos/syscall/iov.c libos/base/strutil.c
unit-vfs := libos/test/vfs.c $(vfs-sources)
unit-filemap := libos/test/filemap.c $(vfs-sources)
unit-union := libos/test/union.c $(vfs-sources)
unit-vfs_oracle := libos/test/vfs_oracle.c $(vfs-sources)
unit-heap := libos/test/heap.c libos/base/heap.c
unit-base := libos/test/base.c $(BUILD)/unit/printf.o libos/base/strutil.c libos/syscall/iov.c
unit-crypto := libos/test/crypto.c libos/test/crypto_reference.c $(addprefix libos/crypto/,cmac.c gcm.c hkdf.c sha256.c x25519.c)
unit-crypto-flags := -l:libcrypto.a
unit-eiplink := libos/test/eiplink.c libos/eip/link.c libos/eip/attest.c $(addprefix libos/crypto/,cmac.c gcm.c hkdf.c sha256.c x25519.c)
unit-eiplink-flags := -l:libcrypto.a
unit-config := libos/test/config.c libos/entry/config.c libos/base/strutil.c
net-inet := libos/test/net_env.c libos/hostcall/net.c libos/hostcall/ocall.c libos/hostcall/async.c libos/hostcall/untrusted.c \
	libos/hostcall/file.c $(addprefix libos/net/,inet.c inet_ahead.c inet_data.c inet_later.c inet_option.c inet_state.c) \
	$(addprefix libos/net/,loop.c loop_connect.c loop_dgram.c loop_stream.c) libos/syscall/iov.c
unit-net := $(addprefix libos/test/,net.c net_ahead.c net_later.c) $(net-inet)
unit-net_loop := libos/test/net_loop.c $(net-inet)
unit-hostcall := libos/test/hostcall.c libos/hostcall/eip.c libos/hostcall/ocall.c libos/hostcall/file.c libos/hostcall/mem.c \
	libos/hostcall/async.c libos/hostcall/untrusted.c

# The LibOS' own vsnprintf beside libc's.
$(BUILD)/unit/printf.o: libos/base/printf.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -Dvsnprintf=libos_vsnprintf -Dsnprintf=libos_snprintf_ -c $< -o $@
ipc-sources := libos/test/ipc_env.c libos/base/tree.c $(filter-out %/memfd.c %/signalfd.c,$(wildcard libos/ipc/*.c)) libos/time/ktimer.c libos/syscall/iov.c
net-host := $(addprefix libos/net/,inet.c inet_ahead.c inet_data.c inet_hand.c inet_later.c inet_option.c inet_state.c interfaces.c loop.c loop_connect.c loop_dgram.c \
	loop_stream.c netlink.c netlink_route.c hostfiles.c)
net-sources := $(filter-out $(net-host) %/unix_path.c %/unix_proc.c,$(wildcard libos/net/*.c))
unit-pipe := libos/test/pipe.c $(ipc-sources)
unit-eippipe := libos/test/eippipe.c $(addprefix libos/eip/,counter.c pack.c pipe.c records.c) libos/hostcall/level.c libos/crypto/gcm.c $(ipc-sources)
unit-eippipe-flags := -l:libcrypto.a
unit-poll := libos/test/poll.c $(ipc-sources)
unit-unix := libos/test/unix.c libos/landlock/domain.c libos/landlock/layer.c $(ipc-sources) $(net-sources)
