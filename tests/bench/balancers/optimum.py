#!/usr/bin/env python3
"""The exact optimum of the small instances, by OR-tools' CP-SAT, and a lower bound of the bytes for
the large ones, by linear programming.

    optimum.py --instances DIR --results FILE --output FILE [--seconds S] [--processes N]

DIR and the results are what compare_balancers writes with --dump-instances and --json. For every
instance two things are asked, without regard for budgets, rests and the order of moves (a segment
may go anywhere in its replica at once), so that no schedule of any balancer can do better:

best    the best end state: first the fewest bytes over the thresholds, then the fewest that nodes
        once overloaded are still above their relief mark, then the smallest excess of a set's
        spread over its limit; and the fewest bytes moved that reach it.
fewest  by balancer: the fewest bytes moved that end as well as this balancer ended.

Of the way there only what any order must keep is asked. Whatever arrives at a node needs its loading
peak below the threshold beside all that stays there, even where it comes first and all that leaves
has left; and whatever arrives last needs it beside all that is there in the end, so a node that gets
anything ends no higher than that leaves room for the smallest segment that it gets. (What stays is
taken not to be away for a while: a return within the rest is a violation.) Even that is not asked
for balancers that do not care.

Small instances count in whole MiB; ratios in parts per million, rounded in favour of the optimum.
What is not proven within the time limit is null and counts for nothing. Large instances have
`fewest` only: there memory is a fluid that any set of nodes may shift among its nodes, each at most
what it has of that set's segments.
"""
import argparse
import json
import math
import multiprocessing
import pathlib
import sys

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

PPM = 1_000_000
SLACK = 10  # ppm of spread, for all rounding

OVERLOAD, SHORTFALL, EXCESS = range(3)  # what an end state is judged by, in this order


class Unproven(Exception):
    pass


class Placement:
    """Where every segment may end, and what that means."""

    def __init__(self, instance, careful=True):
        self.instance = instance
        self.model = cp_model.CpModel()
        nodes, segments = instance["nodes"], instance["segments"]
        base = [node["used"] for node in nodes]
        coming = [[] for _ in nodes]
        self.stays = []
        for segment in segments:
            base[segment["node"]] -= segment["mib"]
            places = {node: self.model.new_bool_var("")
                      for node in instance["replicas"][segment["replica"]]}
            self.model.add_exactly_one(places.values())
            self.stays.append(places[segment["node"]])
            for node, there in places.items():
                coming[node].append((segment, there))
        self.bytes = sum(segment["mib"] * (1 - stays)
                         for segment, stays in zip(segments, self.stays))
        self.used = [base[i] + sum(segment["mib"] * there for segment, there in coming[i])
                     for i in range(len(nodes))]
        self.levels = [self.overload(), self.shortfall(), self.excess()]
        if careful:
            self.keep_below_thresholds(coming)

    def threshold(self, node):
        return math.floor(self.instance["threshold"] * node["capacity"] + 1e-9)

    def above(self, marks):
        """The bytes that nodes end above their marks, a sum of variables."""
        total = []
        for i, mark in marks:
            most = sum(node["used"] for node in self.instance["nodes"])
            over = self.model.new_int_var(0, most, "")
            self.model.add(over >= self.used[i] - mark)
            total.append(over)
        return sum(total)

    def overload(self):
        return self.above([(i, self.threshold(node))
                           for i, node in enumerate(self.instance["nodes"])])

    def shortfall(self):
        return self.above([(i, math.floor(node["relief_to"] * node["capacity"] + 1e-9))
                           for i, node in enumerate(self.instance["nodes"])
                           if node["overloaded"]])

    def excess(self):
        """Of the set that is furthest above its limit, in ppm."""
        worst = self.model.new_int_var(0, 10 * PPM, "")
        for group in self.instance["sets"]:
            top = self.model.new_int_var(0, 10 * PPM, "")
            bottom = self.model.new_int_var(0, 10 * PPM, "")
            for i in group["nodes"]:
                capacity = self.instance["nodes"][i]["capacity"]
                self.model.add(PPM * self.used[i] <= top * capacity)
                self.model.add(PPM * self.used[i] >= bottom * capacity)
            limit = math.ceil(group["limit"] * PPM) + SLACK
            self.model.add(worst >= top - bottom - limit)
        return worst

    def keep_below_thresholds(self, coming):
        peak = self.instance["loading_peak"]
        for i, node in enumerate(self.instance["nodes"]):
            arriving = [(segment, there) for segment, there in coming[i] if segment["node"] != i]
            stays = self.used[i] - sum(segment["mib"] * there for segment, there in arriving)
            for segment, there in arriving:
                most = self.threshold(node) - math.floor(peak * segment["mib"])
                self.model.add(stays <= most).only_enforce_if(there)
                smaller = [other for other_segment, other in arriving
                           if other_segment["mib"] < segment["mib"]]
                most = self.threshold(node) - math.floor((peak - 1) * segment["mib"])
                self.model.add(self.used[i] <= most).only_enforce_if(
                    there, *(other.negated() for other in smaller))

    def least(self, figure, seconds):
        """The least value that the figure can have; None where nothing is possible at all."""
        self.model.minimize(figure)
        solver = cp_model.CpSolver()
        solver.parameters.max_deterministic_time = seconds  # the same on any machine
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise Unproven
        return round(solver.objective_value)

    def least_bytes(self, limits, seconds):
        for figure, limit in zip(self.levels, limits):
            self.model.add(figure <= limit)
        return self.least(self.bytes, seconds)


def best_of(instance, seconds):
    """(overload, shortfall, excess), bytes"""
    bytes_moved = Placement(instance).least_bytes((0, 0, 0), seconds)
    if bytes_moved is not None:
        return (0, 0, 0), bytes_moved
    placement = Placement(instance)
    reached = []
    for figure in placement.levels:
        reached.append(placement.least(figure, seconds))
        if reached[-1] is None:
            raise Unproven  # where everything is now is always possible
        placement.model.add(figure <= reached[-1])
    return tuple(reached), placement.least(placement.bytes, seconds)


def end_of(result, instance):
    """The same three figures of a balancer's end state, with room for rounding where not 0."""
    nodes = len(instance["nodes"])
    return tuple(value and value + room for value, room in (
        (math.ceil(result["overload_mib"]), nodes), (math.ceil(result["shortfall_mib"]), nodes),
        (math.ceil(round(result["excess"] * PPM, 3)), SLACK)))


def solve_small(instance, results, seconds):
    answer = {"best": None, "fewest": {}}
    known = {}
    try:
        best, bytes_moved = best_of(instance, seconds)
        known[best] = bytes_moved
        answer["best"] = {"overload_mib": best[OVERLOAD], "shortfall_mib": best[SHORTFALL],
                          "excess": best[EXCESS] / PPM, "mib": bytes_moved}
    except Unproven:
        pass
    for name, result in results.items():
        careful = name == "evenkeel"
        end = end_of(result, instance)
        key = end if end in known and careful else (end, careful)
        try:
            if key not in known:
                known[key] = Placement(instance, careful).least_bytes(end, seconds)
            answer["fewest"][name] = known[key]
        except Unproven:
            answer["fewest"][name] = None
    return answer


def fluid_bound(instance, result):
    """The fewest MiB that end as well as the result, were memory a fluid."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    nodes = instance["nodes"]
    change = [[] for _ in nodes]
    moved = []
    for group in instance["sets"]:
        left, came = [], []
        for i, movable in zip(group["nodes"], group["movable"]):
            left.append(solver.NumVar(0, movable, ""))
            came.append(solver.NumVar(0, solver.infinity(), ""))
            change[i] += [-left[-1], came[-1]]
        solver.Add(sum(left) == sum(came))
        moved += left
    used = [node["used"] + sum(change[i]) for i, node in enumerate(nodes)]

    def above(marks):
        over = []
        for i, mark in marks:
            over.append(solver.NumVar(0, solver.infinity(), ""))
            solver.Add(over[-1] >= used[i] - mark * nodes[i]["capacity"])
        return sum(over)

    solver.Add(above([(i, instance["threshold"]) for i in range(len(nodes))])
               <= result["overload_mib"])
    overloaded = [(i, node["relief_to"]) for i, node in enumerate(nodes) if node["overloaded"]]
    if overloaded:
        solver.Add(above(overloaded) <= result["shortfall_mib"])
    for group in instance["sets"]:
        bottom = solver.NumVar(0, solver.infinity(), "")
        width = group["limit"] + result["excess"] + SLACK / PPM
        for i in group["nodes"]:
            solver.Add(used[i] >= bottom * nodes[i]["capacity"])
            solver.Add(used[i] <= (bottom + width) * nodes[i]["capacity"])
    solver.Minimize(sum(moved))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    return max(0.0, solver.Objective().Value())


def solve(job):
    instance, results, seconds = job
    if instance["small"]:
        answer = solve_small(instance, results, seconds)
    else:
        answer = {"fewest": {name: fluid_bound(instance, result)
                             for name, result in results.items()}}
    return {"family": instance["family"], "seed": instance["seed"], "small": instance["small"],
            **answer}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--results", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="for one proof, on a machine of its own")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count(), metavar="N")
    arguments = parser.parse_args()

    jobs = []
    for line in json.loads(arguments.results.read_text()):
        file = arguments.instances / f"{line['family']}-{line['seed']}.json"
        jobs.append((json.loads(file.read_text()), line["results"], arguments.seconds))
    with multiprocessing.Pool(arguments.processes) as pool:
        answers = []
        for answer in pool.imap(solve, jobs):
            answers.append(answer)
            if sys.stderr.isatty():
                print(f"\roptimum {len(answers)}/{len(jobs)}", end="", file=sys.stderr)
    arguments.output.write_text("[\n" + ",\n".join(map(json.dumps, answers)) + "\n]\n")


if __name__ == "__main__":
    main()
