"""Two agents that take turns on one Milvus, and what is between them and the world.

Each agent reaches Milvus and etcd through ports of its own: so each load_balance is known by who sent it, and an agent can be
cut off from etcd alone, which is the worst that can happen to it.
"""
import base64
import json
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from evenkeel import PROGRAM, environment
from service import Service

ETCD_PORT, ETCD_PEERS = 23790, 23800
MILVUS_PORT = 19091
LEASE = 3  # seconds, the shortest that can be set

CONFIGURATION = """
[milvus]
address = "http://127.0.0.1:{milvus}"
timeout = "2s"
verify_timeout = "5s"
[etcd]
endpoints = ["http://{etcd}"]
root_path = "{root}"
timeout = "1s"
[turns]
mode = "etcd"
lease = "{lease}s"
[balance]
balance_interval_seconds = 1
memory_usage_max_difference_percentage = 10
max_moves_per_round = 1
max_segments_per_call = 1
max_sample_age = "5s"
settle = "2s"
[scrape]
interval = "500ms"
timeout = "400ms"
targets = [{targets}]
[capacity.node]
{capacities}
[journal]
path = "{journal}"
[web]
listen_address = "127.0.0.1:{web}"
"""


class Forwarder:
    """Passes on what comes to an address; `seen` gets the beginning of each connection."""

    def __init__(self, address, to, seen=lambda beginning: None):
        self.to, self.seen = to, seen
        self.listening = socket.create_server(address, backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            try:
                beginning = client.recv(65536)
                if not beginning:
                    return
                self.seen(beginning)
                with socket.create_connection(("127.0.0.1", self.to)) as server:
                    server.sendall(beginning)
                    back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
                    back.start()
                    self.pump(client, server)
                    back.join(30)
            except OSError:
                pass

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)  # or accept() holds it
        self.listening.close()


class Etcd:
    """A real etcd with one member."""

    def __init__(self, folder):
        url, peers = (f"http://127.0.0.1:{port}" for port in (ETCD_PORT, ETCD_PEERS))
        self.service = Service(folder, "etcd", [
            "/usr/bin/etcd", f"--data-dir={folder}/etcd", f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=default={peers}",
            "--heartbeat-interval=20", "--election-timeout=200"], ready=url + "/health")

    def __enter__(self):
        self.service.__enter__()
        return self

    def __exit__(self, *_):
        self.service.__exit__()


def leader(etcd_port, root):
    """The process whose turn it is; None: nobody's."""
    key = base64.b64encode(f"evenkeel/{root}/leader".encode()).decode()
    request = urllib.request.Request(f"http://127.0.0.1:{etcd_port}/v3/kv/range", json.dumps({"key": key}).encode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        found = json.load(answer).get("kvs")
    return json.loads(base64.b64decode(found[0]["value"]))["pid"] if found else None


class Calls:
    """The load_balance calls that a Milvus gets, and where it and its etcd are."""

    def __init__(self, root, port, etcd_port, targets=(), capacities=""):
        self.root, self.port, self.etcd_port, self.targets, self.capacities = root, port, etcd_port, targets, capacities
        self.calls, self.lock = [], threading.Lock()

    def note(self, agent, beginning):
        """Notes a call with whose turn it is at the moment when it comes, before it is passed on."""
        if not beginning.startswith(b"POST /api/v1/load-balance "):
            return
        acting = leader(self.etcd_port, self.root)
        segments = re.findall(rb'"sealed_segmentIDs":\[([0-9,]*)\]', beginning)
        with self.lock:
            self.calls.append({"at": time.monotonic(), "agent": agent.name, "in_turn": acting == agent.process.pid,
                               "segments": segments[0].decode().split(",") if segments else []})

    def by(self, agent):
        with self.lock:
            return [call for call in self.calls if call["agent"] == agent.name]


class Milvus(Calls):
    """A simulated Milvus."""

    def __init__(self, folder, root):
        super().__init__(root, MILVUS_PORT, ETCD_PORT)
        self.service = Service(folder, f"milvus-{root}", [PROGRAM, "simulate-milvus", "--listen", f"127.0.0.1:{MILVUS_PORT}"],
                               ready=f"http://127.0.0.1:{MILVUS_PORT}/api/v1/health", environment=environment())
        self.service.ready = lambda: "evenkeel run" in self.service.log_file.read_text()

    def __enter__(self):
        self.service.__enter__()
        self.targets = re.findall(r"(?m)^  (http://\S+/metrics)$", self.service.log_file.read_text())
        return self

    def __exit__(self, *_):
        self.service.__exit__()


class TurningAgent:
    """`evenkeel run` that takes turns."""

    def __init__(self, folder, number, milvus, clock=False):
        """With `clock`, shift_clock() works."""
        self.name, self.number, self.process = f"keel-{number}", number, None
        self.clock = folder / f"{milvus.root}-{self.name}.clock" if clock else None
        milvus_port, self.etcd, etcd_port = 19100 + number, f"127.0.0.{11 + number}", 23900
        self.forwarders = [
            Forwarder(("127.0.0.1", milvus_port), milvus.port, lambda beginning: milvus.note(self, beginning)),
            Forwarder((self.etcd, etcd_port), milvus.etcd_port)]
        self.log_file = folder / f"{milvus.root}-{self.name}.log"
        self.config = folder / f"{milvus.root}-{self.name}.toml"
        self.config.write_text(CONFIGURATION.format(
            milvus=milvus_port, etcd=f"{self.etcd}:{etcd_port}", root=milvus.root, lease=LEASE, web=10950 + number,
            targets=", ".join(f'"{target}"' for target in milvus.targets), capacities=milvus.capacities, journal=folder / f"{milvus.root}-{self.name}.db"))

    def __enter__(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "run", "--config.file", str(self.config)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=environment() | self.environment_of_clock())
        return self

    def environment_of_clock(self):
        if not self.clock:
            return {}
        self.shift_clock("+0")
        [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        # The clock that can be set, not the one that counts seconds: no system sets that.
        return {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def shift_clock(self, by):
        """Its clock is so far off from now on, as when somebody sets it: "+1h", "-2h"."""
        self.clock.write_text(by + "\n")

    def __exit__(self, *_):
        self.reach_etcd()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        for forwarder in self.forwarders:
            forwarder.close()

    def lose_etcd(self):
        """From now on what it sends to etcd goes nowhere, also on connections that stand."""
        subprocess.run(["/sbin/ip", "route", "add", "blackhole", self.etcd, "table", "local"], check=True)

    def reach_etcd(self):
        subprocess.run(["/sbin/ip", "route", "del", "blackhole", self.etcd, "table", "local"], check=False,
                       stderr=subprocess.DEVNULL)
