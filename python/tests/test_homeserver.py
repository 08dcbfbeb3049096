"""What a homeserver does with the module, seen by clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from homeserver import Client, Homeserver

RULES = """
groups:
  staff: ["@grace:home.example", "@heidi:home.example"]
routes:
  - name: staff-to-lobby
    senders: {group: staff}
    recipients: "@lobby:home.example"
  - name: staff-to-screens
    senders: {group: staff}
    recipients: "@screen-*:home.example"
  - name: everyone-to-auditor
    senders: {include: all, exclude: "@hermit:home.example"}
    recipients: "@auditor:home.example"
  - name: moved
    senders: {server: home.example}
    recipients: {template: "@old-{localpart}:home.example"}
  - name: to-a-server-of-its-own
    senders: {server: home.example}
    recipients: {template: "@friend:{localpart}.home.example"}
  - name: without-interest
    senders: "@grace:home.example"
    recipients: "@wall:home.example"
interests:
  - users: "@auditor:home.example"
    in: all
blocks:
  - senders: "@heidi:home.example"
    recipients: "@screen-secret:home.example"
"""

ROUTED_ONLY = """
derive_interests: false
routes:
  - senders: "@grace:home.example"
    recipients: "@routed:home.example"
interests:
  - users: "@curious:home.example"
    in: "@grace:home.example"
"""


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    folder = tmp_path_factory.mktemp("shared") / "homeserver"
    homeserver = Homeserver(folder, {"rules.yaml": RULES, "routed.yaml": ROUTED_ONLY}).start()
    yield homeserver
    homeserver.stop()


@pytest.fixture(scope="module")
def users(homeserver: Homeserver) -> dict[str, Client]:
    names = "grace heidi ivan lobby screen-1 screen-secret auditor hermit old-grace routed curious under_score".split()
    return {name: homeserver.user(name) for name in names}


def test_routed_presence_wakes_a_long_poll(users: dict[str, Client]) -> None:
    lobby, grace = users["lobby"], users["grace"]
    grace.is_now("offline")
    lobby.settle()
    seen: list[dict[str, Any]] = []
    poll = threading.Thread(target=lambda: seen.append(lobby.sync(wait=60)))
    poll.start()
    time.sleep(0.5)
    assert not seen
    started = time.monotonic()
    grace.is_now("online")
    poll.join()
    # Far less than the poll would have waited by itself: here it takes some hundredths of a second.
    assert time.monotonic() - started < 30
    assert seen[0][grace.user_id]["presence"] == "online"


def test_routed_presence_is_in_the_next_incremental_sync(users: dict[str, Client]) -> None:
    lobby, grace = users["lobby"], users["grace"]
    lobby.settle()
    grace.is_now("unavailable", "at lunch")
    came = lobby.wait_for(grace.user_id, "unavailable")
    assert came["status_msg"] == "at lunch"


def test_routed_presence_is_in_an_initial_sync(users: dict[str, Client]) -> None:
    users["grace"].is_now("online")
    users["ivan"].is_now("online")
    seen = users["lobby"].sync(full=True)
    assert seen["@grace:home.example"]["presence"] == "online"
    assert "@ivan:home.example" not in seen


def test_nobody_else_gets_it(users: dict[str, Client]) -> None:
    ivan, lobby = users["ivan"], users["lobby"]
    ivan.settle()
    lobby.settle()
    users["grace"].is_now("unavailable")
    lobby.wait_for("@grace:home.example", "unavailable")
    assert "@grace:home.example" not in ivan.sync(wait=0.5)
    assert ivan.sync(full=True) == {}


def test_blocks_hold(users: dict[str, Client]) -> None:
    screen, secret, heidi = users["screen-1"], users["screen-secret"], users["heidi"]
    screen.settle()
    secret.settle()
    heidi.is_now("online")
    screen.wait_for(heidi.user_id, "online")
    assert heidi.user_id not in secret.sync(wait=0.5)
    assert heidi.user_id not in secret.sync(full=True)


def test_a_pattern_reaches_a_user_who_registers_while_the_server_runs(
    homeserver: Homeserver, users: dict[str, Client]
) -> None:
    grace = users["grace"]
    grace.is_now("offline")
    late = homeserver.user("screen-late")
    late.settle()
    grace.is_now("online")
    late.wait_for(grace.user_id, "online")


def test_a_template_reaches_the_one_user_it_makes(users: dict[str, Client]) -> None:
    old = users["old-grace"]
    users["grace"].is_now("offline")
    old.settle()
    users["heidi"].is_now("unavailable")
    users["grace"].is_now("online")
    old.wait_for("@grace:home.example", "online")
    assert "@heidi:home.example" not in old.sync(full=True)


def test_a_malformed_recipient_is_left_out(users: dict[str, Client]) -> None:
    # The template makes `@friend:under_score.home.example` of this sender, whose server name is none.
    sender, auditor = users["under_score"], users["auditor"]
    auditor.settle()
    for state in ("online", "unavailable"):
        status, answer = sender.status("PUT", sender.presence_url(), {"presence": state})
        assert status == 200, answer
        auditor.wait_for(sender.user_id, state)


def test_routed_but_not_interested_is_never_delivered(users: dict[str, Client]) -> None:
    routed, grace = users["routed"], users["grace"]
    grace.is_now("offline")
    routed.settle()
    grace.is_now("online")
    assert grace.user_id not in routed.sync(wait=1)
    assert grace.user_id not in routed.sync(full=True)


def test_interested_but_not_routed_is_delivered_at_the_next_sync(users: dict[str, Client]) -> None:
    curious, grace = users["curious"], users["grace"]
    grace.is_now("offline")
    curious.settle()
    grace.is_now("online")
    # Nothing wakes a poll, but a new one finds it.
    assert grace.user_id in curious.sync() | curious.sync(wait=0.5)
    assert curious.sync(full=True)[grace.user_id]["presence"] == "online"


def test_all_gives_what_the_routes_send_and_no_room_mates(users: dict[str, Client]) -> None:
    auditor, hermit, ivan = users["auditor"], users["hermit"], users["ivan"]
    room = hermit.ask("POST", "/createRoom", {"preset": "public_chat"})["room_id"]
    auditor.ask("POST", f"/join/{room}", {})
    hermit.is_now("offline")
    ivan.is_now("offline")
    auditor.settle()
    hermit.is_now("online")
    ivan.is_now("online")
    auditor.wait_for(ivan.user_id, "online")
    # The hermit shares a room with the auditor, but no route sends its updates.
    assert hermit.user_id not in auditor.sync(wait=0.5)
    seen = auditor.sync(full=True)
    assert ivan.user_id in seen and hermit.user_id not in seen


def test_all_without_anything_to_send_is_no_error(users: dict[str, Client]) -> None:
    auditor, hermit = users["auditor"], users["hermit"]
    auditor.settle()
    for state in ("unavailable", "online", "unavailable"):
        hermit.is_now(state)
        # Any other status than 200 fails.
        auditor.sync()
        auditor.sync(full=True)


def test_the_log_has_no_warning_about_the_module(
    homeserver: Homeserver, users: dict[str, Client]
) -> None:
    text = homeserver.log_text()
    assert "module API callback" not in text
    assert "presence_router" not in "\n".join(
        line for line in text.splitlines() if line.startswith(("WARNING", "ERROR"))
    )
    assert "Traceback" not in text
    lines = homeserver.lines_about_rules()
    assert len(lines) == 1 and "loaded: 2 files, 10 rules, 0 known users, in " in lines[0], lines


def test_metrics_count(homeserver: Homeserver, users: dict[str, Client]) -> None:
    before = homeserver.metric("presence_router_states_total")
    delivered = homeserver.metric("presence_router_deliveries_total")
    users["grace"].is_now("offline")
    users["grace"].is_now("online")
    assert homeserver.metric("presence_router_states_total") > before
    assert homeserver.metric("presence_router_deliveries_total") > delivered
    assert homeserver.metric("presence_router_all_answers_total") > 0
    assert homeserver.metric("presence_router_narrowed_total") == homeserver.metric(
        "presence_router_all_answers_total"
    )
    assert homeserver.metric("presence_router_fallback_total") == 0
    assert homeserver.metric("presence_router_unusable_states_total") == 0
    assert homeserver.metric("presence_router_reloads_total") == 0
    assert homeserver.metric("presence_router_failed_reloads_total") == 0
    assert homeserver.metric("presence_router_rule_set_age_seconds") > 0
    assert homeserver.metric("presence_router_rules_info") == 1
    assert homeserver.metric("presence_router_known_users") >= len(users)
