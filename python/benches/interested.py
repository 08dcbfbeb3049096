"""What it takes to ask whose presence users may see, where very many are known and strangers keep coming.

    .venv/bin/python python/benches/interested.py

Some users see everybody. Before each call, a stranger becomes known by its presence. Synapse copies the set that it is
given; what that takes is a column of its own. Numbers are medians of processor time of the thread, in microseconds, and
the longest of all calls; "first" is the first call, which makes the set. The last column is what the process grew by.
Python's garbage collector is on, as in Synapse.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from presence_router import KnownUsers, RuleSet

CALLS = 400


def rules_of(recipients: int, kind: str) -> dict[str, Any]:
    names = [f"@screen-{number}:home.example" for number in range(recipients)]
    senders: dict[str, Any] = {"server": "*.example"}
    if kind == "one rule":
        return {"routes": [{"senders": senders, "recipients": names}]}
    if kind == "a rule each":
        return {"routes": [{"senders": senders, "recipients": name} for name in names]}
    # No two of them see the same.
    return {
        "routes": [{"senders": [senders, f"@own-{name[1:]}"], "recipients": name} for name in names]
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.thread_time()
    result = work()
    return (time.thread_time() - start) * 1e6, result


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(users: int, recipients: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(json.dumps(rules_of(recipients, kind)))
        known = KnownUsers()
        known.add(f"@user-{number}:s{number % 50}.example" for number in range(users))
        rules = RuleSet.load([path], homeserver=known, explains=False)
    before = megabytes()
    ask = rules.interested_shared
    screens = [f"@screen-{number}:home.example" for number in range(recipients)]
    firsts = [timed(lambda name=screen: ask(name))[0] for screen in screens]
    later, copies = [], []
    for call in range(CALLS):
        known.add_seen([f"@stranger-{call}:far.example"])
        screen = screens[call % recipients]
        took, seen = timed(lambda name=screen: ask(name))
        later.append(took)
        assert len(seen) >= users + call
        if call % 20 == 0:
            copies.append(timed(lambda users=seen: set().union(users))[0])
    print(
        f"{users:>8,} {recipients:>10,} {kind:>12}"
        f" {max(firsts):>10,.0f} {statistics.median(later):>8.1f} {max(later):>9.1f}"
        f" {statistics.median(copies):>9,.0f} {megabytes() - before:>8.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, action="append", help="how many are known")
    users = parser.parse_args().users or [50_000, 200_000]
    print("   users recipients        rules    first µs later µs longest µs   copy µs       MB")
    for count in users:
        for recipients, kind in [
            (1, "one rule"),
            (20, "one rule"),
            (20, "a rule each"),
            (20, "all differ"),
        ]:
            row(count, recipients, kind)


if __name__ == "__main__":
    main()
