# Compat tests: one program per compat-tests/<feature>/<name>.c, built as an ordinary Linux
# program by the machine's own compiler; nothing of the LibOS is linked in.
# Extra libraries of one program: COMPAT_LIBS_<feature>/<name> = -lm

BUILD ?= build
COMPAT_CC ?= gcc
COMPAT_CFLAGS ?= -std=gnu11 -O2 -Wall -Wextra -Werror -pthread
COMPAT_JOBS ?= 2
COMPAT_SRCS := $(wildcard compat-tests/*/*.c)
COMPAT_HDRS := compat-tests/test.h $(wildcard compat-tests/*/*.h)
COMPAT_BINS := $(patsubst compat-tests/%.c,$(BUILD)/compat/%,$(COMPAT_SRCS))

.PHONY: compat-build compat-native compat

compat-build: $(COMPAT_BINS)

$(BUILD)/compat/%: compat-tests/%.c $(COMPAT_HDRS)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPAT_CC) $(COMPAT_CFLAGS) -o $@ $< $(COMPAT_LIBS_$*)

# The oracle alone: every program on this machine's Linux.
compat-native: $(COMPAT_BINS)
	compat-tests/run.sh --no-make --system linux --jobs $(COMPAT_JOBS) $(COMPAT)

# Linux first, then the enclave. COMPAT='fs proc/status' runs a part.
compat: $(COMPAT_BINS)
	compat-tests/run.sh --no-make --system sip --jobs $(COMPAT_JOBS) $(COMPAT)
