"""Two agents on a real Milvus and its etcd: one acts. What test_turns does on the simulated Milvus, so many times of each kind.

    TURNS_RUNS=20 tests/e2e/run tests/e2e/long_turns.py        # 20 where unset; some ten minutes a kind
"""
import os
import random

import pytest
from figures import settled
from test_turns import KINDS, one_run, report, roots
from turns import Calls

RUNS = int(os.environ.get("TURNS_RUNS", "20"))
ETCD_PORT, MILVUS_PORT = 2379, 9091


@pytest.fixture(scope="module")
def cluster(start_cluster):
    return start_cluster(query_nodes=3, memory_friendly=True,
                         collections={"book": {"segments": 15, "rows": 20000, "dim": 128}})


@pytest.mark.parametrize("kind", KINDS)
def test_another_takes_over_and_no_two_act(kind, cluster, tmp_path):
    harm, mend = KINDS[kind]
    chance = random.Random(kind)
    seconds = []
    for root in roots(kind, RUNS):
        cluster.skew("book", 1)
        full = settled(cluster)[1].memory / 0.8
        milvus = Calls(root, MILVUS_PORT, ETCD_PORT, [f"http://127.0.0.1:{9100 + k}/metrics" for k in (1, 2, 3)],
                       "\n".join(f'"127.0.0.1:{21130 + k}" = {int(full)}' for k in (1, 2, 3)))
        seconds.append(one_run(milvus, tmp_path, harm, mend, chance))
    report(kind, seconds)
