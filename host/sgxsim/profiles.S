/* profiles.S: the cost profiles as text in the program. */
	.section .rodata
.macro PROFILE name, file
	.globl cost_profile_\name
cost_profile_\name:
	.incbin "\file"
	.byte 0
.endm
	PROFILE skl, host/sgxsim/profiles/skl.cost
	PROFILE cfl, host/sgxsim/profiles/cfl.cost
	PROFILE glk, host/sgxsim/profiles/glk.cost
	PROFILE icx, host/sgxsim/profiles/icx.cost
	.section .note.GNU-stack, "", @progbits
