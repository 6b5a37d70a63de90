# What building an enclave consists of.
title = "Enclave creation, all pages added and measured"
cases = "create/1m create/16m create/64m create/256m create/1g"
part_metric = "eadd"
measured = "awk -F, '$1 == \"create\" && $4 == \"eadd\" && !seen[$2]++ { at[$2] = 1 } END { n = split(\"1m 16m 64m 256m 1g\", s, \" \"); " . \
	"for (i = 1; i <= n; i++) if (s[i] in at) printf \"%s \", s[i] }' "
sizes = system(measured . data)
size_names = system("echo '" . sizes . "' | sed 's/m/MB/g; s/g/GB/g'")
parts = "ecreate eadd eextend einit destroy"
titles = "ECREATE|EADD|EEXTEND|EINIT|EREMOVE"
colours = "#c9b458 #d9822b #f0bf8d #a8503a #8b929b"
key_of = "$1 == \"create\" ? $2 \" \" $4 : 0"
load "plots/stack.gp"
