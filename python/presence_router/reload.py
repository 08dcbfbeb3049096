"""The rules in use, and those that take their place."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from . import metrics
from ._engine import KnownUsers, RuleSet, snapshot
from .contained import Contained
from .errors import RulesError
from .last_good import LastGood
from .loading import load, load_at_start

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

    from .config import Config

__all__ = ["RulesInUse"]

logger = logging.getLogger(__name__)

_LONGEST_SECOND_LOOK_SECONDS = 1.0


class RulesInUse:
    """Loads rules, and looks whether their files have changed."""

    now: RuleSet
    """The rules in use."""

    def __init__(self, config: Config, api: ModuleApi, known: KnownUsers | None) -> None:
        self._config = config
        self._api = api
        self._known = known
        self._last_good = LastGood(config.last_good) if config.last_good else None
        self._is_looking = False
        self._not_looked = Contained(logger, "cannot look for changed rules; this is tried again")
        self._not_kept = Contained(logger, "cannot keep the last good rules")
        labels = {"server_name": api.server_name}
        self._reloads = metrics.RELOADS.labels(**labels)
        self._failed_reloads = metrics.FAILED_RELOADS.labels(**labels)
        self._info = metrics.RULES.labels(**labels)
        metrics.AGE.labels(**labels).set_function(lambda: time.monotonic() - self._loaded_at)
        self.now, error = load_at_start(config, known, api.server_name)
        self._loaded_at = time.monotonic()
        self._files_of_known_users = self.now.known_users
        self._snapshot = self.now.snapshot
        if error is None:
            self._keep()
        else:
            self._files_of_known_users = []
            self._snapshot = self._look()
            self._failed_reloads.inc()
            logger.error(
                "presence rules: THE RULES HAVE ERRORS, so this starts with the last good ones, from %s:\n%s",
                config.last_good,
                error,
            )

    async def look(self, changed: Callable[[RuleSet, RuleSet], Awaitable[None] | None]) -> None:
        """Takes changed rules into use, and then tells ``changed`` of the old ones and the new."""
        if self._is_looking:
            return
        self._is_looking = True
        old = self.now
        try:
            with self._not_looked:
                await self._look_twice()
        finally:
            self._is_looking = False
        if self.now is not old:
            changed(old, self.now)

    async def _look_twice(self) -> None:
        seen = await self._api.defer_to_thread(self._look)
        if seen == self._snapshot:
            return
        # Half a file can be good rules, too. So whoever writes gets time to go on.
        await self._api.sleep(min(self._config.longest_reload(), _LONGEST_SECOND_LOOK_SECONDS))
        if seen != await self._api.defer_to_thread(self._look):
            return
        # If these have errors, they are not read again before they change again.
        self._snapshot = seen
        try:
            rules = await self._api.defer_to_thread(
                load, self._config, self._known, self._api.server_name
            )
        except RulesError as error:
            self._failed_reloads.inc()
            logger.error(
                "presence rules: the changed rules have errors, so the old ones stay in use:\n%s",
                error,
            )
            return
        # Otherwise, the first who asks would wait for a large answer.
        await self._api.defer_to_thread(rules.make_answers_of, self.now)
        self.now = rules
        self._loaded_at = time.monotonic()
        self._files_of_known_users = rules.known_users
        # That of the files before they were read: a change meanwhile is one more.
        self._snapshot = rules.snapshot
        self._reloads.inc()
        self.log("reloaded")
        await self._api.defer_to_thread(self._keep)

    def _look(self) -> int:
        return snapshot(self._config.rules, self._files_of_known_users)

    def _keep(self) -> None:
        if self._last_good is not None:
            with self._not_kept:
                self._last_good.keep(self.now, lambda: self._look() == self._snapshot)

    def log(self, what: str, more_seconds: float = 0.0) -> None:
        """One line about the rules in use, and their digest for Prometheus."""
        self._info.info({"digest": self.now.digest})
        known = "no homeserver users" if self._known is None else f"{len(self._known)} known users"
        logger.info(
            "presence rules %s: %d files, %d rules, %s, in %.3f s, digest %s",
            what,
            len(self.now.files),
            self.now.rules,
            known,
            self.now.seconds + more_seconds,
            self.now.digest,
        )
