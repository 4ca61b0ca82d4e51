"""A node is emptied for a rollout, stays empty after the agent was killed, and is let go again."""
import signal
import time

import evenkeel

AGENT = f"http://{evenkeel.LISTEN}"


def test_drain_empties_a_node_and_outlives_the_agent(start_cluster, agent):
    cluster = start_cluster(query_nodes=3, collections={"book": {"segments": 6, "rows": 40000, "dim": 128}})
    nodes = cluster.node_ids()

    def held(node):
        return sum(node in s["nodes"] for s in cluster.milvus.segments("book"))

    node = max(nodes.values(), key=held)
    there = held(node)
    assert there > 0
    with agent(dict.fromkeys(nodes, 2**30)) as a:
        a.until("a first round", 20, a.rounds)
        unknown = evenkeel.run("drain", a.config, "4711", "--agent", AGENT)
        assert unknown.returncode == 1 and "there is no query node 4711" in unknown.stderr
        begin = time.monotonic()
        done = evenkeel.run("drain", a.config, node, "--agent", AGENT, "--timeout", "40s", "--reason", "a rollout")
        took = time.monotonic() - begin
        print(f"\n$ evenkeel drain {node} --timeout 40s --reason 'a rollout'\n{done.stdout}{done.stderr}")
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Node {node} is empty" in done.stdout
        assert held(node) == 0 and sum(map(held, nodes.values())) == 6
        assert [m["why"] for m in a.moves()] == ["drain"] * there
        assert {m["from"] for m in a.moves()} == {str(node)} and a.moved_twice() == []
        assert a.metric("evenkeel_node_draining", node_id=str(node)) == 1

        to_it = evenkeel.run("status", a.config, "--agent", AGENT).stdout
        assert f"node {node} is DRAINED since" in to_it and "it is empty: a rollout" in to_it
        a.signal(signal.SIGKILL)
        a.process.wait()
        rounds = len(a.rounds())
        with a:
            a.until("rounds after the restart", 20, lambda: len(a.rounds()) >= rounds + 3)
            assert a.metric("evenkeel_node_draining", node_id=str(node)) == 1
            assert held(node) == 0, "though it is the lowest by far"
            done = evenkeel.run("undrain", a.config, node, "--agent", AGENT)
            assert done.returncode == 0, done.stderr
            assert a.metric("evenkeel_node_draining") == 0
    print(f"  {there} segments left node {node} in {took:.1f} s")
