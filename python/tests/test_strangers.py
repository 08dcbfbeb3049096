"""What users of other servers can do to a homeserver with the module, and cannot."""

from __future__ import annotations

from typing import Any

from conftest import Start

RULES = """
routes:
  - senders: all
    recipients: "@auditor:home.example"
    when: {state: [online, unavailable]}
  - senders: all
    recipients: "@lobby:home.example"
interests:
  - users: "@auditor:home.example"
    in: all
"""
STRANGER = "@x:evil.example"
HOSTILE: list[dict[str, Any]] = [
    {"status_msg": {}},
    {"status_msg": ["a"]},
    {"currently_active": {"a": 1}},
    {"presence": 5},
    {"presence": ["online"]},
    {"presence": {"a": "online"}},
    {"presence": True, "status_msg": {"a": []}, "currently_active": []},
]


def test_no_state_of_a_stranger_stops_a_sync(start: Start) -> None:
    homeserver = start(RULES)
    auditor, lobby, grace = (homeserver.user(name) for name in ("auditor", "lobby", "grace"))
    for client in (auditor, lobby):
        client.settle()
    for number, fields in enumerate(HOSTILE):
        # Synapse stores it after it has given it to whoever asks, and cannot.
        homeserver.hears(STRANGER, status_msg=f"valid {number}")
        auditor.wait_for(STRANGER, "online")
        homeserver.hears(STRANGER, **fields)
        # Any other status than 200 fails.
        auditor.sync()
        auditor.sync(full=True)
        state = ("unavailable", "online")[number % 2]
        grace.is_now(state)
        auditor.wait_for(grace.user_id, state)
        lobby.wait_for(grace.user_id, state)
    assert homeserver.metric("presence_router_unusable_states_total") > 0
    text = homeserver.log_text()
    assert "module API callback" not in text
    # A line for each would fill the disk.
    assert text.count("presence rules: left out") == 1
