"""Fixtures of the real-cluster scenarios. Each module has a fresh cluster; each test an agent folder of its own."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "milvus"))

import evenkeel  # noqa: E402
from cluster import Cluster, show  # noqa: E402
from milvus_api import MilvusError  # noqa: E402


@pytest.fixture(scope="session")
def start_cluster(tmp_path_factory):
    """Starts a cluster and fills it: start_cluster(nodes, version, collections={name: shape}), with Milvus's own
    balancer on if that is asked for. One at a time."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster") / "milvus")

    def start(query_nodes, version="2.3.5", collections=None, auto_balance=False):
        def fill():
            cluster.up(version, query_nodes, auto_balance)
            for name, shape in (collections or {}).items():
                cluster.load(name, **shape)
            return cluster

        try:
            return fill()
        except MilvusError as error:  # seen once: 2.2.16 on a busy machine hung in its first request
            print(f"\n  Milvus {version} is started anew, since its set-up failed: {error}")
            return fill()

    yield start
    cluster.down()


@pytest.fixture
def agent(tmp_path, request):
    """Makes the agent of a test: `with agent(capacities, …) as a:`. Its last log lines are shown when the test fails."""
    made = []

    def make(capacities, *arguments, **settings):
        made.append(evenkeel.Agent(tmp_path, evenkeel.configuration(capacities, **settings), *arguments))
        return made[-1]

    yield make
    if request.node.stash.get(FAILED, False):
        for one in made:
            print("\n--- the agent's last lines", *one.log().splitlines()[-40:], sep="\n")
        if "cluster" in request.fixturenames:
            print("--- the cluster")
            try:
                show(request.getfixturevalue("cluster"))
            except Exception as error:  # the cluster itself may be what failed
                print(f"cannot be read: {error}")


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    if outcome.get_result().failed:
        item.stash[FAILED] = True
