# Our own LTP-style programs: ltp-subset/<area>/<call>NN.c, built as ordinary Linux programs. The runner and the judge are
# those of compat-tests. T='fs process/wait' runs a part.

SUBSET_SRCS := $(wildcard ltp-subset/*/*.c)
SUBSET_BINS := $(patsubst ltp-subset/%.c,$(BUILD)/ltp-subset/%,$(SUBSET_SRCS))
# Wrong arguments are what these programs are about.
SUBSET_CFLAGS := $(COMPAT_CFLAGS) -O1 -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
SUBSET_RUN = compat-tests/run.sh --suite ltp-subset --no-make --build $(BUILD) --jobs $(COMPAT_JOBS)

.PHONY: ltp-subset ltp-subset-native ltp-subset-count

$(SUBSET_BINS): $(BUILD)/ltp-subset/%: ltp-subset/%.c ltp-subset/lst.h
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPAT_CC) $(SUBSET_CFLAGS) -o $@ $<

ltp-subset: $(SUBSET_BINS) $(BUILD)/occlum $(BUILD)/libos.elf ## LTP-style programs natively, then in the enclave (T=filter)
	@$(SUBSET_RUN) --csv $(BUILD)/ltp-subset-results.csv $(T)

ltp-subset-native: $(SUBSET_BINS) ## the same on this machine's Linux only
	@$(SUBSET_RUN) --system linux $(T)

ltp-subset-count: $(SUBSET_BINS) $(BUILD)/occlum $(BUILD)/libos.elf
	@$(call count_suite,ltp-subset,$(SUBSET_RUN) --csv $(BUILD)/ltp-subset-results.csv $(T))
