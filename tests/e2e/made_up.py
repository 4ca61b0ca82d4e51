"""The agent's page over answers of its API that are made up: a thousand nodes, names that mean harm, bad states."""
import contextlib
import dataclasses
import http.server
import json
import math
import threading
import time
import urllib.parse
import urllib.request

from milvus_api import fetch


@dataclasses.dataclass
class Refusal:
    status: int
    message: str


class MadeUp(http.server.BaseHTTPRequestHandler):
    """The page and its policy as the agent gave them, and answers of the API of the shapes that the agent gives."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/":
            return self.answer(self.server.page, "text/html; charset=utf-8")
        made = self.server.answers.get(path.removeprefix("/api/v1/"))
        made = made(dict(urllib.parse.parse_qsl(query))) if made else Refusal(503, "not made up")
        time.sleep(self.server.delay)
        if isinstance(made, Refusal):
            error = {"error": {"code": "unavailable", "message": made.message}}
            return self.answer(json.dumps(error).encode(), "application/json", made.status)
        return self.answer(json.dumps(made).encode(), "application/json")

    def answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Cluster:
    """So many nodes of so many collections, a tenth of which change at each look. A test may change `status`
    (None: 503), `nodes`, `replicas`, `decisions`, `older`, `plan` and `journal` at any time."""

    def __init__(self, status, nodes, names):
        self.status, self.names, self.looks = dict(status), names, 0
        self.status.update(moves_in_flight=[], newest={"id": "1", "outcome": "balanced", "words": "nothing is wrong"})
        self.nodes = [self.node(i) for i in range(nodes)]
        self.replicas = [
            {"id": str(900 + i), "collection": str(i), "collection_name": name, "nodes": ["1", "2"],
             "state": "balanced", "spread": 0.1, "highest": {"node": "1", "ratio": 0.6},
             "lowest": {"node": "2", "ratio": 0.5}} for i, name in enumerate(names)]
        self.plan = {"at": self.status["at"], "moves": [], "words": names[0], "rejected": [{"words": name} for name in names],
                     "unfixable": [], "gates": []}
        self.older = []  # decisions that the journal alone has
        self.journal = 200  # the status of its answers
        self.decisions = [self.decision(i, "held", self.names[i % len(names)], trigger="alert", alerts=[
            {"name": self.names[i % len(self.names)], "fingerprint": "f"}]) for i in range(20)]

    def node(self, i):
        capacity = (16 + 16 * (i % 2)) << 30
        held = [{"id": str((i + k) % len(self.names)), "name": self.names[(i + k) % len(self.names)], "segments": 3 + k,
                 "rows": 1000, "bytes": capacity // 30} for k in range(min(20, len(self.names)))]
        expected = sum(each["bytes"] for each in held) + capacity // 20
        return {"id": str(i + 1), "address": f"10.0.{i // 250}.{i % 250}:21123", "health": "up", "used": expected,
                "expected": expected, "capacity": capacity, "ratio": expected / capacity, "unexplained": capacity // 20,
                "kept_free": capacity // 50, "room": int(0.9 * capacity) - expected - capacity // 50, "state": "fine", "sampled_at": "2026-01-01T00:00:00.000Z", "collections": held}

    def decision(self, number, outcome, words, moves=(), **more):
        return {"id": str(number), "at": self.status["at"], "trigger": "interval", "alerts": [], "outcome": outcome,
                "words": words, "moves": list(moves), **more}

    def history(self, query):
        """Of the journal, which may have more decisions than the newest."""
        def fits(decision):
            moves = decision["moves"]
            return (query.get("outcome") in (None, decision["outcome"]) and
                    ("node" not in query or any(query["node"] in (move["from"], move["to"]) for move in moves)) and
                    ("collection" not in query or any(query["collection"] == move["collection_name"] for move in moves)))
        found = [each for each in [*self.decisions, *self.older] if fits(each)]
        if self.journal != 200:
            return Refusal(self.journal, "the journal is locked")
        limit = int(query["limit"])
        return {"decisions": found[:limit], "more": len(found) > limit}

    def memory(self, query):
        """A wave for each node, with a hole in it."""
        def line(node):
            wave = [round(0.5 + 0.3 * math.sin(int(node) + i / 15), 3) for i in range(120)]
            return {"id": node, "ratios": [*wave[:30], None, None, *wave[32:]]}
        return {"step_seconds": 120, "end": self.status["at"], "nodes": [line(node) for node in query["nodes"].split(",")]}

    def answers(self):
        return {"status": self.look, "nodes": lambda _: {"at": self.status["at"], "nodes": self.nodes},
                "replicas": lambda _: {"at": self.status["at"], "replicas": self.replicas},
                "decisions": lambda _: {"decisions": self.decisions}, "history": self.history, "memory": self.memory,
                "plan": lambda _: self.plan}

    def look(self, _):
        if self.status is None:
            return Refusal(503, "not made up")
        self.looks += 1
        for node in self.nodes[self.looks % 10::10]:
            if "ratio" not in node or node["state"] == "overloaded":
                continue
            node["used"] = node["expected"] = int(node["expected"] * (1.01 if self.looks % 2 else 0.99))
            node["ratio"] = node["expected"] / node["capacity"]
        return {**self.status, "version": str(self.looks)}


@contextlib.contextmanager
def served(agent):
    """serve(nodes, names, delay) → the address of the page over a made-up cluster, each of whose answers comes after `delay`
    seconds, and that cluster. `agent`: the address of a real one, which gives the page and a status."""
    with urllib.request.urlopen(agent) as answer:
        page, policy = answer.read(), answer.headers["Content-Security-Policy"]
    status = json.loads(fetch(agent + "api/v1/status"))
    servers = []

    def serve(nodes, names, delay=0):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), MadeUp)
        cluster = Cluster(status, nodes, names)
        server.page, server.policy, server.answers, server.delay = page, policy, cluster.answers(), delay
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/", cluster

    try:
        yield serve
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
