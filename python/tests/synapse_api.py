"""Synapse's module API without a homeserver, and what Synapse does with the callbacks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from synapse.api.presence import UserPresenceState
from synapse.events.presence_router import PresenceRouter as Synapses

from presence_router import ALL, PresenceRouter

T = TypeVar("T")

RULES = """
routes:
  - senders: {server: home.example}
    recipients: ["@lobby:home.example", "@kitchen:home.example", "@screen-*:home.example"]
  - senders: "@grace:home.example"
    recipients: ["@lobby:home.example", "@kitchen:home.example", "@boss:home.example"]
    when: {state: online}
  - senders: all
    recipients: {template: "@{localpart}:elsewhere.example"}
interests:
  - users: "@auditor:home.example"
    in: all
"""

AUDITOR = "@auditor:home.example"
PERSON, GUEST, GHOST = (0, 0, None, None), (0, 1, None, None), (False, False, "bridge", None)
SUPPORT, DEACTIVATED = (0, 0, None, "support"), (1, 0, None, None)


class Api:
    """As much of Synapse's module API as the module uses, without a homeserver."""

    server_name = "home.example"

    def __init__(self) -> None:
        self.synapses = Synapses(None)  # type: ignore[arg-type]
        self.loops: list[str] = []
        self.slept: list[float] = []
        self.sent: list[list[str]] = []
        self.writes_presence = True
        self.users: set[str] = set()
        self.room_mates: set[str] = set()
        self.accounts: dict[str, tuple[Any, ...]] = {}
        """What the database has of each: deactivated, is_guest, appservice_id, user_type."""
        self.on_registration: Callable[[str], Awaitable[None]] | None = None
        self.on_deactivation: Callable[[str, bool, bool], Awaitable[None]] | None = None

    def register_presence_router_callbacks(self, **callbacks: Any) -> None:
        self.synapses.register_presence_router_callbacks(**callbacks)

    def register_account_validity_callbacks(
        self, on_user_registration: Callable[[str], Awaitable[None]]
    ) -> None:
        self.on_registration = on_user_registration

    def register_third_party_rules_callbacks(
        self, on_user_deactivation_status_changed: Callable[[str, bool, bool], Awaitable[None]]
    ) -> None:
        self.on_deactivation = on_user_deactivation_status_changed

    def looping_background_call(
        self, f: Any, msec: float, *, desc: str, run_on_all_instances: bool
    ) -> None:
        assert run_on_all_instances
        self.loops.append(desc)

    def run_as_background_process(
        self, desc: str, func: Callable[..., Awaitable[None]], *args: Any
    ) -> None:
        def run_apart() -> None:
            run(func(*args))

        thread = threading.Thread(target=run_apart)
        thread.start()
        thread.join()

    async def run_db_interaction(self, desc: str, func: Callable[..., T], *args: Any) -> T:
        api = self

        class Transaction:
            def execute(self, sql: str, parameters: Any) -> None:
                self.rows: list[Any] = [(0,)] if "MAX" in sql else []
                if "WHERE name = ?" in sql:
                    (name,) = parameters
                    account = api.accounts.get(name)
                    self.rows = [(name, *account)] if account else []
                elif "name IN" in sql:
                    self.rows = [(name,) for name in parameters if name in api.users]
                elif "theirs.state_key IN" in sql:
                    self.rows = [(name,) for name in parameters[1:] if name in api.room_mates]

            def fetchall(self) -> Any:
                return self.rows

        return func(Transaction(), *args)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def send_local_online_presence_to(self, users: Iterable[str]) -> None:
        if not self.writes_presence:
            raise Exception("send_local_online_presence_to can only be run on the process …")
        self.sent.append(sorted(users))

    async def defer_to_thread(self, f: Callable[..., T], *args: Any) -> T:
        return f(*args)


def run(awaitable: Awaitable[T]) -> T:
    async def wait() -> T:
        return await awaitable

    return asyncio.run(wait())


def module(tmp_path: Path, rules: str = RULES, **config: Any) -> tuple[PresenceRouter, Api]:
    path = tmp_path / "rules.yaml"
    path.write_text(rules)
    api = Api()
    parsed = PresenceRouter.parse_config({"rules": [str(path)], **config})
    return PresenceRouter(config=parsed, api=api), api  # type: ignore[arg-type]


def state(user: str, presence: str = "online") -> UserPresenceState:
    return UserPresenceState(f"@{user}:home.example", presence, 1, 2, 3, None, True)


def route(
    router: PresenceRouter, states: Iterable[UserPresenceState]
) -> dict[str, set[UserPresenceState]]:
    return run(router.callbacks.get_users_for_states(states))


def sync(
    router: PresenceRouter,
    user: str,
    states: list[UserPresenceState],
    answer: dict[str, set[UserPresenceState]],
) -> None:
    """What Synapse does for the sync of a user who is told ALL."""

    async def ask() -> None:
        assert await router.callbacks.get_interested_users(user) == ALL
        assert await router.callbacks.get_users_for_states(states) == answer

    run(ask())


def context(name: str) -> Any:
    from synapse.logging import context

    return context.LoggingContext(  # type: ignore[attr-defined]
        name=name, server_name="home.example"
    )
