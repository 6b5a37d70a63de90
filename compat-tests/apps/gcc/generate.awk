# A C program of more than 5000 lines.
BEGIN {
	print "#include <stdio.h>"
	for (i = 0; i < 500; i++) {
		printf "static unsigned f%d(unsigned x, const unsigned *a)\n{\n\tunsigned s = %d;\n\n", i, i
		printf "\tfor (unsigned k = 0; k < %d; k++) {\n\t\ts += a[(k * %d) %% 64] ^ x;\n", i % 40 + 3, i % 13 + 1
		printf "\t\tif (s %% %d == 0)\n\t\t\ts = s * %d + %s;\n\t}\n\treturn s;\n}\n\n", i % 7 + 2, i * 2 + 1, (i ? "f" (i - 1) "(k, a)" : "k")
	}
	print "int main(void)\n{\n\tunsigned a[64], s = 0;\n\n\tfor (int i = 0; i < 64; i++)\n\t\ta[i] = i * 2654435761u;"
	for (i = 0; i < 20; i++)
		printf "\ts += f%d(%d, a);\n", i, i
	print "\tprintf(\"%u\\n\", s);\n\treturn 0;\n}"
}
