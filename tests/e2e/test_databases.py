"""Two databases, each with a collection `book`, on a real 2.3.5, which lists databases to nobody by HTTP."""
import evenkeel
import pytest
from cluster import until
from figures import MIB, measure
from milvus_api import Milvus


@pytest.fixture(scope="module")
def cluster(start_cluster):
    cluster = start_cluster(query_nodes=3, collections={"book": {"segments": 3, "rows": 40000, "dim": 128}})
    cluster.milvus.create_database("shop")
    shop(cluster).create("book", segments=6, rows=40000, dim=128)
    return cluster


def shop(cluster):
    return Milvus(cluster.milvus.address, database="shop")


def on(cluster, node):
    return sorted(s["id"] for s in shop(cluster).segments("book") if node in s["nodes"])


def pile_up(cluster, number):
    """All of shop.book on one node."""
    target = cluster.node_ids()[number]

    def moved():
        for node in set(cluster.node_ids().values()) - {target}:
            if segments := on(cluster, node):
                shop(cluster).load_balance("book", node, [target], segments)
        return len(on(cluster, target)) == 6

    until("all of shop.book on one node", 60, moved, every=0.5)


# By HTTP their names must be given; over gRPC Milvus lists them.
BOTH_ROADS = pytest.mark.parametrize("road, databases", [("http", ["default", "shop"]), ("grpc", [])], indirect=["road"])


def configuration(cluster, tmp_path, databases, **settings):
    """With a login, too: 2.3.5 asks for none and takes one."""
    secret = tmp_path / "password"
    secret.write_text("Milvus\n")
    secret.chmod(0o600)
    full = max(f.memory for f in measure(cluster).values())
    capacities = dict.fromkeys(cluster.node_ids(), int(full / 0.8))
    named = ", ".join(f'"{name}"' for name in databases)
    return evenkeel.configuration(capacities, **settings).replace(
        "[milvus]", f'[milvus]\nusername = "root"\npassword_file = "{secret}"\ndatabases = [{named}]', 1)


def test_what_is_in_a_database_that_is_not_looked_at_is_said(cluster, tmp_path):
    pile_up(cluster, 2)
    config = tmp_path / "evenkeel.toml"
    config.write_text(configuration(cluster, tmp_path, []))
    done = evenkeel.run("plan", config)
    print(f"\n$ evenkeel plan\n{done.stdout}{done.stderr}")
    unseen = shop(cluster).collections()["book"]
    assert f"collection {unseen} is on node" in done.stderr
    assert "[milvus] databases" in done.stderr
    assert "Moves" not in done.stdout, "while that memory is unexplained, nothing is levelled"
    assert "holds a collection that no list names" in done.stdout


@BOTH_ROADS
def test_two_collections_of_one_name_are_two(cluster, tmp_path, road, databases):
    config = tmp_path / "evenkeel.toml"
    config.write_text(configuration(cluster, tmp_path, databases, road=road))
    shown = evenkeel.ask("show query_segment", config)["segments"]
    assert {s["collection_name"] for s in shown} == {"default.book", "shop.book"}
    assert len(evenkeel.ask("show query_segment", config, "-c", "shop.book")["segments"]) == 6
    done = evenkeel.run("show query_segment", config, "-c", "book")
    assert done.returncode == 1 and "default.book or shop.book" in done.stderr


@BOTH_ROADS
def test_load_balance_moves_the_right_one(cluster, tmp_path, road, databases):
    pile_up(cluster, 2)
    config = tmp_path / "evenkeel.toml"
    config.write_text(configuration(cluster, tmp_path, databases, road=road))
    ids = cluster.node_ids()
    before = sorted(map(str, cluster.milvus.segments("book")))
    segment = on(cluster, ids[2])[0]
    done = evenkeel.run("load_balance", config, "-s", ids[2], "-d", ids[3], "-ss", segment, "-c", "shop.book")
    print(f"\n$ evenkeel load_balance -c shop.book\n{done.stdout}{done.stderr}")
    assert done.returncode == 0
    assert on(cluster, ids[3]) == [segment]
    assert sorted(map(str, cluster.milvus.segments("book"))) == before, "the other book stays where it is"


@BOTH_ROADS
def test_the_agent_levels_across_databases(cluster, agent, tmp_path, road, databases):
    pile_up(cluster, 2)
    before = measure(cluster)
    settings = configuration(cluster, tmp_path, databases, difference=20, road=road)
    config = evenkeel.Agent(tmp_path, settings)
    with config as a:
        a.until_balanced()
        counts = {number: len(on(cluster, node)) for number, node in cluster.node_ids().items()}
        print(f"\n  shop.book by node: {counts}; node 2 had {before[2].memory / MIB:.0f} MiB, "
              f"has {measure(cluster)[2].memory / MIB:.0f} MiB")
        assert counts[2] < 6 and sum(counts.values()) == 6
        assert not a.moved_twice()
        assert a.metric("evenkeel_milvus_info", version="v2.3.5-lite", known_by="live") == 1
        assert "Milvus\n" not in a.log() and "Um9vd" not in a.log(), "no secret in the log"
