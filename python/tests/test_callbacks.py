"""What the callbacks owe to Synapse, each line against Synapse's own code."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from synapse.api.presence import UserPresenceState
from synapse.events.presence_router import PresenceRouter as Synapses
from synapse.module_api import PRESENCE_ALL_USERS
from synapse.module_api.errors import ConfigError

from presence_router import ALL, PresenceRouter

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
        self.users: set[str] = set()
        self.room_mates: set[str] = set()
        self.accounts: dict[str, tuple[Any, ...]] = {}
        """What the database has of each: deactivated, is_guest, appservice_id, user_type."""
        self.on_registration: Callable[[str], Awaitable[None]] | None = None
        self.on_deactivation: Callable[[str, bool, bool], Awaitable[None]] | None = None

    def register_presence_router_callbacks(self, **callbacks: Any) -> None:
        self.synapses.register_presence_router_callbacks(**callbacks)

    def register_account_validity_callbacks(
        self, on_user_registration: Callable[[str], Awaitable[None]]
    ) -> None:
        self.on_registration = on_user_registration

    def register_third_party_rules_callbacks(
        self, on_user_deactivation_status_changed: Callable[[str, bool, bool], Awaitable[None]]
    ) -> None:
        self.on_deactivation = on_user_deactivation_status_changed

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
        api = self

        class Transaction:
            def execute(self, sql: str, parameters: Any) -> None:
                self.rows: list[Any] = [(0,)] if "MAX" in sql else []
                if "WHERE name = ?" in sql:
                    (name,) = parameters
                    account = api.accounts.get(name)
                    self.rows = [(name, *account)] if account else []
                elif "name IN" in sql:
                    self.rows = [(name,) for name in parameters if name in api.users]
                elif "theirs.state_key IN" in sql:
                    self.rows = [(name,) for name in parameters[1:] if name in api.room_mates]

            def fetchall(self) -> Any:
                return self.rows

        return func(Transaction(), *args)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def send_local_online_presence_to(self, users: Iterable[str]) -> None:
        if not self.writes_presence:
            raise Exception("send_local_online_presence_to can only be run on the process …")
        self.sent.append(sorted(users))

    async def defer_to_thread(self, f: Callable[..., T], *args: Any) -> T:
        return f(*args)


PERSON, GUEST, GHOST = (0, 0, None, None), (0, 1, None, None), (False, False, "bridge", None)
SUPPORT, DEACTIVATED = (0, 0, None, "support"), (1, 0, None, None)


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
    return run(router.callbacks.get_users_for_states(states))


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


AUDITOR = "@auditor:home.example"


def test_the_sync_of_whoever_was_told_all_has_its_key_and_no_other(tmp_path: Path) -> None:
    router, _ = module(tmp_path, RULES.replace('"@boss', '"@auditor:home.example", "@boss'))
    assert AUDITOR in route(router, [state("grace")])
    sync(router, AUDITOR, [state("heidi")], {AUDITOR: set()})
    grace = state("grace")
    sync(router, AUDITOR, [grace, state("heidi")], {AUDITOR: {grace}})
    sync(router, AUDITOR, [], {AUDITOR: set()})
    # A change that comes next is for everybody, and only for those to whom it is sent.
    assert AUDITOR not in route(router, [state("heidi")])


def sync(
    router: PresenceRouter,
    user: str,
    states: list[UserPresenceState],
    answer: dict[str, set[UserPresenceState]],
) -> None:
    """What Synapse does for the sync of a user who is told ALL."""

    async def ask() -> None:
        assert await router.callbacks.get_interested_users(user) == ALL
        assert await router.callbacks.get_users_for_states(states) == answer

    run(ask())


def test_a_sync_on_its_way_outlives_a_reload(tmp_path: Path) -> None:
    router, _ = module(tmp_path)

    async def ask() -> None:
        assert await router.callbacks.get_interested_users(AUDITOR) == ALL
        (tmp_path / "rules.yaml").write_text("routes: [{senders: '@x:x', recipients: '@y:y'}]")
        await router._reload()
        assert await router.callbacks.get_users_for_states([state("grace")]) == {AUDITOR: set()}

    run(ask())


def test_a_write_in_the_same_request_is_for_everybody(tmp_path: Path) -> None:
    router, _ = module(tmp_path)
    lobby, grace = "@lobby:home.example", state("grace")

    async def ask() -> None:
        callbacks = router.callbacks
        # Not ALL: no states are asked for.
        await callbacks.get_interested_users(lobby)
        assert lobby in await callbacks.get_users_for_states([grace])
        # The question was answered.
        await callbacks.get_interested_users(AUDITOR)
        await callbacks.get_users_for_states([grace])
        assert lobby in await callbacks.get_users_for_states([grace])
        # The sync failed in between, and a background process was started by it.
        await callbacks.get_interested_users(AUDITOR)
        with context("other"):
            assert lobby in await callbacks.get_users_for_states([grace])

    with context("request"):
        run(ask())


def context(name: str) -> Any:
    from synapse.logging import context

    return context.LoggingContext(  # type: ignore[attr-defined]
        name=name, server_name="home.example"
    )


def test_who_was_not_answered_is_a_key_of_other_answers_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    router, _ = module(tmp_path)
    grace = state("grace")

    def ask(user: str) -> None:
        # A coroutine of its own has a context of its own, so it is not known who asks.
        async def ask() -> None:
            assert await router.callbacks.get_interested_users(user) == ALL

        run(ask())

    ask(AUDITOR)
    assert route(router, [grace])[AUDITOR] == set()
    assert route(router, [])[AUDITOR] == set()
    sync(router, AUDITOR, [], {AUDITOR: set()})
    assert AUDITOR not in route(router, [grace])
    ask(AUDITOR)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    assert AUDITOR not in route(router, [grace])
    monkeypatch.setattr("presence_router.asking._MOST_UNANSWERED", 3)
    (tmp_path / "rules.yaml").write_text("interests: [{users: '@*:*', in: all}]")
    run(router._reload())
    for number in range(5):
        ask(f"@user-{number}:home.example")
    assert sorted(route(router, [])) == [f"@user-{number}:home.example" for number in (2, 3, 4)]


def test_who_gains_gets_the_present_state_twice(tmp_path: Path) -> None:
    """At once, and when the other processes have the rules, too."""
    before = "routes: [{senders: '@grace:home.example', recipients: '@lobby:home.example'}]"
    router, api = module(tmp_path, before)
    kitchen, lobby = "@kitchen:home.example", "@lobby:home.example"
    run(router.callbacks.get_interested_users(kitchen))
    api.users = {kitchen, lobby}
    for writes_presence, sent in [(False, []), (True, [[], [kitchen, lobby]])]:
        api.writes_presence = writes_presence
        (tmp_path / "rules.yaml").write_text(before.replace("lobby", "kitchen"))
        run(router._reload())
        expected = [*sent, *sent[1:]]
        assert api.sent == expected
        (tmp_path / "rules.yaml").write_text(before)
        api.writes_presence = False
        run(router._reload())
    assert [seconds for seconds in api.slept if seconds != 1] == [pytest.approx(6.5, abs=0.5)]


def test_the_present_state_is_for_users_of_the_homeserver_in_portions(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    users = [f"@user-{number:04}:home.example" for number in range(1200)]
    names = ", ".join(f"'{user}'" for user in users)
    router, api = module(tmp_path, "routes: [{senders: '@a:a', recipients: '@b:b'}]")
    api.users = set(users[:1100])
    (tmp_path / "rules.yaml").write_text(
        f"routes: [{{senders: '@grace:home.example', recipients: ['@friend:other.example', {names}]}}]"
    )
    run(router._reload())
    assert [len(sent) for sent in api.sent] == [0, 500, 500, 100, 500, 500, 100]
    assert "@friend:other.example" not in sum(api.sent, [])
    assert caplog.text.count("is not for 100 users who are none of this homeserver") == 1


def test_half_a_file_is_not_taken(tmp_path: Path) -> None:
    """Good rules though they are, as long as the file still changes."""
    router, api = module(tmp_path)
    path = tmp_path / "rules.yaml"
    whole = "routes: [{senders: '@grace:home.example', recipients: '@kitchen:home.example'}]\n"
    whole += "blocks: [{recipients: '@kitchen:home.example'}]\n"
    path.write_text(whole.splitlines()[0])
    sleeps = api.sleep

    async def write_on(seconds: float) -> None:
        await sleeps(seconds)
        if path.read_text() != whole:
            path.write_text(whole)

    api.sleep = write_on  # type: ignore[method-assign]
    run(router._reload())
    # Nothing was taken yet, and then the whole file is.
    assert "@lobby:home.example" in route(router, [state("grace")])
    run(router._reload())
    assert api.slept[:2] == [1, 1] and route(router, [state("grace")]) == {}


def test_who_is_no_longer_seen_is_offline_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = """
routes:
  - senders: ["@grace:home.example", "@heidi:home.example", "@ivan:home.example"]
    recipients: ["@lobby:home.example", "@kitchen:home.example"]
"""
    router, api = module(tmp_path, before)
    lobby, kitchen = "@lobby:home.example", "@kitchen:home.example"
    (tmp_path / "rules.yaml").write_text(
        before
        + "blocks: [{senders: ['@grace:home.example', '@heidi:home.example'], recipients: '@lobby:home.example'}]"
    )
    run(router._reload())
    api.room_mates = {"@heidi:home.example"}
    grace, heidi, ivan, judy = (state(name) for name in ("grace", "heidi", "ivan", "judy"))
    broken = grace.copy_and_replace(status_msg={})
    gone = UserPresenceState.default("@grace:home.example")
    # Heidi shares a room with the lobby, and Judy was never seen.
    told = {gone, heidi, ivan}
    sync(router, lobby, [grace, heidi, ivan, judy, broken], {lobby: told})
    # Another device.
    sync(router, lobby, [grace], {lobby: {gone}})
    assert run(router.callbacks.get_interested_users(kitchen)) != ALL
    # A change is sent by the rules alone.
    assert route(router, [grace]) == {kitchen: {grace}}
    later = time.monotonic() + 70
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert run(router.callbacks.get_interested_users(lobby)) == {"@ivan:home.example"}


def test_what_all_no_longer_shows_is_taken_back(tmp_path: Path) -> None:
    rules = """
routes: [{senders: ["@grace:home.example", "@heidi:home.example"], recipients: "@auditor:home.example"}]
interests: [{users: "@auditor:home.example", in: all}]
"""
    router, api = module(tmp_path, rules)
    (tmp_path / "rules.yaml").write_text(rules.replace('"@grace:home.example", ', ""))
    run(router._reload())
    api.room_mates = {"@grace:home.example"}
    heidi, gone = state("heidi"), UserPresenceState.default("@grace:home.example")
    sync(router, AUDITOR, [state("grace"), heidi, state("judy")], {AUDITOR: {gone, heidi}})


def test_an_error_at_the_start_stops_it(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    config = PresenceRouter.parse_config({"rules": [str(path)]})
    path.write_text("routes: [{senders: all}]")
    with pytest.raises(ConfigError, match="missing-key"):
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


def test_users_who_see_the_same_share_one_large_answer(tmp_path: Path) -> None:
    rules = """
routes:
  - senders: {server: home.example}
    recipients: ["@lobby:home.example", "@kitchen:home.example"]
  - senders: {server: home.example}
    recipients: "@hall:home.example"
  - senders: [{server: home.example}, "@x:other.example"]
    recipients: "@boss:home.example"
interests:
  - users: "@old-?:home.example"
    in: [{server: home.example}, {template: "@{localpart}:old.example"}]
blocks:
  - senders: "@user-7:home.example"
    recipients: "@guarded:home.example"
  - senders: {server: home.example}
    recipients: "@alone:home.example"
"""
    router, _ = module(tmp_path, rules)

    def seen(name: str) -> set[str] | str:
        return run(router.callbacks.get_interested_users(f"@{name}:home.example"))

    route(router, [state(f"user-{number}") for number in range(100)])
    lobby = seen("lobby")
    assert len(lobby) == 101 and seen("kitchen") is lobby and seen("hall") is lobby
    before = set(lobby)
    route(router, [state("late")])
    # Whoever comes is added to the set that there is.
    assert seen("hall") is lobby
    more = {f"@{name}:home.example" for name in ("late", "kitchen", "hall")}
    assert lobby == before | more
    assert seen("boss") == {*lobby, "@x:other.example", "@boss:home.example"}
    assert seen("old-1") == {*seen("lobby"), "@old-1:old.example"}
    assert seen("old-2") == {*seen("lobby"), "@old-2:old.example"}
    # Scripts get a set of their own.
    lobby_id = "@lobby:home.example"
    assert router._rules.now.interested(lobby_id) is not router._rules.now.interested(lobby_id)


def test_large_answers_are_without_the_blocked_and_the_gone(tmp_path: Path) -> None:
    rules = """
routes:
  - senders: {server: home.example}
    recipients: ["@lobby:home.example", "@guarded:home.example", "@alone:home.example"]
  - senders: {server: home.example}
    recipients: {include: ["@a:home.example", "@b:home.example"], exclude: {template: "@{localpart}:home.example"}}
  - senders: {server: home.example}
    recipients: {include: ["@user-12:home.example", "@user-22:home.example"], exclude: {template: "@{localpart}2:home.example"}}
blocks:
  - senders: "@user-7*:home.example"
    recipients: "@guarded:home.example"
  - recipients: "@alone:home.example"
"""
    router, api = module(tmp_path, rules)

    def seen(name: str) -> set[str] | str:
        return run(router.callbacks.get_interested_users(f"@{name}:home.example"))

    users = {f"@user-{number}:home.example" for number in range(100)}
    route(router, [state(f"user-{number}") for number in range(100)])
    guarded = seen("guarded")
    assert users - set(guarded) == {user for user in users if user.startswith("@user-7")}
    route(router, [state("user-700"), state("user-800")])
    assert "@user-800:home.example" in seen("guarded")
    assert "@user-700:home.example" not in seen("guarded")
    assert seen("alone") == set()
    # Templates leave each of them out for itself, whom Synapse shows it in any case: so they share an answer.
    assert all(users < set(seen(name)) for name in ("a", "b"))
    assert set(seen("a")) == set(seen("b"))
    for one, other in ((1, 2), (2, 1)):
        assert f"@user-{one}:home.example" not in seen(f"user-{one}2")
        assert f"@user-{other}:home.example" in seen(f"user-{one}2")
    route(router, [state("user-new")])
    assert "@user-new:home.example" in seen("user-12") and "@user-1:home.example" not in seen(
        "user-12"
    )
    assert api.on_deactivation and "@user-5:home.example" in seen("lobby")
    api.accounts["@user-5:home.example"] = DEACTIVATED
    run(api.on_deactivation("@user-5:home.example", True, False))
    for name in ("lobby", "guarded", "a"):
        assert "@user-5:home.example" not in seen(name) and "@user-6:home.example" in seen(name)


def test_no_malformed_user_id_comes_out(tmp_path: Path) -> None:
    rules = """
routes:
  - senders: all
    recipients: [{template: "@{localpart}:{localpart}.example"}, "@*:*"]
"""
    router, api = module(tmp_path, rules)
    assert api.on_registration
    api.accounts = {name: PERSON for name in ("@good:home.example", "nonsense")}
    for name in api.accounts:
        run(api.on_registration(name))
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
    assert run(router.callbacks.get_interested_users("@boss:home.example")) == {grace}
    assert heidi not in run(router.callbacks.get_interested_users("@lobby:home.example"))
    route(router, [state("heidi")])
    assert heidi in run(router.callbacks.get_interested_users("@lobby:home.example"))


def test_who_asks_becomes_known(tmp_path: Path) -> None:
    router, api = module(tmp_path)
    grace, screen = state("grace"), "@screen-9:home.example"
    assert screen not in route(router, [grace])
    # It has registered in another process just now.
    api.accounts[screen] = PERSON
    assert "@grace:home.example" in run(router.callbacks.get_interested_users(screen))
    assert route(router, [grace])[screen] == {grace}


def test_a_registration_is_known_at_once(tmp_path: Path) -> None:
    router, api = module(tmp_path)
    grace = state("grace")
    assert "@screen-1:home.example" not in route(router, [grace])
    assert api.on_registration
    api.accounts["@screen-1:home.example"] = PERSON
    run(api.on_registration("@screen-1:home.example"))
    assert route(router, [grace])["@screen-1:home.example"] == {grace}


@pytest.mark.parametrize("account", [GUEST, GHOST, SUPPORT, DEACTIVATED, None])
def test_who_is_only_seen_is_no_recipient(tmp_path: Path, account: Any) -> None:
    router, api = module(tmp_path)
    grace, screen = state("grace"), "@screen-1:home.example"
    assert api.on_registration and api.on_deactivation
    if account:
        api.accounts[screen] = account
    run(api.on_registration(screen))
    assert run(router.callbacks.get_interested_users(screen)) == set()
    assert screen not in route(router, [grace, state("screen-1")])
    seen = run(router.callbacks.get_interested_users("@lobby:home.example"))
    assert (screen in seen) == (account != DEACTIVATED)
    # A guest gets an account of its own, and somebody comes back.
    api.accounts[screen] = PERSON
    run(api.on_registration(screen))
    assert route(router, [grace])[screen] == {grace}
    assert grace.user_id in run(router.callbacks.get_interested_users(screen))
    api.accounts[screen] = DEACTIVATED
    run(api.on_deactivation(screen, True, True))
    assert screen not in route(router, [grace])
    seen = run(router.callbacks.get_interested_users("@lobby:home.example"))
    assert screen not in seen and grace.user_id in seen


def test_a_stranger_becomes_no_recipient_by_its_name(tmp_path: Path) -> None:
    rules = "routes: [{senders: all, recipients: '@screen-*:*'}]"
    router, _ = module(tmp_path, rules)
    stranger = UserPresenceState("@screen-0:evil.example", "online", 1, 2, 3, None, True)
    for _ in range(2):
        assert route(router, [state("grace"), stranger]) == {}


def test_what_runs_in_the_background(tmp_path: Path) -> None:
    assert module(tmp_path)[1].loops == ["presence_router_known_users", "presence_router_reload"]
    assert module(tmp_path, reload="off")[1].loops == ["presence_router_known_users"]
    rules = "routes: [{senders: all, recipients: '@lobby:home.example'}]"
    assert module(tmp_path, rules, homeserver_users=False, reload="off")[1].loops == []


def test_a_state_may_ask_again_while_it_is_read(tmp_path: Path) -> None:
    router, _ = module(tmp_path)

    class State:
        user_id = "@grace:home.example"
        state = "online"
        currently_active = True

        def __hash__(self) -> int:
            router._rules.now.interested("@lobby:home.example")
            return 1

    given: Any = State()
    assert route(router, [given])["@lobby:home.example"] == {given}
