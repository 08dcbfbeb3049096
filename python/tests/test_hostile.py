"""What the module makes of users, files and threads that mean no good."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from synapse.api.presence import UserPresenceState
from synapse_api import Api, module, route, run, state

from presence_router import KnownUsers, PresenceRouter, RuleSet

RULES = """
routes:
  - senders: {server: home.example}
    recipients: ["@lobby:home.example", "@screen-*:home.example"]
"""
SURROGATE = "@a\ud800:home.example"


def test_text_that_is_no_unicode_is_no_user(tmp_path: Path) -> None:
    router, api = module(tmp_path, RULES)
    broken = UserPresenceState(SURROGATE, "\ud800", 1, 2, 3, "\ud800", True)
    assert set(route(router, [broken, state("grace")])) == {"@lobby:home.example"}
    assert run(router.callbacks.get_interested_users(SURROGATE)) == set()
    assert api.on_registration
    run(api.on_registration(SURROGATE))
    known = KnownUsers()
    assert known.add([SURROGATE, "@b:home.example"]) == 1
    assert SURROGATE not in known


def test_a_state_that_is_no_unicode_fits_no_condition(tmp_path: Path) -> None:
    rules = RULES + "    when: {state: online}\n"
    router, _ = module(tmp_path, rules)
    assert (
        route(router, [UserPresenceState("@a:home.example", "\ud800", 1, 2, 3, None, True)]) == {}
    )


def test_a_folder_that_vanishes_keeps_the_rules(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, aside = tmp_path / "rules", tmp_path / "aside"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES)
    config = PresenceRouter.parse_config({"rules": [str(folder)]})
    router = PresenceRouter(config, Api())  # type: ignore[arg-type]

    def is_routed() -> bool:
        return "@lobby:home.example" in route(router, [state("grace")])

    folder.rename(aside)
    for _ in range(3):
        run(router._reload())
        assert is_routed()
    assert caplog.text.count("the old ones stay in use") == 1
    # A file where the folder was is no YAML, and an empty folder has no rules.
    folder.write_bytes(b"\xff\0")
    run(router._reload())
    assert is_routed()
    folder.unlink()
    folder.mkdir()
    run(router._reload())
    assert is_routed()
    assert caplog.text.count("the old ones stay in use") == 3
    shutil.rmtree(folder)
    aside.rename(folder)
    (folder / "more.yaml").write_text("blocks: [{recipients: '@lobby:home.example'}]")
    run(router._reload())
    assert not is_routed()


def test_many_reloads_in_a_row(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    router, _ = module(tmp_path, RULES)
    for number in range(100):
        recipient = f"@board-{number}:home.example"
        rules = RULES if number % 3 else "routes: ["
        (tmp_path / "rules.yaml").write_text(rules.replace("@lobby:home.example", recipient))
        run(router._reload())
        if number % 3:
            assert set(route(router, [state("grace")])) == {recipient}
    assert caplog.text.count("the old ones stay in use") == 34


def test_many_threads_get_what_one_gets(tmp_path: Path) -> None:
    """Rules are asked by several threads, while users come and other rules compile."""
    (tmp_path / "rules.yaml").write_text(
        RULES + "  - {senders: all, recipients: {template: '@{localpart}:new.example'}}\n"
    )
    known = KnownUsers()
    rules = RuleSet.load([tmp_path], homeserver=known)
    states = [state(f"user-{number}") for number in range(300)]
    faults: list[Any] = []

    def repeat(work: Callable[[int], None]) -> threading.Thread:
        def all_rounds() -> None:
            try:
                for number in range(30):
                    work(number)
            except BaseException as fault:
                faults.append(fault)

        return threading.Thread(target=all_rounds)

    def ask(number: int) -> None:
        answer, delivered = rules.users_for_states(states)
        assert delivered.states == len(states)
        assert answer["@lobby:home.example"] == set(states)
        assert answer["@user-7:new.example"] == {states[7]}

    def see(number: int) -> None:
        assert "@user-0:home.example" in rules.interested("@lobby:home.example")

    def come(number: int) -> None:
        known.add([f"@screen-{number}:home.example"])
        rules.follow()

    def load(number: int) -> None:
        RuleSet.load([tmp_path], homeserver=known)

    known.add(state.user_id for state in states)
    threads = [repeat(work) for work in (ask, ask, ask, see, come, load)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    answer, _ = rules.users_for_states(states)
    assert answer["@screen-29:home.example"] is answer["@lobby:home.example"]
