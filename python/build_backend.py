"""Builds the package as maturin does, with the command `presence-router` among its scripts.

maturin builds one target of one crate, and the command is a target of another. So it is built first, and goes into the
folder whose files maturin puts into a wheel as they are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

COMMAND = "presence-router" + (sysconfig.get_config_var("EXE") or "")
# maturin knows the folder by its name.
DATA = Path("presence_router._engine.data")


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    with command_in_scripts():
        wheel: str = maturin.build_wheel(wheel_directory, config_settings, metadata_directory)
    return wheel


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    with command_in_scripts():
        wheel: str = maturin.build_editable(wheel_directory, config_settings, metadata_directory)
    return wheel


@contextmanager
def command_in_scripts() -> Iterator[None]:
    scripts = DATA / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(built_command(), scripts / COMMAND)
        yield
    finally:
        shutil.rmtree(DATA)


def built_command() -> Path:
    """The command, built now, or the one that `PRESENCE_ROUTER_COMMAND` names."""
    if given := os.environ.get("PRESENCE_ROUTER_COMMAND"):
        return Path(given)
    if shutil.which("cargo") is None:
        sys.exit(
            "There is no wheel of presence-router for this machine, and building it takes Rust."
        )
    command = [
        "cargo",
        "build",
        "--release",
        "--locked",
        "--message-format",
        "json-render-diagnostics",
    ]
    command += ["--package", "presence-router", "--bin", "presence-router"]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        sys.exit(built.returncode)
    messages = map(json.loads, built.stdout.splitlines())
    (executable,) = filter(None, (message.get("executable") for message in messages))
    return Path(executable)
