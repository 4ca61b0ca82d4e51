#!/usr/bin/env python3
"""The agent's resident memory while nodes and segments come and go, for hours if wanted:

    tests/bench/soak.py build/release/agent/evenkeel --minutes 30

A Milvus 2.3.5 of this script's own, by tests/samples, has 8 nodes and 400 segments. Every ten seconds a node starts again
with a new id and address; every two seconds twenty segments are compacted into ones with new ids, on three of the nodes.
Prints the agent's memory each minute, and at the end its slope: by least squares, without the first fifth of the time.
Exits with 1 where that is above 20 KiB a minute.
"""
import argparse
import contextlib
import copy
import itertools
import json
import pathlib
import random
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SAMPLES = pathlib.Path(__file__).parents[1] / "samples" / "2.3.5"
NODES, SEGMENTS, COLLECTIONS, ROWS = 8, 400, 4, 20000
MIB = 1 << 20
# What 2.3.5 said of one query node: in system_info, and in its metrics but for the collections of then.
NODE = json.loads(json.loads((SAMPLES / "system-info.json").read_text())["response"])["nodes_info"][0]
NODE_METRICS = re.sub(r"(?m)^.*collection_id=.*\n", "", (SAMPLES / "querynode-1.metrics").read_text())
MOST = 20  # KiB a minute
WEB_HOST, WEB_PORT = "127.0.0.1", 21931
METRICS = 21932  # each node has an address of its own, as in a cluster

SETTINGS = """
[milvus]
address = "http://127.0.0.1:{port}"
[scrape]
interval = "1s"
timeout = "800ms"
port = {metrics}
[balance]
balance_interval_seconds = 3
max_sample_age = "5s"
segment_cooldown = "20s"
settle = "5s"
"""


class Cluster:
    """What is where. One lock: the servers' threads read what the churn changes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.dice = random.Random(1)
        self.ids = itertools.count(1)
        self.segment_ids = itertools.count(470641321826196000)
        self.nodes = {}  # id: its server of metrics
        self.segments = {}  # id: [collection, node]
        for _ in range(NODES):
            self.start_node()
        for number in range(SEGMENTS):
            self.segments[next(self.segment_ids)] = [100 + number % COLLECTIONS, self.any_node()]

    def any_node(self):
        return self.dice.choice(sorted(self.nodes)[:3])  # so that there is something to level

    def start_node(self):
        number = next(self.ids)
        address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self.nodes[number] = serve(lambda _method, _path, _body: self.metrics(number), address, METRICS)
        return number

    def restart_node(self):
        with self.lock:
            old, new = self.dice.choice(sorted(self.nodes)), self.start_node()
            stop(self.nodes.pop(old))
            for place in self.segments.values():
                if place[1] == old:
                    place[1] = new

    def compact(self):
        with self.lock:
            for gone in self.dice.sample(sorted(self.segments), 20):
                collection, _ = self.segments.pop(gone)
                self.segments[next(self.segment_ids)] = [collection, self.any_node()]

    def used(self, node):
        return 200 * MIB + sum(10 * MIB for _, where in self.segments.values() if where == node)

    def metrics(self, node):
        with self.lock:
            used = self.used(node)
        text = NODE_METRICS.replace('node_id="1"', f'node_id="{node}"')
        return re.sub(r"(?m)^(process_resident_memory_bytes) .*", rf"\1 {used}", text)

    def answer(self, method, path, body):
        asked = json.loads(body) if body else {}
        with self.lock:
            answer = self.answers(method, path, asked)
        return None if answer is None else json.dumps({"status": {}, **answer})

    def answers(self, method, path, asked):
        if path == "/api/v1/metrics":
            infos = []
            for node, server in self.nodes.items():
                info = copy.deepcopy(NODE)
                info["identifier"] = info["infos"]["id"] = node
                hardware = info["infos"]["hardware_infos"]
                hardware["ip"], hardware["memory"] = f"{server.server_address[0]}:21123", 4096 * MIB
                infos.append(info)
            return {"response": json.dumps({"nodes_info": infos})}
        if path == "/api/v1/collections":
            ids = range(100, 100 + COLLECTIONS)
            return {"collection_names": [f"c{i}" for i in ids], "collection_ids": list(ids), "inMemory_percentages": [100] * COLLECTIONS,
                    "created_timestamps": [1] * COLLECTIONS, "created_utc_timestamps": [1] * COLLECTIONS}
        if path == "/api/v1/replicas":
            collection, nodes = asked["collectionID"], sorted(self.nodes)
            return {"replicas": [{"replicaID": 1000 + collection, "collectionID": collection, "node_ids": nodes, "shard_replicas": [],
                                  "resource_group_name": "__default_resource_group"}]}
        if path == "/api/v1/query-segment-info":
            collection = int(asked["collectionName"][1:])
            return {"infos": [{"segmentID": i, "collectionID": collection, "partitionID": 1, "num_rows": ROWS, "state": 3,
                               "mem_size": 10 * MIB, "nodeIds": [node]}
                              for i, (of, node) in self.segments.items() if of == collection]}
        if (method, path) == ("POST", "/api/v1/load-balance"):
            for segment in asked["sealed_segmentIDs"]:
                if segment in self.segments and asked["dst_nodeIDs"][0] in self.nodes:
                    self.segments[segment][1] = asked["dst_nodeIDs"][0]
            return {}
        return None


def stop(server):
    server.shutdown()
    server.server_close()


def serve(answer, address="127.0.0.1", port=0):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            text = answer(self.command, self.path.split("?")[0], body)
            self.send_response(404 if text is None else 200)
            text = (text or "").encode()
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def moves():
    """What any scrape of the agent asks for."""
    with urllib.request.urlopen(f"http://{WEB_HOST}:{WEB_PORT}/metrics", timeout=5) as answer:
        counts = re.findall(r'(?m)^evenkeel_moves_total\{.*result="succeeded".* (\d+)$', answer.read().decode())
    return sum(map(int, counts))


def slope(samples):
    """Of (minutes, KiB), by least squares."""
    x, y = (sum(values) / len(samples) for values in zip(*samples))
    return sum((a - x) * (b - y) for a, b in samples) / sum((a - x) ** 2 for a, _ in samples)


@contextlib.contextmanager
def running(evenkeel, cluster):
    """The agent's process, which watches `cluster`. Where it ends by itself, the end of its log is printed."""
    coordinator = serve(cluster.answer)
    with tempfile.TemporaryDirectory() as folder:
        settings = pathlib.Path(folder) / "evenkeel.toml"
        settings.write_text(SETTINGS.format(port=coordinator.server_port, metrics=METRICS))
        with open(pathlib.Path(folder) / "log", "w") as log:
            agent = subprocess.Popen([evenkeel, "run", "--config.file", settings, "--web.listen-address", f"{WEB_HOST}:{WEB_PORT}"],
                                     stdout=log, stderr=log)
            try:
                yield agent
            finally:
                if agent.poll() is not None:
                    print((pathlib.Path(folder) / "log").read_text()[-3000:])
                agent.terminate()
                agent.wait(10)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("evenkeel")
    arguments.add_argument("--minutes", type=float, default=30)
    options = arguments.parse_args()
    cluster = Cluster()
    with running(options.evenkeel, cluster) as agent:
        samples, begin = [], time.monotonic()
        while (minutes := (time.monotonic() - begin) / 60) < options.minutes:
            time.sleep(2)
            cluster.compact()
            if len(samples) % 5 == 4:
                cluster.restart_node()
            samples.append((minutes, resident_kib(agent.pid)))
            if len(samples) % 30 == 1:
                print(f"{minutes:5.1f} min  {samples[-1][1]} KiB  {moves()} moves", flush=True)
    last = [sample for sample in samples if sample[0] > options.minutes / 5]
    print(f"{slope(last):.1f} KiB a minute, at most {MOST} wanted; {max(s[1] for s in last)} KiB at the most")
    return slope(last) > MOST


if __name__ == "__main__":
    raise SystemExit(main())
