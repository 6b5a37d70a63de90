#!/bin/sh
# summary.sh BUILD: adds up what the parts of `make check` counted; the last line is for people and machines.
passed=0 failed=0 skipped=0
for f in "$1"/*.count; do
	[ -f "$f" ] || continue
	read -r p q s <"$f"
	passed=$((passed + p)) failed=$((failed + q)) skipped=$((skipped + ${s:-0}))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
