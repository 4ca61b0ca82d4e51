#!/usr/bin/env python3
"""A real Milvus cluster on one machine, without a container engine: etcd, Kafka, one process with every coordinator
and the proxy, and N query-node processes.

Addresses: HTTP of proxy and coordinators 127.0.0.1:9091, gRPC 127.0.0.1:19530; query node k: /metrics on
127.0.0.1:9100+k, gRPC 127.0.0.1:21130+k; etcd 127.0.0.1:2379; Kafka 127.0.0.1:9092. With --netns (always for 2.2,
which binds the first address that is not loopback) all of it is in a network namespace of its own: the other verbs
enter it by themselves, and `exec` runs any command there.
"""
import argparse
import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import parts
from milvus_api import Milvus, MilvusError, fetch, until

ROLES = ["rootcoord", "querycoord", "datacoord", "indexcoord", "proxy", "datanode", "indexnode"]
ETCD = "http://127.0.0.1:2379"
NETNS_MARK = "IN_MILVUS_CLUSTER_NETNS"


class Cluster:
    """The processes of one cluster and their folder. What is running is kept in state.json, for the next command."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.milvus = Milvus()
        self.children = {}  # those that this very process started, to be reaped
        state = self.folder / "state.json"
        self.state = json.loads(state.read_text()) if state.exists() else {"processes": {}}

    # Life.

    def up(self, version="2.3.5", query_nodes=3, auto_balance=False, session_ttl=30, memory_friendly=False,
           security=None):
        """Starts everything at once and waits until the proxy serves and every query node is known to it. `security`: logins and TLS
        of its gRPC port, as values of Milvus's own template: authorization_enabled, tls_mode, server_pem_path, …"""
        server, jars = parts.fetch(version)
        self.down()
        self.milvus = Milvus()  # not as the last cluster was asked
        if self.folder.exists():
            if not (self.folder / "state.json").exists() and any(self.folder.iterdir()):
                raise MilvusError(f"{self.folder} is not a cluster's folder and not empty: it would be deleted")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self.state = {"version": version, "nodes": 0, "memory_friendly": memory_friendly,
                      "netns": NETNS_MARK in os.environ, "processes": {}}
        conf, data = self.folder / "conf", self.folder / "data"
        parts.write_milvus_configuration(conf, server, data, auto_balance=auto_balance, session_ttl=session_ttl,
                                         security=security or {})
        kafka = parts.write_kafka_configuration(conf, self.folder / "kafka", jars)
        self._spawn("etcd", ["etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", ETCD,
                             "--advertise-client-urls", ETCD, "--listen-peer-urls", "http://127.0.0.1:2380",
                             "--unsafe-no-fsync", "--log-level", "warn"])
        heap = "-Xmx192m" if memory_friendly else "-Xmx512m"
        self._spawn("kafka", ["java", heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                              "-cp", f"{jars}/*", "kafka.Kafka", kafka])
        until("etcd", 30, lambda: fetch(f"{ETCD}/health"))
        until("Kafka", 60, lambda: "Kafka Server started" in self.log("kafka"))
        self.start_coordinator(wait=False)
        for _ in range(query_nodes):
            self._start_query_node()
        self._until_serving()

    def add(self):
        """One more query node; returns its number."""
        number = self._start_query_node()
        self._until_serving()
        return number

    def kill(self, number):
        """SIGKILL to query node `number`: it says goodbye to nobody."""
        self._kill(f"querynode-{number}")

    def restart(self, number):
        """Kills query node `number` and starts it at the same addresses, where Milvus gives it a new id.

        Milvus goes on listing the old one until its session runs out."""
        self.kill(number)
        self._start_query_node(number)

    @contextlib.contextmanager
    def stopped(self, number):
        """Query node `number` stands still, as on a machine that swaps: it takes connections and answers none."""
        process = self.state["processes"][f"querynode-{number}"]["pid"]
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def give_up(self, node):
        """Ends the session of a query node that is gone, by its id: what Milvus does itself after `session_ttl`."""
        [lease] = [s["LeaseID"] for s in self._sessions() if s["ServerID"] == node]
        self._etcd("lease/revoke", {"ID": lease})

    def stop_coordinator(self):
        """Every coordinator and the proxy are gone at once, as when their machine fails."""
        self._kill("coordinator")

    def start_coordinator(self, wait=True):
        self._spawn("coordinator", [self._server() / "milvus", "run", "mixture", *(f"-{r}=true" for r in ROLES)],
                    # Else small segments are merged into one while a test looks at them.
                    self._environment(METRICS_PORT="9091", DATACOORD_ENABLECOMPACTION="false"))
        if wait:
            self._until_serving()

    def down(self):
        """Kills every process. The data is of no use to anybody, so nothing is asked to end in good order."""
        for name in list(self.state["processes"]):
            self._kill(name)

    # What is there.

    def node_ids(self):
        """{number of a query node, as started: the id that Milvus gave it}, of those with a session in etcd.

        The proxy's system_info would tell too, up to minutes late: it answers from a cache. Of a node that was started
        again the newest."""
        sessions = sorted(self._sessions(), key=lambda s: s["ServerID"])
        return {int(s["Address"].rpartition(":")[2]) - 21130: s["ServerID"] for s in sessions}

    def group_members(self, group):
        """Ids of the nodes of a resource group, which 2.3 tells nobody but etcd: the end of a message, a byte each."""
        key = f"by-dev/meta/queryCoord-ResourceGroup/{group}"
        [entry] = self._etcd("kv/range", {"key": _base64(key)})["kvs"]
        _, _, nodes = base64.b64decode(entry["value"]).partition(b"\x1a")  # repeated int64 nodes = 3
        return set(nodes[1:])

    def memory(self, number):
        """Resident bytes of a query node, as it measures them itself."""
        for line in fetch(f"http://127.0.0.1:{9100 + number}/metrics").splitlines():
            if line.startswith("process_resident_memory_bytes "):
                return int(float(line.split()[1]))
        raise MilvusError(f"query node {number} gives no process_resident_memory_bytes")

    def collect_garbage(self):
        """Has the Go runtime of every query node drop the garbage of loading, as a busy node does every few seconds.

        An idle one keeps it up to two minutes, and on 2.2 that is several times what was loaded."""
        for number in self.node_ids():
            if self.alive(number):
                fetch(f"http://127.0.0.1:{9100 + number}/debug/pprof/heap?gc=1&debug=1")

    def alive(self, number):
        return self._alive(f"querynode-{number}")

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # What changes something.

    def load(self, name, **shape):
        self.milvus.create(name, **shape)

    def skew(self, name, number):
        """Puts every segment that a replica with node `number` has onto that node, as a careless operator might."""
        target = self.node_ids()[number]
        replica = next((r for r in self.milvus.replicas(name) if target in r["nodes"]), None)
        if replica is None:
            raise MilvusError(f"node {number} holds no replica of {name}")
        others = set(replica["nodes"]) - {target}

        def elsewhere():
            return {node for s in self.milvus.segments(name) for node in s["nodes"] if node in others}

        def moved():
            for source in elsewhere():
                with contextlib.suppress(MilvusError):  # 2.2 says «context canceled» and moves all the same
                    self.milvus.load_balance(name, source, [target])
            return not elsewhere()

        until(f"all of {name} on node {number}", 60, moved, every=0.5)

    def configure(self, key, value, lease=None):
        """Live configuration through etcd, such as queryCoord/autoBalance; for `lease` seconds where given."""
        body = {"key": _base64(f"by-dev/config/{key}"), "value": _base64(value)}
        if lease:
            body["lease"] = self._etcd("lease/grant", {"TTL": lease})["ID"]
        self._etcd("kv/put", body)

    def unconfigure(self, key):
        self._etcd("kv/deleterange", {"key": _base64(f"by-dev/config/{key}")})

    def configured(self, key):
        """Is there a live configuration of this key, or did its lease run out?"""
        return bool(self._etcd("kv/range", {"key": _base64(f"by-dev/config/{key}")}).get("kvs"))

    # Processes.

    def _server(self):
        return parts.CACHE / "parts" / f"milvus-{self.state['version']}"

    def _environment(self, **extra):
        friendly = {"GOGC": "50", "MALLOC_ARENA_MAX": "2"} if self.state["memory_friendly"] else {}
        return {"LD_LIBRARY_PATH": str(self._server()), "MILVUSCONF": str(self.folder / "conf"),
                "DEPLOY_MODE": "DISTRIBUTED", "MQ_TYPE": "kafka", "KAFKA_BROKERLIST": "127.0.0.1:9092",
                "COMMON_STORAGETYPE": "local", "ETCD_ENDPOINTS": "127.0.0.1:2379", "ETCD_USE_EMBED": "false",
                **friendly, **extra}

    def _sessions(self):
        prefix = "by-dev/meta/session/querynode-"
        after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        found = self._etcd("kv/range", {"key": _base64(prefix), "range_end": _base64(after)}).get("kvs", [])
        return [json.loads(base64.b64decode(entry["value"])) for entry in found]

    def _start_query_node(self, number=None):
        if number is None:
            number = self.state["nodes"] = self.state["nodes"] + 1
        self._spawn(f"querynode-{number}", [self._server() / "milvus", "run", "querynode"],
                    self._environment(METRICS_PORT=str(9100 + number), QUERYNODE_PORT=str(21130 + number)))
        return number

    def _until_serving(self):
        running = {int(name.partition("-")[2]) for name in self.state["processes"]
                   if name.startswith("querynode-") and self._alive(name)}
        # /healthz answers before the API does.
        until("Milvus's proxy", 120, lambda: self.milvus.collections() is not None)
        until(f"query nodes {sorted(running)}", 60, lambda: running <= set(self.node_ids()))

    def _spawn(self, name, command, environment=None):
        work = self.folder / "work" / name
        work.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(c) for c in command], cwd=work, stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL, start_new_session=True,
                                       env={**os.environ, **(environment or {})})
        self.children[name] = process
        self.state["processes"][name] = {"pid": process.pid, "started": _start_time(process.pid)}
        self._save()

    def _alive(self, name):
        process = self.state["processes"].get(name)
        return bool(process) and _start_time(process["pid"]) == process["started"]

    def _kill(self, name):
        if self._alive(name):  # an id alone might be another process's by now
            os.kill(self.state["processes"][name]["pid"], signal.SIGKILL)
            until(f"the end of {name}", 10, lambda: not self._alive(name), every=0.02)
        if name in self.children:
            self.children.pop(name).wait()
        self.state["processes"].pop(name, None)
        self._save()

    def _save(self):
        if self.folder.exists():
            (self.folder / "state.json").write_text(json.dumps(self.state, indent=1))

    @staticmethod
    def _etcd(path, body):
        request = urllib.request.Request(f"{ETCD}/v3/{path}", data=json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


def _base64(text):
    return base64.b64encode(text.encode()).decode()


def _start_time(pid):
    """When a process started, in ticks since boot: with its id, what tells it from a later one. None: it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def show(cluster):
    """Nodes with their memory, and segments by node."""
    for number, node in sorted(cluster.node_ids().items()):
        print(f"node {node:>4}  127.0.0.1:{21130 + number}  {cluster.memory(number) / 2**20:8.1f} MiB resident")
    for name in cluster.milvus.collections():
        by_node = {}
        for segment in cluster.milvus.segments(name):
            for node in segment["nodes"]:
                by_node.setdefault(node, []).append(segment)
        for node, segments in sorted(by_node.items()):
            print(f"{name}  node {node}: {len(segments)} segments, {sum(s['rows'] for s in segments)} rows  "
                  f"{[s['id'] for s in segments]}")


def enter_netns(cluster, new):
    """Starts this program again inside the cluster's network namespace, unless it is there already."""
    if NETNS_MARK in os.environ:
        return
    as_root = os.geteuid() == 0
    command = [sys.executable, *sys.argv]
    if new:
        unshare = ["unshare", "--net"] if as_root else ["unshare", "--net", "--map-root-user"]
        command = [*unshare, "sh", "-c", '/sbin/ip link set lo up && exec "$@"', "sh", *command]
    elif cluster.state.get("netns"):
        etcd = cluster.state["processes"].get("etcd", {}).get("pid")
        if not etcd or _start_time(etcd) is None:
            return
        nsenter = ["nsenter", "--net"] if as_root else ["nsenter", "--net", "--user", "--preserve-credentials"]
        command = [*nsenter, "--target", str(etcd), *command]
    else:
        return
    os.execvpe(command[0], command, {**os.environ, NETNS_MARK: "1"})


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default=parts.CACHE / "cluster", help="folder of the cluster (default: %(default)s)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("up", help="start a new cluster; what was in the folder is lost")
    verb.add_argument("--version", default="2.3.5", help="2.3.5 or 2.2.16 (default: %(default)s)")
    verb.add_argument("--query-nodes", type=int, default=3)
    verb.add_argument("--auto-balance", action="store_true", help="leave the built-in balancer on")
    verb.add_argument("--session-ttl", type=int, default=30, help="seconds until Milvus gives a silent node up")
    verb.add_argument("--memory-friendly", action="store_true", help="smaller heaps, for a small machine")
    verb.add_argument("--netns", action="store_true", help="in a network namespace of its own (always for 2.2)")
    verbs.add_parser("add", help="start one more query node")
    verb = verbs.add_parser("kill", help="SIGKILL a query node")
    verb.add_argument("number", type=int, help="1-based, as started")
    verbs.add_parser("stop-coordinator", help="SIGKILL the process of the coordinators and the proxy")
    verbs.add_parser("start-coordinator", help="start it again")
    verb = verbs.add_parser("load", help="make and load a collection")
    verb.add_argument("name")
    for key, value in (("segments", 6), ("rows", 20000), ("dim", 128), ("replicas", 1)):
        verb.add_argument(f"--{key}", type=int, default=value)
    verb = verbs.add_parser("skew", help="move all of a collection to one node")
    verb.add_argument("name")
    verb.add_argument("--to", type=int, required=True, help="number of the query node, as started")
    verb = verbs.add_parser("set", help="live configuration through etcd: set queryCoord/autoBalance true")
    verb.add_argument("key")
    verb.add_argument("value")
    verb.add_argument("--lease", type=int, help="seconds that it lasts")
    verbs.add_parser("show", help="nodes, their memory, segments by node")
    verb = verbs.add_parser("exec", help="run a command where the cluster's addresses are")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("down", help="end every process of the cluster")
    return parser.parse_args()


def main():
    a = arguments()
    cluster = Cluster(a.dir)
    if a.verb == "up":
        parts.fetch(a.version)  # a new network namespace has no way out
        if a.netns or a.version.startswith("2.2."):
            enter_netns(cluster, new=True)
        cluster.up(a.version, a.query_nodes, a.auto_balance, a.session_ttl, a.memory_friendly)
        print(f"Milvus {a.version} with {a.query_nodes} query nodes is up: http://127.0.0.1:9091"
              + (" in its own network namespace" if cluster.state["netns"] else ""))
        return
    if a.verb == "down":
        cluster.down()
        return
    enter_netns(cluster, new=False)
    match a.verb:
        case "add":
            print(f"query node {cluster.add()} is up")
        case "kill":
            cluster.kill(a.number)
        case "stop-coordinator":
            cluster.stop_coordinator()
        case "start-coordinator":
            cluster.start_coordinator()
        case "load":
            cluster.load(a.name, segments=a.segments, rows=a.rows, dim=a.dim, replicas=a.replicas)
        case "skew":
            cluster.skew(a.name, a.to)
        case "set":
            cluster.configure(a.key, a.value, a.lease)
        case "show":
            show(cluster)
        case "exec":
            os.execvp(a.command[0], a.command)


if __name__ == "__main__":
    try:
        main()
    except (MilvusError, parts.WrongParts, subprocess.CalledProcessError) as error:
        sys.exit(f"cluster.py: {error}")
