"""What the callbacks owe to Synapse, each line against Synapse's own code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from synapse.api.presence import UserPresenceState
from synapse.events.presence_router import PresenceRouter as Synapses
from synapse.module_api import PRESENCE_ALL_USERS

from presence_router import ALL, PresenceRouter, RulesError

T = TypeVar("T")

RULES = """
routes:
  - senders: {server: home.example}
    recipients: ["@lobby:home.example", "@kitchen:home.example", "@screen-*:home.example"]
  - senders: "@grace:home.example"
    recipients: ["@lobby:home.example", "@kitchen:home.example", "@boss:home.example"]
    when: {state: online}
  - senders: all
    recipients: {template: "@{localpart}:elsewhere.example"}
interests:
  - users: "@auditor:home.example"
    in: all
"""


class Api:
    """As much of Synapse's module API as the module uses, without a homeserver."""

    server_name = "home.example"

    def __init__(self) -> None:
        self.synapses = Synapses(None)  # type: ignore[arg-type]
        self.loops: list[str] = []
        self.slept: list[float] = []
        self.sent: list[list[str]] = []
        self.writes_presence = True
        self.on_registration: Callable[[str], Awaitable[None]] | None = None

    def register_presence_router_callbacks(self, **callbacks: Any) -> None:
        self.synapses.register_presence_router_callbacks(**callbacks)

    def register_account_validity_callbacks(
        self, on_user_registration: Callable[[str], Awaitable[None]]
    ) -> None:
        self.on_registration = on_user_registration

    def looping_background_call(
        self, f: Any, msec: float, *, desc: str, run_on_all_instances: bool
    ) -> None:
        assert run_on_all_instances
        self.loops.append(desc)

    def run_as_background_process(
        self, desc: str, func: Callable[..., Awaitable[None]], *args: Any
    ) -> None:
        def run_apart() -> None:
            run(func(*args))

        thread = threading.Thread(target=run_apart)
        thread.start()
        thread.join()

    async def run_db_interaction(self, desc: str, func: Callable[..., T], *args: Any) -> T:
        class Nothing:
            def execute(self, sql: str, parameters: Any) -> None:
                self.rows = [(0,)] if "MAX" in sql else []

            def fetchall(self) -> Any:
                return self.rows

        return func(Nothing(), *args)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def send_local_online_presence_to(self, users: Iterable[str]) -> None:
        if not self.writes_presence:
            raise Exception("send_local_online_presence_to can only be run on the process …")
        self.sent.append(sorted(users))

    async def defer_to_thread(self, f: Callable[..., T], *args: Any) -> T:
        return f(*args)


def run(awaitable: Awaitable[T]) -> T:
    async def wait() -> T:
        return await awaitable

    return asyncio.run(wait())


def module(tmp_path: Path, rules: str = RULES, **config: Any) -> tuple[PresenceRouter, Api]:
    path = tmp_path / "rules.yaml"
    path.write_text(rules)
    api = Api()
    parsed = PresenceRouter.parse_config({"rules": [str(path)], **config})
    return PresenceRouter(config=parsed, api=api), api  # type: ignore[arg-type]


def state(user: str, presence: str = "online") -> UserPresenceState:
    return UserPresenceState(f"@{user}:home.example", presence, 1, 2, 3, None, True)


def route(
    router: PresenceRouter, states: Iterable[UserPresenceState]
) -> dict[str, set[UserPresenceState]]:
    return run(router.get_users_for_states(states))


def test_the_answer_is_a_dictionary_of_sets(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    grace, heidi = state("grace"), state("heidi")
    answer = route(router, [grace, heidi])
    assert answer == {
        "@lobby:home.example": {grace, heidi},
        "@kitchen:home.example": {grace, heidi},
        "@boss:home.example": {grace},
        "@grace:elsewhere.example": {grace},
        "@heidi:elsewhere.example": {heidi},
    }
    assert type(answer) is dict
    assert all(type(states) is set for states in answer.values())
    # Who gets the same gets the same set.
    assert answer["@lobby:home.example"] is answer["@kitchen:home.example"]


@pytest.mark.parametrize("given", [list, tuple, set, frozenset, iter, dict.fromkeys])
def test_states_come_in_any_iterable(tmp_path: Path, given: Any) -> None:
    router, _ = module(tmp_path)
    assert "@lobby:home.example" in route(router, given([state("grace"), state("heidi")]))
    assert route(router, given([])) == {}


def test_a_condition_is_about_the_state(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    assert "@boss:home.example" in route(router, [state("grace", "online")])
    assert "@boss:home.example" not in route(router, [state("grace", "offline")])


def test_synapse_takes_every_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    router, api = module(tmp_path)
    del router
    grace = state("grace")

    async def ask() -> None:
        merged = await api.synapses.get_users_for_states([grace])
        assert merged["@lobby:home.example"] == {grace}
        assert await api.synapses.get_interested_users("@auditor:home.example") == ALL
        seen = await api.synapses.get_interested_users("@lobby:home.example")
        assert "@grace:home.example" in seen
        # Synapse changes the sets that it gives out, which are its own.
        assert isinstance(seen, set)
        seen.add("@mallory:home.example")
        assert "@mallory:home.example" not in await api.synapses.get_interested_users(
            "@lobby:home.example"
        )

    # Synapse runs callbacks on Twisted, whose coroutines need no loop.
    from twisted.internet.defer import ensureDeferred

    results: list[Any] = []
    ensureDeferred(ask()).addBoth(results.append)
    assert results == [None]
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_all_is_synapses_word_for_it() -> None:
    assert ALL == PRESENCE_ALL_USERS == Synapses.ALL_USERS


def test_whoever_was_told_all_is_always_a_key(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    auditor = "@auditor:home.example"
    assert auditor not in route(router, [state("grace")])
    assert run(router.get_interested_users(auditor)) == ALL
    assert route(router, [])[auditor] == set()
    assert route(router, [state("grace")])[auditor] == set()
    # Also after the rules have changed: a sync may be on its way.
    (tmp_path / "rules.yaml").write_text("routes: [{senders: '@x:x', recipients: '@y:y'}]")
    run(router._reload())
    assert run(router.get_interested_users(auditor)) == set()
    assert route(router, [state("grace")]) == {auditor: set()}


def test_who_gains_gets_the_present_state_twice(tmp_path: Path) -> None:
    """At once, and when the other processes have the rules, too."""
    before = "routes: [{senders: '@grace:home.example', recipients: '@lobby:home.example'}]"
    router, api = module(tmp_path, before)
    run(router.get_interested_users("@kitchen:home.example"))
    for writes_presence, sent in [(False, []), (True, [[], ["@kitchen:home.example"]])]:
        api.writes_presence = writes_presence
        (tmp_path / "rules.yaml").write_text(before.replace("lobby", "kitchen"))
        run(router._reload())
        expected = [*sent, *sent[1:]]
        assert api.sent == expected
        (tmp_path / "rules.yaml").write_text(before)
        api.writes_presence = False
        run(router._reload())
    assert len(api.slept) == 1 and 6 < api.slept[0] < 7


def test_an_error_at_the_start_stops_it(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    config = PresenceRouter.parse_config({"rules": [str(path)]})
    path.write_text("routes: [{senders: all}]")
    with pytest.raises(RulesError, match="missing-key"):
        PresenceRouter(config, Api())  # type: ignore[arg-type]


def test_rules_that_come_to_need_known_users_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = "routes: [{senders: all, recipients: '@lobby:home.example'}]"
    router, _ = module(tmp_path, rules, homeserver_users=False)
    (tmp_path / "rules.yaml").write_text(rules.replace("lobby", "*"))
    for _ in range(3):
        run(router._reload())
    assert caplog.text.count("nobody is known, and these rules need known users: ") == 1
    assert set(route(router, [state("grace")])) == {"@lobby:home.example"}


def test_large_answers_are_kept_until_somebody_comes(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    screen = "@screen-1:home.example"
    route(router, [state(f"user-{number}") for number in range(100)])
    seen = run(router.get_interested_users(screen))
    assert len(seen) == 101 and run(router.get_interested_users(screen)) is seen
    route(router, [state("late")])
    assert run(router.get_interested_users(screen)) == {*seen, "@late:home.example"}
    # Scripts get a set of their own.
    assert router._rules.interested(screen) is not router._rules.interested(screen)


def test_no_malformed_user_id_comes_out(tmp_path: Path) -> None:
    rules = """
routes:
  - senders: all
    recipients: [{template: "@{localpart}:{localpart}.example"}, "@*:*"]
"""
    router, api = module(tmp_path, rules)
    assert api.on_registration
    run(api.on_registration("@good:home.example"))
    run(api.on_registration("nonsense"))
    states = [state("a b"), state("grace"), state("é"), state("")]
    states.append(UserPresenceState("nonsense", "online", 1, 2, 3, None, True))
    from synapse.types import UserID, get_domain_from_id

    answer = route(router, states)
    assert "@grace:grace.example" in answer and "@good:home.example" in answer
    for recipient in answer:
        UserID.from_string(recipient)
        assert get_domain_from_id(recipient)
    assert "@a b:a b.example" not in answer and "nonsense" not in answer


def test_senders_become_known(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    grace, heidi = "@grace:home.example", "@heidi:home.example"
    assert run(router.get_interested_users("@boss:home.example")) == {grace}
    assert heidi not in run(router.get_interested_users("@lobby:home.example"))
    route(router, [state("heidi")])
    assert heidi in run(router.get_interested_users("@lobby:home.example"))


def test_who_asks_becomes_known(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    grace, screen = state("grace"), "@screen-9:home.example"
    assert screen not in route(router, [grace])
    assert "@grace:home.example" in run(router.get_interested_users(screen))
    assert route(router, [grace])[screen] == {grace}


def test_a_registration_is_known_at_once(tmp_path: Path) -> None:
    router, api = module(tmp_path)
    grace = state("grace")
    assert "@screen-1:home.example" not in route(router, [grace])
    assert api.on_registration
    run(api.on_registration("@screen-1:home.example"))
    assert route(router, [grace])["@screen-1:home.example"] == {grace}


def test_what_runs_in_the_background(tmp_path: Path) -> None:
    assert module(tmp_path)[1].loops == ["presence_router_known_users", "presence_router_reload"]
    assert module(tmp_path, reload="off")[1].loops == ["presence_router_known_users"]
    rules = "routes: [{senders: all, recipients: '@lobby:home.example'}]"
    assert module(tmp_path, rules, homeserver_users=False, reload="off")[1].loops == []


def test_an_error_in_a_state_is_its_own(tmp_path: Path) -> None:
    class Broken:
        @property
        def user_id(self) -> str:
            raise RuntimeError("out of reach")

    router, _ = module(tmp_path)
    with pytest.raises(RuntimeError, match="out of reach"):
        route(router, [Broken()])  # type: ignore[list-item]
    # Nothing is left locked.
    assert "@lobby:home.example" in route(router, [state("grace")])


def test_a_state_may_ask_again_while_it_is_read(tmp_path: Path) -> None:
    router, _ = module(tmp_path)

    class State:
        user_id = "@grace:home.example"
        state = "online"
        currently_active = True

        def __hash__(self) -> int:
            router._rules.interested("@lobby:home.example")
            return 1

    given: Any = State()
    assert route(router, [given])["@lobby:home.example"] == {given}
