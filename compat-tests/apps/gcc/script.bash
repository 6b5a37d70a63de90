exec 2>&1
gcc -Wall -o hello "$DATA/hello.c" -lm && ./hello world; echo "status $?"
gcc -O2 -flto -o hello2 "$DATA/hello.c" -lm && ./hello2; echo "status $?"
gcc -static -O1 -o hello3 "$DATA/hello.c" -lm && ./hello3 x y; echo "status $?"
wc -l <"$DATA/big.c"; gcc -O2 -g -c "$DATA/big.c" && gcc -o big big.o && ./big; size big.o | tail -n 1; objdump -d big.o | sha1sum
gcc -S -O1 -o - "$DATA/big.c" | sha1sum; g++ -std=c++17 -O1 -pthread -o hellocc "$DATA/hello.cc" && ./hellocc
echo 'int twice(int x) { return 2 * x; }' >t.c; echo '#include <stdio.h>
int twice(int); int main(void) { printf("%d\n", twice(21)); return 0; }' >m.c
gcc -fPIC -shared -o libt.so t.c && gcc -o m m.c -L. -lt -Wl,-rpath,"$PWD" && ./m
gcc -c t.c && ar rcs libt.a t.o && gcc -o ms m.c libt.a && ./ms; nm libt.a | grep twice; strip ms && ./ms
echo 'int main(void) { return undefined; }' >bad.c; gcc bad.c; echo "status $?"; gcc -E -dM - </dev/null | wc -l; as --version | head -n 1
