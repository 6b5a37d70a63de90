# source.awk: a C program of about -v lines=N lines, the same on every machine. With 5 lines it says hello; longer ones
# are functions of loops, switches, structures and floating point, each called once from main.

function function_text(i)
{
	print "struct item_" i " { int key; double weight; const char *name; };"
	print "static int step_" i "(struct item_" i " *items, int n, unsigned seed)"
	print "{"
	print "\tint sum = " i ";"
	print "\tfor (int k = 0; k < n; k++) {"
	print "\t\titems[k].key = (int)(seed * " (2 * i + 1) "u >> 3) % " (i % 97 + 3) ";"
	print "\t\titems[k].weight = items[k].key * 0." (i % 89 + 10) " + sum;"
	print "\t\titems[k].name = items[k].key & 1 ? \"odd " i "\" : \"even " i "\";"
	print "\t\tswitch (items[k].key % 4) {"
	print "\t\tcase 0: sum += items[k].key; break;"
	print "\t\tcase 1: sum ^= (int)items[k].weight & 0xff; break;"
	print "\t\tcase 2: sum -= items[k].name[0]; break;"
	print "\t\tdefault: seed = seed * 1664525u + 1013904223u;"
	print "\t\t}"
	print "\t}"
	print "\treturn sum;"
	print "}"
	print "static int run_" i "(unsigned seed)"
	print "{"
	print "\tstruct item_" i " items[" (i % 7 + 2) "];"
	print "\treturn step_" i "(items, " (i % 7 + 2) ", seed);"
	print "}"
}

BEGIN {
	print "#include <stdio.h>"
	if (lines < 30) {
		print "int main(void)\n{\n\treturn puts(\"hello\") < 0;\n}"
		exit
	}
	functions = int((lines - 8) / 24)	# 23 lines each, and one in main
	for (i = 0; i < functions; i++)
		function_text(i)
	print "int main(void)\n{\n\tint sum = 0;"
	for (i = 0; i < functions; i++)
		print "\tsum += run_" i "(" i "u);"
	print "\tprintf(\"%d\\n\", sum);\n\treturn 0;\n}"
}
