"""How long Synapse's reactor is held: by the callbacks, and while rules are loaded beside it.

    .venv/bin/python python/benches/reactor.py

100,000 users are known. The rules are a thousand, of which 20 send everybody to a screen each, and then 50,000 others of
the same kind. Strangers keep coming: each call has one who was not known before, and during reloads every twentieth.

"Processor" is processor time of the thread that asks, as the reactor does. "Wall" is what passes meanwhile, so it has
waiting for locks and for Python's lock in it, and whatever else the machine does; the line without a reload tells how
much that is. Numbers are milliseconds. Python's garbage collector is on, as in Synapse.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synapse.api.presence import UserPresenceState

from presence_router import KnownUsers, RuleSet

SCREENS = [f"@screen-{number}:home.example" for number in range(20)]
HOME = "home.example"


def rules_of(count: int, offset: int) -> dict[str, Any]:
    routes: list[dict[str, Any]] = [
        {"senders": {"server": "*.example"}, "recipients": screen} for screen in SCREENS
    ]
    for number in range(offset, offset + count - len(SCREENS)):
        senders: Any = f"@user-{number}:{HOME}"
        if number % 10 == 0:
            senders = f"@team-{number}-*:{HOME}"
        elif number % 10 == 1:
            senders = {"server": f"s{number}.example"}
        routes.append({"senders": senders, "recipients": f"@board-{number % 500}:{HOME}"})
    return {"routes": routes}


class Times:
    """What calls took."""

    def __init__(self) -> None:
        self.processor: list[float] = []
        self.wall: list[float] = []

    def call(self, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), time.thread_time()
        result = work()
        self.processor.append((time.thread_time() - processor) * 1e3)
        self.wall.append((time.perf_counter() - wall) * 1e3)
        return result

    def row(self, what: str) -> None:
        processor, wall = sorted(self.processor), sorted(self.wall)
        late = int(len(processor) * 0.99)
        print(
            f"{what:<46} {len(processor):>8,} {statistics.median(processor):>9.4f}"
            f" {processor[late]:>9.4f} {processor[-1]:>9.3f} {wall[late]:>9.4f} {wall[-1]:>9.3f}",
            flush=True,
        )


class Reactor:
    """Asks both questions, as syncs and updates do."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.strangers = 0
        self.rounds = 0

    def state(self, is_new: bool = True) -> UserPresenceState:
        self.strangers += is_new
        user = f"@stranger-{self.strangers}:far.example"
        return UserPresenceState(user, "online", 1, 2, 3, None, True)

    def round(self, routes: Times, sees: Times, strangers: int = 1) -> None:
        self.rounds += 1
        state = self.state(is_new=self.rounds % strangers == 0)
        answer, _ = routes.call(lambda: self.rules.users_for_states([state]))
        assert len(answer) == len(SCREENS)
        screen = SCREENS[self.rounds % len(SCREENS)]
        seen = sees.call(lambda: self.rules.interested_shared(screen))
        assert len(seen) > 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reloads", type=int, default=5)
    parser.add_argument("--rules", type=int, default=50_000, help="after a reload")
    arguments = parser.parse_args()
    known = KnownUsers()
    rows = [(f"@user-{number}:{HOME}", 0, 0, None, None) for number in range(100_000)]
    pages = Times()
    for start in range(0, len(rows), 2000):
        pages.call(lambda page=rows[start : start + 2000]: known.add_accounts(page))
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.yaml", Path(folder) / "many.yaml"
        few.write_text(json.dumps(rules_of(1_000, 0)))
        many.write_text(json.dumps(rules_of(arguments.rules, 500)))
        measure(known, few, many, arguments.reloads, pages)


def measure(known: KnownUsers, few: Path, many: Path, reloads: int, pages: Times) -> None:
    print(f"{'':<46} {'calls':>8} {'processor':>29} {'wall':>19}")
    print(f"{'':<46} {'':>8} {'median':>9} {'99 %':>9} {'longest':>9} {'99 %':>9} {'longest':>9}")
    pages.row("taking over 2,000 accounts of the database")
    reactor = Reactor(RuleSet.load([few], homeserver=known, explains=False))
    first = Times()
    reactor.round(first, first)
    first.row("first calls, 1,000 rules")
    routes, sees = Times(), Times()
    for _ in range(20_000):
        reactor.round(routes, sees)
    routes.row("who gets a stranger's state, 1,000 rules")
    sees.row("whom a user may see, 1,000 rules")
    batch = Times()
    for _ in range(50):
        states = [reactor.state() for _ in range(500)]
        batch.call(lambda states=states: reactor.rules.users_for_states(states))
    batch.row("who gets 500 strangers' states, 1,000 rules")

    phases = {name: Times() for name in ("loading", "making answers", "in use", "comparing")}
    phase = ["loading"]
    took: dict[str, list[float]] = {name: [] for name in phases}
    done = threading.Event()

    def enter(name: str, since: float) -> float:
        took[phase[0]].append(time.perf_counter() - since)
        phase[0] = name
        return time.perf_counter()

    def reload() -> None:
        for number in range(reloads):
            since = time.perf_counter()
            phase[0] = "loading"
            old = reactor.rules
            new = RuleSet.load([few if number % 2 else many], homeserver=known, explains=False)
            since = enter("making answers", since)
            new.make_answers_of(old)
            since = enter("in use", since)
            reactor.rules = new
            time.sleep(1)
            since = enter("comparing", since)
            new.changed_since(old, HOME)
            del old
            enter("loading", since)
        done.set()

    thread = threading.Thread(target=reload)
    thread.start()
    while not done.is_set():
        times = phases[phase[0]]
        reactor.round(times, times, strangers=20)
    thread.join()
    for name, times in phases.items():
        if times.processor:
            times.row(f"{name}, {statistics.median(took[name]):.2f} s")


if __name__ == "__main__":
    main()
