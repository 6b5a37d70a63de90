/* layout.h: where things lie in ELRANGE. Shared by the loader and the LibOS.
 *
 * ELRANGE starts at 0 and is a power of two, so that programs linked to fixed low addresses
 * (ET_EXEC, 0x400000) run where they were linked.
 *
 *   0          64 KiB   never mapped (NULL)
 *   64 KiB     32 GiB   user, low: ET_EXEC programs and their brk
 *   32 GiB     64 GiB   LibOS: image, boot data, vCPU areas, heap
 *   64 GiB     ELRANGE  user, high: everything else
 *
 * The LibOS area ends at 2^36, so the layout also fits CPUs whose enclaves are limited to that: with CONFIG_SGX1 ELRANGE is
 * as large, and what programs have lies in the low part, from its start.
 *
 * The plain image (LIBOS_PLAIN, build/libos-plain.elf; `occlum run --valgrind-friendly`) shares its address space with
 * somebody who keeps the lowest addresses, and those from 2^36 on, for himself. There ELRANGE is 2^35 to 2^36, and nothing
 * lies at a fixed low address:
 *
 *   32 GiB     40 GiB   LibOS
 *   40 GiB     64 GiB   user, high
 *
 * So "is this an enclave address?" has two bounds, ELRANGE_START and ELRANGE_END; the first is 0 but for the plain image. */
#pragma once

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define ELRANGE_BITS 40
#define ELRANGE_SIZE (1UL << ELRANGE_BITS)

#define ELRANGE_SGX1_SIZE LIBOS_END

#define PLAIN_START LIBOS_START
#define PLAIN_SIZE 0x800000000UL /* 32 GiB: as its start is, so that it is aligned as ECREATE wants it */
#define PLAIN_LIBOS_END 0xa00000000UL

#define USER_LOW_START 0x10000UL
#define USER_LOW_END LIBOS_START
#define LIBOS_START 0x800000000UL /* 32 GiB; the LibOS image is linked here */
#ifdef LIBOS_PLAIN
#define ELRANGE_START PLAIN_START
#define ELRANGE_END (PLAIN_START + PLAIN_SIZE)
#define LIBOS_END PLAIN_LIBOS_END
#define USER_START LIBOS_END
#else
#define ELRANGE_START 0UL
#define ELRANGE_END ELRANGE_SIZE
#define LIBOS_END 0x1000000000UL  /* 64 GiB */
#define USER_START USER_LOW_START /* the lowest address that a program's memory can have */
#endif
#define USER_HIGH_START LIBOS_END
#define USER_HIGH_END (ELRANGE_END - 0x10000UL)

#ifndef __ASSEMBLER__
/* Is it an address of a program's memory: in the enclave, and not the LibOS's? */
static inline _Bool user_address(unsigned long addr)
{
	return (addr < LIBOS_START && LIBOS_START > ELRANGE_START) || (addr >= LIBOS_END && addr < ELRANGE_END);
}
#endif

/* Fixed places inside the LibOS area. */
#define LIBOS_IMAGE_MAX 0x4000000UL                     /* 64 MiB for text and data */
#define LIBOS_BOOT_START (LIBOS_START + LIBOS_IMAGE_MAX) /* struct boot_info, then the config blob */
#define LIBOS_BOOT_MAX 0x400000UL
#define LIBOS_VCPU_START (LIBOS_BOOT_START + LIBOS_BOOT_MAX)
#define LIBOS_VCPU_STRIDE 0x40000UL /* one vCPU's TCS, SSA, GS block and stacks, see below */
#define VCPU_MAX 64
#define LIBOS_HEAP_START (LIBOS_VCPU_START + VCPU_MAX * LIBOS_VCPU_STRIDE)
#define LIBOS_HEAP_END LIBOS_END

/* Offsets inside a vCPU area. Pages not named are never added: they are guards. */
#define VCPU_TCS 0x0000UL
#define VCPU_SSA 0x2000UL /* VCPU_NSSA frames of VCPU_SSAFRAMESIZE pages */
#define VCPU_NSSA 3
#define VCPU_SSAFRAMESIZE 1
#define VCPU_GS 0x6000UL /* OGSBASE: struct vcpu, 2 pages */
#define VCPU_GS_PAGES 2
#define VCPU_FS 0x9000UL         /* OFSBASE: 1 page, unused by the LibOS */
#define VCPU_STACK_END 0x20000UL /* boot and idle stack grows down from here, 16 pages */
#define VCPU_STACK_PAGES 16
#define VCPU_EXC_STACK_END 0x30000UL /* stack for CSSA > 0, 8 pages */
#define VCPU_EXC_STACK_PAGES 8

/* SIM only: the address the ENCLU macro calls; one page just outside ELRANGE ("microcode"). */
#define SIM_ENCLU_GATE ELRANGE_SIZE
#define PLAIN_ENCLU_GATE (PLAIN_START - 0x10000UL) /* of the plain image */
