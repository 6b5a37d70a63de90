# python3's own test package: every test that passes natively passes in the enclave, but for those in known.tbl.
packages="python3 libpython3.11-testsuite"
limit=400

workload() {
	local m
	while read -r m; do
		$SYSTEM timeout -k 2 120 python3 "$HERE/verdicts.py" "$m"
		echo "$m: status $?"
	done < <(grep -v '^#' "$HERE/modules")
}

normalise() {
	awk 'NR == FNR { if ($1 !~ /^#/) known[$1] = 1; next } !($1 in known)' "$here/python-test/known.tbl" -
}
