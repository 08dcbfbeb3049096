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

    server_name = "home.example"

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.connection.executescript(
            """
            CREATE TABLE users (
                name TEXT UNIQUE,
                creation_ts BIGINT,
                deactivated SMALLINT DEFAULT 0,
                is_guest SMALLINT DEFAULT 0,
                appservice_id TEXT,
                user_type TEXT
            );
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

    def register(self, name: str, time: int, **account: Any) -> None:
        row = {"name": name, "creation_ts": time, **account}
        places = ", ".join("?" * len(row))
        self.connection.execute(
            f"INSERT INTO users ({', '.join(row)}) VALUES ({places})", tuple(row.values())
        )

    def change(self, name: str, **account: Any) -> None:
        for column, value in account.items():
            self.connection.execute(f"UPDATE users SET {column} = ? WHERE name = ?", (value, name))

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


def test_roles_are_those_of_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownUsers()
    users = HomeserverUsers(database, known)  # type: ignore[arg-type]
    database.register("@person:home.example", 1_000)
    database.register("@bot:home.example", 5_000, user_type="bot")
    database.register("@guest:home.example", 1_000, is_guest=1)
    database.register("@ghost:home.example", 1_000, appservice_id="irc")
    database.register("@help:home.example", 1_000, user_type="support")
    database.register("@gone:home.example", 1_000, deactivated=1)
    for number, name in enumerate(("@guest:home.example", "@gone:home.example", "@x:evil.example")):
        database.is_seen(name, number)

    def roles() -> dict[str, str | None]:
        names = ["person", "bot", "guest", "ghost", "help", "gone", "new"]
        known_roles = {name: known.role(f"@{name}:home.example") for name in names}
        return known_roles | {"x": known.role("@x:evil.example")}

    expected = {
        "person": "receives",
        "bot": "receives",
        "guest": "guest",
        "ghost": "application-service",
        "help": "support",
        "gone": None,
        "new": None,
        "x": "stranger",
    }
    asyncio.run(users.update(lambda: None))
    assert roles() == expected and len(known) == 6
    # Of old accounts, only a look at all of them tells what is new.
    database.change("@guest:home.example", is_guest=0)
    database.change("@person:home.example", deactivated=1)
    database.register("@new:home.example", 6_000, appservice_id="irc")
    asyncio.run(users.update(lambda: None))
    assert roles() == expected | {"new": "application-service"}
    users.reads_roles()
    asyncio.run(users.update(lambda: None))
    changed = {"new": "application-service", "guest": "receives", "person": None}
    assert roles() == expected | changed
    # It is looked at now and then in any case.
    database.change("@person:home.example", deactivated=0)
    monkeypatch.setattr("presence_router.homeserver_users._ROLES_PERIOD_SECONDS", 0.0)
    asyncio.run(users.update(lambda: None))
    assert roles() == expected | changed | {"person": "receives"}
    assert not [plan for plan in database.plans if plan.startswith("SCAN")]


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


def test_a_guest_receives_once_it_has_an_account(start: Start) -> None:
    homeserver = start("routes: [{senders: '@grace:home.example', recipients: '@*:home.example'}]")
    grace = homeserver.user("grace")
    guest = homeserver.guest()
    grace.is_now("online")
    grace.settle()
    assert guest.sync(wait=1) == {}
    name = guest.user_id[1:].partition(":")[0]
    account = homeserver.user(name, guest_access_token=guest.token)
    assert account.user_id == guest.user_id
    account.wait_for(grace.user_id, "online")
    grace.is_now("unavailable")
    account.wait_for(grace.user_id, "unavailable")


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
