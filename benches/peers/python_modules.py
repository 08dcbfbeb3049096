"""Presence router modules as an admin would write them, without what Synapse is to them.

    python_modules.py RULES SENDERS {loop,good,better,remembering}

RULES is a JSON array of rules: `{"recipient": ID}` with one of `{"user": ID}`, `{"server": NAME}`, `{"domain": END}`,
`{"prefix": TEXT, "server": NAME}`, `{"part": TEXT, "end": END}` and `{"regex": TEXT}`. SENDERS has one user ID a line.

Commands are read from standard input, one a line, and answered in JSON:

- `recipients ID`: whom the updates of this sender reach.
- `time FIRST COUNT`: the nanoseconds that this thread works to find that out for so many senders of the file.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

Rule = dict[str, str]


def as_regex(rule: Rule) -> str:
    escape = re.escape
    match rule:
        case {"user": user}:
            return escape(user)
        case {"prefix": prefix, "server": server}:
            return f"@{escape(prefix)}[^:]*:{escape(server)}"
        case {"server": server}:
            return f"@[^:]*:{escape(server)}"
        case {"domain": end}:
            return f"@[^:]*:.*{escape(end)}"
        case {"part": part, "end": end}:
            return f"@[^:]*{escape(part)}[^:]*:.*{escape(end)}"
        case _:
            return rule["regex"]


class Loop:
    """The simple module: a loop over compiled patterns."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = [(re.compile(as_regex(rule)).fullmatch, rule["recipient"]) for rule in rules]

    def recipients(self, sender: str) -> set[str]:
        return {recipient for matches, recipient in self.rules if matches(sender)}


class Good:
    """The good module: a dictionary for users, one for servers, and one regular expression for what is left.

    It tells only whether some of the patterns match. Few senders get past it to the single patterns.
    """

    def __init__(self, rules: list[Rule]) -> None:
        self.users: dict[str, list[str]] = {}
        self.servers: dict[str, list[tuple[str, str]]] = {}
        self.patterns = []
        left = []
        for rule in rules:
            recipient = rule["recipient"]
            if "user" in rule:
                self.users.setdefault(rule["user"], []).append(recipient)
            elif "server" in rule:
                start = "@" + rule.get("prefix", "")
                self.servers.setdefault(rule["server"], []).append((start, recipient))
            else:
                pattern = as_regex(rule)
                left.append(f"(?:{pattern})")
                self.patterns.append((re.compile(pattern).fullmatch, recipient))
        self.any = re.compile("|".join(left) or "(?!)").fullmatch

    def recipients(self, sender: str) -> set[str]:
        found = set(self.users.get(sender, ()))
        for start, recipient in self.servers.get(sender.partition(":")[2], ()):
            if sender.startswith(start):
                found.add(recipient)
        if self.any(sender):
            found.update(recipient for matches, recipient in self.patterns if matches(sender))
        return found


class Better(Good):
    """The good module with one dictionary more: for what server names end in."""

    def __init__(self, rules: list[Rule]) -> None:
        super().__init__([rule for rule in rules if "domain" not in rule])
        self.domains: dict[str, list[str]] = {}
        for rule in rules:
            if "domain" in rule:
                self.domains.setdefault(rule["domain"], []).append(rule["recipient"])

    def recipients(self, sender: str) -> set[str]:
        found = super().recipients(sender)
        dot = sender.find(".", sender.find(":"))
        while dot >= 0:
            found.update(self.domains.get(sender[dot:], ()))
            dot = sender.find(".", dot + 1)
        return found


class Remembering(Good):
    """The good module with a cache: what was found out about a sender is kept."""

    def __init__(self, rules: list[Rule]) -> None:
        super().__init__(rules)
        self.cache: dict[str, set[str]] = {}

    def recipients(self, sender: str) -> set[str]:
        found = self.cache.get(sender)
        if found is None:
            found = self.cache[sender] = super().recipients(sender)
        return found


MODULES: dict[str, type[Loop] | type[Good]] = {
    "loop": Loop,
    "good": Good,
    "better": Better,
    "remembering": Remembering,
}


def timed(module: Loop | Good, senders: list[bytes]) -> int:
    # Texts of their own, as they come with updates: none has been hashed before.
    fresh = [sender.decode() for sender in senders]
    recipients = module.recipients
    started = time.thread_time_ns()
    for sender in fresh:
        recipients(sender)
    return time.thread_time_ns() - started


def main(rules_file: str, senders_file: str, name: str) -> None:
    module = MODULES[name](json.loads(Path(rules_file).read_bytes()))
    senders = Path(senders_file).read_bytes().split()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        match line.split():
            case ["recipients", sender]:
                answer: object = sorted(module.recipients(sender))
            case ["time", first, count]:
                answer = timed(module, senders[int(first) : int(first) + int(count)])
            case command:
                raise SystemExit(f"no command: {command}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
