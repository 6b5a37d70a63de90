# cli.mk: the command as a user types it, end to end: `make cli`. The programs it runs lie in build/cli.

CLI := $(BUILD)/cli
CLI_PROBES := $(addprefix $(CLI)/probe-,dynamic static static-pie musl-static-pie)
CLI_CFLAGS := -std=gnu11 -O2 -pthread $(WARN)
CLI_MUSL := /usr/lib/x86_64-linux-musl

.PHONY: cli
cli: $(addprefix $(BUILD)/compat/net/,tcp udp inet_poll inet6 loopback)
cli: $(CLI_PROBES) $(CLI)/liar.so $(CLI)/valgrind-errors $(BUILD)/compat/thread/mutex $(BUILD)/libos-plain.elf $(CLI)/memory-liar $(BUILD)/compat/mm/exec_code $(CLI)/hello-go $(BUILD)/occlum $(BUILD)/libos.elf ## tests of the command, end to end (T=filter)
	@host/test/cli.sh $(BUILD) $(T)

$(CLI)/probe-dynamic: CLI_HOW = -o $@ $<
$(CLI)/probe-static: CLI_HOW = -static -no-pie -o $@ $<
$(CLI)/probe-static-pie: CLI_HOW = -static-pie -fPIE -o $@ $<

# musl-gcc of Debian links -static-pie dynamically: it only compiles, and the start files are named by hand.
$(CLI)/probe-musl.o: host/test/cli/probe.c
	@mkdir -p $(@D)
	$(Q)musl-gcc $(CLI_CFLAGS) -fPIE -c -o $@ $<

$(CLI)/probe-musl-static-pie: CLI_HOW = -static-pie -nostdlib -nostartfiles -o $@ $(CLI_MUSL)/rcrt1.o \
	$(CLI_MUSL)/crti.o $(CLI)/probe-musl.o \
	-Wl,--start-group $(CLI_MUSL)/libc.a -lgcc -Wl,--end-group $(CLI_MUSL)/crtn.o
$(CLI)/probe-musl-static-pie: $(CLI)/probe-musl.o

$(CLI_PROBES): host/test/cli/probe.c host/test/cli.mk
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)gcc $(CLI_CFLAGS) $(CLI_HOW)

# Not optimised: the compiler would make of the error what it likes.
$(CLI)/valgrind-errors: host/test/cli/valgrind_errors.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)gcc -std=gnu11 -O0 -g -o $@ $<

$(CLI)/liar.so: host/test/cli/liar.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)gcc $(CLI_CFLAGS) -D_GNU_SOURCE -shared -fPIC -o $@ $<

memory_lies := enclave_augment enclave_restrict_list enclave_modify_type_list enclave_protect driver_track
$(CLI)/memory_liar.o: host/test/cli/memory_liar.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)gcc $(CLI_CFLAGS) -fPIE -iquote host -iquote . -c -o $@ $<

$(CLI)/memory-liar: $(CLI)/memory_liar.o $(HOST_OBJ)
	@echo "  LD $@"
	$(Q)$(CC) -pie $(memory_lies:%=-Wl,--wrap=%) -o $@ $^ $(HOST_LIBS)

# Without Go an empty file, and the test is skipped.
$(CLI)/hello-go: host/test/cli/hello.go
	@mkdir -p $(@D)
	@echo "  GO $@"
	$(Q)if command -v go >/dev/null; then \
		GOCACHE=$(abspath $(CLI))/go-cache GO111MODULE=off go build -o $@ $<; \
	else : >$@; fi
