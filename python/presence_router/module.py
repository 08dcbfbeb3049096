"""The module that Synapse loads."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from synapse.module_api.errors import ConfigError

from . import metrics
from ._engine import KnownUsers, RuleSet, snapshot
from .config import Config
from .errors import RulesError
from .homeserver_users import HomeserverUsers

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi, UserPresenceState

__all__ = ["Config", "PresenceRouter"]

logger = logging.getLogger(__name__)

_USERS_PERIOD_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 10.0
_MARGIN_SECONDS = 1.0
_MOST_NAMED = 5
"""Of the rules that an error is about."""
_NOBODY: set[UserPresenceState] = set()
"""Synapse copies the sets that it is given, so one may stand for many."""


class PresenceRouter:
    """Routes presence by rules in YAML.

    Each process of a homeserver has one. What it holds is derived from the rule files and the database, so processes
    need not agree on anything.
    """

    @staticmethod
    def parse_config(config: Any) -> Config:
        """Reads the module's configuration, and the rules that it names.

        Raises Synapse's ``ConfigError``, which stops the start, if there are faults in either.
        """
        try:
            parsed = Config.parse(config)
            _load(parsed, KnownUsers() if parsed.homeserver_users else None)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        return parsed

    def __init__(self, config: Config, api: ModuleApi) -> None:
        self._config = config
        self._api = api
        self._known = KnownUsers() if config.homeserver_users else None
        self._rules = _load(config, self._known)
        self._loaded_at = time.monotonic()
        self._snapshot = self._rules.snapshot
        # Whoever was told that it may see everybody is looked up in each answer about states.
        self._all: dict[str, set[UserPresenceState]] = {}
        self._is_ready = self._known is None
        self._is_reloading = False
        self._is_updating_users = False

        labels = {"server_name": api.server_name}
        self._states = metrics.STATES.labels(**labels)
        self._deliveries = metrics.DELIVERIES.labels(**labels)
        self._all_answers = metrics.ALL_ANSWERS.labels(**labels)
        self._reloads = metrics.RELOADS.labels(**labels)
        self._failed_reloads = metrics.FAILED_RELOADS.labels(**labels)
        metrics.AGE.labels(**labels).set_function(lambda: time.monotonic() - self._loaded_at)
        known = self._known
        if known is not None:
            metrics.KNOWN_USERS.labels(**labels).set_function(lambda: len(known))

        api.register_presence_router_callbacks(
            get_users_for_states=self.get_users_for_states,
            get_interested_users=self.get_interested_users,
        )
        if known is None:
            self._log_loaded("loaded")
        else:
            self._users = HomeserverUsers(api, known)
            api.register_account_validity_callbacks(on_user_registration=self._on_registration)
            api.run_as_background_process("presence_router_start", self._start)
            api.looping_background_call(
                self._update_users,
                _USERS_PERIOD_SECONDS * 1000,
                desc="presence_router_known_users",
                run_on_all_instances=True,
            )
        if config.reload is not None:
            api.looping_background_call(
                self._reload,
                config.reload * 1000,
                desc="presence_router_reload",
                run_on_all_instances=True,
            )

    async def get_users_for_states(
        self, state_updates: Iterable[UserPresenceState]
    ) -> dict[str, set[UserPresenceState]]:
        """Who gets these updates, beside the senders' room-mates."""
        if not self._is_ready:
            await self._wait()
        answer, states, deliveries = self._rules.users_for_states(state_updates)
        self._states.inc(states)
        self._deliveries.inc(deliveries)
        return {**self._all, **answer} if self._all else answer

    async def get_interested_users(self, user_id: str) -> set[str] | str:
        """Whose presence a user may see, beside its room-mates': user IDs, or ``ALL``."""
        if not self._is_ready:
            await self._wait()
        # Synapse copies the set.
        seen = self._rules.interested_shared(user_id)
        if isinstance(seen, str):
            self._all_answers.inc()
            # Synapse then looks this user up in what `get_users_for_states` answers, and must find it.
            self._all[user_id] = _NOBODY
        return seen

    async def _start(self) -> None:
        started = time.monotonic()
        await self._update_users()
        self._log_loaded("loaded", time.monotonic() - started)

    async def _wait(self) -> None:
        """Waits until the homeserver's users were read, so that no update misses a recipient at the start."""
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not self._is_ready and time.monotonic() < until:
            await self._api.sleep(0.02)

    async def _update_users(self) -> None:
        if self._is_updating_users:
            return
        self._is_updating_users = True
        try:
            await self._users.update()
            await self._api.defer_to_thread(self._rules.follow)
        except Exception:
            logger.exception(
                "presence rules: cannot read the homeserver's users; this is tried again"
            )
        finally:
            self._is_ready = True
            self._is_updating_users = False

    async def _on_registration(self, user: str) -> None:
        if self._known is not None:
            self._known.add([user])

    def _look(self) -> int:
        return snapshot(self._config.rules, self._rules.known_users)

    async def _reload(self) -> None:
        if self._is_reloading:
            return
        self._is_reloading = True
        try:
            seen = await self._api.defer_to_thread(self._look)
            if seen != self._snapshot:
                # If these have errors, they are not read again before they change again.
                self._snapshot = seen
                await self._load_changed()
        finally:
            self._is_reloading = False

    async def _load_changed(self) -> None:
        old = self._rules
        try:
            rules = await self._api.defer_to_thread(_load, self._config, self._known)
        except RulesError as error:
            self._failed_reloads.inc()
            logger.error(
                "presence rules: the changed rules have errors, so the old ones stay in use:\n%s",
                error,
            )
            return
        self._rules = rules
        self._loaded_at = time.monotonic()
        # That of the files before they were read: a change meanwhile is one more.
        self._snapshot = rules.snapshot
        self._reloads.inc()
        self._log_loaded("reloaded")
        self._api.run_as_background_process(
            "presence_router_present_state", self._send_present_state, old, rules
        )

    async def _send_present_state(self, old: RuleSet, rules: RuleSet) -> None:
        """Sends those who may see more by the changed rules whoever is there now."""
        try:
            # Only the process that writes presence can do so. The others have no more to do.
            await self._api.send_local_online_presence_to([])
        except Exception:
            return
        gained = await self._api.defer_to_thread(rules.gained_since, old, self._api.server_name)
        if not gained:
            return
        await self._api.send_local_online_presence_to(gained)
        # What a client gets is up to the process that it syncs with, which may have had the old rules until now.
        await self._api.sleep((self._config.reload or 0) + rules.seconds + _MARGIN_SECONDS)
        if self._rules is rules:
            await self._api.send_local_online_presence_to(gained)

    def _log_loaded(self, what: str, more_seconds: float = 0.0) -> None:
        known = "no homeserver users" if self._known is None else f"{len(self._known)} known users"
        logger.info(
            "presence rules %s: %d files, %d rules, %s, in %.3f s",
            what,
            len(self._rules.files),
            self._rules.rules,
            known,
            self._rules.seconds + more_seconds,
        )


def _load(config: Config, known: KnownUsers | None) -> RuleSet:
    rules = RuleSet.load(config.rules, config.known_users, known, explains=False)
    if needing := rules.rules_without_known_users:
        more = len(needing) - _MOST_NAMED
        named = [*needing[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
        raise RulesError(
            f"nobody is known, and these rules need known users: {', '.join(named)}; "
            "set `homeserver_users: true`, or name files of known users with `known_users`",
            [],
        )
    return rules
