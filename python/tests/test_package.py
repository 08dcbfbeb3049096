"""The package as users install it: from a wheel and from a source distribution, each in a clean environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python"

pytestmark = pytest.mark.package

SCRIPT = """
import sys
from presence_router import ALL, RuleSet, RulesError
rules = RuleSet.load(sys.argv[1:])
print(rules.route([{"user_id": "@grace:corp.example", "state": "online"}]))
"""


def run(*command: str | Path, folder: Path = PACKAGE, **env: str) -> str:
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def maturin(*arguments: str | Path) -> None:
    run(Path(sys.executable).parent / "maturin", *arguments)


def target_folder() -> str:
    """Where cargo builds, so that a source distribution need not build all dependencies once more."""
    metadata = run("cargo", "metadata", "--format-version", "1", "--no-deps", "--locked")
    folder: str = json.loads(metadata)["target_directory"]
    return folder


def try_in_clean_environment(distribution: Path, folder: Path) -> None:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run(*pip, distribution, CARGO_TARGET_DIR=target_folder())
    lobby = folder / "lobby.yaml"
    lobby.write_text("routes: [{senders: all, recipients: '@lobby:corp.example'}]")
    # Elsewhere than in the package's folder, whose sources Python would import before what is installed.
    routed = run(python, "-c", SCRIPT, lobby, folder=folder)
    assert routed.startswith("{'@lobby:corp.example': [{'user_id': '@grace:corp.example'")
    # Type checkers find the types.
    where = run(python, "-c", "import presence_router as p; print(p.__path__[0])", folder=folder)
    assert Path(where.strip()).is_relative_to(folder)
    for name in ("py.typed", "_engine.pyi"):
        assert (Path(where.strip()) / name).exists()


def test_a_wheel_installs(tmp_path: Path) -> None:
    maturin("build", "--release", "--locked", "--out", tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    # One wheel is for all versions of Python from 3.10 on.
    assert "-cp310-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = [name.rsplit("/", 1)[-1] for name in archive.namelist()]
    assert "LICENSE-MIT" in names and "LICENSE-APACHE" in names
    try_in_clean_environment(wheel, tmp_path / "clean")


def test_a_source_distribution_installs(tmp_path: Path) -> None:
    maturin("sdist", "--out", tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as tar:
        names = [name.split("/", 1)[-1] for name in tar.getnames()]
        # Links out of the package would lead nowhere.
        assert not [member.name for member in tar.getmembers() if member.issym()]
    assert "Cargo.lock" in names and any(name.endswith("router/grow.rs") for name in names)
    try_in_clean_environment(sdist, tmp_path / "clean")
