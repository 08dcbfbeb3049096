"""A start at which the rules have errors, with the last good ones at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Start
from synapse.module_api.errors import ConfigError
from synapse_api import Api, route, run, state

from presence_router import PresenceRouter

GOOD = "known_users: ../users.txt\nroutes: [{senders: '@grace:home.example', recipients: '@screen-*:home.example'}]"
BROKEN = "routes: [{senders: '@grace:home.example', recipient: '@lobby:home.example'}]"


def started(tmp_path: Path, **config: object) -> PresenceRouter:
    given = {"rules": [str(tmp_path / "rules")], "on_error": "last_good", **config}
    return PresenceRouter(PresenceRouter.parse_config(given), Api())  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yaml").write_text(GOOD)
    (tmp_path / "users.txt").write_text("@screen-1:home.example\n")
    return tmp_path


def test_the_last_good_rules_are_kept_and_used(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started(folder)
    kept = folder / "rules.last_good.json"
    assert set(json.loads(kept.read_text())) == {
        str(folder / "rules" / "rules.yaml"),
        str(folder / "rules" / ".." / "users.txt").replace("rules/../", ""),
    }
    assert not caplog.text
    (folder / "rules" / "rules.yaml").write_text(BROKEN)
    (folder / "users.txt").unlink()
    before = kept.read_text()
    router = started(folder)
    assert caplog.text.count("THE RULES HAVE ERRORS") == 1
    assert "rules.yaml:1:43: error[unknown-key]" in caplog.text
    assert set(route(router, [state("grace")])) == {"@screen-1:home.example"}
    assert kept.read_text() == before
    # They are not read again before they change, and then they are taken.
    for _ in range(3):
        run(router._reload())
    assert caplog.text.count("have errors") == 0
    (folder / "rules" / "rules.yaml").write_text(BROKEN.replace("recipient:", "recipients:"))
    run(router._reload())
    assert set(route(router, [state("grace")])) == {"@lobby:home.example"}
    assert "lobby" in kept.read_text()


def test_a_first_start_with_errors_stops(folder: Path) -> None:
    (folder / "rules" / "rules.yaml").write_text(BROKEN)
    with pytest.raises(
        ConfigError, match=r"(?s)unknown-key.*there are no last good rules to start"
    ):
        started(folder)
    (folder / "rules.last_good.json").write_text("[]")
    with pytest.raises(ConfigError, match="is not a file of last good rules"):
        started(folder)
    for text in (
        '{"a": ',
        '{"version": 1}',
        json.dumps({str(folder / "rules" / "a.yaml"): BROKEN}),
    ):
        (folder / "rules.last_good.json").write_text(text)
        with pytest.raises(ConfigError, match=r"(?s)unknown-key.*there are no last good rules to"):
            started(folder)


@pytest.mark.parametrize("read", ["rules", "rules/rules.yaml", "rules/new.yaml", "users.txt"])
def test_what_is_read_is_not_written(
    folder: Path, caplog: pytest.LogCaptureFixture, read: str
) -> None:
    before = (folder / "rules" / "rules.yaml").read_text(), (folder / "users.txt").read_text()
    if read == "users.txt":
        # Only a rule file names it.
        started(folder, last_good=str(folder / read))
        assert "is read as well" in caplog.text
    else:
        with pytest.raises(ConfigError, match="`last_good` is written"):
            started(folder, last_good=str(folder / read))
    with pytest.raises(ConfigError, match="`last_good` is written"):
        started(
            folder, known_users=[str(folder / "users.txt")], last_good=str(folder / "users.txt")
        )
    assert before == (
        (folder / "rules" / "rules.yaml").read_text(),
        (folder / "users.txt").read_text(),
    )


def test_rules_are_used_where_they_cannot_be_kept(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    router = started(folder, last_good=str(folder / "nowhere" / "kept.json"))
    assert "cannot keep the last good rules" in caplog.text
    assert route(router, [state("grace")])


def test_stop_keeps_nothing(folder: Path) -> None:
    started(folder, on_error="stop")
    assert sorted(path.name for path in folder.iterdir()) == ["rules", "users.txt"]


def test_a_homeserver_starts_with_the_last_good_rules(start: Start) -> None:
    rules = "routes: [{senders: '@grace:home.example', recipients: '@lobby:home.example'}]"
    homeserver = start(rules, on_error="last_good")
    grace, lobby = homeserver.user("grace"), homeserver.user("lobby")
    homeserver.stop()
    homeserver.write_rules("rules.yaml", BROKEN)
    homeserver.start()
    homeserver.wait_for_line("THE RULES HAVE ERRORS, so this starts with the last good ones")
    lobby.settle()
    grace.is_now("online")
    lobby.wait_for(grace.user_id, "online")
    homeserver.write_rules("rules.yaml", rules.replace("lobby", "kitchen"))
    homeserver.wait_for_line("presence rules reloaded")
