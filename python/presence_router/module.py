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
from .errors import RulesError
from .homeserver_users import HomeserverUsers
from .loading import look_at_start
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
            look_at_start(parsed, KnownUsers() if parsed.homeserver_users else None)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        return parsed

    def __init__(self, config: Config, api: ModuleApi) -> None:
        self._api = api
        self._known = KnownUsers() if config.homeserver_users else None
        self._users = None if self._known is None else HomeserverUsers(api, self._known)
        try:
            self._rules = RulesInUse(config, api, self._known)
        except RulesError as error:
            raise ConfigError(str(error)) from None
        self._retractions = Retractions(api, lambda: self._rules.now)
        self._present_state = PresentState(config, api, self._rules, self._retractions)
        self.callbacks = Callbacks(api, self._rules, self._users, self._retractions)
        if self._users is None:
            self._rules.log("loaded")
        else:
            known = self._users.known
            metrics.KNOWN_USERS.labels(server_name=api.server_name).set_function(lambda: len(known))
            api.register_account_validity_callbacks(on_user_registration=self._on_registration)
            api.register_third_party_rules_callbacks(
                on_user_deactivation_status_changed=self._on_deactivation
            )
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
        # A guest who gets an account of its own comes here, too. Whatever is raised would refuse the registration.
        if self._users is not None:
            await self._users.update_role(user)

    async def _on_deactivation(self, user: str, deactivated: bool, by_admin: bool) -> None:
        if self._users is not None:
            await self._users.update_role(user)

    async def _reload(self) -> None:
        await self._rules.look(self._rules_changed)
        self._retractions.forget_old()

    def _rules_changed(self, old: RuleSet, new: RuleSet) -> None:
        if self._users is not None:
            self._users.reads_roles()
            synapse_version.run_in_background(
                self._api, "presence_router_roles", self._update_users
            )
        synapse_version.run_in_background(
            self._api,
            "presence_router_present_state",
            self._present_state.rules_changed,
            old,
            new,
        )
