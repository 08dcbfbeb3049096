"""The users whom the homeserver knows: read at start, and then kept up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ._engine import KnownUsers
from .contained import Contained
from .database import query

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

logger = logging.getLogger(__name__)

_PAGE = 20_000
_OVERLAP_SECONDS = 600
"""Registrations are found by their time, and clocks of several processes differ a little."""


class HomeserverUsers:
    """Reads users from Synapse's database into the table of known users, each query along an index.

    Local users are those of the table ``users`` who are not deactivated; users of other servers are known by their
    presence, from ``presence_stream``.
    """

    is_ready = False
    """Whether the users were read once, or could not be."""

    def __init__(self, api: ModuleApi, known: KnownUsers) -> None:
        self._api = api
        self.known = known
        self._registered: int | None = None
        self._stream_id = -1
        self._is_updating = False
        self._not_read = Contained(
            logger, "cannot read the homeserver's users; this is tried again"
        )

    async def update(self, follow: Callable[[], None]) -> None:
        """Adds who is new since the last time; the first time, everybody. ``follow`` then takes over who was added."""
        if self._is_updating:
            return
        self._is_updating = True
        try:
            with self._not_read:
                await self._read()
                await self._api.defer_to_thread(follow)
        finally:
            self.is_ready = True
            self._is_updating = False

    async def _read(self) -> None:
        # A registration that is ahead of the clock must not hide those that come after it.
        now = int(time.time())
        if self._registered is None:
            newest = await query(self._api, "SELECT COALESCE(MAX(creation_ts), 0) FROM users")
            await self._add_pages("users", "name", "deactivated = 0")
            self._registered = min(now, newest[0][0])
            newest = await query(
                self._api, "SELECT COALESCE(MAX(stream_id), 0) FROM presence_stream"
            )
            await self._add_pages("presence_stream", "user_id", "TRUE")
            self._stream_id = newest[0][0]
            return
        rows = await query(
            self._api,
            "SELECT name, creation_ts FROM users WHERE creation_ts > ? AND deactivated = 0",
            self._registered - _OVERLAP_SECONDS,
        )
        self.known.add(name for name, _ in rows)
        self._registered = min(now, max([self._registered, *(created for _, created in rows)]))
        rows = await query(
            self._api,
            "SELECT user_id, stream_id FROM presence_stream WHERE stream_id > ?"
            " ORDER BY stream_id LIMIT ?",
            self._stream_id,
            _PAGE,
        )
        self.known.add(user for user, _ in rows)
        self._stream_id = max([self._stream_id, *(stream_id for _, stream_id in rows)])

    async def _add_pages(self, table: str, column: str, condition: str) -> None:
        last = ""
        while True:
            rows = await query(
                self._api,
                f"SELECT {column} FROM {table} WHERE {column} > ? AND {condition}"
                f" ORDER BY {column} LIMIT ?",
                last,
                _PAGE,
            )
            self.known.add(user for (user,) in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]
