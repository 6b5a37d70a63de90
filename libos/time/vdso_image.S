/* vdso_image.S: the vDSO as built from vdso/, embedded (the build directory is on the include path). */
	.section .rodata, "a", @progbits
	.globl vdso_image_start, vdso_image_end
	.balign 4096
vdso_image_start:
	.incbin "vdso.so"
vdso_image_end:
	.section .note.GNU-stack, "", @progbits
