# Compat tests: one program per compat-tests/<feature>/<name>.c, built as an ordinary Linux
# program by the machine's own compiler; nothing of the LibOS is linked in. A feature may bring
# other rules (helper programs) in a helpers.mk. T='fs proc/stat' runs a part.

BUILD ?= build
COMPAT_CC ?= gcc
COMPAT_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -pthread
COMPAT_JOBS ?= 2
COMPAT_SRCS := $(wildcard compat-tests/*/*.c)
COMPAT_HDRS := compat-tests/test.h $(wildcard compat-tests/*/*.h)
COMPAT_BINS := $(patsubst compat-tests/%.c,$(BUILD)/compat/%,$(COMPAT_SRCS))
# A whole run is a run of results/ (see its README), a part stays in build/.
COMPAT_OUT = $(if $(T),$(BUILD)/compat-results,results/$(shell date -u +%Y%m%d-%H%M%S)-$(shell git rev-parse --short HEAD 2>/dev/null || echo norev))

.PHONY: compat-build compat-native compat

compat-build: $(COMPAT_BINS)

$(COMPAT_BINS): $(BUILD)/compat/%: compat-tests/%.c $(COMPAT_HDRS)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPAT_CC) $(COMPAT_CFLAGS) -o $@ $<

include $(wildcard compat-tests/*/helpers.mk)

compat-native: $(COMPAT_BINS) ## the compat tests on this machine's Linux only
	@compat-tests/run.sh --no-make --build $(BUILD) --system linux --jobs $(COMPAT_JOBS) $(T)

compat: $(COMPAT_BINS) $(BUILD)/occlum ## the compat tests natively, then in the enclave (T=filter; EIP=1: an enclave for each process)
	@out=$(COMPAT_OUT); compat-tests/run.sh --no-make --build $(BUILD) --results $$out --jobs $(COMPAT_JOBS) $(if $(EIP),--system eip) $(T); \
		status=$$?; echo "written: $$out/compat.csv, syscalls.md"; exit $$status
