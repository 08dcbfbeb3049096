"""Who asks: Synapse puts two questions in one sync, and does not say that they belong together."""

from __future__ import annotations

import time
from contextvars import ContextVar

from synapse.logging.context import current_context

__all__ = ["Asked", "Asking"]

_LONGEST_WAIT_SECONDS = 600.0
_MOST_UNANSWERED = 10_000


class Asked:
    """That somebody asks whose presence it may see."""

    __slots__ = ("at", "context", "user_id")

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.context: object = current_context()
        self.at = time.monotonic()

    def needs_no_answer(self) -> None:
        """The first answer was not ALL, so there is no second question."""
        self.context = None


class Asking:
    """Remembers who was told ALL, until Synapse comes with the states.

    Synapse then looks this user up in the answer, and must find it. In a context variable, the user is known to this sync
    alone. That needs callbacks which are no coroutine functions: a coroutine runs in a copy of the caller's context, and
    what it notes is lost. The context is that of Synapse's log, too, so that nothing else that the same request does
    later is taken for that sync.
    """

    def __init__(self) -> None:
        # Of two modules in one Synapse, each has its own.
        self._asked: ContextVar[Asked | None] = ContextVar("presence_router_asked", default=None)
        self._unanswered: dict[str, Asked] = {}

    def note(self, user_id: str) -> Asked:
        """Somebody asks."""
        asked = Asked(user_id)
        self._asked.set(asked)
        return asked

    def awaits_answer(self, asked: Asked) -> None:
        """It was told ALL."""
        # The oldest are in front.
        self._unanswered.pop(asked.user_id, None)
        self._unanswered[asked.user_id] = asked
        if len(self._unanswered) > _MOST_UNANSWERED:
            del self._unanswered[next(iter(self._unanswered))]

    def take(self) -> str | None:
        """The user for whose sync these states are, once; nothing if they are for all."""
        asked = self._asked.get()
        if asked is None:
            return None
        self._asked.set(None)
        if asked.context is None or asked.context is not current_context():
            return None
        if self._unanswered.get(asked.user_id) is asked:
            del self._unanswered[asked.user_id]
        return asked.user_id

    def unanswered(self) -> list[str]:
        """Users whose sync may need an answer though nobody is known to ask."""
        oldest = time.monotonic() - _LONGEST_WAIT_SECONDS
        while self._unanswered:
            user, asked = next(iter(self._unanswered.items()))
            if asked.at >= oldest:
                break
            del self._unanswered[user]
        return list(self._unanswered)
