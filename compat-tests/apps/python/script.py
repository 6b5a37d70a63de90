import asyncio, ctypes, hashlib, json, mmap, multiprocessing as mp, os, pathlib, pickle, queue, select, shutil, signal, socket
import sqlite3, struct, subprocess, sys, tempfile, threading, time, zlib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def work(n):
    return sum(i * i % 7 for i in range(n))


def child(conn, shared, lock):
    for _ in range(100):
        with lock:
            shared.value += 1
    conn.send({"value": conn.recv() * 2, "kind": "answer"})
    conn.close()


def processes():
    print(subprocess.run(["tr", "a-z", "A-Z"], input=b"through a process", capture_output=True).stdout)
    print(subprocess.run("echo out; echo err >&2; exit 3", shell=True, stderr=subprocess.STDOUT, stdout=-1))
    try:
        subprocess.run(["sleep", "5"], timeout=0.1)
    except subprocess.TimeoutExpired:
        print("timeout expired")
    p = subprocess.Popen(["cat"], stdin=-1, stdout=-1, preexec_fn=lambda: os.setsid())
    print(p.communicate(b"cat" * 50000)[0] == b"cat" * 50000, p.returncode)
    p = subprocess.Popen(["sleep", "9"])
    p.terminate()
    print(p.wait())


def forks():
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        os.write(w, b"from the child")
        os._exit(9)
    os.close(w)
    print(os.read(r, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    data = bytearray(b"before" * 100000)
    if not (pid := os.fork()):
        data[:6] = b"change"
        os._exit(len(data) % 256)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), bytes(data[:6]))


def multiprocess(method):
    ctx = mp.get_context(method)
    a, b = ctx.Pipe()
    shared, lock = ctx.Value("i", 0), ctx.Lock()
    kids = [ctx.Process(target=child, args=(b, shared, lock)) for _ in range(1)]
    for k in kids:
        k.start()
    a.send(21)
    print(method, a.recv())
    for k in kids:
        k.join()
    with ctx.Pool(3) as pool:
        print(shared.value, sum(pool.map(work, range(0, 2000, 50))), kids[0].exitcode)
    q = ctx.Queue()
    k = ctx.Process(target=q.put, args=(list(range(5)),))
    k.start()
    print(q.get(timeout=20))
    k.join()


def threads():
    with ThreadPoolExecutor(8) as ex:
        print(sum(ex.map(work, range(500))))
    q, out, e = queue.Queue(), [], threading.Event()
    ts = [threading.Thread(target=lambda: [out.append(q.get()) for _ in range(50)]) for _ in range(4)]
    for t in ts:
        t.start()
    for i in range(200):
        q.put(i)
    for t in ts:
        t.join()
    threading.Timer(0.05, e.set).start()
    print(sum(out), e.wait(5), threading.active_count() <= 2)


def files():
    d = pathlib.Path(tempfile.mkdtemp())
    for i in range(20):
        (d / f"f{i}").write_bytes(bytes([i]) * i * 100)
    print(sum(p.stat().st_size for p in d.iterdir()), sorted(p.name for p in d.glob("f1?"))[:3])
    with open(d / "f19", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[0:4] = b"map!"
        print(m.find(b"!"), len(m))
    print((d / "f19").read_bytes()[:5])
    (d / "link").symlink_to("f1")
    print(os.readlink(d / "link"), os.path.getsize(d / "link"), shutil.copytree(d, d / "copy", symlinks=True).name)
    shutil.rmtree(d)
    print(d.exists())


def sockets():
    a, b = socket.socketpair()
    a.sendall(b"pair")
    print(b.recv(10), select.select([a], [a], [], 0)[:2] == ([], [a]))
    d = tempfile.mkdtemp()
    for family, addr in ((socket.AF_UNIX, d + "/s"), (socket.AF_INET, ("127.0.0.1", 0))):
        s = socket.socket(family)
        s.bind(addr)
        s.listen()

        def serve():
            c, _ = s.accept()
            with c, c.makefile("rwb") as f:
                f.write(f.readline().upper())

        t = threading.Thread(target=serve)
        t.start()
        with socket.socket(family) as c:
            c.connect(s.getsockname())
            c.sendall(b"over a socket\n")
            print(family.name, c.makefile().read())
        t.join()
        s.close()
    shutil.rmtree(d)


def signals():
    seen = []
    signal.signal(signal.SIGUSR1, lambda *a: seen.append("usr1"))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    signal.signal(signal.SIGALRM, lambda *a: seen.append("alarm"))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.pause()
    print(seen)


async def asynchronous():
    async def one(n):
        await asyncio.sleep(0.01 * (3 - n))
        return n

    print(await asyncio.gather(*map(one, range(3))))
    p = await asyncio.create_subprocess_exec("sh", "-c", "read x; echo got $x", stdin=-1, stdout=-1)
    print(await p.communicate(b"line\n"))
    server = await asyncio.start_server(lambda r, w: (w.write(b"hi"), w.close()), "127.0.0.1", 0)
    r, w = await asyncio.open_connection(*server.sockets[0].getsockname())
    print(await r.read())
    w.close()
    server.close()


def main():
    processes()
    forks()
    for method in "fork", "spawn", "forkserver":
        multiprocess(method)
    with ProcessPoolExecutor(2) as ex:
        print(sum(ex.map(work, [1000] * 8)))
    threads()
    files()
    signals()
    db = sqlite3.connect(":memory:")
    db.executescript("create table t(a, b); insert into t values (1, 'x'), (2, 'y')")
    print(db.execute("select sum(a), group_concat(b) from t").fetchall(), pickle.loads(pickle.dumps({1: [2]})))
    print(hashlib.sha256(zlib.decompress(zlib.compress(b"z" * 100000))).hexdigest(), struct.pack("<IH", 1, 2), json.dumps({"k": [None]}))
    print(ctypes.CDLL(None).abs(-5), ctypes.CDLL(None).strlen(b"ctypes"), sys.getrecursionlimit(), os.uname().sysname)
    sockets()
    asyncio.run(asynchronous())
    sys.exit(6)


if __name__ == "__main__":
    main()
