import socket
import sys
import threading
import time

port = int(sys.argv[1])


class Client:
    def __init__(self):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.f = self.s.makefile("rwb")

    def ask(self, line, body=None):
        self.f.write(line.encode() + b"\r\n" + (body + b"\r\n" if body is not None else b""))
        self.f.flush()
        first = self.f.readline()
        out = [first]
        while out[-1].startswith((b"VALUE", b"STAT")):
            if out[-1].startswith(b"VALUE"):
                out.append(self.f.read(int(out[-1].split()[3]) + 2))
            out.append(self.f.readline())
        return b"".join(out).decode().split("\r\n")[:-1]


c = Client()
print(c.ask("set a 0 0 5", b"hello"), c.ask("get a"), c.ask("add a 0 0 1", b"x"), c.ask("append a 0 0 1", b"!"))
print(c.ask("get a"), c.ask("set n 0 0 2", b"41"), c.ask("incr n 1"), c.ask("delete a"), c.ask("get a"))
print(c.ask("set big 0 0 900000", b"z" * 900000), len(c.ask("get big")[1]))
c = Client()
print(c.ask("set t 0 1 1", b"t"), c.ask("touch t 100"), c.ask("nonsense"))


def many(i):
    m = Client()
    for k in range(200):
        m.ask(f"set k{i}.{k} 0 0 3", b"%03d" % k)
        assert m.ask(f"get k{i}.{k}")[1] == "%03d" % k


start = time.time()
threads = [threading.Thread(target=many, args=(i,)) for i in range(32)]
for t in threads:
    t.start()
for t in threads:
    t.join()
stats = dict(l.split()[1:3] for l in c.ask("stats") if l.startswith("STAT"))
print(stats["threads"], stats["cmd_set"], stats["get_hits"], stats["curr_items"])
