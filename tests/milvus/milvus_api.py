"""Milvus through the HTTP API of its proxy: as much of it as the real-cluster tests need, standard library alone."""
import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

INT64, FLOAT_VECTOR = 5, 101  # schemapb.DataType
FLUSHED = 4  # commonpb.SegmentState
IN_MEMORY = 1  # milvuspb.ShowType


class MilvusError(Exception):
    """The server could not be reached, refused, or answered 200 with an error inside."""


def until(what, seconds, probe, every=0.1):
    """Asks `probe` until it gives something true, and returns that; MilvusError after `seconds`."""
    deadline = time.monotonic() + seconds
    problem = ""
    while time.monotonic() < deadline:
        try:
            if found := probe():
                return found
        except (MilvusError, OSError) as error:
            problem = f": {error}"
        time.sleep(every)
    raise MilvusError(f"{what}: not within {seconds} s{problem}")


def _text(field, value):
    """A field of a protobuf message: a text, or a message of such fields."""
    value = value if isinstance(value, bytes) else value.encode()
    return bytes([field << 3 | 2, len(value)]) + value


def fetch(url, timeout=3):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


class Milvus:
    def __init__(self, address="http://127.0.0.1:9091", database=None):
        self.address = address
        self.grpc, self.curl = "http://127.0.0.1:19530", ["--http2-prior-knowledge"]
        self.database = database  # None: no request names one, as before 2.2.9

    def call(self, method, path, body, timeout=60):
        if self.database and isinstance(body, dict):
            body = {**body, "db_name": self.database, "dbName": self.database}  # which one, depends on the request
        request = urllib.request.Request(self.address + "/api/v1/" + path, method=method,
                                         data=body if isinstance(body, bytes) else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                reply = json.load(answer)
        except urllib.error.HTTPError as error:
            raise MilvusError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:300]}") from error
        except (OSError, ValueError) as error:
            raise MilvusError(f"{method} {path}: {error}") from error
        status = reply.get("status", reply)
        if status.get("error_code") or status.get("code"):
            raise MilvusError(f"{method} {path}: {status}")
        return reply

    # What is there.

    def collections(self):
        """{name: id}"""
        reply = self.call("GET", "collections", {})
        return dict(zip(reply.get("collection_names", []), reply.get("collection_ids", [])))

    def segments(self, name):
        """[{id, rows, state, partition, nodes}], with one entry in `nodes` a replica."""
        return [{"id": s["segmentID"], "rows": int(s.get("num_rows", 0)), "state": s.get("state", 0),
                 "partition": s.get("partitionID"), "nodes": s.get("nodeIds") or [s.get("nodeID")]}
                for s in self.call("GET", "query-segment-info", {"collectionName": name}).get("infos") or []]

    def replicas(self, name):
        """[{id, nodes}]"""
        body = {"collectionID": self.collections()[name], "with_shard_nodes": True}
        return [{"id": r["replicaID"], "nodes": sorted(r["node_ids"])}
                for r in self.call("GET", "replicas", body).get("replicas") or []]

    def query_nodes(self):
        """{node id: address of its gRPC service}"""
        body = {"request": json.dumps({"metric_type": "system_info"})}
        nodes = json.loads(self.call("GET", "metrics", body, timeout=10)["response"])["nodes_info"]
        return {n["infos"]["id"]: n["infos"]["hardware_infos"]["ip"] for n in nodes
                if n["infos"].get("type") == "querynode" and not n["infos"].get("has_error")}

    def search(self, name, dim, k=3):
        """The ids of the `k` nearest rows; MilvusError where it fails or gives fewer."""
        options = {"anns_field": "v", "topk": str(k), "metric_type": "L2", "params": "{}", "round_decimal": "-1"}
        reply = self.call("POST", "search", {"collection_name": name, "vectors": [[i % 7 for i in range(dim)]], "dsl": "",
                                             "dsl_type": 1, "nq": 1, "output_fields": ["id"],
                                             "search_params": [{"key": key, "value": v} for key, v in options.items()]},
                          timeout=10)
        ids = reply["results"].get("ids", {}).get("IdField", {}).get("IntId", {}).get("data", [])
        if len(ids) != k:
            raise MilvusError(f"a search in {name} gave {len(ids)} of {k} rows")
        return ids

    # What changes something.

    def create(self, name, segments, rows, dim, replicas=1):
        """A loaded collection of `segments` sealed segments of `rows` rows each, one vector of `dim` floats a row.

        Each segment is a partition of its own: all of them are sealed by one flush, which takes seconds."""
        if name in self.collections():
            self.call("DELETE", "collection", {"collection_name": name})
        fields = [{"name": "id", "data_type": INT64, "is_primary_key": True},
                  {"name": "v", "data_type": FLOAT_VECTOR, "type_params": [{"key": "dim", "value": str(dim)}]}]
        self.call("POST", "collection", {"collection_name": name, "shards_num": 1, "consistency_level": 1,
                                         "schema": {"name": name, "fields": fields}})
        index = [{"key": k, "value": v} for k, v in (("index_type", "FLAT"), ("metric_type", "L2"), ("params", "{}"))]
        self.call("POST", "index", {"collection_name": name, "field_name": "v", "extra_params": index})
        for segment in range(segments):
            self.call("POST", "partition", {"collection_name": name, "partition_name": f"p{segment}"})
            self._insert(name, f"p{segment}", segment * rows, rows, dim)
        self.call("POST", "persist", {"collection_names": [name]})

        def flushed():
            infos = self.call("GET", "persist/segment-info", {"collectionName": name}).get("infos") or []
            return [i.get("state") for i in infos] == [FLUSHED] * segments

        def loaded():
            reply = self.call("GET", "collections", {"type": IN_MEMORY})
            progress = dict(zip(reply.get("collection_names", []), reply.get("inMemory_percentages", [])))
            found = [s for s in self.segments(name) if s["rows"] == rows and len(s["nodes"]) == replicas]
            return len(found) == segments and progress.get(name) == 100

        # In this order, or the segments grow on the query nodes first and are handed over much later.
        until(f"{segments} flushed segments of {name}", 120, flushed)
        self.call("POST", "collection/load", {"collection_name": name, "replica_number": replicas}, timeout=120)
        until(f"{segments} loaded segments of {name}", 120, loaded)

    def _insert(self, name, partition, first, rows, dim):
        # The values do not matter, their number does: one row's text, repeated.
        row = b"[" + b",".join(b"%d" % (i % 7) for i in range(dim)) + b"]"
        step = max(1, 6_000_000 // dim // 4)
        for begin in range(first, first + rows, step):
            count = min(step, first + rows - begin)
            ids = json.dumps(list(range(begin, begin + count))).encode()
            self.call("POST", "entities", b"".join((
                b'{"db_name":"%s","collection_name":"%s","partition_name":"%s","num_rows":%d,"fields_data":[' % (
                    (self.database or "").encode(), name.encode(), partition.encode(), count),
                b'{"field_name":"id","type":%d,"field":' % INT64, ids,
                b'},{"field_name":"v","type":%d,"field":[' % FLOAT_VECTOR, b",".join([row] * count), b"]}]}")))

    def create_database(self, name):
        self._grpc("CreateDatabase", _text(2, name))  # db_name

    def create_resource_group(self, name):
        self._grpc("CreateResourceGroup", _text(2, name))  # resource_group

    def transfer_node(self, source, target):
        """One query node, which one is up to Milvus, to another resource group."""
        self._grpc("TransferNode", _text(2, source) + _text(3, target) + bytes([4 << 3, 1]))  # num_node

    def over_tls(self, *options):
        """From now on gRPC goes over TLS: options of curl say whom to trust, and with which certificate."""
        self.grpc, self.curl = "https://127.0.0.1:19530", ["--http2", *map(str, options)]

    def create_user(self, name, password, privileges=()):
        """A user who may do that much: [(object type, privilege)], on all objects. Asked by root, as Milvus comes with it."""
        root = "root:Milvus"
        self._grpc("CreateCredential", _text(2, name) + _text(3, base64.b64encode(password.encode())), root)
        if privileges:
            self._grpc("CreateRole", _text(2, _text(1, name)), root)
            self._grpc("OperateUserRole", _text(2, name) + _text(3, name), root)  # of the same name
        for kind, privilege in privileges:
            grant = _text(1, _text(1, name)) + _text(2, _text(1, kind)) + _text(3, "*")
            grant += _text(4, _text(1, _text(1, "root")) + _text(2, _text(1, privilege)))
            self._grpc("OperatePrivilege", _text(2, grant), root)

    def _grpc(self, method, message, login=None):
        """What 2.3 does by gRPC alone: a message of a few fields, as curl can send it, answered by a status."""
        headers = ["content-type: application/grpc", "te: trailers"]
        if login:
            headers.append("authorization: " + base64.b64encode(login.encode()).decode())
        done = subprocess.run(
            ["curl", "--silent", "--show-error", *self.curl, "--max-time", "20", "--dump-header", "/dev/stderr",
             *(word for header in headers for word in ("-H", header)), "--data-binary", "@-",
             f"{self.grpc}/milvus.proto.milvus.MilvusService/{method}"],
            input=b"\0" + len(message).to_bytes(4, "big") + message, capture_output=True, check=False)
        status = done.stdout[5:]  # behind the frame's head; of success it is empty
        if b"grpc-status: 0" not in done.stderr or status:
            raise MilvusError(f"{method}: {status.decode(errors='replace')} {done.stderr.decode()}")

    def drop(self, name):
        self.call("DELETE", "collection", {"collection_name": name})

    def load_balance(self, name, source, destinations, segments=None):
        body = {"collectionName": name, "src_nodeID": source, "dst_nodeIDs": destinations}
        if segments is not None:
            body["sealed_segmentIDs"] = segments
        self.call("POST", "load-balance", body, timeout=120)
