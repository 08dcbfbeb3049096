"""Presence routing for Synapse by rules in YAML.

``PresenceRouter`` is the module that Synapse loads::

    modules:
      - module: presence_router.PresenceRouter
        config:
          rules: [/etc/synapse/presence]

``RuleSet`` is for scripts, and needs no Synapse::

    rules = RuleSet.load(["/etc/synapse/presence"], known_users=["users.txt"])
    rules.route([{"user_id": "@grace:corp.example", "state": "online"}])
    rules.interested("@lobby:corp.example")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._engine import Finding, KnownUsers, RuleSet
from .errors import RulesError

if TYPE_CHECKING:
    from .module import Config, PresenceRouter

__all__ = [
    "ALL",
    "Config",
    "Finding",
    "KnownUsers",
    "PresenceRouter",
    "RuleSet",
    "RulesError",
]

ALL: Final = "ALL"
"""What ``RuleSet.interested`` answers for a user who may see everybody."""


def __getattr__(name: str) -> object:
    # Scripts do without Synapse, which the module needs.
    if name in ("Config", "PresenceRouter"):
        from . import module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
