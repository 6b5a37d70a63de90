"""compile.py DIR FILE N: compiles FILE N times, a line after each, and runs what came out. Before that a warm-up."""
import os
import subprocess
import sys

directory, source, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.chdir(directory)
os.environ["TMPDIR"] = directory


def compile_file(name):
    # By posix_spawn or vfork, never by fork.
    subprocess.run(["/usr/bin/gcc", name, "-o", "program"], check=True, close_fds=False)
    print(name, flush=True)


compile_file("lines-5.c")
for _ in range(count):
    compile_file(source)
subprocess.run(["./program"], check=True, close_fds=False, stdout=subprocess.DEVNULL)
