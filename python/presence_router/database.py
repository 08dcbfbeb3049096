"""Queries of Synapse's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

__all__ = ["PORTION", "portions", "query", "users_in_portions"]

PORTION = 500
"""SQLite takes no more than a thousand parameters everywhere, and one transaction should not last long."""


async def query(api: ModuleApi, sql: str, *parameters: object) -> list[Any]:
    """The rows that a query finds."""

    def run(transaction: Any) -> list[Any]:
        transaction.execute(sql, parameters)
        return list(transaction.fetchall())

    rows: list[Any] = await api.run_db_interaction("presence_router", run)
    return rows


def portions(users: Iterable[str]) -> Iterator[list[str]]:
    """Users a few at a time."""
    rest = iter(users)
    while portion := list(islice(rest, PORTION)):
        yield portion


async def users_in_portions(
    api: ModuleApi, sql: str, users: Iterable[str], *parameters: object
) -> set[str]:
    """The users that a query finds, which has ``{}`` for its last parameters: these users."""
    found: set[str] = set()
    for portion in portions(users):
        places = ", ".join("?" * len(portion))
        rows = await query(api, sql.format(places), *parameters, *portion)
        found.update(user for (user,) in rows)
    return found
