"""What a scenario found, in numbers: measured on the nodes and asked of Milvus, never of the agent."""
import time
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class NodeFigures:
    number: int
    node: int  # Milvus's id
    memory: int  # resident bytes
    segments: dict  # {collection: number of segments}


def measure(cluster):
    """{number: NodeFigures} of the query nodes that run."""
    placed = {name: cluster.milvus.segments(name) for name in cluster.milvus.collections()}
    return {k: NodeFigures(k, node, cluster.memory(k), {
                name: count for name, segments in placed.items()
                if (count := sum(node in s["nodes"] for s in segments))})
            for k, node in sorted(cluster.node_ids().items()) if cluster.alive(k)}


def settled(cluster, seconds=20):
    """Measures once memory stands still: after a load a node holds more than it keeps."""
    deadline = time.monotonic() + seconds
    before = measure(cluster)
    while time.monotonic() < deadline:
        cluster.collect_garbage()
        time.sleep(1)
        after = measure(cluster)
        if all(abs(after[k].memory - f.memory) < 3 * MIB for k, f in before.items()):
            return after
        before = after
    return before


def ratios(figures, capacities):
    return {k: f.memory / capacities[k] for k, f in figures.items()}


def spread(figures, capacities):
    of = ratios(figures, capacities).values()
    return max(of) - min(of)


def equal(figures, number, ratio):
    """The same capacity for every node, such that node `number` stands at this ratio."""
    return dict.fromkeys(figures, figures[number].memory / ratio)


def report(title, before, after, capacities, agent=None):
    """Prints the table of a scenario."""
    def cell(figures, k):
        if k not in figures:
            return f"{'gone':>26}"
        f = figures[k]
        segments = " ".join(f"{name}:{count}" for name, count in sorted(f.segments.items())) or "-"
        return f"{f.memory / MIB:6.0f} MiB {f.memory / capacities[k]:4.0%} {segments:>12}"

    print(f"\n\n  {title}")
    print(f"  {'node':>4} {'capacity':>10}  {'before':^26}   {'after':^26}")
    for k in sorted(before):
        print(f"  {before[k].node:>4} {capacities[k] / MIB:6.0f} MiB  {cell(before, k)}   {cell(after, k)}")
    print(f"  spread {spread(before, capacities):.1%} -> {spread(after, capacities):.1%}")
    if agent:
        ended = [(e["result"], int(e["bytes"])) for e in agent.events("move ended")]
        moved = [size for result, size in ended if result == "succeeded"]
        outcomes = agent.rounds()
        counted = ", ".join(f"{outcomes.count(o)} {o}" for o in dict.fromkeys(outcomes))
        print(f"  the agent: {len(moved)} moves, {sum(moved) / MIB:.0f} MiB"
              f"{f', {len(ended) - len(moved)} without success' if len(ended) > len(moved) else ''}; rounds: {counted}")
