#!/usr/bin/env python3
"""How fast Evenkeel finds its figures in a node's metrics, beside parsers that read everything:
Prometheus's own (Go) and Python's client, on the same files, by turns, in the same run.

    tests/bench/compare_exposition.py [--rounds N] [--seconds S] [FILE …]

needs what a build of Evenkeel needs, Go (the version that tests/bench/go/go.mod names, or newer),
python3-pip, and for the first run the network: the two parsers are fetched, pinned by go.sum and
by scripts/pinned-python. It prints one table: the median of the rounds, in MB (10^6 bytes) per
second of processor time on one core, and the ratios. Files: by default those of
tests/samples/2.3.5. Takes about two minutes.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent.parent

COLUMNS = {  # measurement → heading
    "whole": "evenkeel",
    "pieces": "in 16 KiB pieces",
    "series": "Go, series",
    "labels": "Go, and labels",
    "client": "Python",
}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def output_of(*command, **options):
    return run(*command, stdout=subprocess.PIPE, **options).stdout


def build_evenkeel(build):
    run("cmake", "--preset", "release", "-B", build, cwd=ROOT, stdout=sys.stderr)
    run("cmake", "--build", build, "--target", "exposition_bench", stdout=sys.stderr)
    return build / "tests/bench/exposition_bench"


def build_go(tools):
    go = shutil.which("go", path=os.environ["PATH"] + os.pathsep + "/usr/local/go/bin")
    if go is None:
        sys.exit("go is not installed: tests/bench/go/go.mod says which version is needed")
    program = tools / "textparse_bench"
    run(go, "build", "-mod=readonly", "-o", program, ".", cwd=BENCH / "go",
        env={**os.environ, "GOTOOLCHAIN": "local"})  # no other Go, nothing that go.sum has not
    return program


def build_python():
    return output_of(ROOT / "scripts/pinned-python", BENCH / "python/requirements.txt").strip()


def measure_evenkeel(program, seconds, files):
    """Yields (measurement, file, bytes per second), as the other two print them."""
    report = output_of(program, f"--benchmark_min_time={seconds}", "--benchmark_format=json", *files,
                       stderr=subprocess.DEVNULL)
    for benchmark in json.loads(report)["benchmarks"]:
        measurement, file = benchmark["name"].split("/", 1)
        yield measurement, file, benchmark["bytes_per_second"]


def measure_other(*command, **options):
    for line in output_of(*command, **options).splitlines():
        measurement, file, speed = line.split()
        yield measurement, file, float(speed)


def show_table(medians, files):
    sizes = {file.name: file.stat().st_size for file in files}
    sizes["all"] = sum(sizes.values())
    headings = ["file", "bytes", *COLUMNS.values(), "× Go, series", "× Go, and labels", "× Python"]
    rows = [headings]
    for name, size in sizes.items():
        speed = {measurement: medians[measurement, name] for measurement in COLUMNS}
        rows.append([name, f"{size:,}",
                     *(f"{speed[measurement] / 1e6:,.1f}" for measurement in COLUMNS),
                     *(f"{speed['whole'] / speed[other]:,.0f}"
                       for other in ("series", "labels", "client"))])
    widths = [max(len(row[i]) for row in rows) for i in range(len(headings))]
    for row in rows:
        print(row[0].ljust(widths[0]),
              *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:])), sep="  ")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="default: 7")
    parser.add_argument("--seconds", type=float, default=0.2, metavar="S",
                        help="of each measurement in a round, at least (default: 0.2)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="where to build Evenkeel (default: build/release)")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("at least one round")
    files = arguments.files or sorted((ROOT / "tests/samples/2.3.5").glob("*.metrics"))
    files = [file.resolve() for file in files]

    tools = ROOT / "build/compare"
    tools.mkdir(parents=True, exist_ok=True)
    evenkeel = build_evenkeel(arguments.build.resolve())
    textparse = build_go(tools)
    python = build_python()

    measured = collections.defaultdict(list)
    one_core = {**os.environ, "GOMAXPROCS": "1"}
    for number in range(1, arguments.rounds + 1):
        print(f"round {number} of {arguments.rounds}", file=sys.stderr)
        for results in (
                measure_evenkeel(evenkeel, arguments.seconds, files),
                measure_other(textparse, arguments.seconds, *files, env=one_core),
                measure_other(python, BENCH / "python/client_parser_bench.py", arguments.seconds,
                              *files)):
            for measurement, file, speed in results:
                measured[measurement, file].append(speed)
    medians = {key: statistics.median(speeds) for key, speeds in measured.items()}
    print(f"MB/s of one core, median of {arguments.rounds} rounds")
    show_table(medians, files)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} failed with exit code {failed.returncode}")
