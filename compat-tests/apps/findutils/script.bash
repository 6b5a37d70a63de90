cd "$DATA/tree" || exit
find . -type f -name '*.h' | sort | sha1sum
find . -type f -size +40k -printf '%f %s %m\n' | sort
find . -newermt 2023-01-01 -type f
find . -maxdepth 1 -mindepth 1 -type d | sort
find linux -regex '.*/net[a-z]*\.h' | sort | tail -n 5
find . \( -name 'sys' -o -name 'byteorder' \) -prune -o -type d -print | sort | tail -n 3
find linux -name 'f*.h' -exec grep -c define {} + | sort | head -n 5
find linux -name 'fs.h' -exec basename {} \;
find sys -name '*.h' -print0 | sort -z | xargs -0 -n 10 wc -l | awk '$2 == "total" { s += $1 } END { print s }'
find sys -name '*.h' -print0 | xargs -0 -P 4 -n 5 sha1sum | sort | sha1sum
seq 20 | xargs -n 3 echo | tail -n 2
seq 3 | xargs -I{} echo 'item {}'
echo "a b" | xargs -n1 sh -c 'exit 3'; echo "xargs $?"
mkdir -p "$RUN/w/x/y"; touch "$RUN/w/x/1" "$RUN/w/x/y/2"; ln -s 1 "$RUN/w/x/l"
find "$RUN/w" -depth -delete -printf '%P %y\n' | sort
find "$RUN" -empty -type d -printf 'empty %P\n'; find . -links +2 -type d | sort | head -n 3; find /nowhere; echo "find $?"
