"""The agent's page in a real browser, on the demo's simulated cluster and on clusters that are made up."""
import datetime
import json
import re
import time
from pathlib import Path

import evenkeel
import made_up as made_up_page
import pytest
from browser import Browser
from milvus_api import fetch

API = json.loads((Path(__file__).parents[2] / "agent/api/openapi.json").read_text())
OUTCOMES = {*API["components"]["schemas"]["Decision"]["properties"]["outcome"]["enum"], "interrupted"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """`evenkeel demo --keep`, levelled; gives its address."""
    address = f"http://{evenkeel.LISTEN}/"

    def levelled():
        return json.loads(fetch(address + "api/v1/status")).get("newest", {}).get("outcome") == "balanced"

    with evenkeel.demo(tmp_path_factory.mktemp("demo")) as process:
        process.until("levelled", 60, levelled)
        yield address


@pytest.fixture(scope="module")
def window():
    with Browser() as one:
        yield one


@pytest.fixture
def browser(window):
    window.fresh()
    return window


def test_shows_nodes_segments_decisions_and_what_comes_next(demo, browser, tmp_path):
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    for node in json.loads(fetch(demo + "api/v1/nodes"))["nodes"]:
        row = browser.text(f"[data-node='{node['id']}']")
        assert node["address"] in row and re.search(r"\d+\.\d % .* of .* GiB", row), row
    assert browser.count("#node-list .mark") == 6, "the threshold in every bar"
    assert browser.count("#node-list .bar > [class^=k]") >= 6, "segments by collection"
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 1)
    find = "[...document.querySelectorAll('#decision-list summary')].find(each => each.textContent.startsWith('moved'))"
    browser.until("a decision that moved", lambda: browser.script(f"return {find}"))
    assert "succeeded" not in browser.text("#decision-list"), "folded up"
    browser.script(f"{find}.click()")
    browser.until_says("succeeded", "#decision-list")
    browser.until("what comes next", lambda: browser.text("#next-words"))
    assert browser.complaints() == []


def test_is_live(demo, browser):
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    first = browser.script("return document.body.dataset.version")
    browser.until("another version", lambda: browser.script("return document.body.dataset.version") != first)


def test_is_read_and_searched_by_keyboard(demo, browser):
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.tab_to("find")
    assert browser.script("return getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus can be seen"
    browser.press(*json.loads(fetch(demo + "api/v1/nodes"))["nodes"][0]["address"])
    browser.until("that node alone", lambda: browser.count("#node-list > li") == 1)
    browser.press(*["BACKSPACE"] * 30)
    browser.until("all again", lambda: browser.count("#node-list > li") == 6)
    assert browser.complaints() == []


def test_pauses_and_resumes_by_keyboard(demo, browser):
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.tab_to("pause")
    assert browser.script("return getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus can be seen"
    browser.press("ENTER")
    browser.until_says("Paused: nothing is moved.")
    browser.until("the mode", lambda: "paused" in browser.text("#modes"))
    assert json.loads(fetch(demo + "api/v1/status"))["paused"] is True
    browser.until("the other button", lambda: browser.text("#pause") == "Resume")
    browser.press("ENTER")
    browser.until_says("Resumed.")
    browser.until("the mode", lambda: "paused" not in browser.text("#modes"))
    assert json.loads(fetch(demo + "api/v1/status"))["paused"] is False
    browser.tab_to("rebalance")
    browser.press("SPACE")
    browser.until_says("A round has been asked for.")
    browser.until("that round", lambda: "asked for" in browser.text("#decision-list"))
    assert browser.complaints() == []


@pytest.mark.parametrize("width,dark", [(360, True), (390, False), (1280, True)])
def test_fits_phones_and_the_dark(demo, browser, width, dark):
    browser.resize(width, 800)
    browser.scheme(dark)
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 1)
    wide = browser.script("return document.documentElement.scrollWidth")
    assert wide <= width, f"{wide} pixels on a screen of {width}"
    ground = browser.script("return getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in re.findall(r"\d+", ground)[:3]) / 3
    assert (light < 60) if dark else (light > 200), ground
    assert browser.complaints() == []


# ---- states and clusters that are made up


@pytest.fixture
def made_up(demo):
    """serve(nodes, names) → the address of the page over a made-up cluster, and that cluster."""
    with made_up_page.served(demo) as serve:
        yield serve


def test_the_head_and_the_title_say_the_state(made_up, browser):
    address, cluster = made_up(6, ["book", "film"])
    cluster.status["milvus"] = {**cluster.status["milvus"], "version": "2.6.4"}
    browser.open(address)

    def becomes(words, look):
        browser.until(words, lambda: browser.text("#now-words") == words)
        assert browser.script("return document.title") == f"{words} · Evenkeel"
        assert look in browser.script("return document.getElementById('now').className").split(), words

    becomes("Balanced", "good")
    assert "Milvus 2.6.4" in browser.text("#now-facts")
    assert re.search(r"running since (\d+ \w+, |\w+ \d+, )?\d\d:\d\d \S", browser.text("#now-facts")), browser.text("#now-facts")
    cluster.status["round"] = {"since": "2026-01-01T00:00:00.000Z", "moves": 27, "moves_ended": 7, "bytes": 2300 << 20,
                               "bytes_ended": 900 << 20}
    cluster.status["at"], real = "2026-01-01T00:04:00.000Z", cluster.status["at"]
    becomes("Moving: 7 of 27 moves, 900.0 MiB of 2.2 GiB, about 7 min", "good")
    cluster.status["at"] = real
    cluster.status["round"]["since"] = real
    becomes("Moving: 7 of 27 moves, 900.0 MiB of 2.2 GiB", "good")
    del cluster.status["round"]
    cluster.status["moves_in_flight"] = [{"segment": "1", "replica": "901", "from": "3", "to": "2", "bytes": 3 << 20}]
    becomes("Moving a segment of film from node 3 to node 2 (3.0 MiB)", "good")
    cluster.status["moves_in_flight"] = []
    cluster.status["paused"] = True
    becomes("Paused. Balanced", "warn")
    cluster.status["paused"] = False
    cluster.nodes[1]["state"] = cluster.nodes[4]["state"] = "overloaded"
    cluster.nodes[2].update(health="unreachable", state="cannot_judge")
    cluster.replicas[0].update(state="cannot_judge", reason="node_unreachable")
    becomes("2 of 6 nodes overloaded, 1 node unreachable, 1 replica cannot be judged", "bad")
    cluster.status["turn"] = {"standing": "watching", "actor": "host-b", "words": "host-b acts"}
    becomes("Watching, host-b acts. 2 of 6 nodes overloaded, 1 node unreachable, 1 replica cannot be judged", "bad")
    assert browser.complaints() == []


NOT_KNOWN = {"version": "9.9.0", "not_acted_on": "Milvus 9.9.0 is newer than what this agent knows"}
CLOSED = {"open": False, "outside": "nothing", "next": "2026-01-31T22:00:00.000Z"}
BALANCER = {"hold": "active", "words": "segments move without this agent"}
HINDRANCES = {  # what the status says of it → the head, its look, the mode, what stands beside
    "held": ({"newest": {"id": "2", "outcome": "held", "words": "1 move is held back"}}, "Held back. Balanced", "warn", "",
             "last round: 1 move is held back"),
    "dry run": ({"dry_run": True}, "Dry run. Balanced", "warn", "dry run", ""),
    "auto balance off": ({"auto_balance": False}, "Auto balance off. Balanced", "warn", "auto balance off", ""),
    "outside of windows": ({"windows": CLOSED}, "Outside of windows. Balanced", "warn", "outside of windows: nothing is moved",
                           "next maintenance window Sat"),
    "only overload": ({"windows": {**CLOSED, "outside": "relief"}}, "Balanced", "good", "outside of windows: only overload",
                      "next maintenance window Sat"),
    "the journal": ({"journal_trouble": "the disk is full"}, "Nothing moves, the journal cannot be written. Balanced", "bad",
                    "journal not written: nothing moves", "the disk is full"),
    "not held": ({"builtin_balancer": {"hold": "failed", "words": "etcd does not answer"}},
                 "Milvus's own balancer is not held off. Balanced", "bad", "Milvus's own balancer not held off",
                 "Milvus's own balancer: etcd does not answer"),
    "somebody else": ({"builtin_balancer": BALANCER}, "Somebody else balances. Balanced", "warn",
                      "somebody else balances: only overload", BALANCER["words"]),
    "unknown Milvus": ({"milvus": NOT_KNOWN}, "Only judging, this Milvus is not known. Balanced", "warn",
                       "unknown Milvus: only judged", NOT_KNOWN["not_acted_on"]),
    "nobody acts": ({"turn": {"standing": "watching", "words": "nobody has the turn"}}, "Watching, nobody acts. Balanced", "warn",
                    "watches: nobody acts", "nobody has the turn"),
}


@pytest.mark.parametrize("hindrance", HINDRANCES)
def test_says_why_the_agent_holds_back(made_up, browser, hindrance):
    status, head, look, mode, beside = HINDRANCES[hindrance]
    address, cluster = made_up(6, ["book"])
    cluster.status.update(status)
    browser.open(address)
    browser.until_says(head, "#now-words")
    assert browser.text("#now-words") == head and browser.script("return document.title") == f"{head} · Evenkeel"
    assert look in browser.script("return document.getElementById('now').className").split()
    assert browser.text("#modes") == mode
    assert beside in browser.text("#now-facts")
    if page := browser.script("return document.querySelector('#now-help:not([hidden]) a')?.getAttribute('href')"):
        file, _, title = page.removeprefix("docs/").partition("#")
        titles = re.findall(r"^#+ (.*)$", (Path(__file__).parents[2] / file).read_text(), re.M)
        assert title in ["", *(re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in titles)], "the manual has it"
    assert browser.complaints() == []


def test_a_node_says_when_it_will_be_overloaded(made_up, browser):
    address, cluster = made_up(6, ["book"])
    cluster.nodes[3]["forecast"] = {"overloaded_at": "2026-01-31T22:00:00.000Z", "earliest": "2026-01-31T21:00:00.000Z",
                                    "latest": "2026-02-01T01:00:00.000Z", "sure": True}
    cluster.nodes[4]["forecast"] = {"overloaded_at": "2026-01-31T22:00:00.000Z", "earliest": "2026-01-31T21:00:00.000Z", "sure": False}
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    assert shown_nodes(browser)[:2] == ["4", "5"], "they come first"
    assert re.search(r"overloaded about Sat.* 22:00 UTC if its memory goes on as in the last hour \(from Sat.* 21:00 UTC to Sun.* 01:00 UTC\)",
                     browser.text("[data-node='4']")), browser.text("[data-node='4']")
    assert re.search(r"\(at the earliest Sat.* 21:00 UTC, perhaps not\)", browser.text("[data-node='5']"))
    assert browser.complaints() == []


def test_trouble_comes_first(made_up, browser):
    address, cluster = made_up(6, ["book"])
    cluster.nodes[3].update(state="cannot_judge", words="node 4 cannot be judged")
    cluster.nodes[5].update(state="overloaded", words="node 6 is overloaded")
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    assert shown_nodes(browser) == ["6", "4", "1", "2", "3", "5"]
    browser.script("document.getElementById('wrong').click()")
    assert shown_nodes(browser) == ["6", "4"]
    browser.script("document.getElementById('wrong').click()")
    browser.script("const order = document.getElementById('order'); order.value = 'id'; order.dispatchEvent(new Event('change'))")
    assert shown_nodes(browser) == ["1", "2", "3", "4", "5", "6"]
    assert browser.count("#map > i") == 0, "a few nodes need no map"


def test_a_node_opens(demo, browser):
    browser.open(demo)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 0)
    node = max(json.loads(fetch(demo + "api/v1/nodes"))["nodes"], key=lambda each: each["expected"])
    browser.script("document.querySelector(`[data-node='${arguments[0]}'] button`).focus()", node["id"])
    browser.press("ENTER")
    inside = f"[data-node='{node['id']}'] .inside"
    for each in node["collections"]:
        browser.until_says(each["name"], inside)
    first = browser.script("return document.body.dataset.version")
    browser.until("another version", lambda: browser.script("return document.body.dataset.version") != first)
    assert browser.script("return document.activeElement.className") == "opens", "the focus stays"
    browser.press("ENTER")
    browser.until("closed", lambda: browser.count(inside) == 0)
    assert browser.complaints() == []


def test_a_node_has_a_line_and_says_what_it_can_take(made_up, browser):
    address, cluster = made_up(3, ["book"])
    cluster.status["milvus"] = {**cluster.status["milvus"], "name": "search-eu", "address": "grpc://milvus:19530"}
    cluster.decisions = [cluster.decision(9, "moved", "moved 1 segment", [
        {"segment": "77", "collection": "0", "collection_name": "book", "replica": "900", "from": "1", "to": "2",
         "result": "succeeded", "words": "segment 77", "finished": cluster.status["at"]}])]
    cluster.nodes[1]["room"], cluster.nodes[2]["drained"] = 0, True
    browser.open(address)
    browser.until("lines", lambda: browser.count("#node-list > li > svg.line") == 3)
    assert "search-eu" in browser.script("return document.title")
    assert "search-eu · Milvus" in browser.text("#now-facts") and "at grpc://milvus:19530" in browser.text("#now-facts")
    label = browser.script("return document.querySelector('[data-node=\"1\"] svg').getAttribute('aria-label')")
    assert re.fullmatch(r"Memory over the last 4 hours: \d+\.\d % to \d+\.\d %, \d+\.\d % at the end", label), label
    course = browser.script("return document.querySelector('[data-node=\"1\"] .course').getAttribute('d')")
    assert course.count("M") == 2, "a hole is no line"
    browser.until("marks where a segment came or went", lambda: [
        browser.count(f"[data-node='{node}'] svg.line .move") for node in "123"] == [1, 1, 0])
    for node, words in zip("123", ["It can take segments of", "It has no room for segments: its limit is",
                                   "It takes no segments: it is drained."]):
        browser.script("document.querySelector(`[data-node='${arguments[0]}'] button`).click()", node)
        browser.until_says(words, f"[data-node='{node}'] .inside")
    browser.resize(390, 800)
    assert browser.script("return document.documentElement.scrollWidth") <= 390
    assert browser.complaints() == []


def test_a_node_says_why_it_takes_no_segments_and_leads_to_its_own(made_up, browser):
    address, cluster = made_up(6, ["book"])
    for node in cluster.nodes[:2]:
        del node["room"]
    cluster.nodes[0].update(state="exempt", words="node 1 takes no part: it is a streaming node")
    cluster.nodes[1].update(state="cannot_judge", words="node 2 cannot be judged: its capacity is not known")
    cluster.status["problems"] = ["node 3 (10.0.0.2:21123): nothing is moved to it, since [capacity] node has no key for it",
                                  "node 31 (10.0.0.4:21123): nothing is moved to it, since it is another"]
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    for node, words in {"1": "It takes no segments: node 1 takes no part: it is a streaming node.",
                        "2": "It takes no segments: node 2 cannot be judged: its capacity is not known.",
                        "3": "It takes no segments, since [capacity] node has no key for it.",
                        "4": "It can take segments of"}.items():
        browser.script("document.querySelector(`[data-node='${arguments[0]}'] button`).click()", node)
        browser.until_says(words, f"[data-node='{node}'] .inside")
    cluster.plan["rejected"] = [{"to": "4", "why": "destination_resting", "words": "it rests"},
                                {"to": "5", "why": "no_improvement", "words": "no better"}]
    browser.until_says("It takes no segments: it refused some a moment ago, and rests.", "[data-node='4'] .inside")
    link = browser.script("return [...document.querySelectorAll('[data-node=\"4\"] .inside a')].map("
                          "each => [each.textContent, each.getAttribute('href')])")
    assert link == [["its segments", "api/v1/segments?node=4"]]
    assert browser.complaints() == []


def test_a_spread_is_in_points(made_up, browser):
    address, cluster = made_up(3, ["book", "tenant_42_of_search"])
    cluster.status.update(max_difference=0.3, stop_difference=0.125)
    cluster.replicas[0]["spread"] = 0.01
    browser.open(address)
    browser.until("replicas", lambda: browser.count("#replica-list > li") == 2)
    assert browser.text("#replicas-facts") == "levelled above a spread of 30 points, down to 12.5 points"
    browser.resize(390, 800)
    assert browser.script("""return [...document.querySelectorAll('#replica-list .name')].every(
        each => each.scrollWidth <= each.clientWidth)"""), "no name is cut off"
    assert "10 points nodes 1 and 2" in browser.text("#replica-list") and "1 point nodes" in browser.text("#replica-list")


def test_decisions_are_found_in_the_journal(made_up, browser):
    address, cluster = made_up(3, ["book", "film"])
    cluster.decisions = [cluster.decision(99, "balanced", "all is well"), moved(cluster, 98, "film", "2")]
    cluster.older = [moved(cluster, 7, "book", "3"), moved(cluster, 6, "book", "2")]
    browser.open(address)
    browser.until("decisions", lambda: browser.count("#decision-list > li") == 2)

    def find(words):
        browser.script("const field = document.getElementById('decision-find'); field.value = arguments[0]; "
                       "field.dispatchEvent(new Event('input'))", words)

    find("book")
    browser.until_says("2 decisions of the journal", "#decisions-facts")
    assert "moved book" in browser.text("#decision-list") and browser.count("#decision-list > li") == 2
    cluster.older += [moved(cluster, 5, "book", "3") for _ in range(100)]
    find("boo")
    find("book")
    browser.until_says("the newest 100 of the journal's decisions", "#decisions-facts")
    assert browser.count("#decision-list > li") == 20, "a page that somebody reads"
    del cluster.older[2:]
    find("2")
    browser.until("those of node 2", lambda: "moved film" in browser.text("#decision-list") and
                  browser.count("#decision-list > li") == 2)
    find("fil")
    browser.until_says("1 decision of the last 2", "#decisions-facts")
    find("")
    browser.until("all again", lambda: browser.text("#decisions-facts") == "" and "all is well" in browser.text("#decision-list"))
    assert browser.complaints() == []


def moved(cluster, number, name, to, at=None):
    """A decision that has moved a segment of this collection from node 1."""
    return cluster.decision(number, "moved", f"moved {name}", [
        {"segment": str(number), "collection": name, "collection_name": name, "replica": "900", "from": "1", "to": to,
         "result": "succeeded", "words": f"segment {number}", "finished": at or cluster.status["at"]}], **({"at": at} if at else {}))


def test_moves_of_the_journal_are_marked_beside_those_of_the_last_rounds(made_up, browser):
    address, cluster = made_up(4, ["book"])
    earlier = (datetime.datetime.fromisoformat(cluster.status["at"]) - datetime.timedelta(hours=2)).isoformat()
    cluster.decisions = [cluster.decision(99, "balanced", "all is well"), moved(cluster, 98, "book", "2")]
    cluster.older = [moved(cluster, 7, "book", "3", earlier)]
    browser.open(address)

    def marks():
        return [browser.count(f"[data-node='{node}'] svg.line .move") for node in "1234"]

    browser.until("marks of both, none twice", lambda: marks() == [2, 1, 1, 0])
    assert "segment 98" in browser.text("#last-move")
    browser.script("document.querySelector('[data-node=\"1\"] button').click()")
    assert browser.count("[data-node='1'] .inside > ul:last-child > li") == 2
    cluster.decisions.insert(0, moved(cluster, 100, "book", "4"))
    cluster.status["newest"] = {"id": "100", "outcome": "moved", "words": "moved"}
    browser.until_says("segment 100", "#last-move")
    browser.script("document.querySelector('[data-node=\"1\"] button').click()")
    browser.until("the new one's too", lambda: marks() == [3, 1, 1, 1])
    assert browser.complaints() == []


def test_a_journal_that_fails_is_asked_again(made_up, browser):
    address, cluster = made_up(3, ["book"])
    cluster.decisions = [cluster.decision(99, "balanced", "all is well"), cluster.decision(98, "held", "held back")]
    cluster.older = [moved(cluster, 7, "book", "2")]
    cluster.journal = 503
    browser.open(address)
    failed = "The journal cannot be read: the journal is locked; these are of the last 2 rounds"
    browser.until_says(failed, "#decisions-facts")
    browser.script("const outcome = document.getElementById('outcome'); outcome.value = 'moved'; "
                   "outcome.dispatchEvent(new Event('change'))")
    browser.until_says(failed, "#decisions-facts")
    assert browser.text("#now-words") == "Balanced" and not browser.text("#lost")
    cluster.journal = 200
    browser.until_says("1 decision of the journal", "#decisions-facts")
    browser.until_says("segment 7", "#last-move")
    assert [each for each in browser.complaints() if "503" not in each] == []


def test_a_journal_that_hangs_keeps_nothing_else(made_up, browser):
    address, cluster = made_up(3, ["book"])
    cluster.older = [moved(cluster, 7, "book", "2")]
    browser.before_each_page("""
        const asked = window.fetch;
        window.hangs = true;
        window.fetch = (path, options) => hangs && String(path).includes('history')
          ? new Promise((_, gone) => options.signal.addEventListener('abort', () => gone(options.signal.reason))) : asked(path, options);""")
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    first = browser.script("return document.body.dataset.version")
    browser.until("another version", lambda: browser.script("return document.body.dataset.version") != first, 5)
    browser.until_says("The journal cannot be read: ", "#decisions-facts")
    assert not browser.text("#lost")
    browser.script("window.hangs = false")
    browser.until_says("segment 7", "#last-move")
    assert browser.text("#decisions-facts") == "" and browser.complaints() == []


def test_without_a_journal_nothing_is_said_of_it(made_up, browser):
    address, cluster = made_up(3, ["book"])
    cluster.decisions = [cluster.decision(99, "balanced", "all is well")]
    cluster.journal = 409
    browser.open(address)
    browser.until("decisions", lambda: browser.count("#decision-list > li") == 1)
    first = browser.script("return document.body.dataset.version")
    browser.until("another version", lambda: browser.script("return document.body.dataset.version") != first)
    assert browser.text("#decisions-facts") == ""
    asked = browser.script("return performance.getEntriesByType('resource').filter(each => each.name.includes('history')).length")
    assert asked == 1
    assert browser.complaints() == []


def test_is_right_behind_a_proxy_that_takes_three_seconds(made_up, browser):
    address, cluster = made_up(6, ["book"], delay=3)
    browser.open(address)
    browser.until("the state", lambda: browser.text("#now-words") == "Balanced")
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 0)
    browser.until("lines", lambda: browser.count("#node-list > li > svg.line") == 6)
    cluster.nodes[1].update(state="overloaded", words="node 2 is overloaded")
    browser.until_says("1 of 6 nodes overloaded", "#now-words")
    assert not browser.text("#lost")
    assert browser.complaints() == []


def test_ten_thousand_decisions_stay_a_page(made_up, browser):
    address, cluster = made_up(6, ["book"])
    cluster.older = [moved(cluster, 10_000 - i, "book", "2") if i % 2 else cluster.decision(10_000 - i, "held", "held back")
                     for i in range(10_000)]
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    browser.script("const outcome = document.getElementById('outcome'); outcome.value = 'moved'; "
                   "outcome.dispatchEvent(new Event('change'))")
    browser.until_says("the newest 100 of the journal's decisions, the first 20 lines are shown", "#decisions-facts")
    assert browser.count("#decision-list > li") == 20
    assert browser.script("return document.documentElement.scrollHeight") < 5000
    assert browser.complaints() == []


@pytest.mark.parametrize("count", [6, 1000])
def test_the_address_names_a_node(made_up, browser, count):
    address, _ = made_up(count, ["book"])
    node = str(count - 1)
    browser.open(f"{address}#node={node}")
    browser.until("that node, open", lambda: browser.count(f"[data-node='{node}'] .inside"))
    assert browser.script("return document.activeElement.closest('li').dataset.node") == node
    in_sight = browser.script("return document.querySelector(`[data-node='${arguments[0]}']`).getBoundingClientRect().top", node)
    assert 0 <= in_sight < 1000
    browser.script("document.getElementById('wrong').click(); location.hash = '#node=3'")
    browser.until("another one, whatever the filter", lambda: browser.count("[data-node='3'] .inside"))
    browser.script("location.hash = '#node=x'")
    browser.until_says("Node x, which this address names, is not there.")
    browser.script("location.hash = '#nodes'")
    browser.until("nothing of it", lambda: browser.text("#node-missing") == "")
    assert browser.complaints() == []


def shown_nodes(browser):
    return browser.script("return [...document.querySelectorAll('#node-list > li')].map(row => row.dataset.node)")


def test_decisions_are_grouped_and_filtered(made_up, browser):
    address, cluster = made_up(3, ["book"])
    move = {"segment": "77", "collection": "0", "replica": "900", "from": "1", "to": "2", "result": "succeeded",
            "words": "segment 77 (3.0 MiB) of collection 0, replica 900, from node 1 to node 2", "finished": cluster.status["at"]}
    cluster.decisions = [*(cluster.decision(100 - i, "balanced", f"words {i}") for i in range(37)),
                         cluster.decision(20, "moved", "moved 1 segment", [move]),
                         *(cluster.decision(19 - i, "gathering", "gathering evidence") for i in range(2)),
                         cluster.decision(9, "balanced", "asked for", trigger="manual")]
    browser.open(address)
    browser.until("decisions", lambda: browser.count("#decision-list > li") == 4)
    assert re.match(r"balanced × 37 since \S+ \S+: words 0", browser.text("#decision-list > li:nth-child(1)"))
    assert "segment 77 (3.0 MiB) of book, from node 1 to node 2 succeeded" in browser.text("#last-move"), "by its name"
    browser.script("document.querySelector('#decision-list summary').click()")
    browser.until_says("words 7", "#decision-list")
    browser.script("const outcome = document.getElementById('outcome'); outcome.value = 'gathering'; "
                   "outcome.dispatchEvent(new Event('change'))")
    browser.until("those alone", lambda: browser.count("#decision-list > li") == 1)
    assert "gathering × 2" in browser.text("#decision-list")
    offered = browser.script("return [...document.getElementById('outcome').options].map(each => each.value)")
    assert sorted(offered) == ["", *sorted(OUTCOMES)], "those too that the journal alone may have"
    assert "segment 77" in browser.text("#last-move"), "always in sight"
    assert browser.complaints() == []


def test_figures_are_greyed_with_their_time_while_milvus_does_not_answer(made_up, browser):
    address, cluster = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    assert not browser.script("return document.body.classList.contains('old')")
    cluster.nodes.clear()
    cluster.status["coordinator_up"] = False
    browser.until_says("Milvus does not answer. The figures below are of ")
    assert browser.text("#now-words") == "Milvus does not answer"
    assert browser.count("#node-list > li") == 3, "what was known stays"
    assert "grayscale" in browser.script("return getComputedStyle(document.querySelector('main > section.read')).filter")


def test_leads_to_the_manual(demo, browser):
    browser.open(demo)
    browser.script("document.querySelector('header nav a[href=\"docs/\"]').click()")
    browser.until_says("Troubleshooting, by symptom")
    browser.script("[...document.querySelectorAll('main a')].find(each => each.textContent === 'Alerts').click()")
    browser.until_says("EvenkeelNodeOverloaded")
    browser.script("document.querySelector('header nav a').click()")
    browser.until("the agent's page again", lambda: browser.count("#node-list > li") == 6)
    assert browser.complaints() == []


def test_says_where_the_manual_tells_what_to_do(made_up, browser):
    address, cluster = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    assert not browser.script("return document.querySelector('#now-help').checkVisibility()"), "nothing is wrong"
    cluster.nodes[1].update(state="overloaded", words="node 2 is overloaded")
    browser.until_says("What to do about it", "#now")
    page = browser.script("return document.querySelector('#now-help a').getAttribute('href')")
    assert page == "docs/dashboards/ALERTS.md#evenkeelnodeoverloaded"
    cluster.status["coordinator_up"] = False
    browser.until("another page", lambda: browser.script(
        "return document.querySelector('#now-help a').getAttribute('href')") == "docs/config/TROUBLESHOOTING.md#it-cannot-read-something")


def test_goes_on_looking_though_an_answer_cannot_be_shown(made_up, browser):
    address, cluster = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    cluster.status["windows"] = None  # as no agent answers
    looks = cluster.looks
    browser.until("more looks", lambda: cluster.looks > looks + 3)
    cluster.status["windows"] = {"open": True}
    cluster.nodes[1].update(state="overloaded", words="node 2 is overloaded")
    browser.until_says("1 of 3 nodes overloaded")


@pytest.mark.parametrize("days", [-1, 1])
def test_ages_are_right_though_the_clock_of_the_browser_is_not(demo, browser, days):
    browser.before_each_page(f"const right = Date.now; Date.now = () => right() + {days * 86_400_000};")
    browser.open(demo)
    browser.until("decisions", lambda: browser.count("#decision-list > li") > 0)
    browser.until("its age, which is never 0 s for long", lambda: re.search(
        r"\d\d:\d\d:\d\d \S+, [1-9]\d? s ago", browser.text("#decision-list > li")))


EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "a\nb\tc", "\u202eright to left", "zero\u200bwidth", "\u202eshop.bo\u200bok",
        "zerowidth", "\u05d0\u05d1\u05d2", "x" * 255, "y" * 10_000, "' or 1"]


def as_shown(name):
    """Control and format characters by their numbers, so that each of two names is told from the other."""
    return re.sub("[\n\t\u200b\u202e]", lambda found: f"\\u{{{ord(found[0]):x}}}", name)


def test_evil_names_are_shown_as_text(made_up, browser):
    browser.resize(390, 800)
    address, _ = made_up(8, EVIL)
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 8)
    browser.until("decisions", lambda: browser.count("#decision-list > li") == 20)
    text = browser.script("return document.body.textContent")
    for name in EVIL:
        assert as_shown(name) in text
    assert "\u202e" not in text and "\u200b" not in text
    titles = browser.script("return [...document.querySelectorAll('[title]')].map(each => each.title).join()")
    assert "\u202e" not in titles and as_shown("\u202eright to left") in titles
    assert browser.count("main script, main img") == 0
    assert browser.script("""return [...document.querySelectorAll('#legend .dim')].every(
        each => each.getBoundingClientRect().right <= each.closest('li').getBoundingClientRect().right)"""), "a long name cuts no figure"
    assert browser.script("return document.documentElement.scrollWidth") <= 390
    assert browser.complaints() == [], "no alert, no breach of the policy"


def test_a_collection_has_one_colour_and_one_place_in_every_bar(made_up, browser):
    address, cluster = made_up(6, ["book", "film", "song"])
    for node in cluster.nodes:
        node["collections"].reverse()
        node["collections"][int(node["id"]) % 3]["bytes"] //= 3
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 6)
    order = browser.script("return [...document.querySelectorAll('#legend bdi')].map(each => each.textContent)")
    bars = browser.script("""return [...document.querySelectorAll('#node-list .bar')].map(
        bar => [...bar.querySelectorAll('[class^=k]')].map(each => [each.title.split(':')[0], each.className]))""")
    assert sorted(order) == ["book", "film", "song"]
    assert all([name for name, _ in bar] == order and bar == bars[0] for bar in bars), bars


def test_a_thousand_nodes_without_stutter(made_up, browser):
    begin = time.monotonic()
    address, cluster = made_up(1000, [f"tenant_{i}" for i in range(40)])
    cluster.nodes[998]["state"] = "overloaded"
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#map > i") == 1000)
    shown = time.monotonic() - begin
    assert browser.script("return document.documentElement.scrollHeight") < 5000, "a page that somebody reads"
    assert shown_nodes(browser)[0] == "999", "trouble first"
    browser.script("""
        window.frames_ = []; window.tasks = [];
        new PerformanceObserver(list => list.getEntries().forEach(each => tasks.push(each.duration)))
          .observe({type: 'longtask'});
        let last = performance.now();
        requestAnimationFrame(function next(now) { frames_.push(now - last); last = now; requestAnimationFrame(next); });""")
    for i in range(50):
        browser.script("scrollBy(0, arguments[0])", 400 if i % 10 < 5 else -400)
        time.sleep(0.1)
    frames, tasks = browser.script("return [frames_, tasks]")
    frames.sort()
    print(f"\n  1,000 nodes × 20 collections: shown in {shown:.2f} s; while 100 nodes change each second and the page is "
          f"scrolled: {len(frames)} frames, median {frames[len(frames) // 2]:.1f} ms, 99 % within "
          f"{frames[len(frames) * 99 // 100]:.0f} ms, longest {frames[-1]:.0f} ms; {len(tasks)} tasks over 50 ms, longest "
          f"{max(tasks, default=0):.0f} ms")
    assert browser.count("#map > i") == 1000
    assert browser.count("#node-list > li") == 30
    browser.script("document.querySelector('[data-cell=\"500\"]').click()")
    assert shown_nodes(browser)[0] == "500", "a cell shows its node"
    assert browser.count("#map > .chosen") == 1
    browser.script("document.getElementById('wrong').click()")
    assert browser.count("#map > i") == 1
    assert browser.complaints() == []


def test_says_so_when_the_agent_is_gone(made_up, browser):
    address, _ = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    browser.script("window.fetch = () => Promise.reject(new Error('connection refused'))")
    browser.until_says("The agent has not answered since ")
    browser.until_says("The figures below are of ")
    assert browser.script("return document.title") == "The agent has not answered · Evenkeel"
    assert browser.text("#now-words") == "When it last answered: Balanced"
    assert browser.count("#node-list > li") == 3, "what was known stays"


def test_says_so_when_the_agent_answers_with_an_error_and_recovers(made_up, browser):
    address, cluster = made_up(3, ["book"])
    browser.open(address)
    browser.until("nodes", lambda: browser.count("#node-list > li") == 3)
    status, cluster.status = cluster.status, None
    browser.until_says("The agent has answered with an error since ")
    browser.until_says("(not made up)")
    cluster.status = status
    browser.until("the figures of now", lambda: not browser.script("return document.body.classList.contains('old')"))
    assert browser.text("#now-words") == "Balanced" and "good" in browser.script("return document.getElementById('now').className")
