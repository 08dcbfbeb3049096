"""The package as users install it: built from the source distribution, in a clean environment."""

from __future__ import annotations

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


def run(*command: str | Path, folder: Path = PACKAGE, env: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_a_source_distribution_installs(tmp_path: Path) -> None:
    run(Path(sys.executable).parent / "maturin", "sdist", "--out", tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as tar:
        names = [name.split("/", 1)[-1] for name in tar.getnames()]
        # Links out of the package would lead nowhere.
        assert not [member.name for member in tar.getmembers() if member.issym()]
    assert "Cargo.lock" in names and any(name.endswith("router/grow.rs") for name in names)

    python = clean_environment(tmp_path / "clean")
    # As pip does it, but for optimizations, which take most of the time and are no matter here.
    quick = {"LTO": "off", "OPT_LEVEL": "0", "CODEGEN_UNITS": "256"}
    env = {f"CARGO_PROFILE_RELEASE_{name}": value for name, value in quick.items()}
    env["CARGO_TARGET_DIR"] = str(ROOT / "target" / "package")
    build: list[str | Path] = [python, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    run(*build, "--wheel-dir", tmp_path, sdist, env=env)
    (wheel,) = tmp_path.glob("*.whl")
    # One wheel is for all versions of Python from 3.10 on.
    assert "-cp310-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = [name.rsplit("/", 1)[-1] for name in archive.namelist()]
    assert "LICENSE-MIT" in names and "LICENSE-APACHE" in names

    run(python, "-m", "pip", "install", "--quiet", wheel)
    lobby = tmp_path / "lobby.yaml"
    lobby.write_text("routes: [{senders: all, recipients: '@lobby:corp.example'}]")
    # Elsewhere than in the package's folder, whose sources Python would import before what is installed.
    routed = run(python, "-c", SCRIPT, lobby, folder=tmp_path)
    assert routed.startswith("{'@lobby:corp.example': [{'user_id': '@grace:corp.example'")
    asked = ["--recipient", "@lobby:corp.example", "--sender", "@grace:corp.example"]
    explained = run(python.parent / "presence-router", "explain", "--rules", lobby, *asked)
    assert explained.startswith("delivered")
    # Type checkers find the types.
    where = run(python, "-c", "import presence_router as p; print(p.__path__[0])", folder=tmp_path)
    for name in ("py.typed", "_engine.pyi"):
        assert (Path(where.strip()) / name).exists()


def test_without_rust_a_build_says_what_is_missing(tmp_path: Path) -> None:
    command = "import build_backend; build_backend.build_wheel('.')"
    nowhere = {"PATH": str(tmp_path), "PYTHONPATH": str(PACKAGE)}
    ran = subprocess.run(
        [sys.executable, "-c", command], cwd=tmp_path, env=nowhere, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("There is no wheel of presence-router for this machine")
    assert not os.listdir(tmp_path)


def clean_environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"
