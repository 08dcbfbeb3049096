"""The module's part of Synapse's configuration."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)")
_KEYS = ("rules", "known_users", "homeserver_users", "reload", "on_error", "last_good")
_SHORTEST_RELOAD = 0.1
_LONGEST_RELOAD = 24 * 3600.0


@dataclass(frozen=True)
class Config:
    """What the module was told to do."""

    rules: tuple[Path, ...]
    """Rule files, or folders of them."""
    known_users: tuple[Path, ...] = ()
    """Files of more known users."""
    homeserver_users: bool = True
    """Whether the homeserver's users are known."""
    reload: float | None = 5.0
    """How often to look for changed files, in seconds; ``None`` for never."""
    on_error: str = "stop"
    """What to do at a start if the rules have errors: ``stop``, or go on with the ``last_good`` ones."""
    last_good: Path | None = None
    """The file that keeps the last good rules; ``None`` if they are not kept."""

    def longest_reload(self) -> float:
        """How long it takes until a process looks for changed files, in seconds."""
        return self.reload or 0.0

    @classmethod
    def parse(cls, config: Any) -> Config:
        """Reads the configuration. Raises ``ValueError`` with words for an admin."""
        if not isinstance(config, dict):
            raise ValueError("`config` should be a mapping with the key `rules`")
        unknown = [key for key in config if key not in _KEYS]
        if unknown:
            known = ", ".join(f"`{key}`" for key in _KEYS)
            raise ValueError(f"unknown key `{unknown[0]}`; the keys are {known}")
        rules = _paths(config, "rules")
        if not rules:
            raise ValueError("`rules` is missing: name the files or folders of your rules")
        if isinstance(config.get("known_users"), bool):
            value = str(config["known_users"]).lower()
            raise ValueError(
                "`known_users` names files of known users; whether the homeserver's users are "
                f"known is another key: `homeserver_users: {value}`"
            )
        homeserver_users = config.get("homeserver_users", True)
        if not isinstance(homeserver_users, bool):
            raise ValueError("`homeserver_users` should be `true` or `false`")
        known_users = _paths(config, "known_users")
        on_error = config.get("on_error", "stop")
        if on_error not in ("stop", "last_good"):
            raise ValueError("`on_error` should be `stop` or `last_good`")
        return cls(
            rules=rules,
            known_users=known_users,
            homeserver_users=homeserver_users,
            reload=_reload(config.get("reload", "5s")),
            on_error=on_error,
            last_good=_last_good(config, rules, known_users) if on_error == "last_good" else None,
        )


def _paths(config: dict[str, Any], key: str) -> tuple[Path, ...]:
    value = config.get(key, [])
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ValueError(f"`{key}` should be a path or a list of paths")
    if not all(paths):
        raise ValueError(f"`{key}` has an empty path")
    if "-" in paths:
        raise ValueError(f"`{key}` names `-`, and a homeserver has no standard input to read from")
    return tuple(Path(path) for path in paths)


def _last_good(
    config: dict[str, Any], rules: tuple[Path, ...], known_users: tuple[Path, ...]
) -> Path:
    value = config.get("last_good")
    if value is None:
        # Beside the rules, where none are looked for.
        return rules[0].with_name(f"{rules[0].name}.last_good.json")
    if not isinstance(value, str) or not value:
        raise ValueError("`last_good` should be a path")
    last_good = Path(os.path.realpath(value))
    for path in map(os.path.realpath, (*rules, *known_users)):
        read = Path(path)
        is_below = read in last_good.parents and last_good.suffix in (".yaml", ".yml")
        if last_good == read or is_below:
            raise ValueError(
                f"`last_good` is written, and {value} is what `rules` or `known_users` reads: name another file"
            )
    return Path(value)


def _reload(value: Any) -> float | None:
    # YAML reads an `off` without quotes as `false`.
    if value is False or value == "off":
        return None
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("`reload` should be a time such as `5s` or `1m`, or `off`")
    seconds = float(match[1]) * _UNITS[match[2]]
    if not _SHORTEST_RELOAD <= seconds <= _LONGEST_RELOAD:
        raise ValueError("`reload` should be from `100ms` to `24h`, or `off`")
    return seconds
