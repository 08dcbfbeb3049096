"""The last good rules, kept in a file for a start at which those that are configured have errors."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._engine import RuleSet
    from .config import Config

__all__ = ["LastGood"]


class LastGood:
    """A file with the texts of all files that rules were read from, under their paths."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, rules: RuleSet, are_unchanged: Callable[[], bool]) -> None:
        """Keeps the files of these rules, if they are unchanged after they were read.

        Several processes may do so at the same time: the last one wins.
        """
        files = [os.path.abspath(path) for path in [*rules.files, *rules.known_users]]
        if any(os.path.realpath(path) == os.path.realpath(self._path) for path in files):
            raise ValueError(f"{self._path} is read as well: name another file with `last_good`")
        text = json.dumps({path: Path(path).read_text("utf-8") for path in files})
        if not are_unchanged():
            return
        with tempfile.TemporaryDirectory(dir=self._path.parent, prefix=".presence_router-") as new:
            file = Path(new, self._path.name)
            file.write_text(text, "utf-8")
            os.replace(file, self._path)

    @contextmanager
    def restored(self, config: Config) -> Iterator[Config]:
        """A configuration whose files are the kept ones.

        They stand in a folder as they stood in the root folder, so paths from one to the other still lead there.
        """
        files = json.loads(self._path.read_text("utf-8"))
        if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
            raise ValueError(f"{self._path} is not a file of last good rules")
        with tempfile.TemporaryDirectory(prefix="presence_router-") as folder:
            for path, text in files.items():
                restored = _below(folder, path)
                restored.parent.mkdir(parents=True, exist_ok=True)
                restored.write_text(text, "utf-8")
            yield replace(
                config,
                rules=tuple(_below(folder, path) for path in config.rules),
                known_users=tuple(_below(folder, path) for path in config.known_users),
            )


def _below(folder: str, path: str | Path) -> Path:
    return Path(folder, os.path.abspath(path).lstrip("/"))
