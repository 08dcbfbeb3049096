"""The users whom the homeserver knows: read at start, and then kept up."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ._engine import KnownUsers

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

    def __init__(self, api: ModuleApi, known: KnownUsers) -> None:
        self._api = api
        self._known = known
        self._registered: int | None = None
        self._stream_id = -1

    async def update(self) -> None:
        """Adds who is new since the last time; the first time, everybody."""
        if self._registered is None:
            newest = await self._query("SELECT COALESCE(MAX(creation_ts), 0) FROM users")
            await self._add_pages("users", "name", "deactivated = 0")
            self._registered = newest[0][0]
            newest = await self._query("SELECT COALESCE(MAX(stream_id), 0) FROM presence_stream")
            await self._add_pages("presence_stream", "user_id", "TRUE")
            self._stream_id = newest[0][0]
            return
        rows = await self._query(
            "SELECT name, creation_ts FROM users WHERE creation_ts > ? AND deactivated = 0",
            self._registered - _OVERLAP_SECONDS,
        )
        self._known.add(name for name, _ in rows)
        self._registered = max([self._registered, *(time for _, time in rows)])
        rows = await self._query(
            "SELECT user_id, stream_id FROM presence_stream WHERE stream_id > ?"
            " ORDER BY stream_id LIMIT ?",
            self._stream_id,
            _PAGE,
        )
        self._known.add(user for user, _ in rows)
        self._stream_id = max([self._stream_id, *(stream_id for _, stream_id in rows)])

    async def _add_pages(self, table: str, column: str, condition: str) -> None:
        last = ""
        while True:
            rows = await self._query(
                f"SELECT {column} FROM {table} WHERE {column} > ? AND {condition}"
                f" ORDER BY {column} LIMIT ?",
                last,
                _PAGE,
            )
            self._known.add(user for (user,) in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    async def _query(self, sql: str, *parameters: object) -> list[Any]:
        def run(transaction: Any) -> list[Any]:
            transaction.execute(sql, parameters)
            return list(transaction.fetchall())

        rows: list[Any] = await self._api.run_db_interaction("presence_router_known_users", run)
        return rows
