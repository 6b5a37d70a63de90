# env.sh: what is known about a run, as env.json. Sourced by run.sh.

json_string()
{
	local s=$1

	s=${s//\\/\\\\}
	s=${s//\"/\\\"}
	s=${s//[[:cntrl:]]/ }
	printf '"%s"' "$s"
}

json_list()
{
	local sep= s

	printf '['
	for s in "$@"; do
		printf '%s%s' "$sep" "$(json_string "$s")"
		sep=', '
	done
	printf ']'
}

write_failures()
{
	local key sep=

	printf '['
	for key in "${!failed[@]}"; do
		printf '%s\n    { "system": %s, "job": %s, "reason": %s }' "$sep" \
			"$(json_string "${key%% *}")" "$(json_string "${key#* }")" \
			"$(json_string "${failed[$key]}")"
		sep=,
	done
	printf ']'
}

write_skipped()
{
	local key sep=

	printf '['
	for key in "${!skipped[@]}"; do
		printf '%s\n    { "job": %s, "reason": %s }' "$sep" "$(json_string "$key")" \
			"$(json_string "${skipped[$key]}")"
		sep=,
	done
	printf ']'
}

# First lines of what tools say about themselves; "missing" where one is not there.
tool_version()
{
	command -v "$1" >/dev/null || { echo missing; return; }
	"$@" 2>&1 | head -n 1
}

write_env()
{
	local dirty=false names

	[ -n "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] && dirty=true
	read -ra names <<<"$(bench_names | tr '\n' ' ')"
	cat <<END
{
  "run": $(json_string "$run"),
  "date": $(json_string "$started"),
  "seconds": $((SECONDS - began)),
  "git_rev": $(json_string "$rev"),
  "git_dirty": $dirty,
  "cpu_model": $(json_string "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"),
  "cpus": $(nproc),
  "hypervisor": $(json_string "$(systemd-detect-virt --vm 2>/dev/null || sed -n '/^flags.*hypervisor/{s/.*/yes/p;q}' /proc/cpuinfo)"),
  "memory_kib": $(awk '/^MemTotal/ { print $2 }' /proc/meminfo),
  "kernel": $(json_string "$(uname -srv)"),
  "distribution": $(json_string "$(. /etc/os-release && echo "$PRETTY_NAME")"),
  "libc": $(json_string "$(getconf GNU_LIBC_VERSION)"),
  "compiler": $(json_string "$("${CC%% *}" --version | head -n 1)"),
  "tools": { "wrk": $(json_string "$(tool_version wrk -v)"), "gnuplot": $(json_string "$(tool_version gnuplot --version)") },
  "load_before": $(json_string "$load_before"),
  "occlum": $(json_string "$(timeout 5 "$OCCLUM" --version 2>/dev/null | head -n 1)"),
  "cost_model": $(json_string "${OCCLUM_SGX_COST:-off}"),
  "counters": $(json_string "$counters"),
  "pinning": "none, but both sides of cases that end in -1cpu are bound to one CPU",
  "systems": $(json_list "${asked[@]}"),
  "commands": $(systems_describe),
  "benches": $(json_list "${names[@]}"),
  "full": $([ -n "$FULL" ] && echo true || echo false),
  "rounds": $ROUNDS,
  "rounds_done": $rounds_done,
  "repeated": $load_repeated,
  "disturbed": $load_kept,
  "warnings": $(json_list "${warnings[@]}"),
  "partial": $partial,
  "partial_why": $(json_string "$partial_why"),
  "skipped": $(write_skipped),
  "failed": $(write_failures)
}
END
}
