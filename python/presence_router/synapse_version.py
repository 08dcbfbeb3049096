"""What differs between versions of Synapse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synapse.module_api import ModuleApi

__all__ = ["OLDEST", "check", "run_in_background"]

OLDEST = "1.80"
"""The oldest version that is tested. With 1.60, it could not be told who asks."""


def check() -> None:
    """Raises ``ValueError`` if this Synapse has no such API as the module needs."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.version import InvalidVersion, Version

    try:
        found = version("matrix-synapse")
        is_new = Version(found) >= Version(OLDEST)
    except (PackageNotFoundError, InvalidVersion):
        # It was not installed from a package. What it lacks will show.
        return
    if not is_new:
        raise ValueError(
            f"presence-router needs Synapse {OLDEST} or newer, and this is Synapse {found}"
        )


def run_in_background(
    api: ModuleApi, description: str, what: Callable[..., Awaitable[None]], *arguments: Any
) -> None:
    """Starts something that nobody waits for."""
    if hasattr(api, "run_as_background_process"):
        api.run_as_background_process(description, what, *arguments)
    else:
        # In older versions, it is no method.
        from synapse.module_api import run_as_background_process

        run_as_background_process(description, what, *arguments)
