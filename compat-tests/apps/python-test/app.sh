# python3's own test package: every test that passes natively passes in the enclave, but for those in known.tbl.
packages="python3 libpython3.11-testsuite"
limit=650

# A few at a time: most of them sleep.
workload() {
	local m args running=0
	while read -r m args; do
		# shellcheck disable=SC2086
		(
			timeout -k 2 600 $SYSTEM python3 "$HERE/verdicts.py" "$m" $args >"$m.out"
			echo "$m: status $?" >>"$m.out"
		) &
		((++running < 4)) || wait -n
	done < <(grep -v '^#' "$HERE/modules")
	wait
	while read -r m _; do
		cat "$m.out"
	done < <(grep -v '^#' "$HERE/modules")
	note "$(cat ./*.out | awk '$2 == "ok" { n++ } $2 == "skip" { s++ } END { printf "ok=%d skipped=%d", n, s }')"
}

# Lines of tests that are known to differ do not count.
normalise() {
	awk 'NR == FNR { if ($1 !~ /^#/) known[$1] = 1; next } !($1 in known)' "$here/python-test/known.tbl" -
}
