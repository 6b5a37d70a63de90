# vdso.mk: the vDSO image that time/vdso_image.S embeds. It must come out without relocations.

$(BUILD)/vdso.so: libos/time/vdso/vdso.c libos/time/vdso/vdso.lds libos/time/vdso/data.h libos/time/calibrate.h libos/entry/vcpu.h libos/linux/time.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -ffreestanding -fPIC -O2 -g0 -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing \
		-fcf-protection=none -fno-builtin -fvisibility=hidden -fasynchronous-unwind-tables $(WARN) -I libos \
		-nostdlib -shared -Wl,-T,libos/time/vdso/vdso.lds -Wl,-soname,linux-vdso.so.1 -Wl,--hash-style=both \
		-Wl,-Bsymbolic -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--build-id -Wl,--eh-frame-hdr -Wl,--no-undefined \
		-o $@ $<
	@if readelf -r $@ | grep -q R_X86; then echo "$@ has relocations" >&2; rm $@; exit 1; fi
