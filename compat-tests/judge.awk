# Compares the case lines of a native and an enclave run of one program. First output line:
# VERDICT TAB first detail; then one CSV line per case. Variables: program, native_status,
# enclave_status ("-": not run), ms, native and enclave (logs), table (known failures).
#
# A case agrees when the enclave passes what Linux passes; what Linux skips may be anything but
# FAIL. A case that Linux passes and the enclave skips or never prints is a failure.
#
# Lines in LTP's manner, `file.c:12: TPASS: text`, are cases too, named by their line; the worst of a line counts.

function case_line(line,    f, v) {
	if (line !~ /^[^ :]+:[0-9]+: T(PASS|FAIL|BROK|CONF): /)
		return line
	split(line, f, ":")
	v = f[3] == " TPASS" ? "PASS" : f[3] == " TCONF" ? "SKIP" : "FAIL"
	sub(/^[^ ]+ [A-Z]+: /, "", line)
	return v " line_" f[2] ": " line
}

function read_cases(path, verdict, detail, names,    line, f, n) {
	while ((getline line < path) > 0) {
		line = case_line(line)
		if (line !~ /^(PASS|FAIL|SKIP) [A-Za-z0-9_]+(:|$)/)
			continue
		split(line, f, /[ :]+/)
		n = f[2]
		if (!(n in verdict))
			names[++names[0]] = n
		else if (verdict[n] == "FAIL")
			continue
		verdict[n] = f[1]
		detail[n] = line
		sub(/^[A-Z]+ [A-Za-z0-9_]+(: )?/, "", detail[n])
	}
	close(path)
}

function read_table(path,    line, f) {
	while ((getline line < path) > 0) {
		if (line ~ /^[ \t]*(#|$)/)
			continue
		split(line, f, /[ \t]+/)
		if (f[1] != program)
			continue
		sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]*/, "", line)
		known[f[2]] = line == "" ? "no reason given" : line
	}
	close(path)
}

function csv_field(s) {
	gsub(/"/, "\"\"", s)
	return s ~ /[",\n]/ ? "\"" s "\"" : s
}

function add_row(name, nv, ev, verdict, detail) {
	rows = rows sprintf("%s,%s,%s,%s,%s,%s,%s\n", program, name, nv, ev, ms, verdict, csv_field(detail))
	seen[verdict]++
	if ((verdict == "FAIL" || verdict == "XPASS") && first == "")
		first = name ": " detail
	if (verdict == "XFAIL" && first_known == "")
		first_known = name ": " detail
}

function status_text(s) {
	if (s == 124)
		return "time limit"
	return s > 128 ? "killed by signal " s - 128 : "exit status " s
}

function judge_native(    i, n) {
	for (i = 1; i <= nnames[0]; i++) {
		n = nnames[i]
		add_row(n, nv[n], "-", nv[n], nd[n])
	}
	if (native_status != 0 && native_status != 77 && native_status != 32 && !seen["FAIL"])
		add_row("program", "FAIL", "-", "FAIL", "natively: " status_text(native_status))
	if (!nnames[0] && !seen["FAIL"])
		add_row("program", "FAIL", "-", "FAIL", "natively: no case was run")
}

function judge_case(n,    got, why, ok) {
	got = n in ev ? ev[n] : "NONE"
	ok = nv[n] == "PASS" ? got == "PASS" : got != "FAIL"
	why = n in known ? known[n] : ("*" in known) ? known["*"] : ""
	if (ok)
		add_row(n, nv[n], got, n in known ? "XPASS" : nv[n], n in known ? "listed as a known failure: " why : "")
	else if (why != "")
		add_row(n, nv[n], got, "XFAIL", why)
	else if (got == "NONE")
		add_row(n, nv[n], got, "FAIL", "no result, " status_text(enclave_status))
	else
		add_row(n, nv[n], got, "FAIL", got == "SKIP" ? "skipped in the enclave: " ed[n] : ed[n])
}

function judge_enclave(    i) {
	for (i = 1; i <= nnames[0]; i++)
		judge_case(nnames[i])
	if (enclave_status != native_status && !seen["FAIL"] && !seen["XFAIL"])
		add_row("program", "PASS", "FAIL", "FAIL", status_text(enclave_status) " though every case passed")
	if (("*" in known) && !seen["FAIL"] && !seen["XFAIL"])
		add_row("program", "PASS", "PASS", "XPASS", "listed as a known failure: " known["*"])
}

BEGIN {
	read_table(table)
	nnames[0] = enames[0] = 0
	read_cases(native, nv, nd, nnames)
	if (enclave_status == "-") {
		judge_native()
	} else {
		read_cases(enclave, ev, ed, enames)
		judge_enclave()
	}
	verdict = seen["FAIL"] ? "FAIL" : seen["XPASS"] ? "XPASS" : seen["XFAIL"] ? "XFAIL" : seen["PASS"] ? "PASS" : "SKIP"
	printf "%s\t%s\n%s", verdict, verdict == "XFAIL" ? first_known : first, rows
}
