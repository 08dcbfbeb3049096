"""Starting a homeserver, and what stops it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Start
from synapse.module_api.errors import ConfigError

from presence_router import PresenceRouter

GOOD = "routes: [{senders: '@a:home.example', recipients: '@b:home.example'}]"


def parse(rules: Path, **config: Any) -> Any:
    return PresenceRouter.parse_config({"rules": [str(rules)], **config})


def test_a_bad_rule_file_stops_the_start_with_its_place(tmp_path: Path, start: Start) -> None:
    with pytest.raises(AssertionError, match="does not start") as raised:
        start("routes:\n- {senders: all, recipient: all}\n")
    text = str(raised.value)
    assert (
        "rules.yaml:2:18: error[unknown-key]: unknown key `recipient` in a route; did you mean `recipients`?"
        in text
    )
    assert "modules" in text and "Traceback" not in text


def test_findings_are_a_config_error(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("routes:\n- {senders: {group: staf}, recipients: '@b:home.example'}\n")
    with pytest.raises(ConfigError) as raised:
        parse(rules)
    assert raised.value.msg.startswith(
        f"{rules}:2:21: error[unknown-group]: no group is called `staf`"
    )


def test_local_is_the_homeserver_and_no_other(tmp_path: Path, start: Start) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("routes: [{senders: local, recipients: '@b:home.example'}]\n")
    parse(rules)
    text = "server_name: other.example\nroutes: [{senders: local, recipients: '@b:home.example'}]\n"
    with pytest.raises(AssertionError, match="does not start") as raised:
        start(text)
    assert (
        "error[conflicting-server-name]: these rules are for the homeserver `other.example`, and are to run on "
        "`home.example`" in str(raised.value)
    )


def test_a_file_that_is_not_there_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(tmp_path / "nowhere")
    assert (
        raised.value.msg
        == f"cannot read `{tmp_path}/nowhere`: No such file or directory (os error 2)"
    )


@pytest.mark.parametrize("key", ["rules", "known_users"])
def test_nothing_is_waited_for(tmp_path: Path, key: str) -> None:
    (tmp_path / "rules.yaml").write_text(GOOD)
    os.mkfifo(tmp_path / "pipe")
    good = {"rules": str(tmp_path / "rules.yaml")}
    with pytest.raises(ConfigError, match="pipe is no file and no folder"):
        PresenceRouter.parse_config({**good, key: [str(tmp_path / "pipe")]})
    with pytest.raises(ConfigError, match="no standard input"):
        PresenceRouter.parse_config({**good, key: "-"})


@pytest.mark.parametrize("name", ["nul\0", "surrogate\ud800", "x" * 5000])
def test_no_path_does_harm(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read|surrogates not allowed"):
        PresenceRouter.parse_config({"rules": ["/tmp/" + name]})
    with pytest.raises(ConfigError):
        PresenceRouter.parse_config({"rules": ["/dev/null"], "known_users": "/tmp/" + name})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "`config` should be a mapping with the key `rules`"),
        ({}, "`rules` is missing: name the files or folders of your rules"),
        ({"rules": []}, "`rules` is missing: name the files or folders of your rules"),
        ({"rules": [1]}, "`rules` should be a path or a list of paths"),
        ({"rules": "x", "known_users": {}}, "`known_users` should be a path or a list of paths"),
        (
            {"rules": "x", "homeserver_users": "yes"},
            "`homeserver_users` should be `true` or `false`",
        ),
        (
            {"rules": "x", "known_users": False},
            "`known_users` names files of known users; whether the homeserver's users are known is another key: `homeserver_users: false`",
        ),
        ({"rules": "x", "reload": 5}, "`reload` should be a time such as `5s` or `1m`, or `off`"),
        ({"rules": "x", "reload": "0s"}, "`reload` should be from `100ms` to `24h`, or `off`"),
        ({"rules": "x", "reload": "25h"}, "`reload` should be from `100ms` to `24h`, or `off`"),
        (
            {"rules": "x", "reload": "9" * 400 + "h"},
            "`reload` should be from `100ms` to `24h`, or `off`",
        ),
        (
            {"rules": "x", "reload": True},
            "`reload` should be a time such as `5s` or `1m`, or `off`",
        ),
        ({"rules": ""}, "`rules` has an empty path"),
        ({"rules": {"a": 1}}, "`rules` should be a path or a list of paths"),
        ({"rules": None}, "`rules` should be a path or a list of paths"),
        ({"rules": "x", "known_users": ["y", ""]}, "`known_users` has an empty path"),
        (["rules"], "`config` should be a mapping with the key `rules`"),
        (
            {"rules": "x", "relod": "5s"},
            "unknown key `relod`; the keys are `rules`, `known_users`, `homeserver_users`, `reload`, `on_error`, `last_good`",
        ),
        ({"rules": "x", "on_error": "go"}, "`on_error` should be `stop` or `last_good`"),
        (
            {"rules": "x", "on_error": "last_good", "last_good": 5},
            "`last_good` should be a path",
        ),
    ],
)
def test_a_wrong_configuration_is_told(config: Any, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        PresenceRouter.parse_config(config)
    assert raised.value.msg == message


def test_the_configuration_has_defaults(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(GOOD)
    config = PresenceRouter.parse_config({"rules": str(rules)})
    assert (config.rules, config.known_users, config.homeserver_users, config.reload) == (
        (rules,),
        (),
        True,
        5.0,
    )
    for off in (False, "off"):
        assert parse(rules, reload=off).reload is None
    assert parse(rules, reload="1m").reload == 60


def test_patterns_need_known_users(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "routes: [{name: to-screens, senders: all, recipients: '@screen-*:home.example'}]"
    )
    parse(rules)
    with pytest.raises(ConfigError) as raised:
        parse(rules, homeserver_users=False)
    assert raised.value.msg == (
        "nobody is known, and these rules need known users: route `to-screens`; "
        "set `homeserver_users: true`, or name files of known users with `known_users`"
    )
    users = tmp_path / "users.txt"
    users.write_text("@screen-1:home.example\n")
    parse(rules, homeserver_users=False, known_users=[str(users)])


@pytest.mark.parametrize(
    ("text", "needing"),
    [
        (
            "routes: [{name: r, senders: {server: home.example}, recipients: '@b:home.example'}]",
            "interest that derives from the route `r`",
        ),
        (
            "interests: [{name: i, users: '@b:home.example', in: {server: home.example}}]",
            "interest `i`",
        ),
        (
            "interests: ["
            + ", ".join(f"{{name: i{n}, users: '@b:x', in: '@*:x'}}" for n in range(7))
            + "]",
            "interest `i0`, interest `i1`, interest `i2`, interest `i3`, interest `i4`, 2 more",
        ),
    ],
)
def test_interests_need_known_users_as_well(tmp_path: Path, text: str, needing: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(text)
    parse(rules)
    with pytest.raises(ConfigError) as raised:
        parse(rules, homeserver_users=False)
    assert f"nobody is known, and these rules need known users: {needing}; set" in raised.value.msg
    rules.write_text("known_users: '@a:home.example'\n" + text)
    parse(rules, homeserver_users=False)


def test_known_users_can_be_left_to_files(start: Start) -> None:
    homeserver = start(GOOD, homeserver_users=False)
    homeserver.wait_for_line("loaded: 1 files, 1 rules, no homeserver users, in ")


def test_a_module_is_started_in_both_ways(tmp_path: Path) -> None:
    """Synapse gives the arguments by position, and its tests by name."""
    code = (
        "import inspect; from presence_router import PresenceRouter as P;"
        "print(*inspect.signature(P.__init__).parameters)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout == "self config api\n"


def test_scripts_need_no_synapse() -> None:
    code = "import sys, presence_router as r; r.RuleSet; print([m for m in sys.modules if m.split('.')[0] == 'synapse'])"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout == "[]\n"
