"""What the callbacks owe to Synapse, each line against Synapse's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from synapse.api.presence import UserPresenceState
from synapse.events.presence_router import PresenceRouter as Synapses
from synapse.module_api import PRESENCE_ALL_USERS
from synapse.module_api.errors import ConfigError
from synapse_api import (
    DEACTIVATED,
    PERSON,
    RULES,
    Api,
    module,
    route,
    run,
    state,
)

from presence_router import ALL, PresenceRouter, metrics


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


def test_the_digest_of_the_rules_in_use_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    router, api = module(tmp_path)
    digests = []
    for name in ("@chief", "@head"):
        (tmp_path / "rules.yaml").write_text(RULES.replace("@boss", name))
        run(router._reload())
        (digest,) = {
            sample.labels["digest"]
            for metric in metrics.RULES.collect()
            for sample in metric.samples
            if sample.labels["server_name"] == api.server_name
        }
        assert digest == router._rules.now.digest and digest.startswith("sha256:")
        digests.append(digest)
    assert digests[0] != digests[1]
    assert caplog.text.count(f"digest {digests[1]}") == 1


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


@pytest.mark.parametrize("when", ["{}", "{currently_active: true}"])
def test_each_field_of_a_state_is_read_once(tmp_path: Path, when: str) -> None:
    rules = f"routes: [{{senders: all, recipients: '@lobby:home.example', when: {when}}}]"
    router, _ = module(tmp_path, rules)
    reads: list[str] = []

    class State:
        user_id = "@grace:home.example"
        state = "online"
        currently_active = True
        last_active_ts = 1
        status_msg = None

        def __getattribute__(self, name: str) -> Any:
            reads.append(name)
            return object.__getattribute__(self, name)

    given: Any = State()
    assert route(router, [given])["@lobby:home.example"] == {given}
    fields = ["currently_active", "last_active_ts", "state", "status_msg", "user_id"]
    assert sorted(name for name in reads if not name.startswith("__")) == fields
