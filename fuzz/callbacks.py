"""Fuzzes the callbacks of the Synapse module with states of every type: ``python fuzz/callbacks.py SECONDS [SEED]``.

It takes the Python of ``./python/test``. What comes is random, not guided by coverage: the types of values are few, and
what matters is which of them stand beside each other.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "python" / "tests"))

from synapse.api.presence import UserPresenceState
from synapse_api import AUDITOR, module, run, state
from test_faults import FIELDS, LOBBY, RULES, Broken, answers, values

_TEXTS = [
    "",
    "@",
    ":",
    "a",
    "é",
    "\0",
    "\n",
    "\ud800",
    "\udc00",
    "\U0001f600",
    "home.example",
    "online",
    "x" * 255,
]


def text(chance: random.Random) -> str:
    return "".join(chance.choice(_TEXTS) for _ in range(chance.randrange(5)))


def value(chance: random.Random, depth: int = 0) -> Any:
    """A value of any type, lists and dictionaries of them included."""
    kind = chance.randrange(12)
    if kind < 4:
        return chance.choice(POOL)
    if kind < 7 or depth == 4:
        return text(chance)
    if kind == 7:
        return f"@{text(chance)}:home.example"
    if kind == 8:
        return chance.choice([1, -1]) * chance.randrange(2 ** chance.choice([8, 32, 64, 200]))
    inner = [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 9:
        return {str(each)[:9]: each for each in inner}
    return tuple(inner) if kind == 10 else inner


POOL = list(values())


def batch(chance: random.Random) -> tuple[list[UserPresenceState], list[Any]]:
    """Good states, and these among others."""
    good = [state(f"user-{number}") for number in range(chance.randrange(4))]
    states: list[Any] = list(good)
    for _ in range(chance.randrange(6)):
        kind = chance.randrange(4)
        if kind == 0:
            states.append(chance.choice([Broken(), value(chance)]))
        elif kind == 1:
            states.append(UserPresenceState(*(value(chance) for _ in FIELDS)))
        else:
            field = chance.choice(FIELDS)
            states.append(state("grace").copy_and_replace(**{field: value(chance)}))
    chance.shuffle(states)
    return good, states


def main() -> None:
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    # What is contained is logged.
    logging.disable()
    begun, batches = time.process_time(), 0
    with tempfile.TemporaryDirectory() as folder:
        router, api = module(Path(folder), RULES)
        while time.process_time() - begun < seconds:
            chance = random.Random(seed + batches)
            good, states = batch(chance)
            try:
                answer = answers(api, AUDITOR, states)
                assert set(answer) == {AUDITOR} and answer[AUDITOR] >= set(good)
                answer = answers(api, None, states)
                assert answer.get(LOBBY, set()) >= set(good)
                # Who was told ALL and has not come for the states yet is given no states at least.
                for user, given in answer.items():
                    assert type(user) is str and type(given) is set and (given or user == AUDITOR)
                seen = run(router.callbacks.get_interested_users(text(chance)))
                assert isinstance(seen, set)
            except BaseException:
                print(f"seed {seed + batches}: {states!r}", file=sys.stderr)
                raise
            batches += 1
    print(f"{batches} batches in {seconds:.0f} seconds, from seed {seed}")


if __name__ == "__main__":
    main()
