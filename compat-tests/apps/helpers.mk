# Real applications, natively and in the enclave: `make apps`. APPS_QUICK=1: the part that `make check` runs.

APPS_RUN = $(shell date -u +%Y%m%d-%H%M%S)-$(shell git rev-parse --short HEAD 2>/dev/null || echo nogit)

.PHONY: apps apps-count
apps: $(BUILD)/occlum $(BUILD)/libos.elf ## real applications, natively and in the enclave (T=redis, APPS_QUICK=1)
	@compat-tests/apps/run.sh --occlum $(BUILD)/occlum --logs $(BUILD)/apps-logs \
		$(if $(APPS_QUICK),--quick --no-install --csv $(BUILD)/apps.csv,--csv results/$(APPS_RUN)/apps.csv) $(T)

apps-count: $(BUILD)/occlum $(BUILD)/libos.elf
	@compat-tests/apps/run.sh --occlum $(BUILD)/occlum --logs $(BUILD)/apps-logs --quick --no-install \
		--csv $(BUILD)/apps.csv --count $(BUILD)/apps.count >$(BUILD)/apps.log; grep -v '^PASS' $(BUILD)/apps.log || true
