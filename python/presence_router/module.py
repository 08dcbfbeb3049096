"""The module that Synapse loads."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from synapse.module_api.errors import ConfigError

from . import metrics, synapse_version
from ._engine import KnownUsers, RuleSet
from .callbacks import Callbacks
from .config import Config
from .contained import Contained
from .homeserver_users import HomeserverUsers
from .loading import load_at_start
from .present_state import PresentState
from .reload import RulesInUse
from .retractions import Retractions

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

__all__ = ["Config", "PresenceRouter"]

logger = logging.getLogger(__name__)

_USERS_PERIOD_SECONDS = 30.0


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
            synapse_version.check()
            parsed = Config.parse(config)
            load_at_start(parsed, KnownUsers() if parsed.homeserver_users else None)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        return parsed

    def __init__(self, config: Config, api: ModuleApi) -> None:
        self._api = api
        self._known = KnownUsers() if config.homeserver_users else None
        self._users = None if self._known is None else HomeserverUsers(api, self._known)
        self._rules = RulesInUse(config, api, self._known)
        self._retractions = Retractions(api, lambda: self._rules.now)
        self._present_state = PresentState(config, api, self._rules, self._retractions)
        self.callbacks = Callbacks(api, self._rules, self._users, self._retractions)
        self._not_added = Contained(logger, "cannot add a user who registers")
        if self._users is None:
            self._rules.log("loaded")
        else:
            known = self._users.known
            metrics.KNOWN_USERS.labels(server_name=api.server_name).set_function(lambda: len(known))
            api.register_account_validity_callbacks(on_user_registration=self._on_registration)
            synapse_version.run_in_background(api, "presence_router_start", self._start)
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

    async def _start(self) -> None:
        started = time.monotonic()
        await self._update_users()
        self._rules.log("loaded", time.monotonic() - started)

    async def _update_users(self) -> None:
        if self._users is not None:
            await self._users.update(lambda: self._rules.now.follow())

    async def _on_registration(self, user: str) -> None:
        # Whatever is raised here would refuse the registration.
        with self._not_added:
            if self._known is not None:
                self._known.add([user])

    async def _reload(self) -> None:
        await self._rules.look(self._rules_changed)
        self._retractions.forget_old()

    def _rules_changed(self, old: RuleSet, new: RuleSet) -> None:
        synapse_version.run_in_background(
            self._api,
            "presence_router_present_state",
            self._present_state.rules_changed,
            old,
            new,
        )
