# make ltp LTPROOT=DIR: the system call tests of an installed LTP, natively and in the enclave.

.PHONY: ltp
ltp: $(BUILD)/occlum $(BUILD)/libos.elf ## an installed LTP's system call tests (LTPROOT=DIR, T='fcntl* mmap01', JOBS=2, FRESH=1)
	@set -f; ltp-subset/ltp-run.sh --ltproot '$(LTPROOT)' --build $(BUILD) --jobs $(or $(JOBS),2) $(if $(FRESH),--fresh) $(T)
