#!/bin/bash
# syscalls.sh LOGS...: the page of system calls (Markdown, on stdout): every number of this machine's x86-64 ABI, what the
# LibOS's table says of it, and which test programs made the call, with which errors. LOGS are directories as run.sh
# leaves them; a program's calls are in NAME.sip.err, counted by the LibOS (libos/syscall/account.h).
set -u
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# "abi NR NAME" of the headers.
abi_rows() {
	echo '#include <asm/unistd_64.h>' | gcc -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/abi\t\2\t\1/p'
}

# "table NR NAME SUPPORT" of the LibOS; SUPPORT is FULL or PARTIAL("...").
table_rows() {
	printf '%s\n' '#define SYS(nr, name, arity, fmt, support, flags) row nr name support' '#include "syscall/table.h"' |
		gcc -E -P -I "$root/libos" - | sed -n 's/^row \([0-9]*\) \([a-z0-9_]*\) /table\t\1\t\2\t/p'
}

# "errno NUMBER NAME"; the first name of a number is the usual one.
errno_rows() {
	echo '#include <errno.h>' | gcc -E -dM - |
		sed -n 's/^#define \(E[A-Z0-9]*\) \([0-9][0-9]*\)$/errno\t\2\t\1/p' | sort -t "$(printf '\t')" -k 2n -k 3
}

# "made PROGRAM NR CALLS FAILED ERRORS"
made_rows() {
	local dir file program
	for dir; do
		find "$dir" -name '*.sip.err' 2>/dev/null | sort | while read -r file; do
			program=${file#"$dir"/}
			program=${program%.sip.err}
			[[ $dir == *ltp-subset* ]] && program=ltp-subset/$program
			sed -n "s|^.*syscall count: \([0-9]*\) [^ ]* \([0-9]*\) \([0-9]*\) \(.*\)$|made\t$program\t\1\t\2\t\3\t\4|p" "$file"
		done
	done
}

{ errno_rows; abi_rows; table_rows; made_rows "$@"; } | awk -F'\t' '
$1 == "errno" { if (!($2 in errno)) errno[$2] = $3 }
$1 == "abi" { name[$2] = $3; if ($2 + 0 > last) last = $2 + 0 }
$1 == "table" { name[$2] = $3; support[$2] = $4; if ($2 + 0 > last) last = $2 + 0 }
$1 == "made" {
	calls[$3] += $4
	failed[$3] += $5
	programs[$3]++
	if ($3 + 0 > last_made) last_made = $3 + 0
	split($6, e, ",")
	for (i in e)
		if (e[i] != "-")
			errors[$3, e[i]] = 1
	# The programs that call it most: they are about it.
	for (i = 1; i <= 3; i++) {
		if ($4 + 0 <= most[$3, i]) continue
		for (j = 3; j > i; j--) { most[$3, j] = most[$3, j - 1]; who[$3, j] = who[$3, j - 1] }
		most[$3, i] = $4 + 0; who[$3, i] = $2
		break
	}
}
function error_names(nr,    n, s) {
	for (n = 1; n < 134; n++)
		if ((nr, n) in errors)
			s = s (s == "" ? "" : " ") (n in errno ? errno[n] : n)
	return s
}
function tests(nr,    s, i) {
	if (!programs[nr])
		return "none"
	for (i = 1; i <= 3 && who[nr, i] != ""; i++)
		s = s (i > 1 ? ", " : "") who[nr, i]
	return s (programs[nr] > 3 ? " and " programs[nr] - 3 " more" : "")
}
function row(nr,    s, what) {
	s = support[nr]
	if (s == "FULL") {
		what = "full"; full++
	} else if (s ~ /^PARTIAL/) {
		what = s
		sub(/^PARTIAL\("/, "", what); sub(/"\)$/, "", what)
		what = "partial; missing: " (what == "PARTIAL" ? "not said" : what); partial++
	} else {
		what = "ENOSYS"; missing++
		if (calls[nr]) { asked = asked (asked == "" ? "" : ", ") name[nr] " " calls[nr]; }
	}
	if (s != "" && calls[nr] == failed[nr] && !((nr, 4) in errors) && !((nr, 134) in errors)) { unused = unused (unused == "" ? "" : ", ") name[nr]; unused_count++ }
	gsub(/\|/, "\\|", what)
	rows = rows sprintf("| %d | %s | %s | %d | %d | %s | %s |\n", nr, name[nr], what, calls[nr], failed[nr], error_names(nr), tests(nr))
}
END {
	for (nr = 0; nr <= last; nr++)
		if (nr in name)
			row(nr)
	for (nr = last + 1; nr <= last_made; nr++)
		if (calls[nr])
			asked = asked (asked == "" ? "" : ", ") nr " " calls[nr]
	printf "# System calls\n\nMade by `make compat` from the table in `libos/syscall/table/` and the calls that the tests made in the enclave.\n\n"
	printf "**%d of %d** are implemented: %d in full, %d in part; %d answer ENOSYS.\n", full + partial, full + partial + missing, full, partial, missing
	printf "%d implemented ones never succeed in a test (nor sleep until they are interrupted)%s.\n\n", unused_count, unused == "" ? "" : ": " unused
	printf "Not implemented, but asked for (number of times): %s.\n\n", asked == "" ? "none" : asked
	print "| number | call | support | calls | failed | errors given | tests, those with most calls first |"
	print "|---:|---|---|---:|---:|---|---|"
	printf "%s", rows
}'
