/* keys: keyrings. See syscall/table.h for the form. */
SYS(248, add_key, 5, "sspud", PARTIAL("asymmetric, trusted and encrypted keys"), 0)
SYS(249, request_key, 4, "sssd", PARTIAL("no helper program is asked"), 0)
SYS(250, keyctl, 5, "dxxxx", PARTIAL("public key operations, persistent keyrings, KEYCTL_MOVE"), 0)
