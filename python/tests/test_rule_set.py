"""The Python API for scripts."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from presence_router import ALL, Finding, KnownUsers, RulesError, RuleSet

RULES = """
routes:
  - name: staff-to-lobby
    senders: {server: corp.example}
    recipients: ["@lobby:corp.example", "@screen-*:corp.example"]
    when: {state: [online, offline]}
  - name: moved
    senders: {server: corp.example}
    recipients: {template: "@{localpart}:new.example"}
interests:
  - users: "@auditor:corp.example"
    in: all
"""
GRACE = {"user_id": "@grace:corp.example", "state": "online"}
HEIDI = {"user_id": "@heidi:corp.example", "state": "unavailable"}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users.txt"
    path.write_text("@grace:corp.example\n@screen-1:corp.example\n")
    return path


def test_updates_are_routed(rules: Path, users: Path) -> None:
    rule_set = RuleSet.load([rules], known_users=[users])
    assert rule_set.route([GRACE, HEIDI, dict(GRACE)]) == {
        "@lobby:corp.example": [GRACE],
        "@screen-1:corp.example": [GRACE],
        "@grace:new.example": [GRACE],
        "@heidi:new.example": [HEIDI],
    }
    assert rule_set.route([]) == {}


def test_objects_are_updates_as_well(rules: Path, users: Path) -> None:
    class State:
        user_id = "@grace:corp.example"
        state = "online"

    state = State()
    assert RuleSet.load([rules], [users]).route([state])["@lobby:corp.example"] == [state]


@pytest.mark.parametrize("written", ["busy", "org.matrix.msc3026.busy"])
def test_busy_has_two_names(written: str, tmp_path: Path) -> None:
    """Synapse sends the longer one. What is kept of the answer for one holds for the other."""
    path = tmp_path / "rules.yaml"
    route = f"{{senders: all, recipients: '@r:x.example', when: {{state: {written}}}}}"
    path.write_text(f"routes: [{route}]")
    rule_set = RuleSet.load([path])
    sent = [
        {"user_id": "@a:x.example", "state": state}
        for state in ("offline", "org.matrix.msc3026.busy", "busy", "online")
    ]
    assert rule_set.route(sent) == {"@r:x.example": sent[1:3]}
    assert rule_set.route(sent[::-1]) == {"@r:x.example": sent[2:0:-1]}


def test_interested(rules: Path, users: Path) -> None:
    rule_set = RuleSet.load([str(rules)], known_users=[str(users)])
    assert rule_set.interested("@lobby:corp.example") == {
        "@grace:corp.example",
        "@screen-1:corp.example",
    }
    assert rule_set.interested("@auditor:corp.example") == ALL
    assert rule_set.interested("@nobody:elsewhere.example") == set()
    assert rule_set.interested("nonsense") == set()
    assert rule_set.interested("\ud800") == set()


def test_what_was_loaded_is_told(rules: Path, users: Path) -> None:
    rule_set = RuleSet.load([rules], known_users=[users])
    assert rule_set.files == [rules]
    assert rule_set.known_users == [users]
    assert rule_set.rules == 3
    assert 0 < rule_set.seconds < 60
    assert rule_set.rules_without_known_users == []


def test_files_of_known_users_that_rules_name_are_told(tmp_path: Path, users: Path) -> None:
    path, more = tmp_path / "rules.yaml", tmp_path / "more.txt"
    path.write_text("known_users: [users.txt, '@screen-2:corp.example']\n" + RULES)
    more.write_text("@screen-3:corp.example\n")
    rule_set = RuleSet.load([path], known_users=[more])
    assert rule_set.known_users == [users, more]
    assert {f"@screen-{number}:corp.example" for number in (1, 2, 3)} < set(rule_set.route([GRACE]))


def test_nothing_is_answered_for_want_of_known_users(rules: Path, users: Path) -> None:
    rule_set = RuleSet.load([rules])
    assert rule_set.rules_without_known_users == [
        "route `staff-to-lobby`",
        "interest that derives from the route `staff-to-lobby`",
    ]
    remedy = "; name files of known users with `known_users`, in a rule file or for `RuleSet.load`"
    with pytest.raises(
        RulesError, match=f"the recipients of `staff-to-lobby` are patterns, .*{remedy}"
    ) as raised:
        rule_set.route([GRACE])
    assert raised.value.findings == []
    needs = (
        f"whose presence `@lobby:corp.example` may see cannot be told: .*`staff-to-lobby`.*{remedy}"
    )
    for ask in (rule_set.interested, rule_set.interested_shared):
        with pytest.raises(RulesError, match=needs):
            ask("@lobby:corp.example")
    with pytest.raises(RulesError, match=needs.replace("lobby:", "screen-1:")):
        rule_set.interested("@screen-1:corp.example")
    # What takes no known users is answered, and so is everything where a list of them is empty.
    assert rule_set.interested("@auditor:corp.example") == ALL
    assert rule_set.interested("@nobody:elsewhere.example") == set()
    users.write_text("")
    nobody = RuleSet.load([rules], [users])
    assert nobody.rules_without_known_users == []
    assert nobody.interested("@lobby:corp.example") == set()
    with pytest.raises(RulesError, match="cannot be told"):
        rule_set.changed_since(nobody, "corp.example")


def test_all_does_not_hide_a_rule_that_needs_known_users(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        """
interests:
  - {users: "@auditor:corp.example", in: all}
  - {name: narrower, users: "@*:corp.example", in: {server: corp.example}}
"""
    )
    with pytest.raises(RulesError, match="the interest `narrower` has patterns"):
        RuleSet.load([path]).interested("@auditor:corp.example")


def test_errors_carry_findings(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("routes:\n- {senders: {group: x}, recipient: all}\n")
    with pytest.raises(RulesError) as raised:
        RuleSet.load([path])
    first, second = raised.value.findings
    assert isinstance(first, Finding)
    assert (first.code, first.severity, first.file) == ("unknown-group", "error", str(path))
    assert (first.line, first.column, first.message) == (2, 21, "no group is called `x`")
    assert first.help and "groups:" in first.help
    assert second.help == "did you mean `recipients`?"
    assert str(raised.value) == f"{first}\n{second}"
    with pytest.raises(RulesError, match="cannot read") as raised:
        RuleSet.load([tmp_path / "nowhere"])
    assert raised.value.findings == []


def test_control_characters_stay_out_of_logs(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text('routes:\n- {senders: {group: "x\\nERROR: all is lost"}, recipients: all}\n')
    with pytest.raises(RulesError) as raised:
        RuleSet.load([path])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({}, "an update has no `user_id`"),
        ({"user_id": 1}, "the `user_id` of an update is not text"),
        ({"user_id": "@grace:corp.example"}, "an update has no `state`"),
        ({"user_id": "@grace:corp.example", "state": None}, "the `state` of an update is not text"),
        (None, "an update has no `user_id`"),
    ],
)
def test_what_is_no_update_is_told(rules: Path, users: Path, update: object, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        RuleSet.load([rules], [users]).route([update])


def test_updates_of_nobody_go_nowhere(rules: Path, users: Path) -> None:
    rule_set = RuleSet.load([rules], [users])
    for sender in ("nobody", "@a:b c", "\ud800", "@" + "a" * 300 + ":corp.example"):
        assert rule_set.route([{"user_id": sender, "state": "online"}]) == {}


def test_known_users_come_while_rules_are_in_use(rules: Path) -> None:
    known = KnownUsers()
    rule_set = RuleSet.load([rules], homeserver=known)
    assert known.add(["@screen-2:corp.example", "nonsense", "@screen-2:corp.example"]) == 1
    assert "@screen-2:corp.example" in rule_set.route([GRACE])
    # Its sender is known from then on.
    assert "@grace:corp.example" in known and len(known) == 2
    assert rule_set.interested("@lobby:corp.example") == {
        "@grace:corp.example",
        "@screen-2:corp.example",
        # Who asks is known as well.
        "@lobby:corp.example",
    }
    assert "@screen-2:corp.example" in RuleSet.load([rules], homeserver=known).route([GRACE])


def test_other_threads_run_while_rules_compile(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    lines = [
        f"- {{senders: '@a{n}*b:corp.example', recipients: '@c{n}:corp.example'}}\n"
        for n in range(30_000)
    ]
    path.write_text("routes:\n" + "".join(lines))
    loaded = threading.Event()

    def load() -> None:
        RuleSet.load([path])
        loaded.set()

    loading = threading.Thread(target=load)
    loading.start()
    steps = 0
    while not loaded.is_set():
        steps += 1
    loading.join()
    # A thread that holds Python's lock would have left time for one step or two.
    assert steps > 1000


def test_changes(tmp_path: Path) -> None:
    def load(text: str) -> RuleSet:
        path = tmp_path / "rules.yaml"
        path.write_text(text)
        return RuleSet.load([path], homeserver=known)

    known = KnownUsers()
    known.add(["@a:x.example", "@b:x.example", "@c:x.example", "@d:y.example"])
    before = load("routes: [{senders: '@a:x.example', recipients: '@*:x.example'}]")
    more = load(
        "routes: [{senders: ['@a:x.example', '@d:y.example'], recipients: ['@b:x.example', '@d:y.example']}]"
    )
    a, b, c, d = (f"@{name}.example" for name in ("a:x", "b:x", "c:x", "d:y"))
    assert more.changed_since(before, "x.example") == ([b], [a, c])
    assert before.changed_since(more, "x.example") == ([a, c], [b])
    assert before.changed_since(before, "x.example") == ([], [])
    assert more.changed_since(before, "y.example") == ([d], [])
    everybody = load("interests: [{users: '@b:x.example', in: all}]")
    nobody = load("routes: [{senders: '@a:x.example', recipients: '@z:z.example'}]")
    # What ALL shows is what the routes send, so each change of the rules may be one of it.
    assert [sorted(users) for users in everybody.changed_since(before, "x.example")] == [
        [b],
        [a, b, c],
    ]
    assert everybody.changed_since(everybody, "x.example") == ([b], [b])
    assert nobody.changed_since(everybody, "x.example") == ([], [b])


def test_docstrings() -> None:
    for thing in (
        RuleSet,
        RuleSet.load,
        RuleSet.route,
        RuleSet.interested,
        RuleSet.explain,
        KnownUsers,
        KnownUsers.add,
        Finding,
    ):
        assert thing.__doc__, thing


def test_the_module_is_typed() -> None:
    root = Path(__file__).parents[1]
    mypy = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml")]
    ran = subprocess.run(mypy, cwd=root, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    stubtest = [sys.executable, "-m", "mypy.stubtest", "presence_router._engine"]
    ran = subprocess.run(stubtest, cwd=root, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
