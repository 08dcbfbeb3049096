"""The callbacks against the two modules that an admin would write in Python, in one process.

    .venv/bin/python synapse/benches/callbacks.py

The rules name 100 recipients in all. Seven of ten rules are about one sender, two about a server, and one is a regular
expression; each sends to ten recipients. As in Synapse, the states of one call are of different users. Nine of ten are
matched by some rule: by each rule for one user at most once, the others by rules for servers and expressions.

"Cold" is the first call after loading, "warm" a later one. The modules take turns, so that a busy machine slows all of
them, and numbers are medians, in milliseconds of processor time of the thread. The last columns are ratios within one
run. Python's garbage collector is on, as in Synapse.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from synapse.api.presence import UserPresenceState
from synapse_presence_router import KnownUsers, RuleSet
from synapse_presence_router.config import Config
from synapse_presence_router.module import PresenceRouter

RECIPIENTS = [f"@board-{number}:home.example" for number in range(100)]
PER_RULE = 10
COLD_ROUNDS = 5
WARM_ROUNDS = 15

Deliveries = dict[str, set[UserPresenceState]]
Callback = Callable[[Iterable[UserPresenceState]], Any]


class Rule:
    def __init__(self, kind: str, sender: str, recipients: list[str]) -> None:
        self.kind = kind
        self.sender = sender
        self.recipients = recipients

    def as_yaml(self) -> dict[str, Any]:
        sender: Any = self.sender if self.kind == "user" else {self.kind: self.sender}
        return {"senders": sender, "recipients": self.recipients}

    def as_regex(self) -> str:
        if self.kind == "regex":
            return self.sender
        return ("@[^:]*:" if self.kind == "server" else "") + re.escape(self.sender)


def rules_of(count: int) -> list[Rule]:
    chance = random.Random(1)
    rules = []
    for number in range(count):
        kind = "user" if number % 10 < 7 else "server" if number % 10 < 9 else "regex"
        sender = {
            "user": f"@user-{number}:s{number % 50}.example",
            "server": f"s{number}.example",
            "regex": rf"@team-{number}-\d+:.*",
        }[kind]
        rules.append(Rule(kind, sender, chance.sample(RECIPIENTS, PER_RULE)))
    return rules


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
            rule = chance.choice(others)
            users.append(
                f"@user-{number}:{rule.sender}"
                if rule.kind == "server"
                else rule.sender.split(r"\d")[0] + f"{number}:s1.example"
            )
    return [
        UserPresenceState(user, "online", 1, 2, number, None, True)
        for number, user in enumerate(users)
    ]


class Loop:
    """The simple module: a loop over compiled patterns."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = [(re.compile(rule.as_regex()), rule.recipients) for rule in rules]

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
        self.servers: dict[str, list[str]] = {}
        self.patterns = []
        for rule in rules:
            if rule.kind == "user":
                self.users.setdefault(rule.sender, []).extend(rule.recipients)
            elif rule.kind == "server":
                self.servers.setdefault(rule.sender, []).extend(rule.recipients)
            else:
                self.patterns.append((re.compile(rule.sender), rule.recipients))
        self.any = re.compile(
            "|".join(f"(?:{rule.sender})" for rule in rules if rule.kind == "regex")
        )
        self.cache: dict[str, tuple[str, ...]] = {}

    def recipients(self, user: str) -> tuple[str, ...]:
        found = dict.fromkeys(self.users.get(user, ()))
        found |= dict.fromkeys(self.servers.get(user.split(":", 1)[1], ()))
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
    server_name = "home.example"

    def register_presence_router_callbacks(self, **_: Any) -> None:
        pass


def ours(rules: list[Rule]) -> PresenceRouter:
    path = Path(tempfile.mkdtemp()) / "rules.yaml"
    path.write_text(json.dumps({"routes": [rule.as_yaml() for rule in rules]}))
    config = Config(rules=(path,), known_users=False, reload=None)
    api: Any = Api()
    return PresenceRouter(config, api)


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
          f"{'ours cold':>9} {'warm':>8} | {'x cold':>6} {'x warm':>6}")  # fmt: skip
    for rule_count in (10, 1_000, 10_000):
        rules = rules_of(rule_count)
        for state_count in (1, 1_000, 10_000):
            states = states_of(state_count + 1, rules)[1:]
            good, own = in_turns([partial(Good, rules), partial(ours, rules)], states)
            assert own[2] == good[2]
            # The loop takes minutes at the largest sizes: it is timed over some states.
            some = states[: max(1, 2_000_000 // rule_count // 10)]
            loop, _ = milliseconds(Loop(rules).get_users_for_states, some)
            loop *= len(states) / len(some)
            print(f"{rule_count:>6} {state_count:>6} | {loop:>9.2f} | {good[0]:>9.3f} {good[1]:>8.3f} | "
                  f"{own[0]:>9.3f} {own[1]:>8.3f} | {good[0] / own[0]:>6.1f} {good[1] / own[1]:>6.1f}")  # fmt: skip


def sharing() -> None:
    """10,000 states to 100 recipients, against the least that hashing the states once takes."""
    rules = [Rule("server", "home.example", RECIPIENTS)]
    states = [
        UserPresenceState(f"@user-{number}:home.example", "online", 1, 2, number, None, True)
        for number in range(10_000)
    ]

    class Floor:
        async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
            return dict.fromkeys(RECIPIENTS, set(states))

    class OneByOne:
        async def get_users_for_states(self, states: Iterable[UserPresenceState]) -> Deliveries:
            return {recipient: set(states) for recipient in RECIPIENTS}

    least, most, own = in_turns([Floor, OneByOne, partial(ours, rules)], states)
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
    rule_set = RuleSet.load([path], known_users=known)
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
    rule_set = RuleSet.load([path], known_users=known)
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
