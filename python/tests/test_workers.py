"""A homeserver of many processes, each with the module in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from programs import missing
from workers import Workers

needs = missing()
pytestmark = pytest.mark.skipif(
    bool(needs),
    reason=f"the workers scenario needs {', '.join(needs)}: install PostgreSQL and Redis",
)

RULES = """
routes:
  - senders: "@grace:home.example"
    recipients: ["@lobby:home.example", "@screen-*:home.example"]
  - senders: {server: home.example}
    recipients: "@auditor:home.example"
  - senders: "@grace:home.example"
    recipients: "@friend:other.example"
interests:
  - users: "@auditor:home.example"
    in: all
"""


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    folder = tmp_path_factory.mktemp("workers") / "homeserver"
    homeserver = Workers(folder, {"rules.yaml": RULES})
    try:
        homeserver.start()
        yield homeserver
    finally:
        homeserver.stop()


def test_presence_crosses_processes_and_a_reload_reaches_all(homeserver: Workers) -> None:
    grace = homeserver.user("grace")
    lobby = homeserver.through(homeserver.user("lobby"), "sync1")
    screen = homeserver.through(homeserver.user("screen-1"), "sync2")
    auditor = homeserver.through(homeserver.user("auditor"), "sync2")
    kitchen = homeserver.through(homeserver.user("kitchen"), "sync1")
    ivan = homeserver.through(homeserver.user("ivan"), "sync2")
    clients = [lobby, screen, auditor, kitchen, ivan]
    for client in clients:
        client.settle()

    # Grace asks the main process, the presence writer stores it, and two sync workers deliver.
    grace.is_now("online")
    lobby.wait_for(grace.user_id, "online")
    auditor.wait_for(grace.user_id, "online")
    for nobody in (kitchen, ivan):
        assert grace.user_id not in nobody.sync(wait=0.5)
    # The main process has seen the screen register. Here it is known by its asking.
    assert grace.user_id in screen.sync(full=True)
    grace.is_now("unavailable")
    screen.wait_for(grace.user_id, "unavailable")
    grace.is_now("online")

    homeserver.write_rules("rules.yaml", RULES.replace("@lobby:", "@kitchen:"))
    homeserver.wait_for_line("presence rules reloaded", 5)
    # Grace does nothing meanwhile; only the presence writer can send the kitchen where she is.
    kitchen.wait_for(grace.user_id, "online")
    # The worker that the lobby syncs with knows what it no longer sees.
    lobby.wait_for(grace.user_id, "offline", poll=1)
    grace.is_now("unavailable")
    kitchen.wait_for(grace.user_id, "unavailable")
    seen = lobby.sync(wait=0.5)
    assert seen.get(grace.user_id, {"presence": "offline"})["presence"] == "offline"
    assert auditor.wait_for(grace.user_id, "unavailable")

    text = homeserver.log_text()
    assert "module API callback" not in text
    bad = [line for line in text.splitlines() if line.startswith(("ERROR", "WARNING"))]
    assert not [line for line in bad if "presence_router" in line or "presence rules" in line]
