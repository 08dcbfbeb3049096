"""What a homeserver goes through in months, in some minutes. Its figures stand in docs/reliability.md.

    python/test -m endurance -s

Run it when something changes that holds state between calls: what is remembered, how rules are reloaded, how known users
are followed.
"""

from __future__ import annotations

import random
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Start
from homeserver import Client, Homeserver
from programs import missing
from synapse_api import module, run
from workers import Workers

from presence_router import PresenceRouter

pytestmark = pytest.mark.endurance

CLIENTS = 200
SECONDS = 180
CALLS = 1_000_000
RULES = """
routes:
  - senders: "@grace:home.example"
    recipients: "@wall-*:home.example"
"""


def memory(process: int) -> int:
    """Kilobytes that a process has in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError(f"process {process} says nothing of its memory")


def faults(homeserver: Homeserver) -> list[str]:
    """Lines of the logs that should not be there."""
    bad = ("ERROR", "CRITICAL", "Traceback")
    return [line for line in homeserver.log_text().splitlines() if line.startswith(bad)]


class Wall:
    """Clients on long polls, each in a thread of its own."""

    def __init__(self, clients: list[Client]) -> None:
        self.clients = clients
        self.seen: list[set[str]] = [set() for _ in clients]
        self.faults: list[str] = []
        self.polls = 0
        self.is_over = False
        self.arrived = threading.Condition()
        self.threads = [
            threading.Thread(target=self.poll, args=(number,)) for number in range(len(clients))
        ]

    def poll(self, number: int) -> None:
        client = self.clients[number]
        while not self.is_over:
            try:
                came = client.sync(wait=10)
            except Exception as fault:
                with self.arrived:
                    self.faults.append(repr(fault))
                return
            messages = {content.get("status_msg", "") for content in came.values()}
            with self.arrived:
                self.polls += 1
                self.seen[number] |= messages
                self.arrived.notify_all()

    def all_saw(self, message: str, seconds: float) -> bool:
        def is_so() -> bool:
            return bool(self.faults) or all(message in seen for seen in self.seen)

        with self.arrived:
            self.arrived.wait_for(is_so, seconds)
            return not self.faults and all(message in seen for seen in self.seen)


def test_long_polls_miss_nothing_while_rules_are_reloaded(start: Start) -> None:
    homeserver = start(RULES)
    grace = homeserver.user("grace")
    wall = Wall([homeserver.user(f"wall-{number}") for number in range(CLIENTS)])
    for client in wall.clients:
        client.sync()
    for thread in wall.threads:
        thread.start()
    over = threading.Event()
    written = [0]

    def reload() -> None:
        while not over.wait(1):
            written[0] += 1
            more = f"  - {{senders: '@grace:home.example', recipients: '@board-{written[0]}:home.example'}}\n"
            homeserver.write_rules("rules.yaml", RULES + more)

    reloading = threading.Thread(target=reload)
    reloading.start()
    (process,) = homeserver.processes
    until = time.monotonic() + SECONDS
    sizes: list[tuple[float, int]] = []
    sent = 0
    while time.monotonic() < until:
        message = f"message {sent}"
        grace.is_now(("online", "unavailable")[sent % 2], message)
        assert wall.all_saw(message, 60), (message, wall.faults[:3])
        sent += 1
        sizes.append((time.monotonic(), memory(process.pid)))
    over.set()
    wall.is_over = True
    for thread in [reloading, *wall.threads]:
        thread.join()
    reloads = homeserver.metric("presence_router_reloads_total")
    third = [size for at, size in sizes if at < until - SECONDS * 2 / 3][-1]
    print(
        f"\n{CLIENTS} clients, {SECONDS} s: {sent} updates, {wall.polls} syncs, {reloads:.0f} reloads;"
        f" {third // 1024} MB after a third, {sizes[-1][1] // 1024} MB at the end"
    )
    assert reloads > SECONDS / 6 and not wall.faults
    assert homeserver.metric("presence_router_failed_reloads_total") == 0
    assert homeserver.metric("presence_router_fallback_total") == 0
    assert faults(homeserver) == []
    assert sizes[-1][1] < third * 1.25


needs_programs = pytest.mark.skipif(
    bool(missing()), reason=f"the workers scenario needs {', '.join(missing())}"
)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    homeserver = Workers(tmp_path / "homeserver", {"rules.yaml": RULES})
    try:
        homeserver.start()
        yield homeserver
    finally:
        homeserver.stop()


@needs_programs
def test_a_worker_that_is_killed_goes_on_where_it_was(workers: Workers) -> None:
    grace = workers.user("grace")
    walls = [workers.through(workers.user("wall-1"), "sync1")]
    walls.append(workers.through(workers.user("wall-2"), "sync2"))
    for wall in walls:
        wall.settle()
    for number in range(3):
        workers.kill_worker("sync1")
        grace.is_now("online", f"while one is dead {number}")
        walls[1].wait_for(grace.user_id, "online")
        workers.start_worker("sync1")
        for state in ("unavailable", "online"):
            grace.is_now(state)
            for wall in walls:
                wall.wait_for(grace.user_id, state, seconds=60)
    lines = workers.lines_about_rules()
    assert not [line for line in lines if "loaded" not in line], lines
    assert "module API callback" not in workers.log_text()
    print("\na worker was killed 3 times, and went on")


@needs_programs
def test_a_database_that_restarts_is_waited_for(workers: Workers) -> None:
    grace = workers.user("grace")
    wall = workers.through(workers.user("wall-1"), "sync1")
    wall.settle()
    for number in range(3):
        workers.restart_postgres()
        workers.until_it_answers(grace)
        for client in (grace, wall):
            workers.until_it_answers(client)
        late = workers.through(workers.user(f"wall-late-{number}"), "sync2")
        workers.until_it_answers(late)
        for state in ("unavailable", "online"):
            grace.is_now(state)
            for client in (wall, late):
                client.wait_for(grace.user_id, state, seconds=180)
        workers.write_rules("rules.yaml", RULES + f"    name: after-{number}\n")
        workers.wait_for_line("presence rules reloaded", 5 * (number + 1))
    text = workers.log_text()
    assert "module API callback" not in text
    # That the users could not be read meanwhile is said, and tried again.
    ours = [line for line in workers.lines_about_rules() if line.startswith("ERROR")]
    assert all("this is tried again" in line or "role" in line for line in ours), ours
    print(f"\nPostgreSQL was restarted 3 times; {len(ours)} lines of ours in the logs")


class Hostile:
    """A state with any value in any field."""

    VALUES: tuple[Any, ...] = (
        None, True, False, 0, -1, 2**80, 1.5, float("nan"), "", "online", "busy", "\ud800", "\x00",
        "é" * 300, "@", "@a", "@a:", "@:b.example", "@grace:home.example", "@wall-1:home.example",
        "@x:[::1]", "@" + "a" * 250 + ":b.example", b"online", [], ["online"], {}, {"a": 1}, (),
        (1,), ({},), set(), frozenset(), object(), type, len, NotImplemented, ...,
    )  # fmt: skip

    def __init__(self, chance: random.Random) -> None:
        self.user_id = self.value(chance)
        self.state = self.value(chance)
        self.currently_active = self.value(chance)
        self.hashed = self.value(chance)

    def value(self, chance: random.Random) -> Any:
        if chance.random() < 0.3:
            return f"@user-{chance.randrange(100_000)}:s{chance.randrange(100)}.example"
        return chance.choice(self.VALUES)

    def __hash__(self) -> int:
        return hash((self.user_id, self.state, self.hashed))

    def __eq__(self, other: object) -> bool:
        return self is other


def test_a_million_hostile_calls(tmp_path: Path) -> None:
    router, _ = module(tmp_path, RULES + "  - {senders: all, recipients: '@lobby:home.example'}\n")
    chance = random.Random(1)
    states = [Hostile(chance) for _ in range(5_000)]
    texts = [text for text in Hostile.VALUES if isinstance(text, str)]
    half = 0

    async def ask(router: PresenceRouter) -> None:
        nonlocal half
        for call in range(CALLS):
            batch = states[call % 4_990 :][: call % 4]
            answer = await router.callbacks.get_users_for_states(batch)  # type: ignore[arg-type]
            assert type(answer) is dict
            user = texts[call % len(texts)]
            if call % 3:
                user = f"@user-{chance.randrange(1_000_000)}:home.example"
            seen = await router.callbacks.get_interested_users(user)
            assert type(seen) is set
            if call == CALLS // 2:
                half = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    started = time.process_time()
    run(ask(router))
    took = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - half
    print(
        f"\n{CALLS:,} calls of each callback: {took:.0f} s of processor time, {grown // 1024} MB more than at half"
    )
    # About half of those who asked in the second half were new, and are known now.
    assert grown < 200 * 1024
    grace = next(iter(states))
    grace.user_id, grace.state, grace.hashed = "@grace:home.example", "online", 1
    assert run(router.callbacks.get_users_for_states([grace]))  # type: ignore[list-item]
