tar --sort=name --owner=0 --group=0 --numeric-owner -C "$DATA" -cf t.tar tree && sha1sum t.tar
tar -tvf t.tar | awk '{ print $1, $3, $NF }' | sha1sum
for z in "gzip -n" bzip2 "xz -T2 --block-size=1MiB" "zstd -q -T2" "zstd -q -19 --long"; do
	$z -c t.tar >t.z && sha1sum <t.z
	${z%% *} -dc t.z | cmp - t.tar && echo "$z whole"
done
tar -C "$DATA" --sort=name -cJf t.tar.xz tree && mkdir out && tar -C out -xJf t.tar.xz && diff -r "$DATA/tree" out/tree && echo "same tree"
tar -C "$DATA" -I zstd -cf t.tar.zst tree && rm -rf out && mkdir out && tar -C out -xf t.tar.zst && diff -r "$DATA/tree" out/tree && echo "same"
stat -c '%h %N' out/tree/hard out/tree/link
tar -C "$DATA" -cz tree | tar -xz -O tree/linux/fs.h | sha1sum
tar -f t.tar --delete tree/big && tar -tf t.tar | grep -c big
tar -xf /nowhere 2>&1; echo "status $?"; xz -t t.tar 2>&1; echo "status $?"; zstd -t t.tar.zst 2>&1 | tail -n1; head -c 1000 t.tar.xz | xz -dc 2>&1 >/dev/null; echo "status $?"
xz -lv t.tar.xz | grep -c CRC; zstdcat t.tar.zst | wc -c; seq 100000 | xz -9e | xz -d | sha1sum; seq 100000 | zstd | zstd -d | sha1sum
