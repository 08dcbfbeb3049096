"""Synapse's own tests for presence routers, from the source distribution that PyPI has."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent


def synapse_tests() -> Path:
    """The folder that has Synapse's ``tests``: downloaded once for this environment, and left as it is."""
    version = importlib.metadata.version("matrix-synapse")
    folder = Path(sys.prefix) / f"synapse-{version}"
    if not (folder / "tests").is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        # Only the source has the tests. Nothing is built, but pip asks the build system for its name.
        command += ["--no-binary", ":all:", "--no-build-isolation"]
        command += ["--dest", str(folder), f"matrix-synapse=={version}"]
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(command, check=True, env={**os.environ, "PATH": programs})
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            top = tar.getnames()[0].split("/")[0]
            members = [m for m in tar.getmembers() if m.name.startswith(f"{top}/tests/")]
            for member in members:
                member.name = member.name.removeprefix(f"{top}/")
            tar.extractall(folder, members, filter="data")
    return folder


def test_synapses_own_tests_pass(tmp_path: Path) -> None:
    path = os.pathsep.join([str(synapse_tests()), str(HERE)])
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "synapse_own.py")],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    count = re.search(r"^Ran (\d+) tests", ran.stderr, re.MULTILINE)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert count and int(count[1]) >= 6, ran.stderr
