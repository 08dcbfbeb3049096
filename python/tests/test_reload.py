"""Rules that change while the homeserver runs."""

from __future__ import annotations

import time

from conftest import Start

BEFORE = "routes: [{senders: '@grace:home.example', recipients: '@lobby:home.example'}]"
AFTER = "routes: [{senders: '@grace:home.example', recipients: ['@lobby:home.example', '@kitchen:home.example']}]"
BROKEN = "routes: [{senders: '@grace:home.example', recipient: '@kitchen:home.example'}]"


def test_a_new_recipient_gets_the_present_state_at_once(start: Start) -> None:
    homeserver = start(BEFORE)
    grace, kitchen = homeserver.user("grace"), homeserver.user("kitchen")
    grace.is_now("online")
    kitchen.settle()
    homeserver.write_rules("rules.yaml", AFTER)
    # Grace does nothing meanwhile.
    assert kitchen.wait_for(grace.user_id, "online")["presence"] == "online"
    homeserver.wait_for_line("reloaded: 1 files, 1 rules")
    assert homeserver.metric("presence_router_reloads_total") == 1
    grace.is_now("unavailable")
    kitchen.wait_for(grace.user_id, "unavailable")


def test_a_broken_file_keeps_the_old_rules_and_is_told_once(start: Start) -> None:
    homeserver = start({"rules.yaml": BEFORE})
    grace, lobby = homeserver.user("grace"), homeserver.user("lobby")
    homeserver.write_rules("rules.yaml", BROKEN)
    homeserver.wait_for_line("the changed rules have errors, so the old ones stay in use")
    grace.is_now("online")
    lobby.wait_for(grace.user_id, "online")
    text = homeserver.log_text()
    assert (
        text.count("rules.yaml:1:43: error[unknown-key]: unknown key `recipient` in a route") == 1
    )
    assert homeserver.metric("presence_router_failed_reloads_total") == 1
    # A new file is a change, too; then one that goes.
    homeserver.write_rules("rules.yaml", AFTER)
    homeserver.wait_for_line("reloaded: 1 files")
    homeserver.write_rules("more.yaml", "blocks: [{senders: '@grace:home.example'}]")
    homeserver.wait_for_line("reloaded: 2 files, 2 rules")
    grace.is_now("unavailable")
    seen = lobby.sync(wait=0.5)
    assert seen.get(grace.user_id, {"presence": "offline"})["presence"] == "offline"
    (homeserver.rules / "more.yaml").unlink()
    homeserver.wait_for_line("reloaded: 1 files, 1 rules", 2)
    assert homeserver.metric("presence_router_reloads_total") == 3


def test_a_changed_file_of_users_is_a_change(start: Start) -> None:
    homeserver = start(
        {
            "rules.yaml": "routes: [{senders: local, recipients: {file: screens.csv, column: id}}]",
            "screens.csv": "name;id\nLobby;@lobby:home.example\n",
        }
    )
    grace, kitchen = homeserver.user("grace"), homeserver.user("kitchen")
    homeserver.write_rules(
        "screens.csv", "name;id\nLobby;@lobby:home.example\nKitchen;@kitchen:home.example\n"
    )
    homeserver.wait_for_line("reloaded: 1 files, 1 rules")
    grace.is_now("online")
    kitchen.wait_for(grace.user_id, "online")


def test_a_changed_file_of_known_users_is_a_change(start: Start) -> None:
    homeserver = start(
        {
            "rules.yaml": "known_users: users.txt\nroutes: [{senders: all, recipients: '@screen-*:other.example'}]",
            "users.txt": "@screen-1:other.example\n",
        }
    )
    homeserver.write_rules("users.txt", "@screen-1:other.example\n@screen-2:other.example\n")
    homeserver.wait_for_line("reloaded")


def test_reloading_can_be_turned_off(start: Start) -> None:
    homeserver = start(BEFORE, reload="off")
    grace, lobby = homeserver.user("grace"), homeserver.user("lobby")
    homeserver.write_rules("rules.yaml", BROKEN)
    grace.is_now("online")
    lobby.wait_for(grace.user_id, "online")
    lobby.sync(wait=1)
    assert len(homeserver.lines_about_rules()) == 1


def test_recipients_who_are_no_users_stop_nobodys_present_state(start: Start) -> None:
    homeserver = start(BEFORE)
    grace, kitchen = homeserver.user("grace"), homeserver.user("kitchen")
    grace.is_now("online")
    kitchen.settle()
    others = "'@ghost:home.example', '@kitchen:home.example', '@friend:other.example'"
    homeserver.write_rules("rules.yaml", AFTER.replace("'@kitchen:home.example'", others))
    kitchen.wait_for(grace.user_id, "online")
    homeserver.wait_for_line(
        "the present state is not for 1 users who are none of this homeserver, such as @ghost:home.example"
    )
    text = homeserver.log_text()
    assert "FOREIGN KEY" not in text and "Traceback" not in text


def test_who_loses_a_route_sees_that_the_sender_is_gone(start: Start) -> None:
    rules = """
routes:
  - senders: ["@grace:home.example", "@heidi:home.example", "@ivan:home.example"]
    recipients: ["@lobby:home.example", "@auditor:home.example", "@kitchen:home.example"]
interests:
  - users: "@auditor:home.example"
    in: all
"""
    homeserver = start(rules)
    names = ("grace", "heidi", "ivan", "judy", "lobby", "auditor", "kitchen")
    users = {name: homeserver.user(name) for name in names}
    grace, heidi, ivan, judy = (users[name] for name in ("grace", "heidi", "ivan", "judy"))
    room = heidi.ask("POST", "/createRoom", {"preset": "public_chat"})["room_id"]
    users["lobby"].ask("POST", f"/join/{room}", {})
    for sender in (grace, heidi, ivan, judy):
        sender.is_now("online")
    for name in ("lobby", "auditor", "kitchen"):
        users[name].wait_for(grace.user_id, "online")
        users[name].settle()
    # Nobody does anything from here on.
    blocked = "['@grace:home.example', '@heidi:home.example']"
    homeserver.write_rules(
        "more.yaml",
        f"blocks: [{{senders: {blocked}, recipients: ['@lobby:home.example', '@auditor:home.example']}}]",
    )
    auditor = users["auditor"]
    # Synapse wakes nobody for it: it is in the next sync.
    seen = users["lobby"].wait_for(grace.user_id, "offline", poll=1)
    assert seen == {"presence": "offline"}
    auditor.wait_for(grace.user_id, "offline", poll=1)
    # A room-mate goes on being seen, as is whom the rules still show; nobody else is told of.
    seen = users["lobby"].sync(full=True)
    assert seen[heidi.user_id]["presence"] == seen[ivan.user_id]["presence"] == "online"
    assert judy.user_id not in seen
    seen = auditor.sync(full=True)
    assert seen[ivan.user_id]["presence"] == "online" and judy.user_id not in seen
    assert grace.user_id not in users["kitchen"].sync(wait=0.5)
    # And a room-mate's change comes.
    heidi.is_now("unavailable")
    users["lobby"].wait_for(heidi.user_id, "unavailable")


def test_half_a_file_is_not_taken(start: Start) -> None:
    homeserver = start(BEFORE, reload="2s")
    path = homeserver.rules / "rules.yaml"
    halves = [AFTER + "\n", "blocks: [{senders: '@grace:home.example'}]\n"]
    path.write_text(halves[0])
    # Longer than until the next look, and each change is made before the second look at it.
    for number in range(40):
        time.sleep(0.1)
        path.write_text(halves[0] + "#" * number)
    path.write_text("".join(halves))
    homeserver.wait_for_line("reloaded: 1 files, 2 rules")
    assert homeserver.metric("presence_router_reloads_total") == 1
