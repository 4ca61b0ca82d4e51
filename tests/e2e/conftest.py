"""Fixtures of the real-cluster scenarios. Each module has a fresh cluster; each test an agent folder of its own."""
import contextlib
import io
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

    def start(query_nodes, version="2.3.5", collections=None, auto_balance=False, memory_friendly=False,
              security=None):
        def fill():
            cluster.up(version, query_nodes, auto_balance, memory_friendly=memory_friendly, security=security)
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
def road(request):
    """How the agent asks Milvus: as a test is parametrised, or else as its module says."""
    return getattr(request, "param", getattr(request.module, "ROAD", "http"))


AGENTS = pytest.StashKey[list]()


@pytest.fixture
def agent(tmp_path, request, road):
    """Makes the agent of a test: `with agent(capacities, …) as a:`. Its last log lines are shown when the test fails."""
    made = request.node.stash[AGENTS] = []

    def make(capacities, *arguments, **settings):
        made.append(evenkeel.Agent(tmp_path, evenkeel.configuration(capacities, **{"road": road, **settings}), *arguments))
        return made[-1]

    return make


def state_of(cluster):
    """What `show` prints of it."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            show(cluster)
        except Exception as error:  # the cluster itself may be what failed
            print(f"cannot be read: {error}")
    return text.getvalue()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Puts what the agents and the cluster say beside the failure: whoever reads a log of CI has nothing else."""
    report = (yield).get_result()
    if not report.failed:
        return
    for agent in item.stash.get(AGENTS, []):
        report.sections.append(("the agent's last lines", "\n".join(agent.log().splitlines()[-60:])))
    if "cluster" in item.funcargs:
        report.sections.append(("the cluster", state_of(item.funcargs["cluster"])))
