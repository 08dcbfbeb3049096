"""What clients are told after a reload, without anybody doing anything."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .contained import Contained
from .database import portions, users_in_portions

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

    from ._engine import RuleSet
    from .config import Config
    from .reload import RulesInUse
    from .retractions import Retractions

__all__ = ["PresentState"]

logger = logging.getLogger(__name__)

_MARGIN_SECONDS = 1.0
_RETRACTION_SECONDS = 60.0
"""Twice the time of a usual long poll, since it is told in a sync that happens anyway."""


class PresentState:
    """Shows those who may see more where everybody is, and those who may see less that some are gone."""

    def __init__(
        self, config: Config, api: ModuleApi, rules: RulesInUse, retractions: Retractions
    ) -> None:
        self._config = config
        self._api = api
        self._rules = rules
        self._retractions = retractions
        self._not_sent = Contained(logger, "cannot send the present state after a reload")

    async def rules_changed(self, old: RuleSet, new: RuleSet) -> None:
        """Tells whom the change concerns."""
        with self._not_sent:
            server = self._api.server_name
            gained, lost = await self._api.defer_to_thread(new.changed_since, old, server)
            # What a client gets is up to the process that it syncs with, which may have the old rules until then.
            all_have_it = self._config.longest_reload() + new.seconds + _MARGIN_SECONDS
            self._retractions.add(old, lost, all_have_it + _RETRACTION_SECONDS)
            concerned = {*gained, *lost}
            if not concerned or not await self._writes_presence():
                return
            users = await self._signed_up(concerned)
            await self._send(users)
            await self._api.sleep(all_have_it)
            if self._rules.now is new:
                await self._send(users)

    async def _writes_presence(self) -> bool:
        """Only the process that writes presence can send it. The others have no more to do."""
        try:
            await self._api.send_local_online_presence_to([])
        except Exception:
            return False
        return True

    async def _signed_up(self, users: set[str]) -> list[str]:
        """Those who are users of the homeserver. Rules may name others, for whom Synapse raises, and sends to nobody."""
        found = await users_in_portions(
            self._api, "SELECT name FROM users WHERE deactivated = 0 AND name IN ({})", users
        )
        if missing := users - found:
            logger.info(
                "presence rules: the present state is not for %d users who are none of this homeserver, such as %s",
                len(missing),
                min(missing),
            )
        return sorted(found)

    async def _send(self, users: Iterable[str]) -> None:
        for portion in portions(users):
            with self._not_sent:
                await self._api.send_local_online_presence_to(portion)
