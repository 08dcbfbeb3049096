"""Users with ALL: who is woken, and by what."""

from __future__ import annotations

import threading
import time

from conftest import Start
from homeserver import Client, Homeserver

RULES = """
groups:
  auditors: "@auditor-*:home.example"
routes:
  - senders: "@grace:home.example"
    recipients: {group: auditors}
interests:
  - users: {group: auditors}
    in: all
"""
AUDITORS = 60


def asked(homeserver: Homeserver) -> float:
    """How often a sync has asked about a user with ALL. Each that is woken asks again."""
    return homeserver.metric("presence_router_all_answers_total")


def test_a_change_that_no_rule_routes_wakes_nobody(start: Start) -> None:
    homeserver = start(RULES)
    grace, hermit = homeserver.user("grace"), homeserver.user("hermit")
    auditors = [homeserver.user(f"auditor-{number}") for number in range(AUDITORS)]
    for auditor in auditors:
        auditor.sync()
    for auditor in auditors:
        auditor.sync()
    seen: list[dict[str, dict[str, object]]] = []

    def poll(auditor: Client) -> None:
        seen.append(auditor.sync(wait=120))

    polls = [threading.Thread(target=poll, args=[auditor]) for auditor in auditors]
    for thread in polls:
        thread.start()
    time.sleep(5)
    waiting = asked(homeserver)
    for state in ("online", "unavailable", "online"):
        hermit.is_now(state)
    time.sleep(2)
    assert asked(homeserver) == waiting
    # Meanwhile, one of them has another device, whose first sync goes through all states.
    other = Client(homeserver.url, auditors[0].user_id, auditors[0].token)
    assert hermit.user_id not in other.sync(full=True)
    assert not seen
    grace.is_now("online")
    for thread in polls:
        thread.join(60)
        assert not thread.is_alive()
    assert [set(came) for came in seen] == [{grace.user_id}] * AUDITORS
    assert grace.user_id in other.sync(full=True)
    assert homeserver.metric("presence_router_fallback_total") == 0
    assert homeserver.metric("presence_router_narrowed_total") == asked(homeserver)
