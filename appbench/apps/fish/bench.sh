# fish runs rounds of sort, od, grep and wc on files (rounds.fish); a sample is one round of eight processes.
needs="fish sort od grep wc rm"

# About 8.5 KB of lines in no order, a fifth of them with "the"; the same on every machine.
source_text()
{
	awk 'BEGIN {
		split("stone river the lamp iron garden paper north engine willow the salt", word, " ")
		x = 20200316
		while (size < 8500) {
			line = x
			for (i = 0; i < 5; i++) {
				x = (x * 1103 + 12345) % 16777213
				line = line " " word[x % 61 % 12 + 1]
			}
			print line
			size += length(line) + 1
		}
	}'
}

bench()
{
	local n=101

	[[ $system != eip* ]] || n=$([ -n "$FULL" ] && echo 6 || echo 4)
	shared_dir
	source_text >"$scratch/sort.src"
	repeat round fish --no-config "$here/rounds.fish" "$scratch" "$n"
}
