#!/bin/sh
# run-units.sh LOG PROGRAM...: runs unit test programs (Criterion) one after the other and writes
# "N passed, N failed" of all to LOG.count; output of failing ones is shown.
log=$1
shift
passed=0 failed=0
: >"$log.log"
for t in "$@"; do
	timeout -k 5 300 "$t" --jobs 2 >"$log.out" 2>&1
	status=$?
	cat "$log.out" >>"$log.log"
	line=$(grep -a 'Synthesis' "$log.out" | sed 's/\x1b\[[0-9;]*m//g')
	p=$(printf '%s' "$line" | sed -n 's/.*Passing: \([0-9]*\).*/\1/p')
	f=$(printf '%s' "$line" | sed -n 's/.*Failing: \([0-9]*\).*/\1/p')
	p=${p:-0} f=${f:-0}
	[ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$f" -gt 0 ]; then
		echo "FAIL  $(basename "$t"): $f failed (status $status)"
		grep -a -v '^# ' "$log.out" | tail -n 40
	else
		echo "ok    $(basename "$t"): $p passed"
	fi
done
rm -f "$log.out"
echo "$passed $failed 0" >"$log.count"
exit 0
