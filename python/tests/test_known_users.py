"""The homeserver's users: read at start, and then kept up."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from conftest import Start

from presence_router import KnownUsers
from presence_router.homeserver_users import HomeserverUsers

T = TypeVar("T")


class Database:
    """The two tables, as Synapse has them, with their indexes."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.connection.executescript(
            """
            CREATE TABLE users (name TEXT UNIQUE, creation_ts BIGINT, deactivated SMALLINT DEFAULT 0);
            CREATE INDEX users_creation_ts ON users (creation_ts);
            CREATE TABLE presence_stream (stream_id BIGINT, user_id TEXT);
            CREATE INDEX presence_stream_id ON presence_stream (stream_id, user_id);
            CREATE INDEX presence_stream_user_id ON presence_stream (user_id);
            """
        )
        self.plans: list[str] = []

    async def run_db_interaction(self, desc: str, func: Callable[..., T], *args: Any) -> T:
        database = self

        class Transaction:
            def execute(self, sql: str, parameters: Any) -> None:
                plan = database.connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
                database.plans += [row[3] for row in plan]
                self.rows = database.connection.execute(sql, parameters)

            def fetchall(self) -> Any:
                return self.rows.fetchall()

        return func(Transaction(), *args)

    def register(self, name: str, time: int, deactivated: int = 0) -> None:
        self.connection.execute("INSERT INTO users VALUES (?, ?, ?)", (name, time, deactivated))

    def is_seen(self, user: str, stream_id: int) -> None:
        self.connection.execute("INSERT INTO presence_stream VALUES (?, ?)", (stream_id, user))


@pytest.fixture
def database() -> Database:
    return Database()


def test_users_are_read_and_kept_up(database: Database) -> None:
    known = KnownUsers()
    users = HomeserverUsers(database, known)  # type: ignore[arg-type]
    database.register("@a:home.example", 1_000)
    database.register("@gone:home.example", 1_000, deactivated=1)
    database.is_seen("@remote:other.example", 7)
    asyncio.run(users.update(lambda: None))
    assert len(known) == 2
    assert "@a:home.example" in known and "@remote:other.example" in known
    assert "@gone:home.example" not in known
    database.register("@b:home.example", 2_000)
    # The clock of another process may be behind.
    database.register("@c:home.example", 990)
    database.is_seen("@other:other.example", 8)
    database.plans.clear()
    asyncio.run(users.update(lambda: None))
    assert len(known) == 5
    assert database.plans and not [plan for plan in database.plans if plan.startswith("SCAN")]


def test_a_registration_ahead_of_the_clock_hides_nobody(database: Database) -> None:
    known = KnownUsers()
    users = HomeserverUsers(database, known)  # type: ignore[arg-type]
    now = int(time.time())
    # An import wrote milliseconds.
    database.register("@early:home.example", now * 1000)
    asyncio.run(users.update(lambda: None))
    database.register("@late:home.example", now + 2)
    database.register("@later:home.example", now * 1000 + 1)
    asyncio.run(users.update(lambda: None))
    database.register("@last:home.example", now + 3)
    asyncio.run(users.update(lambda: None))
    assert len(known) == 4


def test_many_users_are_read_in_pages(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence_router.homeserver_users._PAGE", 10)
    for number in range(45):
        database.register(f"@u{number}:home.example", number)
        database.is_seen(f"@r{number}:other.example", number)
        database.is_seen(f"@r{number}:other.example", number + 1000)
    known = KnownUsers()
    users = HomeserverUsers(database, known)  # type: ignore[arg-type]
    asyncio.run(users.update(lambda: None))
    assert len(known) == 90
    assert not [plan for plan in database.plans if plan.startswith("SCAN")]
    for number in range(25):
        database.is_seen(f"@s{number}:other.example", number + 2000)
    for _ in range(3):
        asyncio.run(users.update(lambda: None))
    assert len(known) == 115


def test_users_of_before_are_known_after_a_restart(tmp_path: Path, start: Start) -> None:
    rules = "routes: [{name: r, senders: all, recipients: '@screen-*:home.example'}]"
    homeserver = start(rules)
    grace, screen = homeserver.user("grace"), homeserver.user("screen-1")
    homeserver.stop()
    homeserver.start()
    homeserver.wait_for_line("presence rules loaded: 1 files, 1 rules, 2 known users, in ")
    screen.settle()
    grace.is_now("online")
    screen.wait_for(grace.user_id, "online")
