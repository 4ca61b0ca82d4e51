"""How fast Python's prometheus_client parses metrics: for compare_exposition.py.

client_parser_bench.py SECONDS FILE…
prints "client FILE BYTES_PER_SECOND" (of processor time) for each file and for all together.
"""
import pathlib
import sys
import time

from prometheus_client.parser import text_string_to_metric_families


def bytes_per_second(texts, at_least):
    size, begin = 0, time.process_time()
    while True:
        for text in texts:
            samples = sum(len(family.samples) for family in text_string_to_metric_families(text))
            if samples == 0:
                sys.exit("a text without a sample")
            size += len(text.encode())
        spent = time.process_time() - begin
        if spent >= at_least:
            return size / spent


def main():
    at_least = float(sys.argv[1])
    texts = {path.name: path.read_text() for path in map(pathlib.Path, sys.argv[2:])}
    for name, text in texts.items():
        print("client", name, round(bytes_per_second([text], at_least)))
    print("client all", round(bytes_per_second(list(texts.values()), at_least)))


main()
