# Makefile: everything is built under build/. `make help` lists the targets.
#
#   CC=clang       another compiler        SANITIZE=1   host tools with ASan and UBSan
#   BENCH=a,b      some benchmarks only    T=name       some tests only
#
# No recursion: each part adds its rules in its own .mk file.

BUILD := build
CC := gcc
# V=1 shows the commands.
Q := $(if $(V),,@)
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

WARN := -Wall -Wextra -Werror
COMMON := -std=gnu11 -O2 -g $(WARN) -MMD -MP
VERSION := 0.1.0
# Of unit tests; `make profile-valgrind` builds them without.
UNIT_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: all
all: $(BUILD)/.deps libos host ## build everything (default)

include libos/libos.mk
include host/host.mk
include microbench/microbench.mk
include plots/plots.mk
include compat-tests/compat.mk
include ltp-subset/subset.mk
include ltp-subset/ltp.mk
include microbench/valgrind.mk

PACKAGES := gcc make libcriterion-dev libcjson-dev libssl-dev libelf-dev libnuma-dev libpapi-dev libzydis-dev \
	musl-tools busybox-static valgrind gnuplot-nox golang-go python3 sqlite3 file

.PHONY: deps
deps: ## install missing Debian packages (as root or by sudo)
	@sh host/deps.sh $(PACKAGES)
	@mkdir -p $(BUILD) && touch $(BUILD)/.deps

# Nothing is compiled before the packages are there.
$(LIBOS_OBJ) $(LIBOS_PLAIN_OBJ) $(HOST_OBJ) $(COMPAT_BINS) $(SUBSET_BINS) $(MB_BENCHES) $(MB_HELPERS) $(HOST_UNITS): | $(BUILD)/.deps
bench: $(BUILD)/.deps $(BUILD)/occlum $(BUILD)/libos.elf

$(BUILD)/.deps: Makefile
	@$(MAKE) --no-print-directory deps

.PHONY: check
check: $(BUILD)/.deps ## build, then all tests; ends with "N passed, N failed, N skipped"
	@$(MAKE) --no-print-directory -j$$(nproc) all tests-build
	@rm -f $(BUILD)/*.count
	@$(MAKE) --no-print-directory -k readme unit compat-count compat-eip-count compat-plain-count ltp-subset-count apps-count fuzz-short cli bench-test || true
	@sh host/test/summary.sh $(BUILD)

.PHONY: tests-build
tests-build: $(HOST_UNITS) $(LIBOS_UNITS:%=$(BUILD)/unit/%) $(COMPAT_BINS) $(SUBSET_BINS) $(FUZZ_SYSCALL) ## all test programs

# count_suite NAME,COMMAND: the last line of a suite's run as a count for the summary; its failures are shown.
define count_suite
$(2) >$(BUILD)/$(1).log; \
	grep -v '^PASS' $(BUILD)/$(1).log; \
	sed -n '$$s/\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped/\1 \2 \3/p' $(BUILD)/$(1).log >$(BUILD)/$(1).count; \
	test -s $(BUILD)/$(1).count || echo "0 1 0" >$(BUILD)/$(1).count
endef

.PHONY: compat-count
compat-count: $(COMPAT_BINS) $(BUILD)/occlum $(BUILD)/libos.elf
	@$(call count_suite,compat,compat-tests/run.sh --no-make --build $(BUILD) --results $(BUILD)/compat-results --jobs $(COMPAT_JOBS) $(T))

.PHONY: compat-eip-count
compat-eip-count: $(COMPAT_BINS) $(BUILD)/occlum $(BUILD)/libos.elf
	@$(call count_suite,compat-eip,compat-tests/run.sh --no-make --build $(BUILD) --system eip --jobs $(COMPAT_JOBS) $(or $(T),$(shell cat compat-tests/eip.list)))

.PHONY: compat-plain-count
compat-plain-count: $(COMPAT_BINS) $(BUILD)/occlum $(BUILD)/libos-plain.elf
	@$(call count_suite,compat-plain,compat-tests/run.sh --no-make --build $(BUILD) --system plain --jobs $(COMPAT_JOBS) $(or $(T),signal thread mm process/fork process/exec naughty))

.PHONY: unit
unit: $(BUILD)/.deps host-unit libos-unit ## unit tests (ASan and UBSan)

.PHONY: readme
readme: ## every source file is named in the README of its directory
	@mkdir -p $(BUILD)
	@host/test/readme.sh $(BUILD)

.PHONY: install
install: all ## install under PREFIX (default /usr/local)
	install -D -m 755 $(BUILD)/occlum $(DESTDIR)$(PREFIX)/bin/occlum
	install -D -m 644 $(BUILD)/libos.elf $(DESTDIR)$(PREFIX)/lib/occlum/libos.elf
	install -D -m 644 $(BUILD)/libos-plain.elf $(DESTDIR)$(PREFIX)/lib/occlum/libos-plain.elf
	install -D -m 644 $(BUILD)/libos-hw.elf $(DESTDIR)$(PREFIX)/lib/occlum/libos-hw.elf
PREFIX := /usr/local

.PHONY: clean
clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | sort | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'
