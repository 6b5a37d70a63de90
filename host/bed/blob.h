/* blob.h: the commands of blob.S (rdi at EENTER; arguments rsi, rdx, r8) and the layout of the bed's enclave.
 * EEXIT gives rdi = BED_DONE, rsi = result; BED_RESUME from the exception handler. */
#pragma once

#define BED_EMPTY  0 /* nothing */
#define BED_IN	   1 /* copies rdx bytes from rsi outside into the enclave's buffer */
#define BED_OUT	   2 /* from the buffer to rsi */
#define BED_INOUT  3 /* both */
#define BED_ACCEPT 4 /* EACCEPT (SECINFO.FLAGS r8) of rdx pages from rsi; result: the first error code */
#define BED_TOUCH  5 /* reads one word of each of rdx pages from rsi */
#define BED_RANDOM 6 /* reads r8 words in random ones of rdx (a power of two) pages from rsi */
#define BED_TRAP   7 /* rsi times an undefined opcode, which the handler skips */
#define BED_WRITE  8 /* writes one word of each of rdx pages from rsi */

#define BED_DONE   100
#define BED_RESUME 101

#define BED_EXCEPTION 99 /* rdi of an EENTER after an exception */

/* Offsets from the base. */
#define BED_CODE   0x0000
#define BED_TCS	   0x1000
#define BED_SSA	   0x2000 /* three frames */
#define BED_GS	   0x5000
#define BED_SEED   128 /* in that page: of BED_RANDOM */
#define BED_STACK  0x8000 /* its end; two pages */
#define BED_BUFFER 0x8000
#define BED_BUFFER_PAGES 16
#define BED_HEAP   0x100000
