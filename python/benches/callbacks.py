"""The callbacks against the two modules that an admin would write in Python, in one process.

    .venv/bin/python python/benches/callbacks.py

The rules name 100 recipients in all, ten each. Of a hundred rules, 70 are about one sender, 20 about a server, 5 are
like `@bot-*:example.org`, 4 other globs, and one is a regular expression. As in Synapse, the states of one call are of
different users. Nine of ten are matched by some rule: by each rule for one user at most once.

"Cold" is the first call after loading, where the homeserver knows the users, "new" the same where it does not, and
"warm" a later call. The modules take turns, so that a busy machine slows all of
them, and numbers are medians, in milliseconds of processor time of the thread. The last columns are ratios within one
run. Python's garbage collector is on, as in Synapse.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from synapse.api.presence import UserPresenceState

from presence_router import KnownUsers, RuleSet
from presence_router.config import Config
from presence_router.module import PresenceRouter

RECIPIENTS = [f"@board-{number}:home.example" for number in range(100)]
PER_RULE = 10
COLD_ROUNDS = 5
WARM_ROUNDS = 15

Deliveries = dict[str, set[UserPresenceState]]
Callback = Callable[[Iterable[UserPresenceState]], Any]


# Of a hundred rules: as in the benches of the Rust crate.
KINDS = {"user": 70, "server": 20, "prefix": 5, "part": 2, "domain": 2, "regex": 1}


class Rule:
    """A rule about senders of one kind, of whom `example` is one."""

    def __init__(self, kind: str, number: int, recipients: list[str]) -> None:
        self.kind = kind
        self.recipients = recipients
        self.server = f"s{number % 50}.h{number % 13}.example"
        self.sender: Any
        match kind:
            case "user":
                self.sender = f"@user-{number}:{self.server}"
                self.regex = re.escape(self.sender)
                self.example = self.sender.format
            case "server":
                self.server = f"s{number % 50}.n{number}.example"
                self.sender = {"server": self.server}
                self.regex = f"@[^:]*:{re.escape(self.server)}"
                self.example = ("@user-{}:" + self.server).format
            case "prefix":
                self.sender = f"@bot-{number}*:{self.server}"
                self.regex = f"@bot-{number}[^:]*:{re.escape(self.server)}"
                self.example = (f"@bot-{number}-{{}}:{self.server}").format
            case "part":
                self.sender = f"@*x{number}*:*.example"
                self.regex = rf"@[^:]*x{number}[^:]*:.*\.example"
                self.example = (f"@user{{}}x{number}:{self.server}").format
            case "domain":
                self.sender = {"server": f"*.d{number}.example"}
                self.regex = rf"@[^:]*:.*\.d{number}\.example"
                self.example = (f"@user-{{}}:s.d{number}.example").format
            case _:
                self.regex = rf"@svc{number}[a-z]*:s\d+\.h\d+\.example"
                self.sender = {"regex": self.regex}
                self.example = (f"@svc{number}abc:s{{}}.h1.example").format

    def as_yaml(self) -> dict[str, Any]:
        return {"senders": self.sender, "recipients": self.recipients}


def rules_of(count: int) -> list[Rule]:
    chance = random.Random(1)
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=count)
    return [
        Rule(kind, number, chance.sample(RECIPIENTS, PER_RULE)) for number, kind in enumerate(kinds)
    ]


def states_of(count: int, rules: list[Rule]) -> list[UserPresenceState]:
    chance = random.Random(2)
    exact = [rule for rule in rules if rule.kind == "user"]
    others = [rule for rule in rules if rule.kind != "user"]
    chance.shuffle(exact)
    users = []
    for number in range(count):
        if number % 10 == 0:
            users.append(f"@nobody-{number}:elsewhere.example")
        elif number % 10 < 8 and exact:
            users.append(exact.pop().sender)
        else:
            users.append(chance.choice(others).example(number))
    return [
        UserPresenceState(user, "online", 1, 2, number, None, True)
        for number, user in enumerate(users)
    ]


class Loop:
    """The simple module: a loop over compiled patterns."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = [(re.compile(rule.regex), rule.recipients) for rule in rules]

    async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
        answer: Deliveries = {}
        for state in states:
            for pattern, recipients in self.rules:
                if pattern.fullmatch(state.user_id):
                    for recipient in recipients:
                        answer.setdefault(recipient, set()).add(state)
        return answer


class Good:
    """The good module: dictionaries, one combined pattern before the single ones, and a cache for each user."""

    def __init__(self, rules: list[Rule]) -> None:
        self.users: dict[str, list[str]] = {}
        self.servers: dict[str, list[tuple[str, list[str]]]] = {}
        self.patterns = []
        left = []
        for rule in rules:
            if rule.kind == "user":
                self.users.setdefault(rule.sender, []).extend(rule.recipients)
            elif rule.kind in {"server", "prefix"}:
                start = rule.sender[: rule.sender.index("*")] if rule.kind == "prefix" else "@"
                self.servers.setdefault(rule.server, []).append((start, rule.recipients))
            else:
                self.patterns.append((re.compile(rule.regex), rule.recipients))
                left.append(f"(?:{rule.regex})")
        self.any = re.compile("|".join(left) or "(?!)")
        self.cache: dict[str, tuple[str, ...]] = {}

    def recipients(self, user: str) -> tuple[str, ...]:
        found = dict.fromkeys(self.users.get(user, ()))
        for start, recipients in self.servers.get(user.partition(":")[2], ()):
            if user.startswith(start):
                found |= dict.fromkeys(recipients)
        if self.any.fullmatch(user):
            for pattern, recipients in self.patterns:
                if pattern.fullmatch(user):
                    found |= dict.fromkeys(recipients)
        return tuple(found)

    async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
        cache = self.cache
        answer: Deliveries = {}
        for state in states:
            user = state.user_id
            recipients = cache.get(user)
            if recipients is None:
                recipients = cache[user] = self.recipients(user)
            for recipient in recipients:
                try:
                    answer[recipient].add(state)
                except KeyError:
                    answer[recipient] = {state}
        return answer


class Api:
    """What the module asks of Synapse. The homeserver knows these users."""

    server_name = "home.example"

    def __init__(self, users: list[str]) -> None:
        self.users = users
        self.background: list[Coroutine[Any, None, None]] = []

    def run_as_background_process(self, _: str, run: Callable[[], Any]) -> None:
        self.background.append(run())

    async def run_db_interaction(self, _: str, run: Callable[[Any], Any]) -> Any:
        return run(self)

    async def defer_to_thread(self, run: Callable[..., Any], *arguments: Any) -> Any:
        return run(*arguments)

    def register_presence_router_callbacks(self, **_: Any) -> None:
        pass

    def register_account_validity_callbacks(self, **_: Any) -> None:
        pass

    def looping_background_call(self, *_: Any, **__: Any) -> None:
        pass

    # A transaction with the database, which has the users in one table.

    def execute(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self.rows: list[tuple[Any, ...]]
        if "MAX" in sql:
            self.rows = [(0,)]
        elif "FROM users" in sql:
            last, most = parameters
            self.rows = [(user,) for user in sorted(self.users) if user > last][:most]
        else:
            self.rows = []

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


def ours(rules: list[Rule], users: list[str]) -> PresenceRouter:
    path = Path(tempfile.mkdtemp()) / "rules.yaml"
    path.write_text(json.dumps({"routes": [rule.as_yaml() for rule in rules]}))
    stub = Api(users)
    api: Any = stub
    router = PresenceRouter(Config(rules=(path,), reload=None), api).callbacks
    for coroutine in stub.background:
        asyncio.run(coroutine)
    return router


def milliseconds(callback: Callback, states: list[UserPresenceState]) -> tuple[float, Deliveries]:
    """How long one call takes, and what it answers."""
    started = time.thread_time()
    coroutine = callback(states)
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        answer: Deliveries = stopped.value
        return (time.thread_time() - started) * 1000, answer
    raise AssertionError("a callback waits")


def in_turns(
    makes: list[Callable[[], Any]], states: list[UserPresenceState]
) -> list[tuple[float, float, Deliveries]]:
    """For each module how long a cold call takes and how long a warm one, and what it answers."""
    cold: list[list[float]] = [[] for _ in makes]
    for _ in range(COLD_ROUNDS):
        modules = [make() for make in makes]
        for module, times in zip(modules, cold, strict=True):
            gc.collect()
            times.append(milliseconds(module.get_users_for_states, states)[0])
    # A single state takes less than a clock can tell.
    calls = max(1, 1000 // len(states))
    warm: list[list[float]] = [[] for _ in makes]
    answers: list[Deliveries] = [{} for _ in makes]
    for _ in range(WARM_ROUNDS):
        for number, module in enumerate(modules):
            took = 0.0
            for _ in range(calls):
                once, answers[number] = milliseconds(module.get_users_for_states, states)
                took += once
            warm[number].append(took / calls)
    medians = [map(statistics.median, times) for times in (cold, warm)]
    return list(zip(*medians, answers, strict=True))


def routing() -> None:
    print(f"{'rules':>6} {'states':>6} | {'loop':>9} | {'good cold':>9} {'warm':>8} | "
          f"{'ours cold':>9} {'new':>7} {'warm':>7} | {'x cold':>6} {'x new':>6} {'x warm':>6}")  # fmt: skip
    for rule_count in (10, 1_000, 10_000):
        rules = rules_of(rule_count)
        for state_count in (1, 1_000, 10_000):
            states = states_of(state_count + 1, rules)[1:]
            users = [state.user_id for state in states]
            modules: list[Callable[[], Any]]
            modules = [partial(Good, rules), partial(ours, rules, users), partial(ours, rules, [])]
            good, own, new = in_turns(modules, states)
            assert own[2] == new[2] == good[2]
            # The loop takes minutes at the largest sizes: it is timed over some states.
            some = states[: max(1, 2_000_000 // rule_count // 10)]
            loop, _ = milliseconds(Loop(rules).get_users_for_states, some)
            loop *= len(states) / len(some)
            print(f"{rule_count:>6} {state_count:>6} | {loop:>9.2f} | {good[0]:>9.3f} {good[1]:>8.3f} | "
                  f"{own[0]:>9.3f} {new[0]:>7.3f} {own[1]:>7.3f} | "
                  f"{good[0] / own[0]:>6.1f} {good[0] / new[0]:>6.1f} {good[1] / own[1]:>6.1f}")  # fmt: skip


def sharing() -> None:
    """10,000 states to 100 recipients, against the least that hashing the states once takes."""
    rules = [Rule("server", 0, RECIPIENTS)]
    states = [
        UserPresenceState(rules[0].example(number), "online", 1, 2, number, None, True)
        for number in range(10_000)
    ]

    class Floor:
        async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
            return dict.fromkeys(RECIPIENTS, set(states))

    class OneByOne:
        async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
            return {recipient: set(states) for recipient in RECIPIENTS}

    least, most, own = in_turns([Floor, OneByOne, partial(ours, rules, [])], states)
    assert own[2] == least[2] == most[2]
    print(f"\n10,000 states to 100 recipients: one shared set {least[1]:.2f}, set by set {most[1]:.1f}, "
          f"ours {own[1]:.2f} (cold {own[0]:.2f}): {own[1] / least[1]:.2f} times the shared set")  # fmt: skip


def resident() -> int:
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def known_users(count: int = 1_000_000) -> None:
    """Loading known users, and what they take."""
    path = Path(tempfile.mkdtemp()) / "rules.yaml"
    rules = {
        "routes": [{"senders": {"server": "home.example"}, "recipients": "@screen-*:home.example"}]
    }
    path.write_text(json.dumps(rules))
    gc.collect()
    before = resident()
    started = time.perf_counter()
    known = KnownUsers()
    for page in range(0, count, 20_000):
        known.add(f"@user-{number:07}:home.example" for number in range(page, page + 20_000))
    rule_set = RuleSet.load([path], homeserver=known)
    took = time.perf_counter() - started
    gc.collect()
    print(f"\n{len(known):,} known users, of whom each is in one list: loaded in {took:.2f} s, "
          f"{(resident() - before) / count:.0f} bytes each")  # fmt: skip
    started = time.perf_counter()
    known.add(["@screen-1:home.example"])
    rule_set.follow()
    print(f"one more: {(time.perf_counter() - started) * 1e6:.0f} microseconds")


def interested(count: int = 10_000) -> None:
    """Whose presence a user may see, for a small and a large answer."""
    path = Path(tempfile.mkdtemp()) / "rules.yaml"
    routes = [
        {"senders": {"server": "home.example"}, "recipients": "@large:home.example"},
        {
            "senders": ["@user-1:home.example", "@user-2:home.example"],
            "recipients": "@small:home.example",
        },
    ]
    path.write_text(json.dumps({"routes": routes}))
    known = KnownUsers()
    known.add(f"@user-{number}:home.example" for number in range(count))
    rule_set = RuleSet.load([path], homeserver=known)
    for user in ("@small:home.example", "@large:home.example", "@nobody:home.example"):
        rule_set.interested_shared(user)
        started = time.perf_counter()
        for _ in range(100):
            seen = rule_set.interested_shared(user)
        took = (time.perf_counter() - started) / 100
        print(f"interested, {len(seen):>6} users: {took * 1e6:.1f} microseconds")


BENCHES = {
    "routing": routing,
    "sharing": sharing,
    "known-users": known_users,
    "interested": interested,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benches", nargs="*", help=", ".join(BENCHES))
    for name in parser.parse_args().benches or BENCHES:
        BENCHES[name]()
