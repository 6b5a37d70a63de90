#!/bin/sh
# summary.sh BUILD: adds up what the parts of `make check` counted ("passed failed skipped" in BUILD/PART.count); a part
# that left no count has failed. The last line is for people and machines.
passed=0 failed=0 skipped=0
for part in readme unit-host unit-libos compat compat-eip compat-plain ltp-subset apps fuzz cli bench; do
	p=0 q=1 s=0
	if [ -s "$1/$part.count" ]; then
		read -r p q s <"$1/$part.count"
	else
		echo "FAIL  $part: it did not run to its end"
	fi
	passed=$((passed + p)) failed=$((failed + q)) skipped=$((skipped + ${s:-0}))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
