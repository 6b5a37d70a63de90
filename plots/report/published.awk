# published.awk: a sentence on what was published for a figure. Usage: awk -v fig=NAME -f published.awk published.csv

# Splits a line at commas outside of quotes into f[].
function split_row(rest,    n) {
	split("", f)
	while (rest != "" && match(rest, /^("[^"]*"|[^,]*),?/)) {
		f[++n] = substr(rest, 1, RLENGTH)
		sub(/,$/, "", f[n])
		gsub(/"/, "", f[n])
		rest = substr(rest, RLENGTH + 1)
	}
}

function shown(v, unit) {
	if (unit == "us" && v + 0 >= 1000)
		return v + 0 >= 1e6 ? v / 1e6 " s" : v / 1000 " ms"
	return v " " unit
}

function add(text) { out = out (out == "" ? "" : "; ") text }

{
	split_row($0)
	if (f[1] != fig)
		next
	name = f[2]
	sub(/^.*\/(static-pie-)?/, "", name)
	if (f[5] == "")
		add(f[4] " not found" (f[9] ~ /only|no / ? " (" f[9] ")" : ""))
	else
		add(f[4] (f[2] ~ /\// ? " " name : "") " " shown(f[5], f[6]) (f[7] == "derived" ? " (derived)" : ""))
	if (f[5] != "" && index(machines, f[8]) == 0)
		machines = machines (machines == "" ? "" : "; ") f[8]
}
END {
	if (out != "")
		print "Published: " out "." (machines == "" ? "" : " Machine: " machines ".")
}
