"""The two questions that Synapse asks."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING

from . import metrics
from .asking import Asked, Asking
from .contained import Contained, LimitedLog

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi, UserPresenceState

    from .homeserver_users import HomeserverUsers
    from .reload import RulesInUse
    from .retractions import Retractions

__all__ = ["Callbacks"]

logger = logging.getLogger(__name__)

_LONGEST_WAIT_SECONDS = 10.0
_ALL = "ALL"


class Callbacks:
    """Answers Synapse. No exception leaves an answer, and it has every key that Synapse needs, whatever happens."""

    def __init__(
        self,
        api: ModuleApi,
        rules: RulesInUse,
        users: HomeserverUsers | None,
        retractions: Retractions,
    ) -> None:
        self._api = api
        self._rules = rules
        self._users = users
        self._retractions = retractions
        self._asking = Asking()
        self._unusable_log = LimitedLog(logger)
        self._not_routed = Contained(logger, "cannot tell who gets presence, so nobody does")
        self._not_seen = Contained(logger, "cannot tell whom a user may see, so it is nobody")
        labels = {"server_name": api.server_name}
        self._states = metrics.STATES.labels(**labels)
        self._deliveries = metrics.DELIVERIES.labels(**labels)
        self._all_answers = metrics.ALL_ANSWERS.labels(**labels)
        self._narrowed = metrics.NARROWED.labels(**labels)
        self._fallback = metrics.FALLBACK.labels(**labels)
        self._unusable = metrics.UNUSABLE_STATES.labels(**labels)
        api.register_presence_router_callbacks(
            get_users_for_states=self.get_users_for_states,
            get_interested_users=self.get_interested_users,
        )

    def get_users_for_states(
        self, state_updates: Iterable[UserPresenceState]
    ) -> Awaitable[dict[str, set[UserPresenceState]]]:
        """Who gets these updates, beside the senders' room-mates; in a sync, what the user who asks gets."""
        return self._users_for_states(state_updates, self._asking.take())

    def get_interested_users(self, user_id: str) -> Awaitable[set[str] | str]:
        """Whose presence a user may see, beside its room-mates': user IDs, or ``ALL``."""
        return self._interested_users(self._asking.note(user_id))

    async def _users_for_states(
        self, states: Iterable[UserPresenceState], asks: str | None
    ) -> dict[str, set[UserPresenceState]]:
        answer: dict[str, set[UserPresenceState]] = {}
        with self._not_routed:
            await self._until_ready()
            if asks is not None and self._retractions.concern(asks):
                states = list(states)
                routed = self._route(states, asks)[asks]
                answer = {asks: await self._retractions.seen(asks, states, routed)}
            else:
                answer = self._route(states, asks)
        if asks is not None:
            self._narrowed.inc()
            answer.setdefault(asks, set())
        elif unanswered := self._asking.unanswered():
            self._fallback.inc()
            for user in unanswered:
                answer.setdefault(user, set())
        return answer

    def _route(
        self, states: Iterable[UserPresenceState], only: str | None
    ) -> dict[str, set[UserPresenceState]]:
        answer, delivered = self._rules.now.users_for_states(states, only)
        self._states.inc(delivered.states)
        self._deliveries.inc(delivered.deliveries)
        if delivered.unusable:
            self._unusable.inc(delivered.unusable)
            self._unusable_log.error(
                "presence rules: left out %d presence states that cannot be used, such as that of %s",
                delivered.unusable,
                delivered.fault,
            )
        return answer

    async def _interested_users(self, asked: Asked) -> set[str] | str:
        seen: set[str] | str = set()
        with self._not_seen:
            await self._until_ready()
            if self._users is not None:
                await self._users.meet(asked.user_id)
            # Synapse copies the set.
            seen = self._rules.now.interested_shared(asked.user_id)
            if self._retractions.concern(asked.user_id):
                # Synapse then asks for states, and only so can it be told that somebody is gone.
                seen = _ALL
        if isinstance(seen, str):
            self._all_answers.inc()
            self._asking.awaits_answer(asked)
        else:
            asked.needs_no_answer()
        return seen

    async def _until_ready(self) -> None:
        """Waits until the homeserver's users were read, so that no update misses a recipient at the start."""
        if self._users is None or self._users.is_ready:
            return
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not self._users.is_ready and time.monotonic() < until:
            await self._api.sleep(0.02)
