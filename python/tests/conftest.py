from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from homeserver import Homeserver

Start = Callable[..., Homeserver]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts homeservers, and stops them after the test."""
    started: list[Homeserver] = []

    def start(
        rules: dict[str, str] | str, kind: type[Homeserver] = Homeserver, **module_config: Any
    ) -> Homeserver:
        files = {"rules.yaml": rules} if isinstance(rules, str) else rules
        homeserver = kind(tmp_path / f"homeserver-{len(started)}", files, **module_config)
        started.append(homeserver)
        return homeserver.start()

    yield start
    for homeserver in started:
        homeserver.stop()
