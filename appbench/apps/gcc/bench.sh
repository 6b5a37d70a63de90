# gcc compiles and links C programs of 5, 5,000 and 50,000 lines; a sample is one run of gcc and all it starts.
# The longest one runs in the quick run on linux and sip only.
needs="gcc make awk"

compile()
{
	repeat "$1" make -s --no-print-directory -C "$scratch" -f "$here/compile.mk" SOURCE="$1.c" RUNS="$2"
}

bench()
{
	local many=6 some=2 lines

	[[ $system != eip* ]] || many=3 some=1
	shared_dir
	for lines in 5 5000 50000; do
		awk -v lines=$lines -f "$here/source.awk" >"$scratch/lines-$lines.c"
	done
	compile lines-5 $many
	compile lines-5000 $some
	[[ -z $FULL && $system != linux && $system != sip ]] || compile lines-50000 1
}
