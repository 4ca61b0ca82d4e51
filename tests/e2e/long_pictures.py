"""Pictures of the agent's page in all its states, for people to look at: wide and narrow, light and dark, few nodes and many.

    tests/e2e/run tests/e2e/long_pictures.py       # some minutes; they are in build/e2e-data/pictures
"""
import datetime

import pytest
from test_axe import STATES
from test_page import EVIL, browser, demo, made_up, moved, window  # noqa: F401


def well(cluster):
    pass


def busy(cluster):
    """Rounds of many kinds, a drained node, a forecast, a plan, things that could not be read, and a node that is open."""
    at = datetime.datetime.fromisoformat(cluster.status["at"])
    earlier = [(at - datetime.timedelta(minutes=17 * i)).isoformat() for i in range(12)]
    outcomes = ["balanced", "gathering", "cannot_fix", "failed", "cannot_judge", "interrupted"]
    cluster.decisions = [
        each for i, time in enumerate(earlier) for each in
        (moved(cluster, 900 - 10 * i, cluster.names[i % len(cluster.names)], str(2 + i % 4), time),
         *(cluster.decision(899 - 10 * i - k, outcomes[i % len(outcomes)], "node 2 is overloaded at 93.1 % of 16.0 GiB", at=time)
           for k in range(i % 3)))]
    cluster.decisions[0]["moves"].append({**cluster.decisions[0]["moves"][0], "result": "failed", "detail": "code 103: a timeout"})
    cluster.status["newest"] = {"id": "900", "outcome": "moved", "words": "moved 1 segment of 2, 1 failed"}
    cluster.status["drains"] = [{"node": "2", "by": "ada", "reason": "a new kernel", "segments": 12, "bytes": 7 << 30}]
    cluster.status["round"] = {"since": cluster.status["at"], "moves": 27, "moves_ended": 7, "bytes": 2300 << 20, "bytes_ended": 900 << 20}
    cluster.status["problems"] = ["node 4 (10.0.0.3:21123): nothing is moved to it, since [capacity] node has no key for it"]
    cluster.nodes[1]["drained"] = True
    cluster.nodes[3]["forecast"] = {"overloaded_at": earlier[0], "earliest": earlier[1], "latest": earlier[0], "sure": True}
    cluster.replicas[0].update(state="difference", spread=0.42, words="replica 900 of collection 0 differs by 42 points (limit 30)")
    cluster.plan.update(words="2 moves would level collection 0", moves=[{"words": "segment 7 (3.0 MiB) of collection 0 to node 3"}] * 2,
                        gates=[{"gate": "paused", "open": False, "detail": "paused by ada"}],
                        unfixable=[{"words": "node 5 is over its threshold by 2.0 GiB, and no other node has room"}])


ALL = {"well": (well, "Balanced"), "busy": (busy, "7 of 27 moves"), **STATES}
NAMES = {"plain": ["book", "film", "song", "tenant_42"], "evil": EVIL}


@pytest.mark.parametrize("nodes, names", [(6, "plain"), (1000, "plain"), (6, "evil")])
@pytest.mark.parametrize("state", ALL)
def test_pictures(made_up, browser, tmp_path_factory, state, nodes, names):  # noqa: F811
    folder = tmp_path_factory.getbasetemp() / "pictures"
    folder.mkdir(exist_ok=True)
    address, cluster = made_up(nodes, NAMES[names])
    browser.open(f"{address}#node=4")
    browser.until("nodes", lambda: browser.count("#node-list > li") == min(nodes, 30))
    browser.until("lines", lambda: browser.count("#node-list svg.line") > 0)
    change, words = ALL[state]
    change(cluster)
    browser.until_says(words.replace("of 6 nodes", f"of {nodes:,} nodes"))
    for width in (1280, 390):
        for dark in (False, True):
            browser.resize(width, 900)
            browser.scheme(dark)
            browser.script("scrollTo(0, 0); document.activeElement.blur()")
            browser.screenshot(folder / f"page-{state.replace(' ', '-')}-{nodes}-{names}-{width}-{'dark' if dark else 'light'}.png")
            assert browser.script("return document.documentElement.scrollWidth") <= width
