"""Why updates reach a user, or why not, as scripts ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from presence_router import KnownUsers, RulesError, RuleSet

RULES = """
routes:
  - name: staff-to-lobby
    senders: {server: corp.example}
    recipients: ["@lobby:corp.example", "@screen-*:corp.example"]
    when: {state: [online, offline]}
blocks:
  - name: nobody-sees-boss
    senders: "@boss:corp.example"
"""
GRACE, BOSS, LOBBY = "@grace:corp.example", "@boss:corp.example", "@lobby:corp.example"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


def test_a_pair_is_explained(rules: Path) -> None:
    # Nobody is known, so both users are taken to be.
    explained = RuleSet.load([rules]).explain(sender=GRACE, recipient=LOBBY, state="online")
    assert (explained["sender"], explained["recipient"]) == (GRACE, LOBBY)
    assert (explained["delivered"], explained["verdict"]) == (True, "delivered")
    (route,) = explained["routes"]
    assert (route["name"], route["file"], route["line"]) == ("staff-to-lobby", str(rules), 3)
    assert route["recipient"]["matched_by"][0][0]["text"] == f'"{LOBBY}"'
    assert explained["interested"]["holds"]


def test_the_state_and_blocks_decide(rules: Path) -> None:
    rule_set = RuleSet.load([rules])
    assert rule_set.explain(sender=GRACE, recipient=LOBBY)["sends"] == "some"
    busy = rule_set.explain(sender=GRACE, recipient=LOBBY, state="busy", currently_active=True)
    assert busy["delivered"] is False
    blocked = rule_set.explain(sender=BOSS, recipient=LOBBY)
    assert blocked["delivered"] is False
    assert [block["name"] for block in blocked["blocks"]] == ["nobody-sees-boss"]


def test_one_side_is_explained(rules: Path) -> None:
    known = KnownUsers()
    rule_set = RuleSet.load([rules], homeserver=known)
    known.add([GRACE, "@screen-1:corp.example"])
    sent = rule_set.explain(sender=GRACE)
    assert sent["sender"] == GRACE and "recipient" not in sent
    assert {LOBBY, "@screen-1:corp.example"} <= set(texts(sent))
    received = rule_set.explain(recipient=LOBBY)
    assert received["recipient"] == LOBBY and "sender" not in received
    # Asking makes nobody known.
    rule_set.explain(sender="@heidi:corp.example", recipient=LOBBY)
    assert len(known) == 2


def test_rules_that_are_not_kept_explain_nothing(rules: Path) -> None:
    rule_set = RuleSet.load([rules], homeserver=KnownUsers(), explains=False)
    assert rule_set.interested(LOBBY) == {LOBBY}
    with pytest.raises(RuntimeError, match="`explains=False`"):
        rule_set.explain(sender=GRACE, recipient=LOBBY)


def texts(value: Any) -> list[str]:
    """All texts in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({}, "name a `sender`, a `recipient`, or both"),
        ({"sender": "grace"}, "`grace` is not a user ID: it does not start with `@`"),
        ({"sender": GRACE, "recipient": "@x"}, "`@x` is not a user ID"),
        ({"recipient": "@\ud800:corp.example"}, "surrogates not allowed"),
        ({"recipient": LOBBY, "state": "online"}, "name one"),
        ({"sender": GRACE, "currently_active": True}, "`currently_active` needs a `state`"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_value_error(
    rules: Path, question: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RuleSet.load([rules]).explain(**question)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"sender": GRACE}, "the recipients of `staff-to-lobby` are patterns"),
        ({"recipient": LOBBY}, f"whose presence `{LOBBY}` may see cannot be told"),
    ],
)
def test_one_side_needs_known_users(rules: Path, question: dict[str, Any], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        RuleSet.load([rules]).explain(**question)
