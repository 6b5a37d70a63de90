"""starts.py N STATEMENT: starts N pythons that execute STATEMENT, one after the other, a line after each."""
import subprocess
import sys

for _ in range(int(sys.argv[1]) + 1):
    subprocess.run([sys.executable, "-c", sys.argv[2]], check=True, close_fds=False)
    print(flush=True)
