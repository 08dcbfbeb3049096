"""How long routed presence takes from one client to another, through a real Synapse on loopback, by HTTP.

    .venv/bin/python python/benches/latency.py

Two users share no room. One says that it is online, away, online …; the other waits in a long poll. Each measurement is
the time from just before the `PUT` of the one until the poll of the other is answered. Homeserver, both clients and
SQLite share this machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from homeserver import Homeserver

RULES = "routes: [{senders: '@grace:home.example', recipients: '@screen-*:home.example'}]"
ROUNDS = 50


def latency(homeserver: Homeserver) -> list[float]:
    grace, screen = homeserver.user("grace"), homeserver.user("screen-1")
    grace.is_now("online")
    screen.settle()
    answered: list[float] = []

    def wait(state: str) -> None:
        screen.wait_for(grace.user_id, state)
        answered.append(time.perf_counter())

    took = []
    for number in range(ROUNDS):
        state = "unavailable" if number % 2 == 0 else "online"
        poll = threading.Thread(target=wait, args=(state,))
        poll.start()
        # The poll is to be waiting by then.
        time.sleep(0.2)
        started = time.perf_counter()
        grace.is_now(state)
        poll.join()
        took.append(answered[-1] - started)
    return sorted(took)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        homeserver = Homeserver(Path(folder) / "homeserver", {"rules.yaml": RULES})
        try:
            took = latency(homeserver.start())
        finally:
            homeserver.stop()
    print(
        f"{len(took)} changes of presence, from `PUT` to the answered long poll, in milliseconds:"
    )
    print(f"median {statistics.median(took) * 1000:.1f}, nine of ten below "
          f"{took[len(took) * 9 // 10] * 1000:.1f}, slowest {took[-1] * 1000:.1f}")  # fmt: skip
