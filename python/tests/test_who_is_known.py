"""Who becomes known, and who is only seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from synapse.api.presence import UserPresenceState
from synapse_api import (
    DEACTIVATED,
    GHOST,
    GUEST,
    PERSON,
    SUPPORT,
    module,
    route,
    run,
    state,
)


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
