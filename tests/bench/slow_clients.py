#!/usr/bin/env python3
"""How long /metrics takes beside slow clients, and what memory they cost the agent:

    tests/bench/slow_clients.py build/release/agent/evenkeel --clients 600 --seconds 60

Three times over: without slow clients, with all of them at one address, and with them at twenty. Each sends a request at one
byte a second, and connects again as soon as it is pushed out or told to go. From an address of its own, somebody asks for
/metrics ten times a second meanwhile. The agent watches the cluster of soak.py. Prints a line for each, and exits with 1 where
p99 is above 50 ms or an answer fails.
"""
import argparse
import http.client
import multiprocessing
import resource
import select
import socket
import time

import soak

MOST = 50  # ms
REQUEST = b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 10_000


class Slow:
    def __init__(self, address):
        self.address, self.socket, self.sent = address, None, 0

    def step(self):
        """One byte more; on a new connection where the last one is over."""
        try:
            if self.socket is None:
                self.socket, self.sent = socket.socket(), 0
                self.socket.bind((self.address, 0))
                self.socket.setblocking(False)
                self.socket.connect_ex((soak.WEB_HOST, soak.WEB_PORT))
            elif select.select([self.socket], [], [], 0)[0]:
                raise ConnectionError  # an answer, or the end
            else:
                self.socket.send(REQUEST[self.sent:self.sent + 1])
                self.sent += 1
        except BlockingIOError:
            pass
        except OSError:
            self.socket.close()
            self.socket = None


def be_slow(clients, addresses):
    resource.setrlimit(resource.RLIMIT_NOFILE, (clients + 100,) * 2)
    crowd = [Slow(f"127.0.2.{1 + number % addresses}") for number in range(clients)]
    while True:
        for client in crowd:
            client.step()
            time.sleep(1 / clients)


def ask():
    """Milliseconds, from connecting to the last byte; none where it failed."""
    begin = time.monotonic()
    connection = http.client.HTTPConnection(soak.WEB_HOST, soak.WEB_PORT, timeout=10, source_address=("127.0.3.1", 0))
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        good = bool(answer.read()) and answer.status == 200
    except OSError:
        good = False
    finally:
        connection.close()
    return (time.monotonic() - begin) * 1000 if good else None


def measure(agent, what, clients, addresses, seconds):
    before = soak.resident_kib(agent.pid)
    crowd = multiprocessing.Process(target=be_slow, args=(clients, addresses), daemon=True)
    if clients:
        crowd.start()
        time.sleep(5)  # until all are there
    times, highest, end = [], before, time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(ask())
        highest = max(highest, soak.resident_kib(agent.pid))
        time.sleep(0.1)
    if clients:
        crowd.terminate()
        crowd.join()
        time.sleep(5)
    good = sorted(each for each in times if each is not None)
    if not good:
        print(f"{what:28} {len(times)} asked, none answered", flush=True)
        return True
    p50, p99 = (good[int(len(good) * part)] for part in (0.5, 0.99))
    print(f"{what:28} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  max {good[-1]:6.1f} ms  {len(times)} asked, {len(times) - len(good)} failed"
          f"  memory {before} KiB before, {highest} at the most, {soak.resident_kib(agent.pid)} after", flush=True)
    return p99 > MOST or len(good) < len(times)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("evenkeel")
    arguments.add_argument("--clients", type=int, default=600)
    arguments.add_argument("--seconds", type=float, default=60)
    options = arguments.parse_args()
    with soak.running(options.evenkeel, soak.Cluster()) as agent:
        time.sleep(10)
        return max([measure(agent, "no slow clients", 0, 1, options.seconds),
                    measure(agent, f"{options.clients} at one address", options.clients, 1, options.seconds),
                    measure(agent, f"{options.clients} at twenty addresses", options.clients, 20, options.seconds)])


if __name__ == "__main__":
    raise SystemExit(main())
