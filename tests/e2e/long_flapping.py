"""A way to a real Milvus 2.3.5 that comes and goes all the time: does the agent grow over gRPC, and what does it log?

    tests/e2e/run tests/e2e/long_flapping.py                      # ten minutes
    FLAP_SECONDS=3600 tests/e2e/run tests/e2e/long_flapping.py    # an hour

FLAP_STATE: seconds for which the way is open, and then shut.
"""
import contextlib
import os
import socket
import struct
import threading
import time
from collections import Counter
from pathlib import Path

import evenkeel
import pytest
from figures import equal, settled

SECONDS = float(os.environ.get("FLAP_SECONDS", 600))
STATE = float(os.environ.get("FLAP_STATE", 2.5))  # two looks at least
DOOR = 29530
KIB_BETWEEN = 2048  # more resident memory at the end than after a tenth of the time is growth


class Door:
    """A port before Milvus's own. Shut, nobody listens there, and every connection is reset."""

    def __init__(self, port, behind):
        self.port, self.behind, self.listener, self.sockets = port, behind, None, set()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def shut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in list(self.sockets):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
                each.close()
        self.sockets.clear()

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self.behind))
                self.sockets |= {client, server}
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


def taken(pid):
    """What the agent holds: (KiB resident, threads, open files)."""
    used = evenkeel.resident(pid)
    return round(1024 * used["VmRSS"]), used["Threads"], len(list(Path(f"/proc/{pid}/fd").iterdir()))


def words(line):
    """A line of the log without its time."""
    return " ".join(part for part in line.split(" ") if not part.startswith("ts="))


@pytest.fixture(scope="module")
def cluster(start_cluster):
    return start_cluster(query_nodes=3, collections={"book": {"segments": 6, "rows": 20000, "dim": 128}})


def test_a_way_that_flaps(cluster, agent):
    door = Door(DOOR, 19530)
    door.open()
    lines = Counter()  # {(whether the door was open, line): so often in all}
    repeated = Counter()  # lines that one state had more than once
    most = Counter()
    held = []  # at each tenth of the time
    with agent(equal(settled(cluster), 1, 0.5), interval=3600, road=f'address = "grpc://127.0.0.1:{DOOR}"') as a:
        time.sleep(5)
        begin, is_open, states = time.monotonic(), True, 0
        seen = len(a.log().splitlines())
        while time.monotonic() < begin + SECONDS:
            (door.shut if is_open else door.open)()
            is_open, states = not is_open, states + 1
            time.sleep(STATE)
            logged = a.log().splitlines()[seen:]
            seen += len(logged)
            new = [words(line) for line in logged if 'msg="round ended"' not in line]  # a round's own line: one an hour here
            lines.update((is_open, line) for line in new)
            repeated.update(line for line, count in Counter(new).items() if count > 1)
            most[is_open] = max(most[is_open], len(new))
            if time.monotonic() > begin + SECONDS * (len(held) + 1) / 10:
                held.append(taken(a.process.pid))
        if not is_open:
            door.open()
        a.until("all is seen again", 20, lambda: a.metric("evenkeel_coordinator_up") == 1)
    print(f"\n  {states} changes in {SECONDS:.0f} s; KiB resident, threads, open files at each tenth of it:\n  {held}")
    print(f"  lines a state: {most[False]} at most while shut, {most[True]} at most while open")
    for (when_open, line), count in sorted(lines.items()):
        print(f"  {count:5} x {'open' if when_open else 'shut'}: {line[:200]}")
    early, late = held[0], held[-1]
    assert late[0] <= early[0] + KIB_BETWEEN
    assert late[1] <= early[1] + 1 and late[2] <= early[2] + 2
    assert not repeated and most[False] <= 1 and most[True] <= 1, "one line a state"
