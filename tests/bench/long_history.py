#!/usr/bin/env python3
"""How long `evenkeel history` takes on a journal of a million decisions, how large that is, and what the agent needs for it:

    tests/bench/long_history.py build/release/agent/evenkeel [--decisions 1000000]

An agent levels a simulated Milvus and ends. What it wrote is repeated in its journal, a decision a minute back from now and with
other nodes, until there are as many as asked for: one in fifty moved. Then the agent starts again on it. Prints the median of 15
runs of each question, the whole program from its start to its end.
"""
import argparse
import contextlib
import json
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

LISTEN = "127.0.0.1:21941"
RUNS = 15
QUESTIONS = {
    "--node 7": ["--node", "7"],
    "--node 999 (none)": ["--node", "999"],
    "-c, of which there are few": ["-c", "rare"],
    "--outcome moved": ["--outcome", "moved"],
    "--since 2h": ["--since", "2h"],
    "all, the newest 20": [],
}
SETTINGS = """
[milvus]
address = "{milvus}"
[scrape]
interval = "1s"
timeout = "800ms"
targets = [{targets}]
[balance]
balance_interval_seconds = 2
max_sample_age = "5s"
settle = "2s"
[web]
listen_address = "{listen}"
[journal]
path = "{journal}"
max_age = "3650d"
max_size = "64GiB"
"""


@contextlib.contextmanager
def started(command, log):
    with open(log, "wb") as file:
        process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def until(what, seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def ready():
    try:
        with urllib.request.urlopen(f"http://{LISTEN}/api/v1/status", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def fill(journal, count):
    """Repeats what is there until there are `count` decisions, in one transaction."""
    database = sqlite3.connect(journal)
    kinds = {True: [], False: []}
    for ident, outcome, text in database.execute("SELECT id, outcome, json FROM decisions").fetchall():
        moves = database.execute("SELECT segment, replica, collection, collection_name, bytes, result FROM moves WHERE decision = ?",
                                 (ident,)).fetchall()
        kinds[bool(moves)].append((outcome, text, moves))
    assert kinds[True] and kinds[False], "the agent has not moved, or not rested"
    database.execute("DELETE FROM moves")
    database.execute("DELETE FROM decisions")
    dice, now = random.Random(1), int(time.time() * 1000)
    for ident in range(1, count + 1):
        outcome, text, moves = dice.choice(kinds[ident % 50 == 0])
        at = now - (count - ident) * 60_000
        text = re.sub(r'"id":"\d+"', f'"id":"{ident}"', text, count=1)
        database.execute("INSERT INTO decisions VALUES (?, ?, ?, ?)", (ident, at, outcome, text))
        for segment, replica, collection, name, size, result in moves:
            source, destination = dice.sample(range(1, 41), 2)
            name = "rare" if dice.random() < 0.001 else name
            database.execute("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                             (ident, segment, replica, collection, name, source, destination, size, at, result))
    database.execute("UPDATE memory SET text = json_set(text, '$.last_decision', ?)", (count,))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def memory(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text()).group(1)) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where the journal is made; else the system's for temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        journal, config = folder / "journal.db", folder / "evenkeel.toml"
        simulated = folder / "milvus.log"
        run = [options.program, "run", "--config.file", config]
        with started([options.program, "simulate-milvus", "--listen", "127.0.0.1:0"], simulated):
            until("the simulated Milvus", 20, lambda: "evenkeel run" in simulated.read_text())
            targets = re.findall(r"(?m)^  (http://\S+/metrics)$", simulated.read_text())
            config.write_text(SETTINGS.format(
                milvus=re.search(r"at (http://[0-9.:]+)", simulated.read_text()).group(1), listen=LISTEN, journal=journal,
                targets=", ".join(f'"{target}"' for target in targets)))
            with started(run, folder / "first.log") as agent:
                until("a start", 20, ready)
                time.sleep(60)
                print(f"memory with 30 decisions: {memory(agent):.1f} MiB")
            fill(journal, options.decisions)
            size = journal.stat().st_size
            print(f"{options.decisions:,} decisions: {size / 2**30:.2f} GiB, {size / options.decisions:,.0f} bytes each")
            with started(run, folder / "second.log") as agent:
                begin = time.monotonic()
                until("a start", 900, ready)
                print(f"the agent's start: {time.monotonic() - begin:.1f} s")
                for words, arguments in QUESTIONS.items():
                    seconds, found = [], None
                    for _ in range(RUNS):
                        begin = time.monotonic()
                        done = subprocess.run([options.program, "history", "--config.file", config, "-o", "json", *arguments],
                                              capture_output=True, check=True)
                        seconds.append(time.monotonic() - begin)
                        found = len(json.loads(done.stdout)["decisions"])
                    print(f"history {words:28} {found:3} found  median {statistics.median(seconds) * 1000:7.1f} ms, "
                          f"most {max(seconds) * 1000:7.1f} ms")
                print(f"memory after that: {memory(agent):.1f} MiB")


if __name__ == "__main__":
    main()
