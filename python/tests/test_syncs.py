"""The syncs of users who are told ALL, and what a change of the rules shows and takes back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from synapse.api.presence import UserPresenceState
from synapse_api import (
    AUDITOR,
    RULES,
    context,
    module,
    route,
    run,
    state,
    sync,
)

from presence_router import ALL


def test_the_sync_of_whoever_was_told_all_has_its_key_and_no_other(tmp_path: Path) -> None:
    router, _ = module(tmp_path, RULES.replace('"@boss', '"@auditor:home.example", "@boss'))
    assert AUDITOR in route(router, [state("grace")])
    sync(router, AUDITOR, [state("heidi")], {AUDITOR: set()})
    grace = state("grace")
    sync(router, AUDITOR, [grace, state("heidi")], {AUDITOR: {grace}})
    sync(router, AUDITOR, [], {AUDITOR: set()})
    # A change that comes next is for everybody, and only for those to whom it is sent.
    assert AUDITOR not in route(router, [state("heidi")])


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
