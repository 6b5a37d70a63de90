# bash: the language and its processes: functions, arrays, pipelines, here-documents, traps, subshells, job control.
packages="bash coreutils"
quick=yes

workload() {
	$SYSTEM bash "$HERE/script.bash" one "two words" three
}
