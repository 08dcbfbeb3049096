"""States that are none, and faults of the engine: no exception leaves a callback, and no key is missing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from synapse.api.presence import UserPresenceState
from synapse.module_api.errors import ConfigError
from synapse_api import AUDITOR, Api, module, run, state
from twisted.internet.defer import CancelledError, ensureDeferred

from presence_router import ALL, PresenceRouter

LOBBY = "@lobby:home.example"
RULES = """
routes:
  - senders: all
    recipients: ["@lobby:home.example", "@auditor:home.example"]
  - senders: {server: home.example}
    recipients: "@kitchen:home.example"
    when: {state: online, currently_active: true}
  - senders: all
    recipients: {template: "@{localpart}:elsewhere.example"}
interests:
  - users: "@auditor:home.example"
    in: all
"""
WITHOUT_STATES = "routes: [{senders: all, recipients: ['@lobby:home.example', '@auditor:home.example']}]\ninterests: [{users: '@auditor:home.example', in: all}]"
FIELDS = [
    "user_id",
    "state",
    "last_active_ts",
    "last_federation_update_ts",
    "last_user_sync_ts",
    "status_msg",
    "currently_active",
]


class Hash:
    """What Python itself does with it raises."""

    def __init__(self, fault: BaseException) -> None:
        self.fault = fault

    def __hash__(self) -> int:
        raise self.fault

    def __bool__(self) -> bool:
        raise self.fault


class Equal:
    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")


def values() -> Iterator[Any]:
    """One of every type that JSON has, and of some that it has not."""
    yield from [None, True, False, 0, -1, 10**40, 1.5, float("nan"), float("inf")]
    yield from ["", "online", "offline", "\ud800", "x" * 100_000, "@a:b", "@a\nb:home.example"]
    yield from [[], ["online"], {}, {"a": 1}, {"a": [{}]}, (), ([],), b"online", set(), frozenset()]
    yield from [object(), object, Hash(ValueError("no hash")), Equal(), Hash(RecursionError())]
    yield from ["@grace:home.example", "@auditor:home.example", "@é:home.example", "@:x", "@a:b:c"]


class Broken:
    """Reading it raises."""

    state = "online"
    currently_active = True

    @property
    def user_id(self) -> str:
        raise RuntimeError("out of reach")


def answers(api: Api, asks: str | None, states: Any) -> dict[str, set[UserPresenceState]]:
    """As Synapse takes it: an exception of a callback is a warning there, and then keys are missing."""
    results: list[Any] = []

    async def ask() -> Any:
        if asks is not None:
            assert await api.synapses.get_interested_users(asks) == ALL
        return await api.synapses.get_users_for_states(states)

    ensureDeferred(ask()).addBoth(results.append)
    (answer,) = results
    assert isinstance(answer, dict), answer
    return answer


@pytest.mark.parametrize("rules", [RULES, WITHOUT_STATES])
def test_no_value_in_no_field_keeps_others_from_their_updates(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, rules: str
) -> None:
    router, api = module(tmp_path, rules)
    del router
    good = [state("heidi"), state("ivan", "offline")]
    for field in FIELDS:
        for value in values():
            hostile = state("grace").copy_and_replace(**{field: value})
            for states in ([*good, hostile], [hostile, *good], [hostile]):
                answer = answers(api, AUDITOR, states)
                assert set(answer) == {AUDITOR}
                assert answer[AUDITOR] >= {each for each in states if each is not hostile}
                answer = answers(api, None, states)
                wanted = {each for each in states if each is not hostile}
                assert answer.get(LOBBY, set()) >= wanted, (field, value)
                for user, given in answer.items():
                    assert type(user) is str and type(given) is set and given
                    assert all(
                        type(each.user_id) is str and type(each.state) is str for each in given
                    )
    assert not [record for record in caplog.records if "module API" in record.getMessage()]
    # Of all that was left out, one line at most is in the log.
    assert caplog.text.count("presence rules: left out") == 1


@pytest.mark.parametrize("field", ["last_active_ts", "status_msg", "currently_active"])
@pytest.mark.parametrize(
    "number",
    [10**5000, -(10**5000), 2**63, float("inf"), float("nan")],
    ids=["long", "long and negative", "64 bits", "infinite", "none"],
)
def test_a_number_that_cannot_be_sent_keeps_no_sync_from_its_answer(
    tmp_path: Path, field: str, number: float
) -> None:
    # Synapse writes all states of a sync as one JSON text, and Python writes no number of 4,301 digits.
    _, api = module(tmp_path, RULES)
    hostile = state("grace").copy_and_replace(**{field: number})
    good = state("heidi")
    for asks in (AUDITOR, None):
        answer = answers(api, asks, [hostile, good])
        assert answer and all(given == {good} for given in answer.values())
    edge = state("grace").copy_and_replace(last_active_ts=-(2**63))
    assert answers(api, AUDITOR, [edge]) == {AUDITOR: {edge}}


def test_random_batches_of_hostile_states(tmp_path: Path) -> None:
    _, api = module(tmp_path, RULES)
    chance = random.Random(17)
    pool = list(values())
    for _ in range(300):
        good = [state(f"user-{number}") for number in range(chance.randrange(4))]
        hostile: list[Any] = [Broken(), None, 5, {}, UserPresenceState]
        hostile += [UserPresenceState(*(chance.choice(pool) for _ in FIELDS)) for _ in range(5)]
        states = [*good, *chance.sample(hostile, chance.randrange(len(hostile)))]
        chance.shuffle(states)
        answer = answers(api, AUDITOR, states)
        assert set(answer) == {AUDITOR} and answer[AUDITOR] >= set(good)
        assert answers(api, None, states).get(LOBBY, set()) >= set(good)


def test_a_state_that_is_left_out_is_counted_and_told_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    router, api = module(tmp_path, RULES)
    counter = router.callbacks._unusable
    before = counter._value.get()
    hostile = UserPresenceState("@a\nb:evil.example", "online", 1, 2, 3, {}, True)  # type: ignore[arg-type]
    answers(api, None, [hostile, state("grace"), hostile])
    assert counter._value.get() == before + 2
    (record,) = caplog.records
    assert record.getMessage() == (
        "presence rules: left out 2 presence states that cannot be used, such as that of "
        '"@a\\nb:evil.example": "TypeError: unhashable type: \'dict\'"'
    )


class Panic(BaseException):
    """As PyO3's, which is no ``Exception``."""


class Engine:
    """A rule set that fails."""

    def __init__(self, fault: BaseException) -> None:
        self.fault = fault

    def users_for_states(self, *_: object) -> Any:
        raise self.fault

    def interested_shared(self, *_: object) -> Any:
        raise self.fault


@pytest.mark.parametrize("fault", [Panic("index out of bounds"), MemoryError(), ValueError("x")])
def test_a_fault_of_the_engine_stays_inside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: BaseException
) -> None:
    router, api = module(tmp_path, RULES)
    grace = state("grace")

    async def ask() -> None:
        works: Any = router._rules.now
        assert await api.synapses.get_interested_users(AUDITOR) == ALL
        router._rules.now = Engine(fault)  # type: ignore[assignment]
        assert await api.synapses.get_users_for_states([grace]) == {AUDITOR: set()}
        assert await api.synapses.get_users_for_states([grace]) == {}
        assert await api.synapses.get_interested_users(AUDITOR) == set()
        router._rules.now = works
        assert LOBBY in await api.synapses.get_users_for_states([grace])

    results: list[Any] = []
    ensureDeferred(ask()).addBoth(results.append)
    assert results == [None]
    assert caplog.text.count("cannot tell who gets presence, so nobody does") == 1
    assert caplog.text.count("cannot tell whom a user may see, so it is nobody") == 1
    assert "module API callback" not in caplog.text


@pytest.mark.parametrize(
    "end", [CancelledError, asyncio.CancelledError, GeneratorExit, KeyboardInterrupt]
)
def test_what_ends_a_request_is_passed_on(tmp_path: Path, end: type[BaseException]) -> None:
    router, _ = module(tmp_path, RULES)
    router._rules.now = Engine(end())  # type: ignore[assignment]
    coroutine: Any = router.callbacks.get_users_for_states([state("grace")])
    with pytest.raises(end):
        coroutine.send(None)


def test_nothing_raised_refuses_a_registration_or_ends_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    router, api = module(tmp_path, RULES)
    assert api.on_registration

    def fail(*_: object) -> Any:
        raise Panic

    assert router._users and api.on_deactivation
    monkeypatch.setattr(router._users, "known", 5)
    run(api.on_registration("@a:home.example"))
    monkeypatch.setattr(api, "run_db_interaction", fail)
    run(api.on_registration("@a:home.example"))
    run(api.on_deactivation("@a:home.example", True, False))
    monkeypatch.setattr("presence_router.reload.snapshot", fail)
    run(router._reload())
    monkeypatch.setattr(router._users, "_read", fail)
    run(router._update_users())
    for text in (
        "cannot read a user's role",
        "cannot look for changed rules",
        "cannot read the homeserver",
    ):
        assert caplog.text.count(text) == 1


def test_an_older_synapse_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence_router.synapse_version.OLDEST", "99.5")
    with pytest.raises(
        ConfigError, match=r"presence-router needs Synapse 99\.5 or newer, and this is"
    ):
        PresenceRouter.parse_config({"rules": ["x"]})
