# fish: its language, completions engine loaded, pipes to commands, functions, event handlers, job expansion.
packages="fish coreutils"

workload() {
	$SYSTEM fish --no-config "$HERE/script.fish"
}
