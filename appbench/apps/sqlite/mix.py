"""A small mix of SQLite statements on a file. Prints "STEP MILLISECONDS" for each step."""
import os
import sqlite3
import sys
import time

ROWS = 20000
path = sys.argv[1]


def step(name, work):
    start = time.monotonic()
    work()
    print(name, "%.3f" % ((time.monotonic() - start) * 1000))


def inserts():
    with db:
        for i in range(ROWS):
            db.execute("insert into t values (?, ?, ?)", (i, i * 7919 % ROWS, "text %d" % i))


def commits():
    for i in range(300):
        with db:
            db.execute("insert into t values (?, ?, 'x')", (ROWS + i, i))


def queries():
    for i in range(200):
        db.execute("select count(*), avg(b) from t where b between ? and ?", (i * 50, i * 50 + 500)).fetchone()
    for i in range(10000):
        db.execute("select c from t where b = ?", (i,)).fetchone()


def updates():
    with db:
        for i in range(200):
            db.execute("update t set c = c || 'y' where b between ? and ?", (i * 90, i * 90 + 90))


db = sqlite3.connect(path)
db.execute("pragma synchronous = off")
db.execute("create table t (a integer primary key, b integer, c text)")
step("insert", inserts)
step("commit", commits)
step("index", lambda: db.execute("create index t_b on t (b)"))
step("select", queries)
step("update", updates)
db.close()
os.unlink(path)
