use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::{mpsc, Arc, Condvar, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

fn threads() {
    let (tx, rx) = mpsc::channel();
    let shared = Arc::new(RwLock::new(HashMap::new()));
    let handles: Vec<_> = (0..8u64)
        .map(|i| {
            let (tx, shared) = (tx.clone(), shared.clone());
            thread::spawn(move || {
                let sum: u64 = (0..100_000).map(|x| x * i % 11).sum();
                shared.write().unwrap().insert(i, sum);
                tx.send(sum).unwrap();
            })
        })
        .collect();
    drop(tx);
    let total: u64 = rx.iter().sum();
    for h in handles {
        h.join().unwrap();
    }
    println!("threads {} {}", total, shared.read().unwrap().len());
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let other = pair.clone();
    thread::spawn(move || {
        *other.0.lock().unwrap() = true;
        other.1.notify_one();
    });
    let mut ready = pair.0.lock().unwrap();
    while !*ready {
        ready = pair.1.wait(ready).unwrap();
    }
    println!("condition {}", *ready);
}

fn files() -> std::io::Result<()> {
    let dir = std::env::temp_dir().join(format!("app{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    for i in 0..10 {
        writeln!(fs::File::create(dir.join(format!("f{i}")))?, "{}", "x".repeat(i * 100))?;
    }
    let mut sizes = BTreeMap::new();
    for e in fs::read_dir(&dir)? {
        let e = e?;
        sizes.insert(e.file_name().into_string().unwrap(), e.metadata()?.len());
    }
    println!("files {:?}", sizes);
    fs::remove_dir_all(&dir)
}

fn processes() -> std::io::Result<()> {
    let mut child = Command::new("tr").args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().unwrap().write_all(b"through a process\n")?;
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out)?;
    println!("process {:?} {}", out, child.wait()?);
    println!("{}", Command::new("sh").args(["-c", "exit 5"]).status()?);
    println!("{:?}", Command::new("/no/such/program").status().map_err(|e| e.kind()));
    Ok(())
}

fn sockets() -> std::io::Result<()> {
    let (mut a, b) = UnixStream::pair()?;
    a.write_all(b"one\ntwo\n")?;
    drop(a);
    println!("unix {:?}", BufReader::new(b).lines().collect::<Result<Vec<_>, _>>()?);
    let l = TcpListener::bind("127.0.0.1:0")?;
    let address = l.local_addr()?;
    let server = thread::spawn(move || -> std::io::Result<()> {
        let (mut s, _) = l.accept()?;
        let mut buf = [0; 5];
        s.read_exact(&mut buf)?;
        s.write_all(&buf.map(|c| c.to_ascii_uppercase()))
    });
    let mut c = TcpStream::connect(address)?;
    c.write_all(b"hello")?;
    let mut s = String::new();
    c.read_to_string(&mut s)?;
    server.join().unwrap()?;
    println!("tcp {s}");
    Ok(())
}

fn main() {
    threads();
    files().unwrap();
    let caught = std::panic::catch_unwind(|| {
        let v: Vec<i32> = Vec::new();
        std::panic::set_hook(Box::new(|_| {}));
        v[std::env::args().count()]
    });
    println!("panic caught {}", caught.is_err());
    let start = Instant::now();
    thread::sleep(Duration::from_millis(30));
    println!("slept {}", start.elapsed() >= Duration::from_millis(30));
    processes().unwrap();
    sockets().unwrap();
    std::process::exit(4);
}
