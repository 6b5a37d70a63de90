# The system call fuzzer. `make fuzz-syscall` runs it for FUZZ_SECONDS (part of `make fuzz`); `make fuzz-short` is the
# deterministic run of `make check`. It reads the LibOS's table of system calls, so it is built with libos/ in reach,
# but after all others: libos/linux must not hide the machine's own headers.

FUZZ_SYSCALL := $(BUILD)/fuzz/syscall
FUZZ_SEED ?= $(shell date +%s)
FUZZ_SHORT_SEEDS ?= 1 1000

$(FUZZ_SYSCALL): $(wildcard compat-tests/fuzz/syscall/*.[ch]) $(wildcard libos/syscall/table/*.h) libos/syscall/table.h
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPAT_CC) $(COMPAT_CFLAGS) -fno-stack-protector -idirafter libos -o $@ $(filter %.c,$^)

.PHONY: fuzz-syscall fuzz-short
fuzz-syscall: $(FUZZ_SYSCALL) $(BUILD)/occlum $(BUILD)/libos.elf ## random system calls in the enclave for FUZZ_SECONDS
	@compat-tests/fuzz/run.sh $(BUILD) --seed $(FUZZ_SEED) --seconds $(FUZZ_SECONDS)

fuzz-short: $(FUZZ_SYSCALL) $(BUILD)/occlum $(BUILD)/libos.elf
	@passed=0; failed=0; for seed in $(FUZZ_SHORT_SEEDS); do \
		compat-tests/fuzz/run.sh $(BUILD) --seed $$seed --workers 9 --count 1000 && passed=$$((passed + 1)) || \
			failed=$$((failed + 1)); done; \
	echo "$$passed $$failed 0" >$(BUILD)/fuzz.count
