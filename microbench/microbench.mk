# The microbenchmarks: `make bench` measures, `make microbench-build` only builds.
# Included by the top Makefile; everything made goes under $(BUILD)/microbench.

BUILD ?= build
MB := $(BUILD)/microbench
MB_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -iquote .
MB_BENCHES := $(addprefix $(MB)/,syscall ctxswitch thread signal ipc spawn fork script pipe tcp boot file memory edmm)
MB_HELPERS := $(addprefix $(MB)/helpers/,static-pie-14k static-pie-400k static-pie-14m busybox dynamic-glibc)
MB_MUSL ?= /usr/lib/x86_64-linux-musl

# musl-gcc of Debian links -static-pie dynamically, so name the start files by hand.
mb_link_static_pie = $(CC) -static-pie -nostdlib -nostartfiles -s -o $@ \
	$(MB_MUSL)/rcrt1.o $(MB_MUSL)/crti.o $(filter %.o,$^) \
	-Wl,--start-group $(MB_MUSL)/libc.a -lgcc -Wl,--end-group $(MB_MUSL)/crtn.o

.PHONY: microbench-build bench
microbench-build: $(MB_BENCHES) $(MB_HELPERS) $(MB)/stats $(MB)/compare $(MB)/counters

# Applications, their clients and a browser for the report's test. What cannot be had is passed over later, with a line.
MB_PACKAGES := wrk fish lighttpd redis-server nginx-light gnuplot-nox chromium

$(BUILD)/.bench-deps: microbench/microbench.mk
	@mkdir -p $(@D)
	@if [ "$$(id -u)" = 0 ]; then sh host/deps.sh $(MB_PACKAGES) || echo "Going on without what could not be installed."; \
	else echo "Not root: these packages are used where they are there: $(MB_PACKAGES)"; fi
	@touch $@

bench appbench bench-spread bench-test: $(BUILD)/.bench-deps

# Variables: BENCH=syscall,redis SYSTEMS="linux sip" ROUNDS=5 FULL=1; see microbench/README.md.
bench: microbench-build ## measure in the enclave and natively, 12 minutes (BENCH=spawn,pipe a part; FULL=1 all)
	@BUILD=$(BUILD) CC="$(CC)" BENCH="$(BENCH)" FULL="$(FULL)" microbench/run.sh

.PHONY: appbench
appbench: $(BUILD)/.deps $(BUILD)/occlum $(BUILD)/libos.elf microbench-build ## the applications alone (APPS=redis,fish FULL=1)
	@BUILD=$(BUILD) BENCH="$(or $(APPS),apps)" FULL="$(FULL)" microbench/run.sh

.PHONY: bench-test
bench-test: microbench-build $(MB)/counters-standin $(BUILD)/occlum $(BUILD)/libos.elf ## tests of the benchmark runner, figures and report (T=filter)
	@$(call count_suite,bench,microbench/harness/test.sh $(BUILD) '$(T)'); awk '{ exit $$2 != 0 }' $(BUILD)/bench.count

.PHONY: bench-compare bench-spread
bench-compare: $(MB)/compare ## what changed beyond noise between two runs (A=run B=run)
	@microbench/harness/compare.sh $(MB)/compare "$(A)" "$(B)"

bench-spread: microbench-build $(BUILD)/occlum $(BUILD)/libos.elf ## measure twice: which medians differ by 10 %? (BENCH=..., or runs A= B=)
	@BUILD=$(BUILD) CC="$(CC)" BENCH="$(BENCH)" SYSTEMS="$(or $(SYSTEMS),linux sip)" microbench/harness/spread.sh $(A) $(B)

$(MB_BENCHES): $(MB)/%: microbench/%.c microbench/bench.c microbench/peer.c microbench/bench.h microbench/peer.h
	@mkdir -p $(@D)
	$(CC) $(MB_CFLAGS) -pthread -o $@ $(filter %.c,$^)

# These measure the model of SGX from outside, in an enclave of their own.
MB_MODEL := $(addprefix $(MB)/,switch create epc epcmodel)
MB_MODEL_OBJ = $(filter $(foreach d,sgxsim enclave sign bed,$(BUILD)/host/$(d)/%),$(HOST_OBJ))
microbench-build: $(MB_MODEL)

$(MB_MODEL): $(MB)/%: microbench/%.c microbench/bench.c microbench/bench.h $(MB_MODEL_OBJ)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(MB_CFLAGS) -fPIE -pie -pthread -o $@ $(filter %.c %.o,$^) -lcrypto

$(MB)/counters: microbench/counters.c
	@mkdir -p $(@D)
	$(CC) $(MB_CFLAGS) -o $@ $< -lpapi

# With a PAPI of the test's own, as most machines that test have no counters.
$(MB)/counters-standin: microbench/counters.c microbench/harness/papi_standin.c
	@mkdir -p $(@D)
	$(CC) $(MB_CFLAGS) -o $@ $^

$(MB)/stats $(MB)/compare: $(MB)/%: microbench/harness/%.c
	@mkdir -p $(@D)
	$(CC) $(MB_CFLAGS) -o $@ $<

$(MB)/helpers/nothing.o: microbench/helpers/nothing.c
	@mkdir -p $(@D)
	$(CC) $(MB_CFLAGS) -fPIE -c -o $@ $<

$(MB)/helpers/bulk-400k.o: MB_BULK_KIB := 385
$(MB)/helpers/bulk-14m.o: MB_BULK_KIB := 14336
$(MB)/helpers/bulk-400k.o $(MB)/helpers/bulk-14m.o: microbench/helpers/bulk.S microbench/microbench.mk
	@mkdir -p $(@D)
	$(CC) -DBULK_KIB=$(MB_BULK_KIB) -c -o $@ $<

$(MB)/helpers/static-pie-14k: $(MB)/helpers/nothing.o
	$(mb_link_static_pie)

$(MB)/helpers/static-pie-400k $(MB)/helpers/static-pie-14m: $(MB)/helpers/static-pie-%: $(MB)/helpers/nothing.o $(MB)/helpers/bulk-%.o
	$(mb_link_static_pie)

$(MB)/helpers/dynamic-glibc: $(MB)/helpers/nothing.o
	$(CC) -o $@ $<

# Debian's package "busybox" is dynamic, "busybox-static" is what the case is about.
$(MB)/helpers/busybox:
	@mkdir -p $(@D)
	@readelf -l "$$(command -v busybox)" | grep -q INTERP && \
		{ echo "busybox is not static: install busybox-static" >&2; exit 1; } || true
	cp "$$(command -v busybox)" $@
