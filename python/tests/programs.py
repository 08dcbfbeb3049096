"""The programs of PostgreSQL and Redis, which the homeserver with workers needs.

As a script it says which are missing, and exits with 1 if some are.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def program(name: str) -> str | None:
    """A program of PostgreSQL or Redis. Debian keeps PostgreSQL's outside of the path."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name)


def missing() -> list[str]:
    """The programs that the scenario needs, and that are not there."""
    return [name for name in ("initdb", "postgres", "redis-server") if program(name) is None]


if __name__ == "__main__":
    print("missing:", ", ".join(missing()) or "nothing")
    sys.exit(bool(missing()))
