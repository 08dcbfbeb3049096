"""Taking back what rules of before have shown.

A client keeps the last state that it was told of each user. Who may no longer see somebody is told once that this one
is offline, which is all that it may know. Synapse's API has no word for it. But a module may answer states that it was
not given, in the sync of a user who was told ALL. So that is what these users are told for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .database import users_in_portions

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi, UserPresenceState

    from ._engine import RuleSet

__all__ = ["Retractions"]

_MOST_RULE_SETS = 3
"""Each keeps the memory that it takes. Of quicker reloads than these, nothing is taken back."""


class _Retraction:
    def __init__(self, old: RuleSet, users: frozenset[str], until: float) -> None:
        self.old = old
        self.users = users
        self.until = until


class Retractions:
    """Who may have to be told that somebody is gone."""

    def __init__(self, api: ModuleApi, rules: Callable[[], RuleSet]) -> None:
        self._api = api
        self._rules = rules
        self._retractions: list[_Retraction] = []

    def add(self, old: RuleSet, users: Iterable[str], seconds: float) -> None:
        """These users may no longer see what they saw by the old rules. They are told in their syncs of the next time."""
        self.forget_old()
        users = frozenset(users)
        if users:
            self._retractions.append(_Retraction(old, users, time.monotonic() + seconds))
            del self._retractions[:-_MOST_RULE_SETS]

    def forget_old(self) -> None:
        """Lets go of the rules whose time is over."""
        now = time.monotonic()
        self._retractions = [each for each in self._retractions if each.until > now]

    def concern(self, user: str) -> bool:
        """Whether there may be something to take back from a user."""
        if not self._retractions:
            return False
        self.forget_old()
        return any(user in each.users for each in self._retractions)

    async def seen(
        self, user: str, states: list[UserPresenceState], routed: set[UserPresenceState]
    ) -> set[UserPresenceState]:
        """What a user is told of these states: what Synapse would show without us, and who is gone.

        ``routed`` is what the rules send to it of them.
        """
        rules = self._rules()
        usable = [state for state in states if _is_usable(state)]
        seen = _visible(rules, user, usable, routed)
        rest = [state for state in usable if state not in seen]
        if rest and not isinstance(rules.interested_shared(user), str):
            # For ALL, room-mates are no reason.
            mates = await self._room_mates(user, {state.user_id for state in rest})
            mates.add(user)
            seen |= {state for state in rest if state.user_id in mates}
            rest = [state for state in rest if state.user_id not in mates]
        for each in self._retractions:
            if user in each.users:
                before = _visible(each.old, user, rest, None)
                gone = [state for state in before if state.user_id != user]
                # Older versions of Synapse do not export the type.
                seen |= {type(state).default(state.user_id) for state in gone}
        return seen

    async def _room_mates(self, user: str, among: set[str]) -> set[str]:
        return await users_in_portions(
            self._api,
            "SELECT DISTINCT theirs.state_key FROM current_state_events AS own"
            " JOIN current_state_events AS theirs ON theirs.room_id = own.room_id"
            " WHERE own.type = 'm.room.member' AND own.membership = 'join' AND own.state_key = ?"
            " AND theirs.type = 'm.room.member' AND theirs.membership = 'join'"
            " AND theirs.state_key IN ({})",
            among,
            user,
        )


def _is_usable(state: UserPresenceState) -> bool:
    try:
        hash(state)
    except Exception:
        return False
    return isinstance(state.user_id, str) and isinstance(state.state, str)


def _visible(
    rules: RuleSet,
    user: str,
    states: list[UserPresenceState],
    routed: set[UserPresenceState] | None,
) -> set[UserPresenceState]:
    """Of states, those that the rules show: whom the user may see, and for ALL what is sent to it."""
    seen = rules.interested_shared(user)
    if not isinstance(seen, str):
        return {state for state in states if state.user_id in seen}
    if routed is None:
        answer, _ = rules.users_for_states(states, user)
        routed = answer[user]
    return set(routed)
