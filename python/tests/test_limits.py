"""What rules cannot do in Synapse, as docs/synapse.md says it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Start
from homeserver import Client, Homeserver, request

RULES = """
routes:
  - senders: "@grace:home.example"
    recipients: "@lobby:home.example"
    when: {state: online}
blocks:
  - senders: "@heidi:home.example"
"""


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    folder = tmp_path_factory.mktemp("limits") / "homeserver"
    homeserver = Homeserver(folder, {"rules.yaml": RULES}).start()
    yield homeserver
    homeserver.stop()


@pytest.fixture(scope="module")
def users(homeserver: Homeserver) -> dict[str, Client]:
    return {name: homeserver.user(name) for name in ("grace", "heidi", "lobby", "ivan")}


def status_of(client: Client, other: Client) -> tuple[int, Any]:
    return client.status("GET", other.presence_url())


def test_when_is_no_filter_for_what_a_sync_shows(users: dict[str, Client]) -> None:
    grace, lobby = users["grace"], users["lobby"]
    lobby.settle()
    grace.is_now("unavailable", "at lunch")
    # It wakes nobody, but the next sync that happens anyway shows it.
    assert lobby.sync(wait=1)[grace.user_id]["presence"] == "unavailable"


def test_a_recipient_may_not_ask_for_one_status(users: dict[str, Client]) -> None:
    grace, lobby = users["grace"], users["lobby"]
    lobby.settle()
    for state in ("unavailable", "online"):
        grace.is_now(state)
        lobby.wait_for(grace.user_id, state, poll=1)
    assert status_of(lobby, grace)[0] == 403


def test_room_mates_see_each_other_past_every_block(users: dict[str, Client]) -> None:
    heidi, ivan = users["heidi"], users["ivan"]
    heidi.is_now("online")
    ivan.settle()
    assert status_of(ivan, heidi)[0] == 403
    room = heidi.ask("POST", "/createRoom", {"preset": "public_chat"})["room_id"]
    ivan.ask("POST", f"/join/{room}", {})
    # Joining shows who is there, without any change.
    ivan.wait_for(heidi.user_id, "online")
    heidi.is_now("unavailable")
    ivan.wait_for(heidi.user_id, "unavailable")
    assert status_of(ivan, heidi)[1]["presence"] == "unavailable"


def test_sliding_sync_has_no_presence(users: dict[str, Client]) -> None:
    grace, lobby = users["grace"], users["lobby"]
    lobby.settle()
    for state in ("unavailable", "online"):
        grace.is_now(state)
        lobby.wait_for(grace.user_id, state, poll=1)
    url = f"{lobby.url}/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0"
    asked = {"extensions": {"presence": {"enabled": True}}, "lists": {}}
    status, answer = request("POST", url, asked, lobby.token)
    assert status == 200 and "pos" in answer, answer
    assert grace.user_id not in str(answer)


def test_nothing_is_routed_where_presence_is_untracked(start: Start) -> None:
    class Untracked(Homeserver):
        def config(self) -> dict[str, Any]:
            return {**super().config(), "presence": {"enabled": "untracked"}}

    homeserver = start(RULES, kind=Untracked)
    grace, lobby = homeserver.user("grace"), homeserver.user("lobby")
    lobby.settle()
    grace.is_now("online")
    assert lobby.sync(wait=1) == {} and lobby.sync(full=True) == {}
