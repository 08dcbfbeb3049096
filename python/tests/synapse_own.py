"""Runs the tests that Synapse has for presence routers, with our module in the place of theirs.

Run as a script where Synapse's folder ``tests`` can be imported. The tests themselves are not changed.
"""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import tests.events.test_presence_router as own

from presence_router import Config, PresenceRouter


class Ours(PresenceRouter):
    """Their configuration names users who receive everybody's presence; ours says the same in rules."""

    @staticmethod
    def parse_config(config: Any) -> Config:
        users = config["users_who_should_receive_all_presence"]
        rules = {
            "routes": [{"senders": "all", "recipients": users}],
            "interests": [{"users": users, "in": "all"}],
        }
        file = Path(tempfile.mkdtemp()) / "rules.yaml"
        file.write_text(json.dumps(rules))
        return PresenceRouter.parse_config({"rules": [str(file)]})


class OursOfOld(Ours):
    """Modules of the old kind get the API under another name."""

    def __init__(self, config: Config, module_api: Any) -> None:
        super().__init__(config, module_api)


own.PresenceRouterTestModule = Ours
own.LegacyPresenceRouterTestModule = OursOfOld

if __name__ == "__main__":
    unittest.main(module=own)
