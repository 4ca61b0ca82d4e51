"""Nothing on the page keeps people from reading or using it, in any of its states: axe finds nothing."""
import axe
import pytest
from test_page import BALANCER, CLOSED, EVIL, browser, demo, made_up, window  # noqa: F401


def overloaded(cluster):
    cluster.nodes[1].update(state="overloaded", words="node 2 is overloaded")
    cluster.nodes[2].update(health="unreachable", state="cannot_judge", words="node 3 cannot be read")
    cluster.replicas[0].update(state="cannot_judge", reason="node_unreachable")


def paused(cluster):
    cluster.status["paused"] = True


def moving(cluster):
    cluster.status["moves_in_flight"] = [{"segment": "1", "replica": "901", "from": "3", "to": "2", "bytes": 3 << 20}]


def away(cluster):
    cluster.nodes.clear()
    cluster.status["coordinator_up"] = False


def failing(cluster):
    cluster.status = None


def hindered(cluster):
    cluster.status.update(journal_trouble="the disk is full", builtin_balancer=BALANCER, windows=CLOSED, dry_run=True)
    cluster.nodes[3]["forecast"] = {"overloaded_at": "2026-01-31T22:00:00.000Z", "earliest": "2026-01-31T21:00:00.000Z", "sure": False}
    cluster.nodes[4].update(state="exempt", words="node 5 takes no part: it is a streaming node")


def watching(cluster):
    cluster.status["turn"] = {"standing": "watching", "actor": "host-b", "words": "host-b acts"}


STATES = {"overloaded": (overloaded, "1 of 6 nodes overloaded"), "paused": (paused, "Paused"), "moving": (moving, "Moving a segment"),
          "Milvus away": (away, "Milvus does not answer"), "an error": (failing, "has answered with an error since"),
          "hindered": (hindered, "Nothing moves, the journal cannot be written"), "watching": (watching, "Watching, host-b acts")}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_finds_nothing_in_a_state(made_up, browser, state, dark):  # noqa: F811
    address, cluster = made_up(6, ["book", "film"])
    browser.scheme(dark)
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    change, words = STATES[state]
    change(cluster)
    browser.until_says(words)
    assert axe.findings(browser) == []


@pytest.mark.parametrize("width, dark", [(390, True), (1280, False)])
def test_finds_nothing_on_a_levelled_cluster_with_all_unfolded(demo, browser, width, dark):  # noqa: F811
    browser.resize(width, 800)
    browser.scheme(dark)
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 1)
    browser.script("document.querySelector('#node-list > li button').click();"
                   "document.querySelectorAll('details').forEach(each => each.open = true)")
    browser.until("a node's inside", lambda: browser.count("#node-list .inside"))
    assert axe.findings(browser) == []


@pytest.mark.parametrize("nodes, names", [(100, ["book"]), (8, EVIL)], ids=["a map of nodes", "evil names"])
def test_finds_nothing_on_odd_clusters(made_up, browser, nodes, names):  # noqa: F811
    address, cluster = made_up(nodes, names)
    cluster.nodes[1].update(state="overloaded", words="node 2 is overloaded")
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == min(nodes, 30))
    assert axe.findings(browser) == []


def test_finds_nothing_while_the_agent_is_gone(made_up, browser):  # noqa: F811
    address, _ = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    browser.script("window.fetch = () => Promise.reject(new Error('connection refused'))")
    browser.until_says("The agent has not answered since ")
    assert axe.findings(browser) == []


@pytest.mark.parametrize("page, dark", [("", False), ("config/SETTINGS.md", True), ("dashboards/ALERTS.md", False)])
def test_finds_nothing_in_the_manual(demo, browser, page, dark):  # noqa: F811
    browser.scheme(dark)
    browser.open(demo + "docs/" + page)
    assert browser.count("main h1") == 1
    assert axe.findings(browser) == []


def test_axe_would_find_something(demo, browser):  # noqa: F811
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.script("document.body.append(document.createElement('button'))")
    assert [each.split(",")[0] for each in axe.findings(browser)] == ["button-name"]
