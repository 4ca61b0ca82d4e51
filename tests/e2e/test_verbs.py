"""The verbs that people type, as Milvus 2.1's documentation has them, and the agent as a process."""
import json
import signal
import statistics
import subprocess
import time

import evenkeel
import pytest
from figures import measure, report


@pytest.fixture(scope="module")
def cluster(start_cluster):
    return start_cluster(query_nodes=3, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}})


@pytest.fixture
def config(cluster, tmp_path):
    path = tmp_path / "verbs.toml"
    path.write_text(evenkeel.configuration(dict.fromkeys(cluster.node_ids(), 2**30)))
    return path


def on(cluster, node, name="book"):
    return sorted(s["id"] for s in cluster.milvus.segments(name) if node in s["nodes"])


def test_show_query_segment(cluster, config):
    done = evenkeel.run("show query_segment", config, "-c", "book")
    print(f"\n$ evenkeel show query_segment -c book\n{done.stdout}")
    assert (done.returncode, done.stderr) == (0, "")
    shown = evenkeel.ask("show query_segment", config, "-c", "book")["segments"]
    [replica] = cluster.milvus.replicas("book")
    truth = sorted((str(s["id"]), str(s["nodes"][0]), s["rows"]) for s in cluster.milvus.segments("book"))
    assert sorted((s["id"], s["node"], s["rows"]) for s in shown) == truth
    assert {s["replica"] for s in shown} == {str(replica["id"])}
    assert {(s["collection_name"], s["state"]) for s in shown} == {("book", "sealed")}
    assert all(20_480_000 <= s["bytes"] <= 22_000_000 for s in shown), "40,000 rows of 512 bytes, and an id each"
    assert all(s["id"] in done.stdout for s in shown)
    assert evenkeel.ask("show query_segment", config)["segments"] == shown, "without -c: all collections"


def test_show_query_segment_of_an_unknown_collection(cluster, config):
    done = evenkeel.run("show query_segment", config, "-c", "bok")
    assert done.returncode == 1
    assert "bok" in done.stderr


def test_show_nodes(cluster, config):
    done = evenkeel.run("show nodes", config)
    print(f"\n$ evenkeel show nodes\n{done.stdout}")
    assert done.returncode == 0
    truth = measure(cluster)
    shown = {int(n["id"]): n for n in evenkeel.ask("show nodes", config)["nodes"]}
    assert sorted(shown) == sorted(f.node for f in truth.values())
    for f in truth.values():
        node = shown[f.node]
        assert node["address"] == f"127.0.0.1:{21130 + f.number}"
        assert abs(node["used"] - f.memory) < 32 * 2**20
        held = {c["name"]: c["segments"] for c in node["collections"]}
        assert (node["capacity"], held, node["health"]) == (2**30, f.segments, "up")


def test_load_balance_of_one_segment(cluster, config):
    source, destination, *_ = sorted(cluster.node_ids().values())
    segment = on(cluster, source)[0]
    done = evenkeel.run("load_balance", config, "-s", source, "-d", destination, "-ss", segment)
    print(f"\n$ evenkeel load_balance -s {source} -d {destination} -ss {segment}\n{done.stdout}")
    assert (done.returncode, done.stderr) == (0, "")
    assert segment in on(cluster, destination) and segment not in on(cluster, source)
    assert str(segment) in done.stdout


def test_load_balance_with_all_left_blank(cluster, config):
    source = next(node for node in cluster.node_ids().values() if on(cluster, node))
    before = measure(cluster)
    done = evenkeel.run("load_balance", config, "-s", source)
    print(f"\n$ evenkeel load_balance -s {source}\n{done.stdout}")
    assert done.returncode == 0, done.stderr
    assert on(cluster, source) == []
    report("load_balance without destinations and segments", before, measure(cluster),
           dict.fromkeys(before, 2**30))


def test_load_balance_dry_run(cluster, config):
    source = next(node for node in cluster.node_ids().values() if on(cluster, node))
    before = cluster.milvus.segments("book")
    done = evenkeel.run("load_balance", config, "-s", source, "-c", "book", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert all(str(segment) in done.stdout for segment in on(cluster, source))
    assert sorted(map(str, cluster.milvus.segments("book"))) == sorted(map(str, before))


@pytest.mark.parametrize("arguments, said", [
    (["-s", "4711"], "4711"),
    (["-s", "SOURCE", "-d", "SOURCE"], "source"),
    (["-s", "SOURCE", "-d", "4711"], "4711"),
    (["-s", "SOURCE", "-ss", "1234567"], "1234567"),
    (["-s", "SOURCE", "-c", "nothing"], "nothing"),
])
def test_load_balance_refuses(cluster, config, arguments, said):
    source = next(node for node in cluster.node_ids().values() if on(cluster, node))
    before = sorted(map(str, cluster.milvus.segments("book")))
    done = evenkeel.run("load_balance", config, *(str(source) if a == "SOURCE" else a for a in arguments))
    print(f"\n$ evenkeel load_balance {' '.join(arguments)}\n{done.stderr}")
    assert done.returncode == 1
    assert said in done.stderr
    assert sorted(map(str, cluster.milvus.segments("book"))) == before


def test_load_balance_refuses_to_overload(cluster, tmp_path):
    ids = cluster.node_ids()
    source = next(k for k, node in ids.items() if on(cluster, node))
    config = tmp_path / "tight.toml"
    config.write_text(evenkeel.configuration({k: cluster.memory(k) / (0.5 if k == source else 0.89) for k in ids}))
    before = on(cluster, ids[source])
    done = evenkeel.run("load_balance", config, "-s", ids[source])
    print(f"\n$ evenkeel load_balance -s {ids[source]}\n{done.stderr}")
    assert done.returncode == 1
    assert on(cluster, ids[source]) == before


def test_dry_run_moves_nothing(cluster, agent):
    cluster.skew("book", 1)
    capacities = dict.fromkeys(cluster.node_ids(), cluster.memory(1) / 0.8)
    with agent(capacities, "--dry-run", difference=15) as a:
        a.until("a plan held back", 30, lambda: a.rounds().count("held") >= 2)
        assert a.metric("evenkeel_moves_total") in (0, None)
        assert a.metric("evenkeel_decisions_total", outcome="held") >= 2
        assert a.moves() == []
    assert measure(cluster)[1].segments == {"book": 6}


def test_plan_to_a_file_and_apply(cluster, tmp_path):
    cluster.skew("book", 1)
    config, plan = tmp_path / "skewed.toml", tmp_path / "plan.json"
    config.write_text(evenkeel.configuration(dict.fromkeys(cluster.node_ids(), cluster.memory(1) / 0.8), difference=15))
    planned = evenkeel.run("plan", config, "--save", plan)
    print(f"\n$ evenkeel plan --save plan.json\n{planned.stdout}")
    assert (planned.returncode, planned.stderr) == (3, "")
    before = cluster.milvus.segments("book")
    moves = json.loads(plan.read_text())["plan"]["moves"]
    assert moves

    edited = tmp_path / "edited.json"
    edited.write_text(plan.read_text().replace(f'"to": {moves[0]["to"]}', '"to": 4711', 1))
    refused = evenkeel.run("apply", config, edited, "--yes")
    assert refused.returncode == 2 and "changed after it was written" in refused.stderr
    asked = evenkeel.run("apply", config, plan)
    assert asked.returncode == 2 and "--yes" in asked.stderr
    assert sorted(map(str, cluster.milvus.segments("book"))) == sorted(map(str, before))

    applied = evenkeel.run("apply", config, plan, "--yes")
    print(f"$ evenkeel apply plan.json --yes\n{applied.stdout}")
    assert (applied.returncode, applied.stderr) == (0, "")
    placed = {s["id"]: s["nodes"] for s in cluster.milvus.segments("book")}
    for segment in before:
        to = next((move["to"] for move in moves if move["segment"] == segment["id"]), None)
        assert placed[segment["id"]] == ([to] if to else segment["nodes"]), "exactly the plan"

    again = evenkeel.run("apply", config, plan, "--yes")
    print(f"$ evenkeel apply plan.json --yes\n{again.stderr}")
    assert again.returncode == 1
    assert "nothing moved: since the plan was made" in again.stderr and f"is on node {moves[0]['to']} now" in again.stderr


def test_the_plan_of_the_running_agent(cluster, agent, config):
    with agent(dict.fromkeys(cluster.node_ids(), 2**30)) as a:
        a.until("a balanced round", 20, lambda: "balanced" in a.rounds())
        asked = evenkeel.run("plan", a.config)
        assert asked.returncode == 0, asked.stdout
        assert asked.stdout.startswith(f"The plan of the agent at http://127.0.0.1:{evenkeel.LISTEN.split(':')[1]}, ")
    alone = evenkeel.run("plan", config)
    assert alone.stdout.startswith("No agent gives a plan, so this is a look of its own")


def test_is_ready_soon_after_its_start(cluster, config):
    """Prints how long from the start of the process to the first /-/ready; holds it only against what nobody would accept."""
    seconds = []
    for _ in range(7):
        begin = time.monotonic()
        with subprocess.Popen([evenkeel.PROGRAM, "run", "--config.file", str(config), "--web.listen-address", evenkeel.LISTEN],
                              stderr=subprocess.DEVNULL, env=evenkeel.environment()) as agent:
            while not evenkeel.answers("/-/ready"):
                assert time.monotonic() - begin < 10
                time.sleep(0.002)
            seconds.append(time.monotonic() - begin)
            agent.terminate()
    print(f"\nready after {1000 * statistics.median(seconds):.0f} ms in the median of {len(seconds)} starts, "
          f"{1000 * max(seconds):.0f} ms at the most")
    assert statistics.median(seconds) < 1


def test_metrics_pass_promtool(cluster, agent):
    with agent(dict.fromkeys(cluster.node_ids(), 2**30)) as a:
        a.until("a round", 20, a.rounds)
        text = a.get("/metrics")
        assert a.get("/-/ready") and a.get("/")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_sigterm_during_a_move_ends_within_five_seconds(cluster, agent):
    cluster.skew("book", 1)
    capacities = dict.fromkeys(cluster.node_ids(), cluster.memory(1) / 0.8)
    with agent(capacities, difference=15) as a:
        a.until("a move under way", 30, lambda: len(a.moves()) > len(a.events("move ended")))
        code, seconds = a.end()
        started, ended = a.moves(), a.events("move ended")
        print(f"\n  SIGTERM with {len(started)} moves under way: ended in {seconds:.2f} s; "
              f"recorded as {sorted(e['result'] for e in ended)}")
    assert code == 0
    assert seconds < 5
    assert sorted(m["segment"] for m in started) == sorted(e["segment"] for e in ended), "every move has its end"
    for event in ended:
        if event["result"] == "succeeded":
            assert int(event["segment"]) in on(cluster, int(event["to"]))


def test_sighup_reloads_and_refuses_a_bad_file(cluster, agent):
    capacities = dict.fromkeys(cluster.node_ids(), 2**30)
    with agent(capacities) as a:
        a.until("a balanced round", 20, lambda: "balanced" in a.rounds())
        a.config.write_text(a.config.read_text().replace("= 90", '= "ninety"'))
        a.signal(signal.SIGHUP)
        refused = "configuration not reloaded, the old settings hold"
        a.until("the mistake in the log", 10, lambda: a.events(refused))
        [mistake] = a.events(refused)
        print(f"\n  {mistake['where'].rpartition('/')[2]}: {mistake['mistake']}")
        rounds = len(a.rounds())
        a.until("rounds with the old settings", 15, lambda: len(a.rounds()) >= rounds + 2)
        assert a.rounds()[-1] == "balanced"

        a.config.write_text(evenkeel.configuration(capacities, overload=10, difference=8))
        a.signal(signal.SIGHUP)
        a.until("the new threshold in force", 20, lambda: a.rounds()[-1] == "cannot_fix")


def test_the_verbs_that_ask_the_agent(cluster, agent, config):
    capacities = dict.fromkeys(cluster.node_ids(), 2**30)
    with agent(capacities) as a:
        def said(verb, *arguments):
            done = evenkeel.run(verb, a.config, *arguments)
            print(f"\n$ evenkeel {' '.join([verb, *arguments])}\n{done.stdout}{done.stderr}")
            assert done.returncode == 0
            return done.stdout + done.stderr

        def asked_for():
            decisions = json.loads(evenkeel.run("history", a.config, "-o", "json").stdout)["decisions"]
            return [decision for decision in decisions if decision["requests"]]

        a.until("a balanced round", 20, lambda: a.rounds()[-1:] == ["balanced"])
        assert "Evenkeel is healthy." in said("status")
        assert "Paused until" in said("pause", "--for", "1h", "--reason", "an upgrade")
        assert ": an upgrade" in said("status")
        assert "Resumed" in said("resume")

        said("rebalance", "-c", "book")
        a.until("the round that was asked for", 20, asked_for)
        assert "somebody asked for it" in said("explain", asked_for()[0]["id"])
        assert "balanced" in said("history", "--since", "1h")

        kept = asked_for()[0]["id"]
        a.signal(signal.SIGKILL)
        a.process.wait(5)
        a.__enter__()
        a.until("the first picture", 20, lambda: evenkeel.answers("/api/v1/status"))
        assert "somebody asked for it" in said("explain", kept), "the journal has it from before the restart"

        assert "No setting has another value." in said("reload")
        a.config.write_text(a.config.read_text().replace("= 90", '= "ninety"'))
        by_another_file = evenkeel.run("reload", config)
        assert by_another_file.returncode == 2
        assert "the old settings hold" in by_another_file.stderr and f"{a.config}:" in by_another_file.stderr
