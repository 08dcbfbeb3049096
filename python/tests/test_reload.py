"""Rules that change while the homeserver runs."""

from __future__ import annotations

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
    assert grace.user_id not in lobby.sync(wait=0.5)
    (homeserver.rules / "more.yaml").unlink()
    homeserver.wait_for_line("reloaded: 1 files, 1 rules", 2)
    assert homeserver.metric("presence_router_reloads_total") == 3


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
