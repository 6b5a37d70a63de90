#!/bin/bash
# Every directory with more than five source files has a README.md of at most a screen, and every file in it is named there:
# by its name, its stem, or a pattern, in backquotes: `sys_*.c`, `pid.{c,h}`; x.c names x.h as well. Programs that a suite finds by itself
# (compat-tests/<feature>, ltp-subset/<area>) are named by their directory. Prints what is missing, and counts.
set -u -f
cd "$(dirname "$0")/../.." || exit 1
missing=0 checked=0

fail()
{
	echo "FAIL readme: $1"
	missing=$((missing + 1))
}

# The words between backquotes of a README, braces expanded.
patterns()
{
	local word

	grep -o '`[^`]*`' "$1" | tr -d '`' | tr ' ' '\n' | while read -r word; do
		[[ $word =~ ^[][A-Za-z0-9_.*{},/-]+$ ]] && eval "printf '%s\n' $word"
	done
}

named()
{
	local file=$1 stem=${1%.*} pattern

	for pattern in $patterns; do
		# shellcheck disable=SC2254
		case $file in $pattern | $pattern.[chS]) return 0 ;; esac
		[ "$stem" = "${pattern%.[chS]}" ] && return 0
	done
	return 1
}

for dir in $(find libos host microbench appbench plots -type d | sort); do
	files=$(find "$dir" -maxdepth 1 -type f \( -name '*.[chS]' -o -name '*.sh' -o -name '*.gp' \) -printf '%f\n' | sort)
	[ "$(wc -w <<<"$files")" -gt 5 ] || continue
	if ! [ -f "$dir/README.md" ]; then
		fail "$dir has no README.md"
		continue
	fi
	[ "$(wc -l <"$dir/README.md")" -le 120 ] || fail "$dir/README.md is longer than a screen or two"
	patterns=$(patterns "$dir/README.md")
	for file in $files; do
		checked=$((checked + 1))
		named "$file" || fail "$dir/README.md does not name $file"
	done
done
echo "readme: $checked files looked up"
echo "$([ $missing = 0 ] && echo 1 || echo 0) $((missing > 0)) 0" >"${1:-build}/readme.count"
exit $((missing > 0))
