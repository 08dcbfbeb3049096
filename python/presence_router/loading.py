"""From the configuration to a rule set."""

from __future__ import annotations

import os

from ._engine import KnownUsers, RuleSet
from .config import Config
from .errors import RulesError
from .last_good import LastGood

__all__ = ["load", "load_at_start", "look_at_start"]

_MOST_NAMED = 5
"""Of the rules that an error is about."""


def load(config: Config, known: KnownUsers | None, server_name: str | None) -> RuleSet:
    """The rules that are configured, for the homeserver of this name. Raises ``RulesError``."""
    for path in (*config.rules, *config.known_users):
        # A pipe would be waited for, and Synapse with it.
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise RulesError(f"{path} is no file and no folder", [])
    rules = RuleSet.load(
        config.rules, config.known_users, known, server_name=server_name, explains=False
    )
    if needing := rules.rules_without_known_users:
        more = len(needing) - _MOST_NAMED
        named = [*needing[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
        raise RulesError(
            f"nobody is known, and these rules need known users: {', '.join(named)}; "
            "set `homeserver_users: true`, or name files of known users with `known_users`",
            [],
        )
    return rules


def load_at_start(
    config: Config, known: KnownUsers | None, server_name: str | None
) -> tuple[RuleSet, RulesError | None]:
    """The same, or, if that is wanted, the last good rules and what is wrong with those that are configured."""
    try:
        return load(config, known, server_name), None
    except RulesError as error:
        if config.last_good is None:
            raise
        try:
            with LastGood(config.last_good).restored(config) as restored:
                return load(restored, known, server_name), error
        except (OSError, ValueError, RulesError) as fault:
            raise RulesError(
                f"{error}\nthere are no last good rules to start with: {fault}", error.findings
            ) from None


def look_at_start(config: Config, known: KnownUsers | None) -> None:
    """Looks for what would stop a start, before the homeserver says which it is. Raises ``RulesError``."""
    try:
        load_at_start(config, known, None)
    except RulesError as error:
        # What `local` means is known when the module starts.
        codes = {finding.code for finding in error.findings}
        if codes != {"missing-server-name"}:
            raise
