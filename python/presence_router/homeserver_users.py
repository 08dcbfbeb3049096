"""The users whom the homeserver knows, and in which roles: read at start, and then kept up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ._engine import KnownUsers
from .contained import Contained
from .database import query

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

logger = logging.getLogger(__name__)

_PAGE = 2_000
"""Taking over a page holds Python's lock."""
_OVERLAP_SECONDS = 600
"""Registrations are found by their time, and clocks of several processes differ a little."""
_ROLES_PERIOD_SECONDS = 3600.0
_ACCOUNT = "name, deactivated, is_guest, appservice_id, user_type"


class HomeserverUsers:
    """Reads users from Synapse's database into the table of known users, each query along an index.

    Local users are those of the table ``users``, which says what role they have. Users of other servers are known by
    their presence, from ``presence_stream``, and are only seen.
    """

    is_ready = False
    """Whether the users were read once, or could not be."""

    def __init__(self, api: ModuleApi, known: KnownUsers) -> None:
        self._api = api
        self.known = known
        self._registered: int | None = None
        self._roles_at = 0.0
        self._stream_id = -1
        self._is_updating = False
        self._reads_roles = False
        self._not_read = Contained(
            logger, "cannot read the homeserver's users; this is tried again"
        )
        self._not_asked = Contained(
            logger, "cannot read a user's role, so it is not taken to be a recipient by patterns"
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

    async def update_role(self, user: str) -> None:
        """Reads the role of one user: it has registered, or is somebody else now."""
        with self._not_asked:
            rows = await query(self._api, f"SELECT {_ACCOUNT} FROM users WHERE name = ?", user)
            self.known.add_accounts(rows)

    async def meet(self, user: str) -> None:
        """A user of the homeserver asks. It may have registered in another process just now."""
        if self.known.role(user) in (None, "stranger"):
            await self.update_role(user)

    def reads_roles(self) -> None:
        """Has all roles read again by the next update."""
        self._reads_roles = True

    async def _read(self) -> None:
        # A registration that is ahead of the clock must not hide those that come after it.
        now = int(time.time())
        is_first = self._registered is None
        due = time.monotonic() >= self._roles_at + _ROLES_PERIOD_SECONDS
        if is_first or self._reads_roles or due:
            self._reads_roles = False
            newest = await query(self._api, "SELECT COALESCE(MAX(creation_ts), 0) FROM users")
            await self._read_accounts()
            self._registered = min(now, newest[0][0])
            self._roles_at = time.monotonic()
        else:
            await self._read_new_accounts(now)
        if is_first:
            newest = await query(
                self._api, "SELECT COALESCE(MAX(stream_id), 0) FROM presence_stream"
            )
            await self._read_seen()
            self._stream_id = newest[0][0]
        else:
            await self._read_newly_seen()

    async def _read_accounts(self) -> None:
        last = ""
        while True:
            rows = await query(
                self._api,
                f"SELECT {_ACCOUNT} FROM users WHERE name > ? ORDER BY name LIMIT ?",
                last,
                _PAGE,
            )
            self.known.add_accounts(rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    async def _read_new_accounts(self, now: int) -> None:
        assert self._registered is not None
        rows = await query(
            self._api,
            f"SELECT {_ACCOUNT}, creation_ts FROM users WHERE creation_ts > ?",
            self._registered - _OVERLAP_SECONDS,
        )
        self.known.add_accounts(rows)
        self._registered = min(now, max([self._registered, *(created for *_, created in rows)]))

    async def _read_seen(self) -> None:
        last = ""
        while True:
            rows = await query(
                self._api,
                "SELECT user_id FROM presence_stream WHERE user_id > ? ORDER BY user_id LIMIT ?",
                last,
                _PAGE,
            )
            self._add_seen(user for (user,) in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    async def _read_newly_seen(self) -> None:
        while True:
            rows = await query(
                self._api,
                "SELECT user_id, stream_id FROM presence_stream WHERE stream_id > ?"
                " ORDER BY stream_id LIMIT ?",
                self._stream_id,
                _PAGE,
            )
            self._add_seen(user for user, _ in rows)
            self._stream_id = max([self._stream_id, *(stream_id for _, stream_id in rows)])
            if len(rows) < _PAGE:
                return

    def _add_seen(self, users: Iterable[str]) -> None:
        # Of the homeserver's own users, the table of accounts says more.
        own = self._api.server_name
        self.known.add_seen(user for user in users if user.partition(":")[2] != own)
