# tar with gzip, xz (two threads) and zstd (threads): pack a tree, unpack it, compare; archives are the same bytes.
packages="tar xz-utils zstd gzip bzip2 coreutils diffutils"
limit=90

setup() {
	mkdir -p "$DATA/tree"
	cp -r /usr/include/linux "$DATA/tree"
	rm -r "$DATA"/tree/linux/[g-z]*
	head -c 1000000 /usr/bin/bash >"$DATA/tree/big"
	ln -s big "$DATA/tree/link"
	ln "$DATA/tree/big" "$DATA/tree/hard"
	find "$DATA/tree" -exec touch -h -d 2021-01-01 {} +
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
