function gcd(a, b) { return b ? gcd(b, a % b) : a }
function by_value(i1, v1, i2, v2) { return v2 - v1 || (i1 < i2 ? -1 : 1) }
{ first[substr($2, 1, 1)] += $3; len += length($0); g = gcd(g, $3 * 6); if ($2 ~ /^[aeiou]..[aeiou]$/) vowels++ }
NR % 10000 == 0 { printf "%d %s\n", NR, toupper($2) }
END {
	PROCINFO["sorted_in"] = "by_value"
	n = 0
	for (c in first) if (n++ < 5) print c, first[c]
	print len, g, vowels
	print gensub(/(.)(.)/, "\\2\\1", "g", "abcdef"), strtonum("0x1f"), and(12, 10), xor(12, 10), lshift(1, 40)
	split("2024-02-29 12:30", d, /[- :]/); print d[1] + 0, length(d), mktime("2024 02 29 12 30 00"), strftime("%F", 86400, 1)
	"echo from a command" | getline line; close("echo from a command"); print line
	for (i = 5; i; i--) print i | "sort -n"
	close("sort -n")
	cmd = "tr a-z A-Z"; print "coprocess" |& cmd; close(cmd, "to"); cmd |& getline line; close(cmd); print line
	print "to file" > "out.txt"; close("out.txt"); while ((getline line < "out.txt") > 0) print "read", line
	print system("exit 3"), sprintf("%.10g %c %5.2e", atan2(0, -1), 65, 12345.678)
	m[1][2] = "nested"; print m[1][2], isarray(m[1]), typeof(m)
	FPAT = "([^,]+)|(\"[^\"]+\")"; $0 = "a,\"b,c\",d"; print NF, $2
	print ENVIRON["TZ"], ARGC, length(ARGV[0]); fflush()
	while (("seq 3" | getline x) > 0) s += x; print s
	print substr("hello", 2, 3), index("hello", "l"), match("foobar", /o+/), RSTART, RLENGTH, tolower("ABC")
	exit 4
}
